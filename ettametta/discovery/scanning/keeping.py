"""What a scan writes: items into the store and their places in niches, and how each source answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ettametta.discovery.candidates.store import CandidateStore
from ettametta.discovery.items import FoundItem
from ettametta.discovery.ranking.ranker import Ranker
from ettametta.discovery.scanning.request import SourceReport
from ettametta.discovery.scanning.scan import Ended, Kept
from ettametta.discovery.sources.states import Outcome, SourceStates

_Key = tuple[str, str]
_AGAIN = "It is asked again at the next scan."


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

    states: SourceStates

    async def resting(self, user_id: str) -> Mapping[_Key, datetime]:
        """See `HealthBook`."""
        return await self.states.resting(user_id)

    async def answered_since(self, user_id: str, moment: datetime) -> set[_Key]:
        """See `HealthBook`."""
        return await self.states.answered_since(user_id, moment)

    async def record(self, user_id: str, ended: Ended) -> SourceReport:
        """See `HealthBook`. Of a source whose turn did not come nothing is known, so nothing is written down."""
        if not ended.was_asked:
            return _not_asked(ended)
        info, error = ended.ask.source.info, ended.error
        outcome = Outcome(
            info, ended.ask.wanted.address, error, ended.duration_s, ended.items, is_late=ended.is_late
        )  # fmt: skip
        health = await self.states.record(user_id, outcome)
        return SourceReport(
            source=info.name,
            address=ended.ask.wanted.address,
            outcome="late" if ended.is_late else health.state.value,
            items=ended.items,
            new=ended.new,
            duration_s=round(ended.duration_s, 3),
            error_code="source.late" if ended.is_late else error.code if error else None,
            message=health.sentence,
            hint=_AGAIN if ended.is_late else error.hint if error else "",
        )


def _not_asked(ended: Ended) -> SourceReport:
    info = ended.ask.source.info
    return SourceReport(
        source=info.name,
        address=ended.ask.wanted.address,
        outcome="left_out",
        error_code="source.late",
        message=f"{info.title} was not asked: the time ended before its turn.",
        hint="Give the scan more time, or name fewer sources.",
    )
