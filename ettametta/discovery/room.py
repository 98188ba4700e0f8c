"""Puts discovery together: sources, crawler, store, ranking and scans as one."""

from __future__ import annotations

from functools import partial

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
from ettametta.jobs import Ledger


def furnish(database: Database, ledger: Ledger, events: EventBus, sources: Sources, crawler: Crawler) -> Discovery:
    """Build it.

    Args:
        database: where everything is kept.
        ledger: takes the scans.
        events: tells who watches.
        sources: all of them, with their keys.
        crawler: the way out.
    """
    store = CandidateStore(database, leading={one.info.name: one.info.metrics for one in sources})
    ranker = Ranker(database, sources={one.info.name: SourceFacts(one.info.title, one.info.metrics) for one in sources})
    states = SourceStates(database)
    way_out = partial(_way_out, crawler)
    scanner = Scanner(database, sources, way_out, RankedShelf(store, ranker), StateBook(states), events)
    return Discovery(database, ledger, sources, store, states, ranker, Niches(database, sources), scanner)


def _way_out(crawler: Crawler, info: SourceInfo, deadline_s: float) -> Fetch:
    return crawler.limited(info.name, info.requests_per_minute, deadline_s=deadline_s)
