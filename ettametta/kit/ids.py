"""Identifiers: time-ordered UUIDs (version 7) as 32 hex digits, safe in file names, URLs and callback data."""

from __future__ import annotations

import hashlib
import json
import secrets
import threading
import time
from typing import Any
from uuid import UUID

_TIME_BITS = 48
_COUNTER_BITS = 12


class _Clock:
    """Milliseconds and a counter within them, never twice the same and never back within this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0

    def tick(self) -> int:
        """48 bits of milliseconds and 12 of the counter."""
        millis = time.time_ns() // 1_000_000 & (1 << _TIME_BITS) - 1
        with self._lock:
            # A fresh millisecond begins at a random place in the lower half, so that ids cannot be told in advance.
            self._last = max(self._last + 1, millis << _COUNTER_BITS | secrets.randbits(_COUNTER_BITS - 1))
            return self._last


_clock = _Clock()


def new_id() -> str:
    """A new identifier: UUID version 7 (RFC 9562 section 5.7) as 32 lower-case hex digits.

    Later ones of this process sort later, also within a millisecond (section 6.2, method 1).
    """
    tick = _clock.tick()
    millis, counter = tick >> _COUNTER_BITS, tick & (1 << _COUNTER_BITS) - 1
    value = millis << 80 | 0x7 << 76 | counter << 64 | 0b10 << 62 | secrets.randbits(62)
    return UUID(int=value).hex


def content_key(**parts: Any) -> str:
    """SHA-256 (64 hex digits) over keyword parts in canonical JSON; equal parts give equal keys.

    Raises:
        TypeError: a part is not JSON data.
    """
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
