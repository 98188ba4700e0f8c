"""Letting go, in short transactions: unjudged candidates by age and number, old snapshots, passing niches."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Integer, Select, cast, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from ettametta.db import Database
from ettametta.discovery.candidates.recording import lock_user
from ettametta.discovery.candidates.values import Pruned, Retention
from ettametta.models import Candidate, MetricSnapshot, Niche, Sighting

_BUCKET_S = 6 * 3_600

_Remove = Callable[[AsyncSession, int], Awaitable[int]]


async def prune(database: Database, user_id: str, retention: Retention, now: datetime) -> Pruned:
    """One run for one user, between the batches of their scans. What was saved, dismissed or made stays."""
    run = _Run(database, retention)
    too_old = now - timedelta(days=retention.unjudged_days)
    candidates = await run.until_done(lambda session, rows: _remove_unseen(session, user_id, too_old, rows))
    excess = await _excess(database, user_id, retention.max_unjudged)
    candidates += await run.until_done(lambda session, rows: _remove_oldest(session, user_id, rows), at_most=excess)
    dense = now - timedelta(days=retention.dense_snapshot_days)
    snapshots = await _thin(database, run, user_id, dense)
    forgotten = now - timedelta(days=retention.unfollowed_niche_days)
    niches = await run.until_done(lambda session, rows: _forget_niches(session, user_id, forgotten, rows))
    return Pruned(candidates, snapshots, niches, is_done=run.left > 0)


class _Run:
    """Counts transactions, so that a run ends."""

    def __init__(self, database: Database, retention: Retention) -> None:
        self._database = database
        self.rows = retention.batch_rows
        self.left = retention.max_batches

    async def until_done(self, remove: _Remove, *, at_most: int | None = None) -> int:
        """Call `remove` with a number of rows, a transaction each, until it removes fewer."""
        total = 0
        while self.left > 0:
            wanted = self.rows if at_most is None else min(self.rows, at_most - total)
            if wanted <= 0:
                break
            self.left -= 1
            async with self._database.session_scope() as session:
                removed = await remove(session, wanted)
            total += removed
            if removed < wanted:
                break
        return total


def _unjudged(user_id: str) -> Select[str]:
    return (
        select(Candidate.id)
        .where(Candidate.user_id == user_id, Candidate.verdict.is_(None))
        .order_by(Candidate.last_seen_at, Candidate.id)
    )


async def _remove_unseen(session: AsyncSession, user_id: str, before: datetime, rows: int) -> int:
    await lock_user(session, user_id)
    return await _remove(session, _unjudged(user_id).where(Candidate.last_seen_at < before).limit(rows))


async def _remove_oldest(session: AsyncSession, user_id: str, rows: int) -> int:
    await lock_user(session, user_id)
    return await _remove(session, _unjudged(user_id).limit(rows))


async def _remove(session: AsyncSession, wanted: Select[str]) -> int:
    ids = list(await session.scalars(wanted.with_for_update(skip_locked=True)))
    if ids:
        await session.execute(delete(Candidate).where(Candidate.id.in_(ids)))
    return len(ids)


async def _excess(database: Database, user_id: str, most: int) -> int:
    async with database.read_scope() as session:
        unjudged = select(func.count()).select_from(Candidate)
        count = await session.scalar(unjudged.where(Candidate.user_id == user_id, Candidate.verdict.is_(None)))
    return max(0, (count or 0) - most)


async def _thin(database: Database, run: _Run, user_id: str, before: datetime) -> int:
    """Of old snapshots keep the first of every six hours; found by reading, so that writers wait for deletes only."""
    async with database.read_scope() as session:
        ids = list(await session.scalars(_repeated(user_id, before, run.rows * run.left, is_sqlite=database.is_sqlite)))
    chunks = iter([ids[start : start + run.rows] for start in range(0, len(ids), run.rows)])
    return await run.until_done(lambda session, _rows: _remove_snapshots(session, next(chunks, ())))


def _repeated(user_id: str, before: datetime, limit: int, *, is_sqlite: bool) -> Select[int]:
    bucket = _seconds(is_sqlite=is_sqlite) // _BUCKET_S
    rank = func.row_number().over(
        partition_by=(MetricSnapshot.sighting_id, bucket),
        order_by=(MetricSnapshot.at, MetricSnapshot.id),
    )
    numbered = (
        select(MetricSnapshot.id, rank.label("rank"))
        .join(Sighting, Sighting.id == MetricSnapshot.sighting_id)
        .where(Sighting.user_id == user_id, MetricSnapshot.at < before)
        .subquery()
    )
    return select(numbered.c.id).where(numbered.c.rank > 1).limit(limit)


def _seconds(*, is_sqlite: bool) -> ColumnElement[int]:
    """The moment of a snapshot as whole seconds since 1970."""
    if is_sqlite:
        return cast(func.strftime("%s", MetricSnapshot.at), Integer)
    return cast(func.extract("epoch", MetricSnapshot.at), Integer)


async def _remove_snapshots(session: AsyncSession, ids: Sequence[int]) -> int:
    if ids:
        await session.execute(delete(MetricSnapshot).where(MetricSnapshot.id.in_(ids)))
    return len(ids)


async def _forget_niches(session: AsyncSession, user_id: str, before: datetime, rows: int) -> int:
    passing = select(Niche.id).where(
        Niche.user_id == user_id,
        Niche.is_followed.is_(False),
        Niche.created_at < before,
        or_(Niche.last_scanned_at.is_(None), Niche.last_scanned_at < before),
    )
    ids = list(await session.scalars(passing.limit(rows)))
    if ids:
        await session.execute(delete(Niche).where(Niche.id.in_(ids)))
    return len(ids)
