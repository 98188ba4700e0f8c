"""A candidate in words: its numbers with who sent them, its speed, the parts of its score. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ettametta.discovery.candidates.values import CandidateView, MatchView, SightingView
from ettametta.discovery.candidates.velocity import leading_metric
from ettametta.discovery.items import Metric
from ettametta.discovery.ranking.display import metrics_words, velocity_words
from ettametta.discovery.sources import INFOS


@dataclass(frozen=True, slots=True)
class PartTold:
    """A part of a score. `value` None: not measured, and left out of the score."""

    name: str
    value: float | None
    weight: float
    sentence: str


def parts_of(match: MatchView | None) -> tuple[PartTold, ...]:
    """The parts of a score as they are stored."""
    stored = match.parts if match is not None else {}
    return tuple(_part(name, one) for name, one in stored.items() if isinstance(one, Mapping) and "sentence" in one)


def _part(name: str, stored: Mapping[str, object]) -> PartTold:
    value, weight = stored.get("value"), stored.get("weight", 1.0)
    return PartTold(
        name,
        float(value) if isinstance(value, int | float) else None,
        float(weight) if isinstance(weight, int | float) else 1.0,
        str(stored["sentence"]),
    )


def reason(one: CandidateView) -> str:
    """The sentence of the part that weighs most in its score; "" without a score."""
    known = [(part.value * part.weight, part.sentence) for part in parts_of(one.match) if part.value is not None]
    return max(known)[1] if known else ""


def source_title(name: str) -> str:
    """A source as people write it."""
    return INFOS[name].title if name in INFOS else name.replace("_", " ")


def seen_at(one: CandidateView) -> tuple[str, ...]:
    """The titles of the sources that showed it, each once."""
    names = [seen.source for seen in one.sightings] or [one.source]
    return tuple(dict.fromkeys(source_title(name) for name in names))


def numbers_told(seen: SightingView) -> str:
    """Every number a source declares: as it sent it, or that it is not measured."""
    return metrics_words(seen.metrics, _declared(seen.source))


def speed_told(seen: SightingView) -> str:
    """How fast its leading number grows, or that this is not measured."""
    metric = leading_metric(seen.metrics, _declared(seen.source))
    return velocity_words(metric or "", seen.velocity if metric else None)


def _declared(source: str) -> tuple[Metric, ...]:
    return INFOS[source].metrics if source in INFOS else ()
