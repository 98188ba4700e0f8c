"""The judgement of a source: its state by how it answered, the sentence, and how long it is left alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ettametta.discovery.sources import INFOS
from ettametta.discovery.sources.health import State, judge, rest
from ettametta.errors import Bug, EttamettaError, InvalidInput, Refused, TransientError

INFO = INFOS["hacker_news"]
NO_KEY = Refused("There is none.", code="source.no_key")
BUSY = TransientError("Too many.", code="source.rate", retry_after_s=7.0)


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (NO_KEY, State.NEEDS_KEY),
        (Refused("Not accepted.", code="source.key"), State.NEEDS_KEY),
        (Refused("Shut.", code="source.refused"), State.BLOCKED),
        (Refused("robots.txt forbids it.", code="http.robots"), State.BLOCKED),
        (BUSY, State.FAILING),
        (InvalidInput("No such feed."), State.FAILING),
        (Bug("Ours."), State.FAILING),
    ],
)
def test_failures(error: EttamettaError, state: State) -> None:
    health = judge(INFO, error, 0.1)
    assert (health.state, health.sentence) == (state, error.message)


@pytest.mark.parametrize(
    ("duration_s", "usual_s", "state"),
    [
        (0.4, None, State.OK),
        (2.9, 0.1, State.OK),
        (3.1, 0.1, State.SLOW),
        (3.1, None, State.SLOW),
        (8.9, 3.0, State.OK),
        (9.1, 3.0, State.SLOW),
    ],
)
def test_slow_is_what_takes_three_times_the_usual(duration_s: float, usual_s: float | None, state: State) -> None:
    health = judge(INFO, None, duration_s, usual_s)
    assert health.state == state
    assert health.sentence.startswith(f"Hacker News answered in {duration_s:.1f} s")
    assert health.sentence.endswith(".")


def test_rests_grow_and_end_at_six_hours() -> None:
    rests = [rest(TransientError("Down."), failures) for failures in range(1, 40)]
    assert rests[:3] == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4)]
    assert rests == sorted(rests)
    assert rests[-1] == timedelta(hours=6)


def test_what_the_source_asked_for_is_given() -> None:
    assert rest(TransientError("Busy.", retry_after_s=9_000.0), 1) == timedelta(seconds=9_000)
    assert rest(BUSY, 1) == timedelta(minutes=1)


def test_a_missing_key_waits_for_nothing_but_the_key() -> None:
    assert rest(NO_KEY, 5) == timedelta()
    assert rest(Refused("Shut."), 1) == timedelta(minutes=30)
    assert rest(InvalidInput("No feed."), 1) == timedelta(hours=6)
    assert rest(InvalidInput("Odd words."), 1, has_address=False) == timedelta(minutes=1)
