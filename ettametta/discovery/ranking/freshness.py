"""How a score decays: by half-lives of the niche, so that one stored key orders matches at any moment."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from ettametta.discovery.ranking.facts import CandidateFacts

#: A score is never less, for its logarithm is kept.
MIN_SCORE = 2.0**-10


@dataclass(frozen=True, slots=True)
class Kind:
    """How a kind of source ages."""

    #: after it a story counts half
    half_life_h: float
    #: so long after it appeared a story still counts as new, if it is found then: papers and videos are slow
    grace_h: float = 0.0


NEWS = Kind(24)
BOARD = Kind(18)
TREND = Kind(12)
VIDEO = Kind(72, grace_h=24)
EPISODE = Kind(96, grace_h=48)
PAPER = Kind(168, grace_h=72)
ARCHIVE = Kind(336, grace_h=168)

_KINDS = {
    "hacker_news": BOARD, "reddit": BOARD, "reddit_oauth": BOARD, "lobsters": BOARD, "mastodon": BOARD,
    "bluesky": BOARD, "x": BOARD, "google_trends": TREND, "youtube": VIDEO, "youtube_data": VIDEO,
    "tiktok_research": VIDEO, "podcast": EPISODE, "arxiv": PAPER, "product_hunt": VIDEO, "github_trending": VIDEO,
    "internet_archive": ARCHIVE, "wikipedia": NEWS, "google_news": NEWS, "gdelt": NEWS, "newsapi": NEWS, "feed": NEWS,
    "sitemap": NEWS, "page": NEWS,
}  # fmt: skip


def kind_of(source: str) -> Kind:
    """How a source ages; one that is not known ages like news."""
    return _KINDS.get(source, NEWS)


def half_life_of(sources: Iterable[str]) -> timedelta:
    """The half-life of a niche: the median of those of its sources; without any named, that of news.

    One for the whole niche: with two, the order of two matches would change with time, and no stored key could hold it.
    """
    hours = sorted(kind_of(source).half_life_h for source in set(sources))
    return timedelta(hours=median(hours) if hours else NEWS.half_life_h)


def moment_of(candidate: CandidateFacts) -> datetime:
    """From when a candidate ages: when it appeared, moved by its kind's grace, but never after it was first seen."""
    if candidate.published_at is None:
        return candidate.first_seen_at
    grace = max((kind_of(source).grace_h for source in candidate.sources), default=0.0)
    return min(candidate.published_at + timedelta(hours=grace), candidate.first_seen_at)


def rank_key(score: float, moment: datetime, half_life: timedelta) -> float:
    """log2 of the score, and the half-lives from the epoch to the moment it ages from: higher comes first, always."""
    return math.log2(max(score, MIN_SCORE)) + moment.timestamp() / half_life.total_seconds()


def decayed(score: float, moment: datetime, half_life: timedelta, now: datetime) -> float:
    """What a score is worth now."""
    return float(max(score, MIN_SCORE) * decay(moment, half_life, now))


def decay(moment: datetime, half_life: timedelta, now: datetime) -> float:
    """The part that is left: 1 when it is new, 0.5 after a half-life."""
    age = max((now - moment) / half_life, 0.0)
    return float(2.0 ** -min(age, 1_000.0))
