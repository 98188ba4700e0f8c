"""Schedules: jobs that come again by a cron expression, in the user's own zone. A missed tick is made up for once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from cronsim import CronSim, CronSimError
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from ettametta.db import Database, storable
from ettametta.errors import Conflict, InvalidInput, NotFound
from ettametta.jobs import JobState, Ledger, NewJob
from ettametta.kit.clock import utc_now
from ettametta.models import Job, Schedule

_log = structlog.get_logger(__name__)

MAX_PER_USER = 50
#: Nothing comes more often than this.
MIN_INTERVAL = timedelta(minutes=10)
#: How many of the coming ticks are looked at to find the shortest interval.
_LOOKED_AT = 20
_RUN_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Repeatable:
    """A kind of job that may be scheduled.

    Attributes:
        jitter_s: each run comes up to so many seconds late, always the same for one tick, so that not all come at once.
        priority: of its jobs.
    """

    jitter_s: float = 0.0
    priority: int = 0


@dataclass(frozen=True, slots=True)
class ScheduleView:
    """A schedule as people see it. Moments are aware."""

    id: str
    kind: str
    payload: Mapping[str, Any]
    cron: str
    timezone: str
    #: the expression in words: "At 08:00 on Mon"
    told: str
    is_paused: bool
    next_run_at: datetime | None
    last_run_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewSchedule:
    """A schedule to be."""

    kind: str
    cron: str
    timezone: str = "UTC"
    payload: dict[str, Any] = field(default_factory=dict)
    chat_id: str | None = None


class Schedules:
    """What repeats for whom.

    Args:
        database: where they are kept.
        ledger: takes their jobs.
        kinds: which kinds of jobs may be scheduled.
        clock: the time.
    """

    def __init__(
        self,
        database: Database,
        ledger: Ledger,
        kinds: Mapping[str, Repeatable],
        *,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._database = database
        self._ledger = ledger
        self._kinds = dict(kinds)
        self._now = clock

    async def add(self, user_id: str, new: NewSchedule) -> ScheduleView:
        """Begin to repeat something; the same again for the same payload gives the one there is.

        Raises:
            InvalidInput: no such kind or zone, an expression that cannot be read, never comes, or comes too often.
            Conflict: the user has too many.
        """
        if new.kind not in self._kinds:
            raise InvalidInput(
                f"{new.kind} cannot be scheduled.", hint=f"Choose {', '.join(self._kinds)}.", code="schedule.kind"
            )
        next_at = self.check(new.cron, new.timezone)
        async with self._database.session_scope() as session:
            mine = list(await session.scalars(select(Schedule).where(Schedule.user_id == user_id)))
            for row in mine:
                if (row.kind, row.cron, row.timezone, row.payload) == (
                    new.kind, new.cron, new.timezone, new.payload
                ):  # fmt: skip
                    return _view(row)
            if len(mine) >= MAX_PER_USER:
                raise Conflict(
                    f"There are {MAX_PER_USER} schedules already.", hint="Delete one first.", code="schedule.too_many"
                )
            row = Schedule(
                user_id=user_id,
                chat_id=new.chat_id,
                kind=new.kind,
                payload=new.payload,
                cron=new.cron,
                timezone=new.timezone,
            )
            session.add(row)
            await session.flush()
            row.next_run_at = self._jittered(row, next_at)
            return _view(row)

    def check(self, cron: str, timezone: str) -> datetime:
        """The next moment an expression names, in UTC, if it can be scheduled.

        Raises:
            InvalidInput: the expression or the zone cannot be read, or it never comes, or comes too often.
        """
        next_at = self._next(cron, timezone)
        _check_interval(cron, timezone, self._now())
        return next_at

    async def list(self, user_id: str) -> tuple[ScheduleView, ...]:
        """A user's schedules, the next to come first and the paused last."""
        wanted = select(Schedule).where(Schedule.user_id == user_id)
        async with self._database.read_scope() as session:
            rows = list(await session.scalars(wanted.order_by(Schedule.created_at, Schedule.id)))
        far = datetime.max.replace(tzinfo=UTC)
        return tuple(_view(row) for row in sorted(rows, key=lambda row: (row.paused, row.next_run_at or far)))

    async def pause(self, user_id: str, schedule_id: str, *, paused: bool = True) -> ScheduleView:
        """Stop repeating for a while, or go on; what was missed meanwhile is not made up for.

        Raises:
            NotFound: there is none for this user.
        """
        async with self._database.session_scope() as session:
            row = await _find(session, user_id, schedule_id)
            row.paused = paused
            row.next_run_at = None if paused else self._jittered(row, self._next(row.cron, row.timezone))
            return _view(row)

    async def remove(self, user_id: str, schedule_id: str) -> ScheduleView:
        """Never repeat it again; what runs already goes on.

        Raises:
            NotFound: there is none for this user.
        """
        async with self._database.session_scope() as session:
            row = await _find(session, user_id, schedule_id)
            await session.delete(row)
            return _view(row)

    async def run_due(self) -> int:
        """Enqueue what is due, once however many processes ask, and give how many jobs that made."""
        due = select(Schedule.id).where(Schedule.next_run_at <= self._now(), Schedule.paused.is_(False))
        async with self._database.read_scope() as session:
            ids = list(await session.scalars(due.order_by(Schedule.next_run_at).limit(_RUN_AT_ONCE)))
        return sum([await self._run_one(schedule_id) for schedule_id in ids])

    async def _run_one(self, schedule_id: str) -> bool:
        async with self._database.session_scope() as session:
            row = await session.scalar(select(Schedule).where(Schedule.id == schedule_id).with_for_update())
            if row is None or row.paused or row.next_run_at is None or row.next_run_at > self._now():
                return False  # another process was quicker
            tick = row.next_run_at
            row.next_run_at = self._after(row)
            if row.next_run_at is None:
                return False
            if await _is_at_work(session, row):
                _log.info("schedule.skipped", schedule_id=row.id, kind=row.kind)
                return False
            row.last_run_at = self._now()
            await self._ledger.enqueue(session, self._job(row, tick))
            return True

    def _after(self, row: Schedule) -> datetime | None:
        """When it comes again; None: it is paused, for the tables of zones have changed and it can be read no more."""
        try:
            return self._jittered(row, self._next(row.cron, row.timezone))
        except InvalidInput:
            _log.warning("schedule.paused", schedule_id=row.id, cron=row.cron, timezone=row.timezone)
            row.paused = True
            return None

    def _job(self, row: Schedule, tick: datetime) -> NewJob:
        rule = self._kinds.get(row.kind, Repeatable())
        return NewJob(
            row.kind,
            payload=dict(row.payload),
            user_id=row.user_id,
            chat_id=row.chat_id,
            priority=rule.priority,
            idempotency_key=f"{_key_start(row)}{tick.isoformat()}",
        )

    def _next(self, cron: str, timezone: str) -> datetime:
        return next_tick(cron, timezone, self._now())

    def _jittered(self, row: Schedule, tick: datetime) -> datetime:
        rule = self._kinds.get(row.kind, Repeatable())
        digest = hashlib.sha256(f"{row.id}{tick.isoformat()}".encode()).digest()
        return tick + timedelta(seconds=rule.jitter_s * int.from_bytes(digest[:4]) / 2**32)


def next_tick(cron: str, timezone: str, after: datetime) -> datetime:
    """The first moment after `after` that a cron expression names, in UTC. Summer time is kept: 08:00 stays 08:00.

    Raises:
        InvalidInput: the expression or the zone cannot be read, or the moment never comes.
    """
    try:
        return next(_ticks(cron, timezone, after))
    except StopIteration:
        raise _no_expression(cron) from None


def _ticks(cron: str, timezone: str, after: datetime) -> CronSim:
    try:
        return _UtcTicks(cron, after.astimezone(_zone(timezone)))
    except CronSimError:
        raise _no_expression(cron) from None


def _no_expression(cron: str) -> InvalidInput:
    return InvalidInput(
        f"“{cron[:60]}” is no cron expression, or names a moment that never comes.",
        hint='Five fields: minute, hour, day, month, weekday. "0 8 * * 1-5" is 8:00 on working days.',
        code="schedule.cron",
    )


class _UtcTicks(CronSim):
    """Ticks in UTC, whichever zone the expression is read in."""

    def __next__(self) -> datetime:
        return super().__next__().astimezone(UTC)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # an unknown name, a bad one, a folder's
        raise InvalidInput(
            f"There is no time zone {name[:60]}.", hint="Name one like Europe/Berlin or UTC.", code="schedule.zone"
        ) from None


def _check_interval(cron: str, timezone: str, now: datetime) -> None:
    ticks = [tick for tick, _ in zip(_ticks(cron, timezone, now), range(_LOOKED_AT), strict=False)]
    if any(second - first < MIN_INTERVAL for first, second in pairwise(ticks)):
        raise InvalidInput(
            "That comes too often.",
            hint=f"At most every {MIN_INTERVAL // timedelta(minutes=1)} minutes.",
            code="schedule.too_often",
        )


async def _is_at_work(session: AsyncSession, row: Schedule) -> bool:
    unfinished = select(func.count()).where(
        Job.user_id == row.user_id,
        Job.state.in_((JobState.QUEUED, JobState.RUNNING)),
        Job.idempotency_key.startswith(_key_start(row), autoescape=True),
    )
    return bool(await session.scalar(unfinished))


def _key_start(row: Schedule) -> str:
    return f"schedule:{row.id}:"


async def _find(session: AsyncSession, user_id: str, schedule_id: str) -> Schedule:
    prefix = storable(schedule_id)
    wanted = select(Schedule).where(Schedule.user_id == user_id, Schedule.id.startswith(prefix, autoescape=True))
    rows = (await session.scalars(wanted.limit(2).with_for_update())).all() if prefix else []
    if len(rows) != 1:
        raise NotFound("There is no such schedule.", hint="Ask for the list of schedules.", code="schedule.not_found")
    return rows[0]


def _view(row: Schedule) -> ScheduleView:
    return ScheduleView(
        id=row.id,
        kind=row.kind,
        payload=dict(row.payload or {}),
        cron=row.cron,
        timezone=row.timezone,
        told=CronSim(row.cron, datetime.now(UTC)).explain(),
        is_paused=bool(row.paused),
        next_run_at=row.next_run_at,
        last_run_at=row.last_run_at,
    )
