"""The moments of hosts that all processes share (`fetch_hosts`): read together, claimed by compare-and-set."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ettametta.db import Database, insert_into
from ettametta.models import FetchHost

#: Most hosts that are remembered as held at one time; the soonest are.
_MAX_HELD = 5_000
_FORGOTTEN = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class HostMoment:
    """The next free moment of a host, and how many requests in a row have failed."""

    next_at: datetime | None = None
    failures: int = 0
    #: there is a row
    is_stored: bool = False


class HostRows:
    """The rows, one short transaction a call."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def held(self, now: datetime, *, least_failures: int) -> dict[str, HostMoment]:
        """The hosts that may not be asked freely: their moment is to come, or their circuit is open."""
        asked = (
            select(FetchHost.host, FetchHost.next_at, FetchHost.failures)
            .where((FetchHost.next_at > now) | (FetchHost.failures >= least_failures))
            .order_by(FetchHost.next_at)
            .limit(_MAX_HELD)
        )
        async with self._database.read_scope() as session:
            rows = (await session.execute(asked)).all()
        return {row.host: HostMoment(row.next_at, row.failures, is_stored=True) for row in rows}

    async def read(self, host: str) -> HostMoment:
        """One host's moment."""
        asked = select(FetchHost.next_at, FetchHost.failures).where(FetchHost.host == host)
        async with self._database.read_scope() as session:
            row = (await session.execute(asked)).one_or_none()
        return HostMoment() if row is None else HostMoment(row.next_at, row.failures, is_stored=True)

    async def claim(self, host: str, seen: HostMoment, next_at: datetime, now: datetime) -> bool:
        """Move the next free moment, unless another process did so since it was seen."""
        async with self._database.session_scope() as session:
            if not seen.is_stored:
                row = {"host": host, "next_at": next_at, "failures": 0, "updated_at": now}
                insert = insert_into(session, FetchHost).values(row).on_conflict_do_nothing(index_elements=["host"])
                return await _changed(session, insert.returning(FetchHost.host))
            is_same = FetchHost.next_at.is_(None) if seen.next_at is None else FetchHost.next_at == seen.next_at
            move = update(FetchHost).where(FetchHost.host == host, is_same).values(next_at=next_at, updated_at=now)
            return await _changed(session, move.returning(FetchHost.host))

    async def hold(self, host: str, until: datetime, now: datetime, *, failures: int) -> None:
        """Leave a host alone until a moment; a later one that is there stands."""
        async with self._database.session_scope() as session:
            row = {"host": host, "next_at": until, "failures": failures, "updated_at": now}
            insert = insert_into(session, FetchHost).values(row)
            await session.execute(insert.on_conflict_do_nothing(index_elements=["host"]))
            later = (FetchHost.next_at.is_(None)) | (FetchHost.next_at < until)
            mine = update(FetchHost).where(FetchHost.host == host)
            await session.execute(mine.where(later).values(next_at=until, updated_at=now))
            await session.execute(mine.values(failures=failures))
            await session.execute(delete(FetchHost).where(FetchHost.updated_at < now - _FORGOTTEN))

    async def recovered(self, host: str, next_at: datetime, now: datetime) -> None:
        """A host answers again: its failures are forgotten, and it is free at `next_at`."""
        change = update(FetchHost).where(FetchHost.host == host)
        async with self._database.session_scope() as session:
            await session.execute(change.values(failures=0, next_at=next_at, updated_at=now))


async def _changed(session: AsyncSession, statement: object) -> bool:
    found = await session.execute(statement)  # type: ignore[call-overload]  # both kinds of statement execute
    return found.first() is not None
