"""The time: always aware, always UTC inside; a person's zone is applied only where text is made."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)
