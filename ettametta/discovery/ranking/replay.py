"""Replays a labelled set: at each moment, what was known then is ranked, and judged by nDCG against simple orders."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import get_args

from pydantic import BaseModel, ConfigDict, Field

from ettametta.discovery.candidates.velocity import Snapshot, leading_metric, velocity
from ettametta.discovery.items import Metric
from ettametta.discovery.ranking.baseline import baseline
from ettametta.discovery.ranking.facts import CandidateFacts, NicheFacts, PastStory, SightingFacts, SourceFacts
from ettametta.discovery.ranking.novelty import History
from ettametta.discovery.ranking.parts import Yardsticks
from ettametta.discovery.ranking.relevance import count_phrases, document_of, phrases_of
from ettametta.discovery.ranking.score import Scored, reader_of, score

_START = datetime(2026, 1, 1, tzinfo=UTC)
TOP = 10


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LabelledSighting(_Frozen):
    """A story in one source, with its leading number over time."""

    source: str
    #: (hour, number) as they were looked at; a source without numbers has hours only
    looks: tuple[tuple[float, int | None], ...] = Field(min_length=1)


class LabelledStory(_Frozen):
    """A story and how much it was worth, as hours go by."""

    id: str
    title: str
    text: str = ""
    language: str | None = None
    #: hour it appeared; None: no source says
    published: float | None
    sightings: tuple[LabelledSighting, ...]
    #: 0 (no) to 3 (the very story), by the hour from which it holds
    grades: tuple[tuple[float, int], ...]


class LabelledSource(_Frozen):
    """A source of a set."""

    title: str
    #: None: it sends no numbers
    metric: str | None


class LabelledSet(_Frozen):
    """A niche, what was seen for it, and the moments it is asked at."""

    name: str
    #: how it was made, for who reads the file
    note: str
    niche: str
    keywords: tuple[str, ...]
    languages: tuple[str, ...] = ()
    sources: dict[str, LabelledSource]
    made: tuple[str, ...] = ()
    dismissed: tuple[str, ...] = ()
    moments: tuple[float, ...]
    stories: tuple[LabelledStory, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """nDCG@10 of each order, the mean over the moments of a set."""

    name: str
    by_order: Mapping[str, float]


def judge(labelled: LabelledSet) -> Judged:
    """Replay a set. All orders choose among the same matches, so the simple ones profit from our gate too."""
    found: defaultdict[str, list[float]] = defaultdict(list)
    for hour in labelled.moments:
        matches, grades = _ranked_at(labelled, hour)
        for name, order in _ORDERS.items():
            chosen = sorted(matches, key=lambda one: (-order(one, _at(hour)), one.scored.candidate_id))
            found[name].append(ndcg([grades[one.scored.candidate_id] for one in chosen], list(grades.values())))
    means = {name: sum(values) / len(values) for name, values in found.items()}
    return Judged(labelled.name, MappingProxyType(means))


def ndcg(ranked: Sequence[int], all_grades: Sequence[int], *, top: int = TOP) -> float:
    """Normalised discounted cumulative gain (Järvelin and Kekäläinen 2002) by 2^grade - 1; 1 for the best order."""
    best = _dcg(sorted(all_grades, reverse=True)[:top])
    return _dcg(ranked[:top]) / best if best else 0.0


def _dcg(grades: Sequence[int]) -> float:
    return sum((2.0**grade - 1.0) / math.log2(place + 2) for place, grade in enumerate(grades))


@dataclass(frozen=True, slots=True)
class _Match:
    scored: Scored
    candidate: CandidateFacts
    #: the highest number any source sent; None: none did
    count: int | None


_Order = Callable[[_Match, datetime], float]


def _newest(match: _Match, _now: datetime) -> float:
    return (match.candidate.published_at or match.candidate.first_seen_at).timestamp()


def _relevance(match: _Match, _now: datetime) -> float:
    return match.scored.parts[0].value or 0.0


_ORDERS: Mapping[str, _Order] = MappingProxyType(
    {
        "ours": lambda match, now: match.scored.now_worth(now),
        "newest": _newest,
        "highest number": lambda match, _now: -1.0 if match.count is None else float(match.count),
        "relevance only": _relevance,
    }
)


def _at(hour: float) -> datetime:
    return _START + timedelta(hours=hour)


def _ranked_at(labelled: LabelledSet, hour: float) -> tuple[list[_Match], dict[str, int]]:
    known = [story for story in labelled.stories if any(_looks(one, hour) for one in story.sightings)]
    candidates = [_candidate(story, labelled, hour) for story in known]
    documents = [document_of(one.title, one.text) for one in candidates]
    niche = NicheFacts("niche", labelled.niche, labelled.keywords, (), labelled.languages, tuple(labelled.sources))
    reader = reader_of(niche, count_phrases(phrases_of(niche), documents))
    yardsticks = _yardsticks(labelled, candidates)
    past = [PastStory(None, title, is_made=True) for title in labelled.made]
    history = History((*past, *(PastStory(None, title, is_made=False) for title in labelled.dismissed)))
    scores = [score(one, reader, history, yardsticks) for one in candidates]
    matches = [
        _Match(scored, one, _highest(one)) for scored, one in zip(scores, candidates, strict=True) if scored is not None
    ]
    return matches, {story.id: _grade(story, hour) for story in known}


def _highest(candidate: CandidateFacts) -> int | None:
    return max((number for one in candidate.sightings for number in one.metrics.values()), default=None)


def _grade(story: LabelledStory, hour: float) -> int:
    return next((grade for since, grade in sorted(story.grades, reverse=True) if since <= hour), 0)


def _looks(sighting: LabelledSighting, hour: float) -> list[tuple[float, int | None]]:
    return [look for look in sighting.looks if look[0] <= hour]


def _candidate(story: LabelledStory, labelled: LabelledSet, hour: float) -> CandidateFacts:
    first = min(sighting.looks[0][0] for sighting in story.sightings)
    sightings = [_sighting(one, labelled.sources[one.source], hour) for one in story.sightings if _looks(one, hour)]
    published = None if story.published is None else _at(story.published)
    return CandidateFacts(story.id, story.title, _at(first), story.text, story.language, published, tuple(sightings))


def _sighting(sighting: LabelledSighting, source: LabelledSource, hour: float) -> SightingFacts:
    metric = next((name for name in get_args(Metric) if name == source.metric), None)
    taken = [
        Snapshot(_at(moment), {metric: number})
        for moment, number in _looks(sighting, hour)
        if metric is not None and number is not None
    ]
    measured = velocity(taken, metric) if metric is not None else None
    metrics = taken[-1].metrics if taken else {}
    return SightingFacts(sighting.source, "", metrics, measured.per_hour if measured else None)


def _yardsticks(labelled: LabelledSet, candidates: Sequence[CandidateFacts]) -> Yardsticks:
    levels: defaultdict[str, list[float]] = defaultdict(list)
    speeds: defaultdict[str, list[float]] = defaultdict(list)
    metrics: dict[str, Metric] = {}
    for sighting in (one for candidate in candidates for one in candidate.sightings):
        metric = leading_metric(sighting.metrics)
        if metric is None:
            continue
        metrics[sighting.source] = metric
        levels[sighting.source].append(sighting.metrics[metric])
        if sighting.velocity is not None:
            speeds[sighting.source].append(sighting.velocity)
    usual = {(source, ""): baseline(metric, speeds[source], levels[source]) for source, metric in metrics.items()}
    return Yardsticks(usual, {name: SourceFacts(one.title) for name, one in labelled.sources.items()})
