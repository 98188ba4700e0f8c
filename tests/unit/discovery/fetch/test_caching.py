"""What may be kept and how long it is fresh (RFC 9111), and a source's own rate: pure, on clocks of the test."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ettametta.discovery.fetch.caching import Kept, cache_key, fresh_until, may_keep, validators
from ettametta.discovery.fetch.limits import RateLimit

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
DATE = "Sun, 22 Nov 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Cache-Control": "max-age=60"}, 60),
        ({"Cache-Control": 'public, Max-Age="60"'}, 60),
        ({"Cache-Control": "max-age=600, s-maxage=60"}, 60),
        ({"Cache-Control": "max-age=60", "Age": "20"}, 40),
        ({"Cache-Control": "max-age=60", "Date": "Sun, 22 Nov 2026 11:59:30 GMT"}, 30),
        ({"Cache-Control": "max-age=60", "Date": "Sun, 22 Nov 2026 11:59:30 GMT", "Age": "50"}, 10),
        ({"Cache-Control": "max-age=60", "Age": "60"}, None),
        ({"Cache-Control": "no-cache, max-age=60"}, None),
        ({"Cache-Control": "max-age=0", "Expires": "Sun, 22 Nov 2026 13:00:00 GMT", "Date": DATE}, None),
        ({"Cache-Control": "max-age=soon"}, None),
        ({"Expires": "Sun, 22 Nov 2026 13:00:00 GMT", "Date": DATE}, 3600),
        ({"Expires": "0", "Date": DATE}, None),
        ({"Expires": "Sun, 22 Nov 2026 13:00:00 GMT"}, None),
        ({"Last-Modified": "Sun, 01 Nov 2020 12:00:00 GMT", "Date": DATE}, None),  # no heuristics
        ({"Cache-Control": "max-age=9999999999"}, 7 * 86_400),
        ({}, None),
    ],
)
def test_how_long_an_answer_is_fresh(headers: dict[str, str], seconds: int | None) -> None:
    until = fresh_until(headers, asked_at=NOW, now=NOW)
    assert (None if until is None else (until - NOW).total_seconds()) == seconds


@given(st.dictionaries(st.sampled_from(["Cache-Control", "Age", "Date", "Expires", "ETag", "Vary"]), st.text()))
def test_no_header_breaks_it(headers: dict[str, str]) -> None:
    may_keep(headers)
    assert all(one is None or one.isascii() for one in validators(headers))
    until = fresh_until(headers, asked_at=NOW, now=NOW)
    assert until is None or until > NOW


@given(st.text(), st.text(), st.dictionaries(st.text(), st.text()))
def test_what_is_sent_is_part_of_the_key(url: str, accept: str, headers: dict[str, str]) -> None:
    key = cache_key(url, accept, "us", headers)
    assert len(key) == 64
    assert key != cache_key(url, accept, "others", headers)
    assert key != cache_key(url, accept, "us", {**headers, "accept-language": "de", "x-new": "1"})


def test_conditions_are_what_the_server_sent() -> None:
    kept = Kept("k", "http://h/", 'W/"1"', DATE, "", None, None)
    assert kept.conditions() == {"If-None-Match": 'W/"1"', "If-Modified-Since": DATE}
    assert not kept.is_fresh(NOW)


async def test_a_rate_gives_each_its_moment() -> None:
    moment, slept = [100.0], list[float]()

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        moment[0] += seconds

    rate = RateLimit(30, monotonic=lambda: moment[0], sleep=sleep)
    for _ in range(6):
        await rate.take()
    assert slept == [2.0, 2.0, 2.0]  # three at once after a pause, then evenly
    moment[0] += 60
    assert rate.wait_s() == 0.0
