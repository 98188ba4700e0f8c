"""What a scan writes: items into the store and their places in niches, and how each source answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from ettametta.db import Database
from ettametta.discovery.candidates.store import CandidateStore
from ettametta.discovery.items import FoundItem
from ettametta.discovery.ranking.ranker import Ranker
from ettametta.discovery.scanning.request import SourceReport
from ettametta.discovery.scanning.scan import Ended, Kept
from ettametta.discovery.sources.states import Outcome, SourceStates
from ettametta.errors import TransientError
from ettametta.models import SourceState

_Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class RankedShelf:
    """Keeps items as candidates, and ranks those in the niches of their user."""

    store: CandidateStore
    ranker: Ranker

    async def keep(self, user_id: str, niche_id: str, items: Sequence[FoundItem], *, address: str) -> Kept:
        """See `Shelf`."""
        recorded = await self.store.record(user_id, items, address=address)
        matched = await self.ranker.rank(user_id, recorded.candidate_ids)
        return Kept(recorded.new, matched.get(niche_id, 0))


@dataclass(frozen=True, slots=True)
class StateBook:
    """Keeps how sources answered."""

    database: Database
    states: SourceStates

    async def resting(self, user_id: str) -> Mapping[_Key, datetime]:
        """See `HealthBook`."""
        return await self.states.resting(user_id)

    async def answered_since(self, user_id: str, moment: datetime) -> set[_Key]:
        """See `HealthBook`."""
        wanted = select(SourceState.source, SourceState.address).where(
            SourceState.user_id == user_id, SourceState.last_success_at >= moment
        )
        async with self.database.read_scope() as session:
            return {(source, address) for source, address in (await session.execute(wanted)).all()}

    async def record(self, user_id: str, ended: Ended) -> SourceReport:
        """See `HealthBook`. A source that was late keeps what it gave, and counts as one that does not answer."""
        info, error = ended.ask.source.info, ended.error
        if ended.is_late:
            error = TransientError(f"{info.title} did not come to an end in time.", code="source.late")
        outcome = Outcome(info, ended.ask.wanted.address, error, ended.duration_s, ended.items)
        health = await self.states.record(user_id, outcome)
        return SourceReport(
            source=info.name,
            address=ended.ask.wanted.address,
            outcome="late" if ended.is_late else health.state.value,
            items=ended.items,
            new=ended.new,
            duration_s=round(ended.duration_s, 3),
            error_code=error.code if error else None,
            message=health.sentence,
            hint=error.hint if error else "",
        )
