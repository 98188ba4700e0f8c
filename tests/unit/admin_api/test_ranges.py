"""Byte ranges: what RFC 9110 says, and that no header whatever asks for bytes outside the file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin_api.ranges import ByteRange, UnsatisfiableRangeError, parse_range


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        (None, None),
        ("", None),
        ("bytes=0-", ByteRange(0, 1000)),
        ("bytes=0-499", ByteRange(0, 500)),
        ("bytes=500-99999", ByteRange(500, 1000)),
        ("bytes=999-999", ByteRange(999, 1000)),
        ("bytes=-200", ByteRange(800, 1000)),
        ("bytes=-5000", ByteRange(0, 1000)),
        ("Bytes = 1 - 2", ByteRange(1, 3)),
        ("bytes=5-2", None),
        ("bytes=0-1,5-6", None),
        ("items=0-1", None),
        ("bytes=a-b", None),
        ("bytes=-", None),
        ("bytes=٣-٤", None),
    ],
)
def test_a_header_asks_for(header: str | None, wanted: ByteRange | None) -> None:
    assert parse_range(header, 1000) == wanted


@pytest.mark.parametrize(
    ("header", "size"), [("bytes=1000-", 1000), ("bytes=-0", 1000), ("bytes=0-", 0), ("bytes=-5", 0)]
)
def test_bytes_that_are_not_there(header: str, size: int) -> None:
    with pytest.raises(UnsatisfiableRangeError):
        parse_range(header, size)


@given(
    st.one_of(st.text(max_size=30), st.from_regex(r"bytes=\d{0,20}-\d{0,20}", fullmatch=True)), st.integers(0, 10**12)
)
def test_never_outside_the_file(header: str, size: int) -> None:
    try:
        found = parse_range(header, size)
    except UnsatisfiableRangeError:
        return
    assert found is None or 0 <= found.start < found.end <= size
