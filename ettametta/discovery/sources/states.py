"""What is remembered of each user's sources: how they last answered, and until when they are left alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from ettametta.db import Database, storable
from ettametta.discovery.sources.base import SourceInfo
from ettametta.discovery.sources.health import Health, State, judge, late, rest
from ettametta.errors import EttamettaError, TransientError
from ettametta.kit.clock import utc_now
from ettametta.models import SourceState

MAX_ADDRESS_CHARS = 500
_MAX_MESSAGE_CHARS = 1_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one search of one source ended."""

    info: SourceInfo
    #: the feed, channel or instance; empty: the source has only one
    address: str
    #: None: it ended well
    error: EttamettaError | None
    duration_s: float
    #: items that came, also before a failure
    item_count: int
    #: the deadline came before it had given all it has; then `error` is None
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """What is known of a source of a user."""

    source: str
    address: str
    state: State
    #: one sentence for people; of a failure, what failed
    message: str
    #: what mends it; empty: nothing has to be mended
    hint: str
    code: str | None
    failures: int
    #: not asked again before; None: at any time
    not_before: datetime | None
    last_checked_at: datetime
    last_success_at: datetime | None
    #: of the last success, in seconds
    duration_s: float | None
    #: of the last success
    item_count: int | None


class SourceStates:
    """The health of every user's sources.

    Args:
        database: where it is kept.
        clock: the time.
    """

    def __init__(self, database: Database, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._now = clock

    async def record(self, user_id: str, outcome: Outcome) -> Health:
        """Keep how a search ended; what was usual before it decides whether it was slow.

        A search that the deadline ended is no success, and a failure only when nothing had come.
        """
        address = storable(outcome.address, max_chars=MAX_ADDRESS_CHARS)
        async with self._database.session_scope() as session:
            row = await _row(session, user_id, outcome.info.name, address, self._now())
            health = _judge(outcome, row.duration_s)
            row.state, row.last_checked_at = health.state.value, self._now()
            if health.state in (State.OK, State.SLOW):
                _answered(row, outcome, health, self._now())
            else:
                _failed(row, outcome.error or _too_late(health), self._now())
        return health

    async def of(self, user_id: str) -> tuple[SourceHealth, ...]:
        """All that is known of a user's sources, by name and address."""
        wanted = select(SourceState).where(SourceState.user_id == user_id)
        async with self._database.read_scope() as session:
            rows = await session.scalars(wanted.order_by(SourceState.source, SourceState.address))
            return tuple(_health(row) for row in rows)

    async def answered_since(self, user_id: str, moment: datetime) -> set[tuple[str, str]]:
        """Sources (name, address) that gave all they had at or after a moment."""
        wanted = select(SourceState.source, SourceState.address).where(
            SourceState.user_id == user_id, SourceState.last_success_at >= moment
        )
        async with self._database.read_scope() as session:
            return {(source, address) for source, address in (await session.execute(wanted)).all()}

    async def resting(self, user_id: str) -> Mapping[tuple[str, str], datetime]:
        """Until when which sources (name, address) are to be left alone; those that may be asked are not in it."""
        now = self._now()
        wanted = select(SourceState.source, SourceState.address, SourceState.not_before).where(
            SourceState.user_id == user_id, SourceState.not_before > now
        )
        async with self._database.read_scope() as session:
            rows = (await session.execute(wanted)).all()
        return {(source, address): until for source, address, until in rows if until is not None}


async def _row(session: AsyncSession, user_id: str, source: str, address: str, now: datetime) -> SourceState:
    """The row, locked; the first record of a source makes it, also when two scans do so at once."""
    wanted = (
        select(SourceState)
        .where(SourceState.user_id == user_id, SourceState.source == source, SourceState.address == address)
        .with_for_update()
    )
    row = await session.scalar(wanted)
    if row is not None:
        return row
    fresh = SourceState(
        user_id=user_id, source=source, address=address, state=State.OK.value, failures=0, last_checked_at=now
    )
    try:
        async with session.begin_nested():
            session.add(fresh)
    except IntegrityError:
        return (await session.scalars(wanted)).one()
    return fresh


def _judge(outcome: Outcome, usual_s: float | None) -> Health:
    if outcome.is_late:
        return late(outcome.info, outcome.item_count)
    return judge(outcome.info, outcome.error, outcome.duration_s, usual_s)


def _too_late(health: Health) -> TransientError:
    return TransientError(health.sentence, hint="It is asked again at the next scan.", code="source.late")


def _answered(row: SourceState, outcome: Outcome, health: Health, now: datetime) -> None:
    row.failures, row.not_before = 0, None
    if not outcome.is_late:
        row.last_success_at, row.duration_s, row.item_count = now, outcome.duration_s, outcome.item_count
    row.error_code, row.error_hint = None, None
    row.error_message = health.sentence if health.state is State.SLOW else None


def _failed(row: SourceState, error: EttamettaError, now: datetime) -> None:
    row.failures += 1
    row.error_code = storable(error.code, max_chars=64)
    row.error_message = storable(error.message, max_chars=_MAX_MESSAGE_CHARS)
    row.error_hint = storable(error.hint, max_chars=_MAX_MESSAGE_CHARS)
    pause = rest(error, row.failures, has_address=bool(row.address))
    row.not_before = now + pause if pause else None


def _health(row: SourceState) -> SourceHealth:
    return SourceHealth(
        source=row.source,
        address=row.address,
        state=State(row.state),
        message=row.error_message or "It answers.",
        hint=row.error_hint or "",
        code=row.error_code,
        failures=row.failures,
        not_before=row.not_before,
        last_checked_at=row.last_checked_at,
        last_success_at=row.last_success_at,
        duration_s=row.duration_s,
        item_count=row.item_count,
    )
