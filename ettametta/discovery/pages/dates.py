"""Dates as pages write them: ISO 8601 mostly, HTTP dates now and then. What is not understood is unknown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from ettametta.kit.clock import utc_now

#: Pages are not older; what says so is a default of a program.
_FIRST = datetime(1995, 1, 1, tzinfo=UTC)


def parse_date(text: str) -> datetime | None:
    """An aware moment in UTC; None when it is no date, before 1995 or more than a day ahead."""
    value = text.strip()[:60]
    moment = _read(value) if value[:1].isalnum() else None
    if moment is None:
        return None
    try:
        aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (OverflowError, ValueError):
        return None
    return aware if _FIRST <= aware <= utc_now() + timedelta(days=1) else None


def _read(value: str) -> datetime | None:
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            return read(value)
        except (TypeError, ValueError, OverflowError):
            continue
    return None
