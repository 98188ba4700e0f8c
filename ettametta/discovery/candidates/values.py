"""What is asked of candidates and what is shown of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Verdict(StrEnum):
    """What a person decided about a candidate."""

    SAVED = "saved"
    DISMISSED = "dismissed"
    MADE = "made"
    #: not decided, or taken back
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a batch of found items came to."""

    #: stories seen for the first time
    new: int = 0
    #: new sightings of stories that were known
    grouped: int = 0
    #: known sightings whose numbers were written anew
    updated: int = 0
    #: known sightings that said nothing new
    unchanged: int = 0
    #: every candidate among them, in the order of the items, each once
    candidate_ids: tuple[str, ...] = ()

    def __add__(self, other: Recorded) -> Recorded:
        """Both together."""
        return Recorded(
            self.new + other.new,
            self.grouped + other.grouped,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
            tuple(dict.fromkeys(self.candidate_ids + other.candidate_ids)),
        )


@dataclass(frozen=True, slots=True)
class Filters:
    """What a listing is narrowed to. With a niche it comes in the order of rank, else the newest first."""

    niche_id: str | None = None
    #: the source that showed it first
    source: str | None = None
    #: ISO 639-1
    language: str | None = None
    verdict: Verdict | None = None
    #: first seen then or later; aware
    since: datetime | None = None
    #: words that all must be in it; the newest first
    text: str | None = None


@dataclass(frozen=True, slots=True)
class SightingView:
    """Where a candidate was seen, with that source's own numbers: what it did not send is absent or None."""

    source: str
    address: str
    url: str
    title: str
    author: str | None
    published_at: datetime | None
    metrics: Mapping[str, int]
    metrics_at: datetime | None
    #: growth of the leading number per hour, and of that growth; None: not measured
    velocity: float | None
    acceleration: float | None
    first_seen_at: datetime


@dataclass(frozen=True, slots=True)
class MatchView:
    """How well a candidate serves a niche."""

    niche_id: str
    score: float
    rank_key: float
    parts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CandidateView:
    """A candidate as people see it. Text is from outside and plain."""

    id: str
    source: str
    url: str | None
    title: str
    #: the beginning in listings, the whole for one candidate
    text: str
    author: str | None
    language: str | None
    keywords: tuple[str, ...]
    image_url: str | None
    source_count: int
    verdict: Verdict
    published_at: datetime | None
    first_seen_at: datetime
    last_seen_at: datetime
    sightings: tuple[SightingView, ...] = ()
    match: MatchView | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a listing; `cursor` asks for the next, None: that was all."""

    items: tuple[CandidateView, ...] = ()
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Retention:
    """How long what is kept."""

    #: candidates nobody judged, since they were last seen
    unjudged_days: int = 60
    #: candidates nobody judged, for each user; the longest unseen go first
    max_unjudged: int = 200_000
    #: snapshots older than this are thinned to one in six hours
    dense_snapshot_days: int = 3
    #: niches made by a single search
    unfollowed_niche_days: int = 14
    #: rows of one transaction, and transactions of one run
    batch_rows: int = 500
    max_batches: int = 200


@dataclass(frozen=True, slots=True)
class Pruned:
    """What a run removed."""

    candidates: int = 0
    snapshots: int = 0
    niches: int = 0
    #: False: the run's limit was reached, there is more
    is_done: bool = True
