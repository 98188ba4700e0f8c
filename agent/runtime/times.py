"""When something repeats, as people say it: "every morning at 8", "on Mondays at 7:30 pm". Pure: text to cron."""

from __future__ import annotations

import re

_DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
#: What follows "every", the days it means, the hour when none is said, and whether hours under 12 are after noon.
_SPANS: dict[str, tuple[str, int, bool]] = {
    "day": ("*", 8, False), "morning": ("*", 8, False), "evening": ("*", 18, True), "night": ("*", 21, True),
    "afternoon": ("*", 15, True), "weekday": ("1-5", 8, False), "workday": ("1-5", 8, False),
    "working day": ("1-5", 8, False), "week": ("1", 8, False), "weekend": ("6,0", 8, False),
    **{day: (str(number), 8, False) for number, day in enumerate(_DAYS)},
}  # fmt: skip
_SPAN = "|".join(sorted(_SPANS, key=len, reverse=True))
_CLOCK = r"(?:at\s+)?(?P<hour>\d{1,2})(?::(?P<minute>[0-5]\d))?\s*(?P<half>am|pm|a\.m\.|p\.m\.)?(?:\s*o'clock)?"
_WHEN = re.compile(
    rf"""(?P<daily>daily)(?:\s+{_CLOCK.replace("?P<", "?P<d_")})?
      | (?P<hourly>hourly|every\s+hour)
      | every\s+(?P<hours>\d{{1,2}})\s+hours
      | (?:every|each|on)\s+(?P<span>{_SPAN})s?(?:\s+{_CLOCK})?""",
    re.IGNORECASE | re.VERBOSE,
)
_CRON = re.compile(r"[\d*][\d*/,-]*(?:\s+[\w*/,#-]+){4}")


def read_when(text: str) -> str | None:
    """The cron expression of a time in words, or the expression itself; None when it is neither."""
    plain = " ".join(text.replace("’", "'").split()).strip(" .!,")
    if _CRON.fullmatch(plain):
        return plain
    found = _WHEN.fullmatch(plain)
    return _cron(found) if found else None


def split_when(text: str) -> tuple[str, str] | None:
    """What is said before or after a time, and its cron expression; None when there is no time at either end."""
    words = text.replace("’", "'").split()
    for size in range(min(7, len(words) - 1), 0, -1):
        for when, rest in ((words[-size:], words[:-size]), (words[:size], words[size:])):
            if cron := read_when(" ".join(when)):
                return " ".join(rest).strip(" ,.;:"), cron
    return None


def _cron(found: re.Match[str]) -> str | None:
    if found["hourly"]:
        return "0 * * * *"
    if found["hours"]:
        hours = int(found["hours"])
        return f"0 */{hours} * * *" if 1 <= hours <= 12 else None
    if found["daily"]:
        days, usual, late = _SPANS["day"]
        clock = (found["d_hour"], found["d_minute"], found["d_half"])
    else:
        days, usual, late = _SPANS[found["span"].lower()]
        clock = (found["hour"], found["minute"], found["half"])
    hour = _hour(clock[0], clock[2], late=late) if clock[0] else usual
    return f"{int(clock[1] or 0)} {hour} * * {days}" if hour is not None else None


def _hour(said: str, half: str | None, *, late: bool) -> int | None:
    hour = int(said)
    if half:
        if not 1 <= hour <= 12:
            return None
        return hour % 12 + (12 if half[0].lower() == "p" else 0)
    if hour > 24:
        return None
    return hour + 12 if late and 1 <= hour < 12 else hour % 24
