"""Dates as feeds write them: RFC 822 with odd zones and month names, ISO 8601 in all its shapes, seconds since 1970."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta

EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
LATEST_AHEAD = timedelta(days=1)
_MAX_CHARS = 100
#: Hours east of Greenwich. A name that is missing or means several zones ("IST") counts as UTC, as RFC 5322 says.
_ZONES = {
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "AKST": -9, "AKDT": -8,
    "HST": -10, "BRT": -3, "ART": -3, "WEST": 1, "BST": 1, "CET": 1, "CEST": 2, "MEZ": 1, "MESZ": 2, "EET": 2,
    "EEST": 3, "MSK": 3, "HKT": 8, "SGT": 8, "AWST": 8, "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11, "NZST": 12,
    "NZDT": 13,
}  # fmt: skip
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
#: Month names as feeds in other languages write them, without accents: the shortest beginning that tells them apart.
_OTHER_MONTHS = {
    "janv": 1, "ene": 1, "gen": 1, "fev": 2, "maer": 3, "mrz": 3, "avr": 4, "abr": 4, "mai": 5, "mag": 5, "maj": 5,
    "mei": 5, "juin": 6, "giu": 6, "juil": 7, "lug": 7, "aou": 8, "ago": 8, "set": 9, "okt": 10, "ott": 10, "out": 10,
    "dez": 12, "dic": 12, "des": 12,
}  # fmt: skip
_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d{1,2})(?::(?P<second>\d{1,2})(?:[.,:]\d{1,9})?)?"
_ZONE = r"(?P<zone>[A-Za-z]{1,5})?\s*(?P<offset>[+-]\d{1,2}:?\d{0,2})?"
_ISO = re.compile(
    r"(?P<year>\d{4})(?P<dash>[-/.]?)(?P<month>\d{1,2})(?P=dash)(?P<day>\d{1,2})"
    rf"(?:(?:\s*[Tt]\s*|\s+|,\s*){_CLOCK}\s*{_ZONE})?(?:\s*\(.*\))?\s*"
)
_ISO_TIGHT = re.compile(
    r"(?P<year>\d{4})-?(?P<month>\d\d)-?(?P<day>\d\d)[Tt](?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)?"
    rf"(?:[.,]\d{{1,9}})?{_ZONE}"
)
_RFC = re.compile(
    r"(?:[^\W\d]{2,12}[.,]{0,2}\s*,?\s*)?(?P<day>\d{1,2})(?:st|nd|rd|th|[.,ºª])?[\s-]+(?:de\s+)?(?P<name>[^\W\d]{3,12})"
    rf"[.,]?[\s-]+(?:de\s+)?(?P<year>\d{{4}}|\d\d)(?:[\s,T]+(?:at\s+)?{_CLOCK}\s*(?P<half>[ap]\.?m\.?)?\s*{_ZONE})?(?:\s*\(.*\))?\s*",
    re.IGNORECASE,
)
_NAME_FIRST = re.compile(
    r"(?:[^\W\d]{2,12}[.,]?\s+)?(?P<name>[^\W\d]{3,12})\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+"
    rf"(?:(?P<year>\d{{4}})(?:[\s,]+(?:at\s+)?{_CLOCK}\s*(?P<half>[ap]\.?m\.?)?\s*{_ZONE})?"
    r"|(?P<hour2>\d\d):(?P<minute2>\d\d):(?P<second2>\d\d)\s+(?P<zone2>[A-Z]{1,5}\s+)?(?P<year2>\d{4}))\s*",
    re.IGNORECASE,
)
#: What nearly all RSS feeds write.
_PLAIN_RFC = re.compile(
    r"[A-Z][a-z]{2}, (\d\d?) ([A-Z][a-z]{2}) (\d{4}) ([01]\d|2[0-3]):([0-5]\d):([0-5]\d) "
    r"(?:GMT|UTC|([+-])(\d\d)([0-5]\d))"
)
_EPOCH = re.compile(r"\d{9,10}(?:\.\d{1,6})?|\d{12,13}")


def parse_date(text: str | None, *, now: datetime) -> datetime | None:
    """The moment a feed's date means, in UTC; None when it says none that can be trusted.

    A date without a zone, or with one that has no single meaning, is taken as UTC. Dates that leave the day open
    ("2026", "10/03/2026"), lie before 1995 or more than a day after `now` tell nothing: None.

    Args:
        text: as the feed has it.
        now: aware.
    """
    value = (text or "")[:_MAX_CHARS].strip()
    if not value:
        return None
    try:
        moment = _read(value)
        return moment if moment is not None and EARLIEST <= moment <= now + LATEST_AHEAD else None
    except (ValueError, OverflowError):
        return None


def _read(value: str) -> datetime | None:
    plain = _PLAIN_RFC.fullmatch(value)
    if plain is not None and plain[2].lower() in _MONTHS:
        return _plain_moment(plain)
    if value[0].isdigit():
        if _EPOCH.fullmatch(value):
            seconds = float(value)
            return datetime.fromtimestamp(seconds / 1000 if seconds > 1e11 else seconds, tz=UTC)
        found = _ISO.fullmatch(value) or _ISO_TIGHT.fullmatch(value)
        if found is not None:
            return _moment(found.groupdict(), int(found["month"]))
    found = _RFC.fullmatch(value) or _NAME_FIRST.fullmatch(value)
    if found is None:
        return None
    parts = found.groupdict()
    for name in ("hour", "minute", "second", "zone", "year"):
        parts[name] = parts[name] or parts.get(f"{name}2")
    return _moment(parts, _month(parts["name"] or ""))


def _plain_moment(found: re.Match[str]) -> datetime:
    day, name, year, hour, minute, second, sign, hours, minutes = found.groups()
    month = _MONTHS.index(name.lower()) + 1
    moment = datetime(int(year), month, int(day), int(hour), int(minute), int(second), tzinfo=UTC)
    return moment - _offset(None, f"{sign}{hours}{minutes}") if sign else moment


def _moment(parts: dict[str, str | None], month: int) -> datetime:
    year = int(parts["year"] or 0)
    if year < 100:
        year += 2000 if year < 70 else 1900
    hour, minute = int(parts.get("hour") or 0), int(parts.get("minute") or 0)
    half = (parts.get("half") or "")[:1].lower()
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    # Leap seconds, and 24:00 for the end of a day, are more than `datetime` takes.
    second = min(int(parts.get("second") or 0), 59)
    day = datetime(year, month, int(parts["day"] or 0), hour % 24, minute, second, tzinfo=UTC)
    return day + timedelta(days=hour // 24) - _offset(parts.get("zone"), parts.get("offset"))


def _offset(zone: str | None, offset: str | None) -> timedelta:
    """East of Greenwich; a numeric offset stands above a name."""
    if offset:
        digits = offset[1:].replace(":", "")
        hours, minutes = (int(digits[:-2]), int(digits[-2:])) if len(digits) > 2 else (int(digits), 0)
        east = timedelta(hours=hours, minutes=minutes)
        if east > timedelta(hours=15):
            raise ValueError(offset)
        return -east if offset[0] == "-" else east
    return timedelta(hours=_ZONES.get((zone or "").upper(), 0))


def _month(name: str) -> int:
    # German writes März also as Maerz; accents fall off.
    plain = "".join(char for char in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(char))
    for length in (4, 3):
        if plain[:length] in _OTHER_MONTHS:
            return _OTHER_MONTHS[plain[:length]]
    if plain[:3] in _MONTHS:
        return _MONTHS.index(plain[:3]) + 1
    raise ValueError(name)
