"""Numbers in words, by ICU's own spelling rules (package unicode-rbnf)."""

from __future__ import annotations

import re
from functools import cache

from unicode_rbnf import FormatPurpose, RbnfEngine

from ettametta.providers.speech.reading.tongues import Tongue

#: Longer runs of digits are no amount anybody says: they are read digit by digit.
_MOST_DIGITS = 15
_GROUPED = {
    ".": re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?"),
    ",": re.compile(r"\d{1,3}(?:[.\u00a0\u202f']\d{3})+(?:,\d+)?"),
}
_PLAIN = {".": re.compile(r"\d+(?:\.\d+)?"), ",": re.compile(r"\d+(?:[.,]\d+)?")}


@cache
def _engine(code: str) -> RbnfEngine:
    return RbnfEngine.for_language(code)


def parse(text: str, tongue: Tongue) -> tuple[str, str] | None:
    """Digits before and after the decimal mark of a number as this language writes it; None when it is none."""
    if _GROUPED[tongue.decimal_mark].fullmatch(text):
        whole, _, part = text.partition(tongue.decimal_mark)
        return re.sub(r"\D", "", whole), part
    if _PLAIN[tongue.decimal_mark].fullmatch(text):
        whole, part = [*re.split(r"[.,]", text), ""][:2]
        return whole, part
    return None


def cardinal(digits: str, tongue: Tongue) -> str:
    """A whole number in words."""
    if len(digits) > _MOST_DIGITS or (len(digits) > 1 and digits.startswith("0")):
        return spelled(digits, tongue)
    return _hyphenless(_engine(tongue.tag).format_number(int(digits)).text)


def spelled(digits: str, tongue: Tongue) -> str:
    """Digit by digit."""
    return " ".join(_engine(tongue.tag).format_number(int(digit)).text for digit in digits)


def decimal(whole: str, part: str, tongue: Tongue) -> str:
    """A number with what follows its decimal mark: digit by digit, or in Romance languages as a number of two."""
    if not part:
        return cardinal(whole, tongue)
    after = spelled(part, tongue)
    if tongue.tag not in ("en", "de") and len(part) <= 2 and not part.startswith("0"):
        after = cardinal(part, tongue)
    return f"{cardinal(whole, tongue)} {tongue.point} {after}"


def year(digits: str, tongue: Tongue) -> str:
    """A year: nineteen sixty-nine, two thousand five, twenty twenty-six."""
    value = int(digits)
    if tongue.tag == "en" and 2010 <= value <= 2099:
        return f"twenty {cardinal(digits[2:], tongue)}"
    return _hyphenless(_engine(tongue.tag).format_number(value, FormatPurpose.YEAR).text)


def ordinal(digits: str, tongue: Tongue, *, feminine: bool = False) -> str:
    """First, second, third."""
    found = _engine(tongue.tag).format_number(int(digits), FormatPurpose.ORDINAL).text_by_ruleset
    rule = tongue.ordinal_rule.replace("masculine", "feminine") if feminine else tongue.ordinal_rule
    return _hyphenless(found.get(rule) or next(iter(found.values())))


def _hyphenless(text: str) -> str:
    """ICU joins by soft hyphens and hyphens; voices read single words best."""
    return text.replace("\u00ad", "").replace("-", " ")
