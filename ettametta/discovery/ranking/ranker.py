"""Scores candidates for a person's niches, keeps the scores, and learns from what the person picks."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ettametta.db import Database
from ettametta.discovery.ranking import learning, loading, writing
from ettametta.discovery.ranking.facts import CandidateFacts, NicheFacts, SourceFacts
from ettametta.discovery.ranking.novelty import History
from ettametta.discovery.ranking.parts import Yardsticks
from ettametta.discovery.ranking.relevance import Document, count_phrases, document_of, phrases_of
from ettametta.discovery.ranking.score import Reader, Scored, reader_of, reweighed, score, scored_from_json
from ettametta.discovery.ranking.weights import Weights, weights_to_json
from ettametta.errors import NotFound
from ettametta.kit.clock import utc_now
from ettametta.models import Candidate, Niche, NicheMatch

#: Matches that learning scores anew, and candidates that a changed niche is held against.
MAX_RECENT = 1_000


@dataclass(frozen=True)
class _Facts:
    candidates: Sequence[CandidateFacts]
    niches: Sequence[NicheFacts]
    #: titles and beginnings of recent candidates
    texts: Sequence[tuple[str, str]]
    history: History
    yardsticks: Yardsticks


class Ranker:
    """Scores, learns and explains.

    Args:
        database: where candidates are.
        sources: by name, what the ranking needs to know of each source.
        now: the clock.
    """

    def __init__(
        self,
        database: Database,
        *,
        sources: Mapping[str, SourceFacts] | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._database = database
        self._sources = MappingProxyType(dict(sources or {}))
        self._now = now

    async def rank(
        self, user_id: str, candidate_ids: Sequence[str], *, niche_ids: Sequence[str] | None = None
    ) -> Mapping[str, int]:
        """Score candidates (those a scan touched) for the user's niches they match; by niche, how many do.

        Again with the same facts it writes the same rows.

        Args:
            user_id: whose candidates and niches.
            candidate_ids: ids that are not the user's are passed over.
            niche_ids: only these niches; None: all of the user's.
        """
        async with self._database.read_scope() as session:
            facts = await self._load(session, user_id, candidate_ids, niche_ids)
        # Words of hundreds of texts: long enough to hold the event loop up.
        scored = await asyncio.to_thread(_score_all, facts)
        gone = _without(facts, scored)
        async with self._database.session_scope() as session:
            await writing.write_baselines(session, user_id, facts.yardsticks.baselines)
            await writing.forget_matches(session, user_id, gone)
            scored = await writing.still_there(session, user_id, scored)
            await writing.write_matches(session, user_id, scored, self._now())
        return Counter(one.niche_id for one in scored)

    async def rank_recent(self, user_id: str, niche_id: str) -> Mapping[str, int]:
        """Hold the newest candidates against a niche that is new or was changed."""
        async with self._database.read_scope() as session:
            newest = select(Candidate.id).where(Candidate.user_id == user_id).order_by(Candidate.last_seen_at.desc())
            ids = list(await session.scalars(newest.limit(MAX_RECENT)))
        return await self.rank(user_id, ids, niche_ids=[niche_id])

    async def explain(self, user_id: str, candidate_id: str, niche_id: str) -> Scored:
        """The score of a candidate for a niche as it is now, with its parts; nothing is written.

        Raises:
            NotFound: the user has no such candidate or niche, or it is not about the niche.
        """
        async with self._database.read_scope() as session:
            facts = await self._load(session, user_id, [candidate_id], [niche_id])
        scored = await asyncio.to_thread(_score_all, facts)
        if not scored:
            raise NotFound(
                "That candidate is no match of that niche.",
                hint="List the niche's matches to see which there are.",
                code="ranking.no_match",
            )
        return scored[0]

    async def learn(self, user_id: str, niche_id: str) -> Weights:
        """Learn a niche's weights from the user's picks and dismissals, and score its recent matches by them.

        Raises:
            NotFound: the user has no such niche.
        """
        async with self._database.session_scope() as session:
            choices = await loading.load_choices(session, user_id, niche_id)
            weights = await asyncio.to_thread(lambda: learning.learn(learning.pairs_of(choices)))
            kept = weights_to_json(weights) if weights.pair_count else None
            found = await session.scalar(
                update(Niche)
                .where(Niche.id == niche_id, Niche.user_id == user_id)
                .values(weights=kept)
                .returning(Niche.id)
            )
            if found is None:
                raise NotFound("There is no such niche.", hint="List your niches.", code="niche.not_found")
            await self._reweigh(session, user_id, niche_id, weights)
        return weights

    async def _reweigh(self, session: AsyncSession, user_id: str, niche_id: str, weights: Weights) -> None:
        rows = await session.execute(
            select(NicheMatch.candidate_id, NicheMatch.parts)
            .where(NicheMatch.niche_id == niche_id, NicheMatch.user_id == user_id)
            .order_by(NicheMatch.rank_key.desc())
            .limit(MAX_RECENT)
        )
        known = [scored_from_json(key, niche_id, parts) for key, parts in rows]
        again = [reweighed(one, weights) for one in known if one is not None]
        await writing.write_matches(session, user_id, again, self._now())

    async def _load(
        self, session: AsyncSession, user_id: str, candidate_ids: Sequence[str], niche_ids: Sequence[str] | None
    ) -> _Facts:
        candidates = await loading.load_candidates(session, user_id, candidate_ids)
        places = [(one.source, one.address) for candidate in candidates for one in candidate.sightings]
        baselines = await loading.load_baselines(session, user_id, places, self._sources)
        return _Facts(
            candidates,
            await loading.load_niches(session, user_id, niche_ids),
            await loading.load_texts(session, user_id),
            await loading.load_history(session, user_id),
            Yardsticks(baselines, self._sources),
        )


def _score_all(facts: _Facts) -> list[Scored]:
    documents = [document_of(title, text) for title, text in facts.texts] if facts.niches else []
    readers = [_reader(niche, documents) for niche in facts.niches]
    found: list[Scored] = []
    for candidate in facts.candidates:
        document = document_of(candidate.title, candidate.text)
        scores = (score(candidate, reader, facts.history, facts.yardsticks, document) for reader in readers)
        found += [one for one in scores if one is not None]
    return found


def _reader(niche: NicheFacts, documents: Sequence[Document]) -> Reader:
    return reader_of(niche, count_phrases(phrases_of(niche), documents))


def _without(facts: _Facts, scored: Sequence[Scored]) -> dict[str, list[str]]:
    """By niche, the candidates that are no match of it."""
    matched = {(one.niche_id, one.candidate_id) for one in scored}
    return {
        niche.id: [one.id for one in facts.candidates if (niche.id, one.id) not in matched] for niche in facts.niches
    }
