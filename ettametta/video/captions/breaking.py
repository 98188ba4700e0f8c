"""Where a text may be broken: kinsoku for Chinese and Japanese, syllables for Thai, figures with their units."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Callable

#: May not begin a line beside what Unicode calls closing or other punctuation (JIS X 4051; Thai vowels that follow).
_NO_START = frozenset(
    "ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶㇰㇱㇲㇳㇴㇵㇶㇷㇸㇹㇺㇻㇼㇽㇾㇿー々〻ヽヾゝゞ゛゜~〜％‰℃°"
    "ะาำๅๆฯຯະາຳ\u200b"
)
#: May not end a line beside opening punctuation: currency signs, Thai and Lao vowels written before their consonant.
_NO_END = frozenset("¥￥$＄€£₩№#＃เแโใไເແໂໃໄ")
#: What stands behind a figure in Chinese, Japanese and Korean.
_COUNTERS = frozenset("年月日時时分秒人個个円元歳岁点點％%度倍万萬億亿千百本台回件名位次代枚階층년월일시분초명개원세")
_JOINERS = frozenset("\u200d\u2060\u17d2\u1039")
_CLAUSE_END = re.compile(r"(?<=[、。，．！？；：…])(?![、。，．！？；：…」』）】》〉”’])")
_NUMBER = re.compile(r"[~≈+\-−–(]?[$€£¥₹]?\d[\d.,:'’\u202f\u00a0/]*")
_UNITS = """
    % ‰ ° °c °f km m cm mm nm kg g mg t l ml cl ft in lb lbs oz mi mph km/h kmh kw kwh mw gw w v gb mb tb kb hz khz
    mhz ghz mile miles foot feet inch inches pound pounds ounces year years month months week weeks day days hour
    hours hrs minute minutes min mins second seconds sec s percent per cent thousand hundred million billion
    trillion dollars dollar euro euros cents degrees degree times people ans an mois jours heures minutes secondes
    millions milliards pour años meses días horas minutos segundos millones euros dólares por anni mesi giorni ore
    minuti milioni anos meses dias horas milhões jahre jahren monate tage tagen stunden minuten sekunden millionen
    milliarden prozent grad лет года дней часов минут процентов млн млрд тысяч am pm a.m p.m bc ad bce ce
"""
_UNIT_WORDS = frozenset(_UNITS.split())
_TITLE_WORDS = "mr mrs ms dr prof st mt no vol sr jr gen col sen rep gov lt capt sgt rev m mme fig p pp"
_TITLES = frozenset(_TITLE_WORDS.split())


def pieces(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """An unspaced text in parts of at most `width` (one unbreakable part may be wider): by clause, then evenly."""
    found: list[str] = []
    for clause in filter(None, _CLAUSE_END.split(text)):
        count = max(1, -(-int(measure(clause) * 1000) // int(width * 1000)))
        found += _evenly(atoms(clause), measure(clause) / count, width, measure)
    return found


def _evenly(parts: list[str], target: float, width: float, measure: Callable[[str], float]) -> list[str]:
    lines = [""]
    for part in parts:
        with_it, without = measure(lines[-1] + part), measure(lines[-1])
        over = with_it > width or with_it - target > target - without
        if lines[-1] and over:
            lines.append("")
        lines[-1] += part
    return lines


def atoms(text: str) -> list[str]:
    """The smallest parts of an unspaced text that a line may end after."""
    found = [text[:1]]
    for left, right in itertools.pairwise(text):
        if may_break(left, right):
            found.append(right)
        else:
            found[-1] += right
    return [part for part in found if part]


def may_break(left: str, right: str) -> bool:
    """Whether a line may end between two letters that no space parts."""
    after, before = unicodedata.category(right), unicodedata.category(left)
    if after[0] in "MC" or after in {"Pe", "Pf", "Po", "Pd", "Pc"} or right in _NO_START:
        return False
    if before in {"Ps", "Pi"} or left in _NO_END or left in _JOINERS:
        return False
    if left.isdigit() and right in _COUNTERS:
        return False
    return not (_is_spaced(left) and _is_spaced(right))


def _is_spaced(char: str) -> bool:
    """A letter or figure of a script that parts words by spaces."""
    if not char.isalnum() and unicodedata.category(char)[0] != "M":
        return False
    unspaced = "\u0e00" <= char <= "\u0eff" or "\u1000" <= char <= "\u109f" or "\u1780" <= char <= "\u17ff"
    return not unspaced and unicodedata.east_asian_width(char) not in {"W", "F"}


def are_tied(left: str, right: str) -> bool:
    """Whether two words read as one: a figure and its unit, a title and its name, initials, a sign standing alone."""
    bare, following = left.strip("\"'“‘«(").lower(), right.strip("\"'”’»),.;:!?").lower()
    if not any(char.isalnum() for char in right):
        return True
    if _NUMBER.fullmatch(bare) and (following in _UNIT_WORDS or _NUMBER.fullmatch(following) is not None):
        return True
    return bare.endswith(".") and (bare[:-1] in _TITLES or (len(bare) == 2 and left[:1].isupper()))
