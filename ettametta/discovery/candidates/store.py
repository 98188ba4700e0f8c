"""The store of candidates: record what sources found, list and search it, judge it, let old things go."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from ettametta.db import Database
from ettametta.discovery.candidates import judging, reading
from ettametta.discovery.candidates.preparing import Prepared, bare, prepare
from ettametta.discovery.candidates.recording import Batch, Forgotten, known_refs
from ettametta.discovery.candidates.retention import prune
from ettametta.discovery.candidates.values import CandidateView, Filters, Page, Pruned, Recorded, Retention, Verdict
from ettametta.discovery.items import FoundItem, Metric
from ettametta.kit.clock import utc_now

_BATCH = 200


class CandidateStore:
    """Candidates of all users; every call names whose.

    Args:
        database: where they are kept.
        leading: by source, the numbers it declares, the leading one first; its growth is the item's velocity.
        retention: how long what is kept.
        clock: the time.
    """

    def __init__(
        self,
        database: Database,
        *,
        leading: Mapping[str, Sequence[Metric]] | None = None,
        retention: Retention | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._database = database
        self._leading = leading or {}
        self._retention = retention or Retention()
        self._now = clock

    async def record(
        self, user_id: str, items: Sequence[FoundItem], *, address: str = "", now: datetime | None = None
    ) -> Recorded:
        """Store found items, each batch in one transaction; the same items again store nothing twice.

        Args:
            user_id: for whom they were found.
            items: of one source, or of several with the same address.
            address: the feed, channel or instance within the source; empty: it has only one.
            now: when they were found.

        Raises:
            NotFound: there is no such user.
        """
        moment = now or self._now()
        result = Recorded()
        for start in range(0, len(items), _BATCH):
            some = items[start : start + _BATCH]
            try:
                result += await self._write(user_id, address, await self._prepared(user_id, some, moment), moment)
            except Forgotten:
                result += await self._write(user_id, address, await asyncio.to_thread(prepare, some, moment), moment)
        return result

    async def _write(self, user_id: str, address: str, ready: Sequence[Prepared], now: datetime) -> Recorded:
        async with self._database.session_scope() as session:
            return await Batch(session, user_id, address, self._leading, now).write(ready)

    async def _prepared(self, user_id: str, items: Sequence[FoundItem], now: datetime) -> list[Prepared]:
        """Fingerprints are made before the transaction, off the event loop, and only for what is new."""
        known_items = [bare(item, now) for item in items]
        async with self._database.read_scope() as session:
            known = await known_refs(session, user_id, [item.ref for item in known_items])
        new = [item for item, one in zip(items, known_items, strict=True) if one.ref not in known]
        whole = iter(await asyncio.to_thread(prepare, new, now) if new else [])
        return [one if one.ref in known else next(whole) for one in known_items]

    async def page(
        self, user_id: str, filters: Filters | None = None, *, limit: int = 50, cursor: str | None = None
    ) -> Page:
        """A page of candidates: the newest first, or by rank when `filters` name a niche.

        Raises:
            InvalidInput: the cursor is none of this listing's.
        """
        async with self._database.read_scope() as session:
            return await reading.read_page(session, user_id, filters or Filters(), limit=limit, cursor=cursor)

    async def search(
        self,
        user_id: str,
        text: str,
        *,
        filters: Filters | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page:
        """Candidates that hold all words of `text`, the newest first. Any text is a query; signs alone find nothing.

        Raises:
            InvalidInput: the cursor is none of this listing's.
        """
        if not text.strip():
            return Page()
        given = filters or Filters()
        wanted = Filters(given.niche_id, given.source, given.language, given.verdict, given.since, text)
        return await self.page(user_id, wanted, limit=limit, cursor=cursor)

    async def ranked(self, user_id: str, niche_id: str, *, limit: int = 50, cursor: str | None = None) -> Page:
        """The best of a niche by decayed score, without what was dismissed or made.

        Raises:
            InvalidInput: the cursor is none of this listing's.
        """
        async with self._database.read_scope() as session:
            return await reading.read_ranked(session, user_id, niche_id, limit=limit, cursor=cursor)

    async def get(self, user_id: str, candidate_id: str, *, niche_id: str | None = None) -> CandidateView:
        """One candidate with all of its text.

        Raises:
            NotFound: there is no such candidate for this user.
        """
        async with self._database.read_scope() as session:
            return await reading.read_one(session, user_id, candidate_id, niche_id)

    async def judge(
        self,
        user_id: str,
        candidate_id: str,
        verdict: Verdict,
        niche_id: str | None = None,
        *,
        now: datetime | None = None,
    ) -> CandidateView:
        """Write down what a person decided, and the parts of the score at that moment to learn from.

        The same verdict again changes nothing; `Verdict.OPEN` takes it back.

        Raises:
            NotFound: there is no such candidate for this user.
        """
        async with self._database.session_scope() as session:
            await judging.judge(session, user_id, candidate_id, verdict, niche_id=niche_id, now=now or self._now())
        return await self.get(user_id, candidate_id, niche_id=niche_id)

    async def prune(self, user_id: str, *, now: datetime | None = None) -> Pruned:
        """Let go of what nobody judged and nobody shows any more, thin old snapshots, forget passing niches."""
        return await prune(self._database, user_id, self._retention, now or self._now())
