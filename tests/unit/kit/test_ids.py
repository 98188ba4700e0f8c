"""Identifiers sort by the order they were made in, within a millisecond and over threads."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest

from ettametta.kit import ids


def test_later_ones_sort_later_whatever_the_clock_does(monkeypatch: pytest.MonkeyPatch) -> None:
    made = [ids.new_id() for _ in range(10_000)]
    monkeypatch.setattr(time, "time_ns", lambda: 0)  # the clock is set back
    made += [ids.new_id() for _ in range(100)]
    assert made == sorted(set(made))


def test_threads_share_no_id() -> None:
    with ThreadPoolExecutor(4) as pool:
        made = [one for batch in pool.map(lambda _: [ids.new_id() for _ in range(500)], range(8)) for one in batch]
    assert len(set(made)) == 4_000


def test_they_are_version_seven_of_now() -> None:
    one = UUID(ids.new_id())
    assert (one.version, one.variant) == (7, "specified in RFC 4122")
    assert abs((one.int >> 80) - time.time_ns() // 1_000_000) < 60_000
