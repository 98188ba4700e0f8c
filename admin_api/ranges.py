"""Byte ranges of HTTP (RFC 9110 section 14): what a Range header asks for, of a file of known length."""

from __future__ import annotations

import re
from dataclasses import dataclass

_SINGLE = re.compile(r"bytes\s*=\s*(?:(\d{1,19})\s*-\s*(\d{1,19})?|-\s*(\d{1,19}))\s*", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Bytes from `start` up to and without `end`."""

    start: int
    end: int


class UnsatisfiableRangeError(Exception):
    """The file has none of the bytes that were asked for (416)."""


def parse_range(header: str | None, size: int) -> ByteRange | None:
    """The bytes to send; None when the whole file is to be sent (no header, one we do not know, or several ranges).

    Raises:
        UnsatisfiableRangeError: the range lies outside the file.
    """
    found = _SINGLE.fullmatch(header or "")
    if found is None:
        return None
    first, last, suffix = found.groups()
    if suffix is not None:
        start, end = max(0, size - int(suffix)), size
    else:
        start, end = int(first), size if last is None else int(last) + 1
        if last is not None and int(last) < start:
            return None  # a range that ends before it begins is no range
    if start >= size or start == end:
        raise UnsatisfiableRangeError
    return ByteRange(start, min(end, size))
