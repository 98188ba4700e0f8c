"""Writes matches and baselines in batches; the same scores written twice leave the same rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from ettametta.discovery.ranking.baseline import Baseline, baseline_to_json
from ettametta.discovery.ranking.loading import chunks
from ettametta.discovery.ranking.score import Scored, parts_to_json
from ettametta.models import Candidate, Niche, NicheMatch, SourceState


async def still_there(session: AsyncSession, user_id: str, scored: Sequence[Scored]) -> list[Scored]:
    """Those whose candidate and niche were not deleted since they were read; they stay until the transaction ends."""
    niches = {one.niche_id for one in scored}
    found = await session.scalars(_held(Niche.id).where(Niche.user_id == user_id, Niche.id.in_(niches)))
    alive = set(found)
    for some in chunks(sorted({one.candidate_id for one in scored})):
        kept = _held(Candidate.id).where(Candidate.user_id == user_id, Candidate.id.in_(some)).order_by(Candidate.id)
        alive.update(await session.scalars(kept))
    return [one for one in scored if one.niche_id in alive and one.candidate_id in alive]


def _held(column: Any) -> Any:
    """FOR KEY SHARE: others may change the row, but not delete it. SQLite has one writer and needs no lock."""
    return select(column).with_for_update(read=True, key_share=True)


async def write_matches(session: AsyncSession, user_id: str, scored: Iterable[Scored], now: datetime) -> None:
    """Write matches, over those that are there."""
    # Sorted, so that two scans that touch the same rows lock them in the same order.
    rows = sorted((_row(user_id, one, now) for one in scored), key=lambda row: (row["niche_id"], row["candidate_id"]))
    for some in chunks(rows):
        await session.execute(_upsert(session, some))


def _row(user_id: str, scored: Scored, now: datetime) -> dict[str, Any]:
    return {
        "niche_id": scored.niche_id,
        "candidate_id": scored.candidate_id,
        "user_id": user_id,
        "score": scored.score,
        "rank_key": scored.rank_key,
        "parts": parts_to_json(scored),
        "scored_at": now,
    }


def _upsert(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> Any:
    """INSERT ... ON CONFLICT DO UPDATE: both dialects speak it, each from a module of its own."""
    dialect = session.get_bind().dialect.name
    insert: Any = sqlite.insert if dialect == "sqlite" else postgresql.insert
    statement = insert(NicheMatch).values(rows)
    changed = {name: statement.excluded[name] for name in ("score", "rank_key", "parts", "scored_at")}
    return statement.on_conflict_do_update(index_elements=["niche_id", "candidate_id"], set_=changed)


async def forget_matches(session: AsyncSession, user_id: str, gone: Mapping[str, Sequence[str]]) -> None:
    """Drop matches (by niche, the candidates) that are none any more: the niche's words were changed."""
    for niche_id in sorted(gone):
        for some in chunks(sorted(gone[niche_id])):
            of_niche = and_(NicheMatch.niche_id == niche_id, NicheMatch.user_id == user_id)
            await session.execute(delete(NicheMatch).where(of_niche, NicheMatch.candidate_id.in_(some)))


async def write_baselines(session: AsyncSession, user_id: str, baselines: Mapping[tuple[str, str], Baseline]) -> None:
    """Keep what is usual for sources where their health is kept; a source without such a row keeps none."""
    for (source, address), kept in sorted(baselines.items()):
        one = and_(SourceState.source == source, SourceState.address == address)
        await session.execute(
            update(SourceState).where(SourceState.user_id == user_id, one).values(baseline=baseline_to_json(kept))
        )
