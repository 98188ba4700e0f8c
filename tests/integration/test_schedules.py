"""Schedules: due once, in the person's own zone, never on top of themselves, and made up for once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from ettametta.db import Database
from ettametta.errors import Conflict, InvalidInput, NotFound
from ettametta.events import LocalBus
from ettametta.jobs import Ledger
from ettametta.models import Job, Schedule, User
from ettametta.queue import JobQueue
from ettametta.schedules import MAX_PER_USER, NewSchedule, Repeatable, Schedules, next_tick
from ettametta.users import Users

_SCAN = "discovery.scan"
_DAILY = NewSchedule(_SCAN, "0 8 * * *", "Europe/Berlin", {"niche_id": "n"})


class _Clock:
    def __init__(self) -> None:
        self.moment = datetime(2026, 3, 28, 6, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment


@pytest.fixture
def clock() -> _Clock:
    return _Clock()


@pytest.fixture
def schedules(database: Database, clock: _Clock) -> Schedules:
    ledger = Ledger(database, JobQueue(), LocalBus(), clock=clock)
    return Schedules(database, ledger, {_SCAN: Repeatable(jitter_s=60.0, priority=-5)}, clock=clock)


@pytest.fixture
async def owner(database: Database) -> str:
    return await Users(database).owner_id()


async def _jobs(database: Database) -> list[Job]:
    async with database.read_scope() as session:
        return list(await session.scalars(select(Job).order_by(Job.created_at)))


async def test_a_schedule_comes_at_its_hour_over_a_change_of_summer_time(
    database: Database, schedules: Schedules, clock: _Clock, owner: str
) -> None:
    view = await schedules.add(owner, _DAILY)
    assert view.told == "At 08:00 every day"
    assert view.next_run_at is not None
    winter = datetime(2026, 3, 28, 7, 0, tzinfo=UTC)
    assert winter <= view.next_run_at < winter + timedelta(seconds=60)
    assert await schedules.run_due() == 0
    clock.moment = view.next_run_at
    assert await schedules.run_due() == 1
    (job,) = await _jobs(database)
    assert (job.kind, job.payload, job.user_id, job.priority) == (_SCAN, {"niche_id": "n"}, owner, -5)
    (again,) = await schedules.list(owner)
    summer = datetime(2026, 3, 29, 6, 0, tzinfo=UTC)
    assert again.next_run_at is not None
    assert summer <= again.next_run_at < summer + timedelta(seconds=60)
    assert again.last_run_at == clock.moment


async def test_many_processes_make_one_job_of_a_tick(
    database: Database, schedules: Schedules, clock: _Clock, owner: str
) -> None:
    await schedules.add(owner, _DAILY)
    clock.moment += timedelta(hours=2)
    assert sum(await asyncio.gather(*(schedules.run_due() for _ in range(4)))) == 1
    assert len(await _jobs(database)) == 1


async def test_missed_ticks_are_made_up_for_once(
    database: Database, schedules: Schedules, clock: _Clock, owner: str
) -> None:
    await schedules.add(owner, _DAILY)
    clock.moment += timedelta(days=9)
    assert await schedules.run_due() == 1
    assert await schedules.run_due() == 0
    (view,) = await schedules.list(owner)
    assert view.next_run_at is not None
    assert view.next_run_at > clock.moment


async def test_a_run_that_is_not_over_keeps_the_next_one_away(
    database: Database, schedules: Schedules, clock: _Clock, owner: str
) -> None:
    await schedules.add(owner, _DAILY)
    await schedules.add(owner, NewSchedule(_SCAN, "30 8 * * *", "Europe/Berlin", {"niche_id": "n"}))
    for _ in range(2):
        clock.moment += timedelta(days=1)
        await schedules.run_due()
    assert len(await _jobs(database)) == 2  # one of each: another schedule's job is no hindrance
    async with database.session_scope() as session:
        await session.execute(update(Job).values(state="succeeded"))
    clock.moment += timedelta(days=1)
    assert await schedules.run_due() == 2


async def test_a_pause_makes_up_for_nothing(schedules: Schedules, clock: _Clock, owner: str) -> None:
    view = await schedules.add(owner, _DAILY)
    paused = await schedules.pause(owner, view.id[:8] + view.id[8:])
    assert (paused.is_paused, paused.next_run_at) == (True, None)
    clock.moment += timedelta(days=3)
    assert await schedules.run_due() == 0
    going = await schedules.pause(owner, view.id, paused=False)
    assert going.next_run_at is not None
    assert going.next_run_at > clock.moment


async def test_a_schedule_is_its_owners_and_can_be_removed(
    database: Database, schedules: Schedules, clock: _Clock, owner: str
) -> None:
    async with database.session_scope() as session:
        session.add(User(id="f" * 32, name="Other", role="editor"))
    view = await schedules.add(owner, _DAILY)
    for try_it in (schedules.remove, schedules.pause):
        with pytest.raises(NotFound):
            await try_it("f" * 32, view.id)
    with pytest.raises(NotFound):
        await schedules.remove(owner, "")
    await schedules.remove(owner, view.id)
    clock.moment += timedelta(days=1)
    assert await schedules.run_due() == 0
    assert await schedules.list(owner) == ()


async def test_one_that_cannot_be_read_any_more_holds_up_no_other(
    database: Database, schedules: Schedules, clock: _Clock, owner: str
) -> None:
    """The tables of zones change: a zone may be gone."""
    gone = await schedules.add(owner, NewSchedule(_SCAN, "0 7 * * *"))
    await schedules.add(owner, _DAILY)
    async with database.session_scope() as session:
        await session.execute(update(Schedule).where(Schedule.id == gone.id).values(timezone="Atlantis/Capital"))
    clock.moment += timedelta(days=1)
    assert await schedules.run_due() == 1
    assert [one.is_paused for one in await schedules.list(owner)] == [False, True]


async def test_the_same_again_is_the_one_there_is_and_there_is_an_end(
    database: Database, schedules: Schedules, owner: str
) -> None:
    first = await schedules.add(owner, _DAILY)
    assert (await schedules.add(owner, _DAILY)).id == first.id
    async with database.session_scope() as session:
        session.add_all(
            Schedule(user_id=owner, kind=_SCAN, cron="0 8 * * *", payload={"n": number})
            for number in range(MAX_PER_USER - 1)
        )
    with pytest.raises(Conflict):
        await schedules.add(owner, NewSchedule(_SCAN, "0 9 * * *"))


@pytest.mark.parametrize(
    ("new", "code"),
    [
        (NewSchedule("video.render", "0 8 * * *"), "schedule.kind"),
        (NewSchedule(_SCAN, "at eight"), "schedule.cron"),
        (NewSchedule(_SCAN, ""), "schedule.cron"),
        (NewSchedule(_SCAN, "0 8 * * * * * *"), "schedule.cron"),
        (NewSchedule(_SCAN, "0 8 30 2 *"), "schedule.cron"),
        (NewSchedule(_SCAN, "*/5 * * * *"), "schedule.too_often"),
        (NewSchedule(_SCAN, "0,1 8 * * *"), "schedule.too_often"),
        (NewSchedule(_SCAN, "* * * * * *"), "schedule.too_often"),
        (NewSchedule(_SCAN, "0 8 * * *", "Mars/Olympus"), "schedule.zone"),
        (NewSchedule(_SCAN, "0 8 * * *", "../../etc/passwd"), "schedule.zone"),
        (NewSchedule(_SCAN, "0 8 * * *", ""), "schedule.zone"),
        (NewSchedule(_SCAN, "0 8 * * *", "a\0b"), "schedule.zone"),
    ],
)
async def test_what_cannot_be_scheduled_is_refused(
    schedules: Schedules, owner: str, new: NewSchedule, code: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await schedules.add(owner, new)
    assert refused.value.code == code
    assert await schedules.list(owner) == ()


def test_a_tick_that_does_not_exist_that_day_still_comes() -> None:
    """2:30 is left out on the night that clocks go forward."""
    tick = next_tick("30 2 * * *", "Europe/Berlin", datetime(2026, 3, 29, 0, 0, tzinfo=UTC))
    assert tick.date().isoformat() == "2026-03-29"
