"""Clock times, dates, years in dates, decades in words."""

from __future__ import annotations

import re

from ettametta.providers.speech.reading.numbers import cardinal, ordinal, year
from ettametta.providers.speech.reading.rules import DOT_READ, Place, Said
from ettametta.providers.speech.reading.tongues import Tongue

_CLOCK = re.compile(r"(\d{1,2})[:h](\d{2})(?::(\d{2}))?\s?([AaPp]\.?[Mm]\.?)?")
_HALF = re.compile(r"([AaPp])\.?[Mm]\.?")
_HOUR_HALF = re.compile(r"(\d{1,2})\s?([AaPp])\.?[Mm]\.?")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_NUMERIC = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4}|\d{2})")
_DAY = re.compile(r"(\d{1,2})(st|nd|rd|th|er|\.?º|°)?")
_YEAR = re.compile(r"(?:1[1-9]|20)\d\d")
_DECADE = re.compile(r"'?(\d{2}|1[1-9]\d0|20\d0)'?s")
_TENS = {"20": "twenties", "30": "thirties", "40": "forties", "50": "fifties", "60": "sixties", "70": "seventies",
         "80": "eighties", "90": "nineties"}  # fmt: skip


def clock(place: Place) -> Said | None:
    """9:30, 9:30am, 14:05, 9 am."""
    half = _HALF.fullmatch(place.after())
    short = _HOUR_HALF.fullmatch(place.core)
    if place.tongue.tag == "en" and short:
        return ((cardinal(short[1], place.tongue), _letters(short[2])),)
    if place.tongue.tag == "en" and half and place.core.isdigit() and 1 <= int(place.core) <= 12:
        return ((cardinal(place.core, place.tongue),), (_letters(half[1]),))
    found = _CLOCK.fullmatch(place.core)
    if not found or int(found[1]) > 24 or int(found[2]) > 59 or ("h" in place.core and place.tongue.tag != "fr"):
        return None
    said = _time(int(found[1]), int(found[2]), place.tongue, bare=not (found[4] or half))
    if found[3]:
        said += f" {place.tongue.symbols['&']} {cardinal(str(int(found[3])), place.tongue)}"
    if found[4]:
        return ((said, _letters(found[4][0])),)
    if place.after() == place.tongue.hours:
        return ((), (said,)) if place.tongue.tag == "de" else None
    return ((said,),)


def _letters(half: str) -> str:
    return f"{half.upper()}.M."


def _time(hour: int, minute: int, tongue: Tongue, *, bare: bool) -> str:
    hours, minutes = cardinal(str(hour), tongue), cardinal(str(minute), tongue)
    if tongue.tag == "en":
        if minute == 0:
            return f"{hours} o'clock" if bare and hour <= 12 else f"{hours} hundred" if hour > 12 else hours
        return f"{hours} oh {minutes}" if minute < 10 else f"{hours} {minutes}"
    if tongue.tag in ("de", "fr"):
        hours = {"eins": "ein", "un": "une"}.get(hours, hours)
        word = tongue.hours[:-1] if tongue.tag == "fr" and hour < 2 else tongue.hours
        return f"{hours} {word}" + (f" {minutes}" if minute else "")
    joint = {"es": " y ", "it": " e ", "pt": " e "}[tongue.tag]
    return hours + (f"{joint}{minutes}" if minute else f" {tongue.hours}".rstrip())


def date(place: Place) -> Said | None:
    """2019-10-12, 10/12/2019 (month first in English), 12.10.2019."""
    found = _ISO.fullmatch(place.core)
    if found:
        return _whole(found[1], int(found[2]), int(found[3]), place.tongue)
    found = _NUMERIC.fullmatch(place.core)
    if not found:
        return None
    first, second, full = int(found[1]), int(found[2]), found[3]
    if len(full) == 2:
        full = ("19" if int(full) > 40 else "20") + full
    day_first = place.tongue.day_first or first > 12
    return _whole(full, second if day_first else first, first if day_first else second, place.tongue)


def _whole(full: str, month: int, day: int, tongue: Tongue) -> Said | None:
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    name = tongue.months[month - 1]
    if tongue.tag == "en":
        return ((f"{name} {ordinal(str(day), tongue)}, {_year(full, tongue)}",),)
    parts = (_day(day, tongue), tongue.of, name, tongue.of, _year(full, tongue))
    return ((" ".join(part for part in parts if part),),)


def _year(digits: str, tongue: Tongue) -> str:
    return year(digits, tongue) if _YEAR.fullmatch(digits) else cardinal(digits.lstrip("0") or "0", tongue)


def _day(day: int, tongue: Tongue) -> str:
    if tongue.tag == "de" or (day == 1 and tongue.tag in ("fr", "it", "es", "pt")):
        return ordinal(str(day), tongue)
    return cardinal(str(day), tongue)


def month_day(place: Place) -> Said | None:
    """October 12, 2019 and 12 October 2019 with the words in their places."""
    tongue = place.tongue
    if tongue.tag == "en" and _month(place.core, tongue):
        found = _DAY.fullmatch(place.after())
        if not found or not 1 <= int(found[1]) <= 31 or place.closing().strip("."):
            return None
        days = (ordinal(found[1], tongue),)
        return ((_month(place.core, tongue) + DOT_READ,), days)
    found = _DAY.fullmatch(place.core)
    if not found or not 1 <= int(found[1]) <= 31:
        return None
    if place.closing() not in (("", ".") if tongue.tag == "de" else ("",)) or not _month(place.after(), tongue):
        return _day_of(place, found[1])
    if tongue.tag == "en":
        return (("the", ordinal(found[1], tongue), "of") if place.before.lower() != "the" else
                (ordinal(found[1], tongue), "of"),)  # fmt: skip
    return ((_day(int(found[1]), tongue) + DOT_READ,),)


def _day_of(place: Place, digits: str) -> Said | None:
    """In "1 de mayo" the month comes after a little word."""
    if place.tongue.of and place.after() == place.tongue.of and _month(place.after(2), place.tongue):
        return ((_day(int(digits), place.tongue),),)
    return None


def _month(word: str, tongue: Tongue) -> str:
    known = {name.casefold(): name for name in tongue.months}
    if tongue.tag == "en" and (word[:1].islower() or word in ("May", "March")):
        return word if word in ("May", "March") else ""
    short = {name[:3].casefold(): name for name in tongue.months} if tongue.tag == "en" else {}
    lowered = word.rstrip(".").casefold()
    return known.get(lowered) or short.get(lowered, "") or (known["september"] if lowered == "sept" and short else "")


def decade(place: Place) -> Said | None:
    """The 1980s, the '90s."""
    found = _DECADE.fullmatch(place.core) if place.tongue.tag == "en" else None
    if not found:
        return None
    digits = found[1]
    tens = _TENS.get(digits[-2:])
    century = "" if len(digits) == 2 else cardinal(digits[:2], place.tongue)
    if digits == "2000":
        return (("two thousands",),)
    if tens is None:
        return ((f"{century} hundreds",),) if len(digits) == 4 and digits.endswith("00") else None
    return ((f"{century} {tens}",),)
