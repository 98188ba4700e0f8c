"""Identifiers: time-ordered UUIDs (version 7) as 32 hex digits, safe in file names, URLs and callback data."""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from typing import Any
from uuid import UUID

_TIME_BITS = 48


def new_id() -> str:
    """A new identifier: UUID version 7 (RFC 9562 section 5.7) as 32 lower-case hex digits; later ones sort later."""
    millis = time.time_ns() // 1_000_000 & (1 << _TIME_BITS) - 1
    value = millis << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62)
    return UUID(int=value).hex


def content_key(**parts: Any) -> str:
    """SHA-256 (64 hex digits) over keyword parts in canonical JSON; equal parts give equal keys.

    Raises:
        TypeError: a part is not JSON data.
    """
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
