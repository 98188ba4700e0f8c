"""What the ranking knows: plain facts about candidates, niches and what a person did before. Unknown is None."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from ettametta.discovery.items import Metric
from ettametta.discovery.ranking.weights import DEFAULTS, Weights

#: Longest part of a text that is looked at, in characters.
MAX_TEXT_CHARS = 2_000


@dataclass(frozen=True, slots=True)
class SightingFacts:
    """A candidate as one source shows it."""

    source: str
    #: the feed, channel or instance within the source; empty: the source has only one
    address: str = ""
    #: the source's own numbers; what it did not send is absent
    metrics: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    #: growth of the leading metric per hour, measured between snapshots; None: not measured
    velocity: float | None = None


@dataclass(frozen=True, slots=True)
class CandidateFacts:
    """One candidate."""

    id: str
    title: str
    first_seen_at: datetime
    text: str = ""
    language: str | None = None
    #: None: no source said when
    published_at: datetime | None = None
    sightings: tuple[SightingFacts, ...] = ()

    @property
    def sources(self) -> tuple[str, ...]:
        """The different sources it was seen in, in a fixed order."""
        return tuple(sorted({sighting.source for sighting in self.sightings}))


@dataclass(frozen=True, slots=True)
class NicheFacts:
    """One niche, with the weights of the parts for it."""

    id: str
    name: str
    keywords: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    #: ISO 639-1 codes, most wanted first; empty: any
    languages: tuple[str, ...] = ()
    #: names of sources; empty: all that suit
    sources: tuple[str, ...] = ()
    #: (source, address) of what the person added for this niche: what it shows belongs to the niche
    followed: frozenset[tuple[str, str]] = frozenset()
    weights: Weights = DEFAULTS


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """What the ranking needs to know of a source."""

    #: as people write it
    title: str
    #: the numbers it may send; the first that is there leads
    metrics: tuple[Metric, ...] = ()


@dataclass(frozen=True, slots=True)
class PastStory:
    """A story the person made a video of, or waved away."""

    #: the candidate it was, if it was one
    candidate_id: str | None
    text: str
    is_made: bool
