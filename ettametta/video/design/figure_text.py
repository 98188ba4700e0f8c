"""Finds the figure a sentence is about: a number or a range, with its sign, currency, percent or unit."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NUMBER = r"(?:\d{1,3}(?:[\s'’]\d{3})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,]\d+)*)"
#: A dash, colon, slash, times or plus-minus between two numbers makes one figure of them.
_BETWEEN = r"(?:\s?[–—−±×→]\s?|\s?-\s?|[:/])"
#: No figure begins inside a word, as in "H2O" and "COVID-19".
_APART = r"(?<![A-Za-z\d])(?<![A-Za-z][-–])(?<!\d[.,])"
_BEGIN = rf"(?:(?<![A-Za-z\d])[~≈<>+\-−–±]\s?)?(?:(?:US|[ACR])?[$€£¥₹]\s?|{_APART})"
#: Signs that are as large as the figure.
_SIGN = r"(?:\s?(?:[%‰٪$€£¥₹×]|°[CF]?(?![A-Za-z])))?"
#: Words of one or two letters that are no unit.
_WORDS = (
    "a|an|as|at|be|by|do|go|he|if|in|is|it|me|my|no|of|on|or|so|to|up|us|we|de|la|le|el|en|y|e|o|et|ou|un|du|il|al|di|"
    "da|im|zu|am|um|es|er|ist|i|и|в|с|к|о|у|на|по|из|до|от|за|не"
)
_COUNTER = (
    "世纪|世紀|年代|小时|小時|時間|分钟|分鐘|公里|公斤|시간|"
    "[年月日人个個名位本匹頭头只隻台回次度倍万萬億亿兆千百歳岁円元時时分秒米吨点點種种년월일명개살원만억분초]"
)
_SHORT = (
    r"[a-zA-Zµ]{1,2}[²³]?(?:/[a-zA-Zµ]{1,2}[²³]?)?(?!\w)|"
    r"(?:million|billion|trillion|thousand|Millionen|Milliarden|millones|millions|milliards|milioni|milhões)\b|"
    r"(?:كلم|كم|كغ|سم|مم|км|кг|см|мм|м|л|т|किमी|किग्रा)(?!\w)|"
    r"(?:kWh|MWh|TWh|min|bn|mph|rpm|ppm|dpi|[kMGT]Hz|[kMGT]bit|kcal)\b"
)
_ABBREVIATED = r"(?:[^\W\d_][^\W\d_A-Za-z]?\.){1,2}(?!\w)"
_FIGURE = re.compile(
    rf"(?P<figure>{_BEGIN}{_NUMBER}(?:{_BETWEEN}[$€£¥₹]?{_NUMBER}){{0,2}}{_SIGN})"
    rf"(?:\s?(?!(?i:{_WORDS})(?!\w))(?P<unit>(?:{_COUNTER}){{1,2}}|{_SHORT}|{_ABBREVIATED}))?"
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure, the short unit behind it, and the sentence without them."""

    figure: str
    unit: str
    rest: str


def find_figure(text: str) -> Figure | None:
    """The first figure of a text; None when it holds none."""
    found = _FIGURE.search(text)
    if found is None:
        return None
    rest = f"{text[: found.start()].strip()} {text[found.end() :].strip()}".strip(" ,;:—–-")
    return Figure(found["figure"].strip(), found["unit"] or "", rest if any(char.isalnum() for char in rest) else "")
