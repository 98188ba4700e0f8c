"""Puts discovery together: sources, crawler, store, ranking and scans as one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from ettametta.db import Database
from ettametta.discovery.candidates.store import CandidateStore
from ettametta.discovery.fetch import Crawler
from ettametta.discovery.fetch.base import Fetch
from ettametta.discovery.niches import Niches
from ettametta.discovery.ranking.facts import SourceFacts
from ettametta.discovery.ranking.ranker import Ranker
from ettametta.discovery.scanning.keeping import RankedShelf, StateBook
from ettametta.discovery.scanning.scanner import Scanner
from ettametta.discovery.service import Discovery
from ettametta.discovery.sources import Sources
from ettametta.discovery.sources.base import SourceInfo
from ettametta.discovery.sources.states import SourceStates
from ettametta.events import EventBus
from ettametta.jobs import JobContext, Ledger


@dataclass(frozen=True)
class DiscoveryRoom:
    """What a process needs of discovery."""

    discovery: Discovery
    niches: Niches
    scanner: Scanner

    async def scan(self, context: JobContext[Any]) -> dict[str, Any]:
        """The body of `discovery.scan`."""
        return await self.scanner.run(context)


def furnish(
    database: Database, ledger: Ledger, events: EventBus, sources: Sources, crawler: Crawler
) -> DiscoveryRoom:
    """Build it.

    Args:
        database: where everything is kept.
        ledger: takes the scans.
        events: tells who watches.
        sources: all of them, with their keys.
        crawler: the way out.
    """
    store = CandidateStore(database, leading={one.info.name: one.info.metrics for one in sources})
    ranker = Ranker(
        database, sources={one.info.name: SourceFacts(one.info.title, one.info.metrics) for one in sources}
    )
    states = SourceStates(database)
    return DiscoveryRoom(
        Discovery(database, ledger, sources, store, states, ranker),
        Niches(database, sources),
        Scanner(
            database,
            sources,
            partial(_way_out, crawler),
            RankedShelf(store, ranker),
            StateBook(database, states),
            events,
        ),
    )


def _way_out(crawler: Crawler, info: SourceInfo) -> Fetch:
    return crawler.limited(info.name, info.requests_per_minute)
