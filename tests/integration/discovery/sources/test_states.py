"""Health of sources as rows: one row for a user's source, failures counted, rests kept, others' rows not seen."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ettametta.db import Database
from ettametta.discovery.scanning.keeping import StateBook
from ettametta.discovery.scanning.plan import Ask
from ettametta.discovery.scanning.scan import Ended
from ettametta.discovery.sources import INFOS, set_up
from ettametta.discovery.sources.base import Wanted
from ettametta.discovery.sources.health import State
from ettametta.discovery.sources.states import Outcome, SourceStates
from ettametta.errors import EttamettaError, Refused, TransientError
from ettametta.models import User
from ettametta.users import Users

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
DOWN = TransientError(
    "Hacker News is out of order at the moment.", hint="It is asked again.", code="source.unavailable"
)


@pytest.fixture
def states(database: Database) -> SourceStates:
    return SourceStates(database, clock=lambda: NOW)


@pytest.fixture
async def user_id(database: Database) -> str:
    return await Users(database).owner_id()


def outcome(error: EttamettaError | None = None, *, address: str = "", duration_s: float = 1.0) -> Outcome:
    return Outcome(INFOS["hacker_news"], address, error, duration_s, item_count=0 if error else 12)


async def test_a_success_is_kept(states: SourceStates, user_id: str) -> None:
    assert (await states.record(user_id, outcome())).state is State.OK
    (known,) = await states.of(user_id)
    assert (known.state, known.failures, known.item_count, known.duration_s) == (State.OK, 0, 12, 1.0)
    assert known.last_success_at == NOW
    assert await states.resting(user_id) == {}


async def test_failures_count_and_a_success_ends_them(states: SourceStates, user_id: str) -> None:
    await states.record(user_id, outcome())
    for failures in (1, 2, 3):
        assert (await states.record(user_id, outcome(DOWN))).state is State.FAILING
        (known,) = await states.of(user_id)
        assert (known.failures, known.code, known.message) == (failures, DOWN.code, DOWN.message)
        assert known.not_before == NOW + timedelta(minutes=2 ** (failures - 1))
        assert (known.last_success_at, known.item_count) == (NOW, 12), "what the last success gave stays"
    assert set(await states.resting(user_id)) == {("hacker_news", "")}
    await states.record(user_id, outcome())
    (known,) = await states.of(user_id)
    assert (known.failures, known.code, known.hint, known.not_before) == (0, None, "", None)


async def test_slow_by_what_was_usual(states: SourceStates, user_id: str) -> None:
    await states.record(user_id, outcome(duration_s=2.0))
    assert (await states.record(user_id, outcome(duration_s=7.0))).state is State.SLOW
    (known,) = await states.of(user_id)
    assert known.message == "Hacker News answered in 7.0 s; 2.0 s is usual."


async def test_a_deadline_is_no_success_and_a_failure_only_without_items(states: SourceStates, user_id: str) -> None:
    await states.record(user_id, outcome(duration_s=2.0))
    info = INFOS["hacker_news"]
    assert (await states.record(user_id, Outcome(info, "", None, 60.0, 3, is_late=True))).state is State.SLOW
    (known,) = await states.of(user_id)
    assert (known.failures, known.duration_s, known.item_count) == (0, 2.0, 12), "what is usual stays"
    assert (await states.record(user_id, Outcome(info, "", None, 60.0, 0, is_late=True))).state is State.FAILING
    (known,) = await states.of(user_id)
    assert (known.failures, known.code) == (1, "source.late")


async def test_what_a_scan_writes_of_a_source_that_was_late(states: SourceStates, user_id: str) -> None:
    """What it gave speaks for it; one whose turn did not come is not judged."""
    book, source = StateBook(states), set_up().get("hacker_news")
    ended = Ended(Ask(source, Wanted()), 60.0, 0, 0, is_late=True, was_asked=False)
    assert (await book.record(user_id, ended)).outcome == "left_out"
    assert await states.of(user_id) == ()
    report = await book.record(user_id, replace(ended, items=3, was_asked=True))
    assert (report.outcome, report.error_code) == ("late", "source.late")
    assert [one.state for one in await states.of(user_id)] == [State.SLOW]
    assert await states.resting(user_id) == {}


async def test_who_has_answered_since(states: SourceStates, user_id: str) -> None:
    await states.record(user_id, outcome(address="a"))
    await states.record(user_id, outcome(DOWN, address="b"))
    assert await states.answered_since(user_id, NOW) == {("hacker_news", "a")}
    assert await states.answered_since(user_id, NOW + timedelta(seconds=1)) == set()


async def test_a_missing_key_does_not_rest(states: SourceStates, user_id: str) -> None:
    await states.record(user_id, outcome(Refused("There is no key.", code="source.no_key")))
    assert await states.resting(user_id) == {}
    assert (await states.of(user_id))[0].state is State.NEEDS_KEY


async def test_addresses_are_apart_and_users_too(database: Database, states: SourceStates, user_id: str) -> None:
    async with database.session_scope() as session:
        session.add(other := User(name="Other", role="member"))
    await states.record(user_id, outcome(address="a\x00"))
    await states.record(user_id, outcome(DOWN, address="b"))
    await states.record(other.id, outcome())
    assert [known.address for known in await states.of(user_id)] == ["a", "b"]
    assert set(await states.resting(user_id)) == {("hacker_news", "b")}
    assert await states.resting(other.id) == {}


async def test_two_scans_at_once_make_one_row(states: SourceStates, user_id: str) -> None:
    await asyncio.gather(*(states.record(user_id, outcome(DOWN)) for _ in range(4)))
    (known,) = await states.of(user_id)
    assert known.failures == 4
