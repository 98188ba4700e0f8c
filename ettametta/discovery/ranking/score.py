"""The score of a candidate for a niche: the weighted mean of what is known of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from ettametta.discovery.ranking import parts as measure
from ettametta.discovery.ranking.facts import CandidateFacts, NicheFacts
from ettametta.discovery.ranking.freshness import MIN_SCORE, decay, decayed, half_life_of, moment_of, rank_key
from ettametta.discovery.ranking.novelty import History, novelty
from ettametta.discovery.ranking.parts import Measured, Part, Yardsticks
from ettametta.discovery.ranking.relevance import (
    MIN_RELEVANCE,
    Document,
    Frequencies,
    Phrase,
    document_of,
    is_ruled_out,
    phrases_of,
    relevance,
)
from ettametta.discovery.ranking.weights import DEFAULT_WEIGHTS, Weights


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate's score for a niche, with its parts in the order people read them."""

    candidate_id: str
    niche_id: str
    #: before it decays with age, above 0 and at most 1
    score: float
    rank_key: float
    parts: tuple[Part, ...]
    #: from when it ages
    moment: datetime
    half_life: timedelta
    #: whether `moment` is when it appeared, and not when it was first seen
    is_dated: bool

    def now_worth(self, now: datetime) -> float:
        """What the score is worth at a moment."""
        return decayed(self.score, self.moment, self.half_life, now)

    def freshness(self, now: datetime) -> Part:
        """How much of the score is left at a moment: the part that multiplies the others."""
        since = "" if self.is_dated else "first seen, for no source says when it appeared, "
        told = (
            f"{since}{self.moment:%Y-%m-%d %H:%M} UTC; counts half after {self.half_life / timedelta(hours=1):g} hours."
        )
        return Part("freshness", decay(self.moment, self.half_life, now), 0.0, f"Counted from {told}")


@dataclass(frozen=True)
class Reader:
    """A niche made ready to be held against many candidates."""

    niche: NicheFacts
    phrases: tuple[Phrase, ...]
    frequencies: Frequencies
    half_life: timedelta


def reader_of(niche: NicheFacts, frequencies: Frequencies | None = None) -> Reader:
    """A niche ready for `judge`."""
    return Reader(niche, phrases_of(niche), frequencies or Frequencies(), half_life_of(niche.sources))


def score(
    candidate: CandidateFacts,
    reader: Reader,
    history: History,
    yardsticks: Yardsticks,
    document: Document | None = None,
) -> Scored | None:
    """The score of a candidate for a niche; None: it is not about it, or ruled out by a word."""
    document = document or document_of(candidate.title, candidate.text)
    about = relevance(candidate, document, reader.phrases, reader.frequencies, reader.niche)
    if about.value is None or about.value < MIN_RELEVANCE or is_ruled_out(document, reader.niche):
        return None
    found = {
        "relevance": about,
        "velocity": measure.velocity(candidate, yardsticks),
        "attention": measure.attention(candidate, yardsticks),
        "spread": measure.spread(candidate, yardsticks),
        "novelty": novelty(candidate, history),
        "language": measure.language(candidate, reader.niche),
    }
    return _scored(candidate, reader, _weighed(found, reader.niche.weights))


def _weighed(found: Mapping[str, Measured], weights: Weights) -> tuple[Part, ...]:
    return tuple(Part(name, found[name].value, weights[name], found[name].sentence) for name in DEFAULT_WEIGHTS)


def _scored(candidate: CandidateFacts, reader: Reader, parts: tuple[Part, ...]) -> Scored:
    moment = moment_of(candidate)
    value = mean(parts)
    return Scored(
        candidate.id,
        reader.niche.id,
        value,
        rank_key(value, moment, reader.half_life),
        parts,
        moment,
        reader.half_life,
        candidate.published_at is not None,
    )


def mean(parts: Sequence[Part]) -> float:
    """The weighted mean of the parts that are known."""
    known = [(part.value, part.weight) for part in parts if part.value is not None]
    whole = sum(weight for _, weight in known)
    value = sum(value * weight for value, weight in known) / whole if whole else 0.0
    return min(max(value, MIN_SCORE), 1.0)


def reweighed(scored: Scored, weights: Weights) -> Scored:
    """The same parts by other weights."""
    parts = tuple(replace(part, weight=weights[part.name]) for part in scored.parts)
    value = mean(parts)
    return replace(scored, parts=parts, score=value, rank_key=rank_key(value, scored.moment, scored.half_life))


def parts_to_json(scored: Scored) -> dict[str, Any]:
    """The parts as a match keeps them; what is not measured is null."""
    kept: dict[str, Any] = {part.name: measure.as_json(part) for part in scored.parts}
    kept["freshness"] = {
        "moment": scored.moment.isoformat(),
        "half_life_h": scored.half_life / timedelta(hours=1),
        "is_dated": scored.is_dated,
        "sentence": scored.freshness(scored.moment).sentence,
    }
    return kept


def scored_from_json(candidate_id: str, niche_id: str, stored: Mapping[str, Any]) -> Scored | None:
    """A score from the parts a match kept; None: they are of another form."""
    try:
        parts = tuple(_part(name, stored[name]) for name in DEFAULT_WEIGHTS)
        age = stored["freshness"]
        moment = datetime.fromisoformat(age["moment"])
        half_life = timedelta(hours=float(age["half_life_h"]))
        value = mean(parts)
        key = rank_key(value, moment, half_life)
        return Scored(candidate_id, niche_id, value, key, parts, moment, half_life, bool(age["is_dated"]))
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None


def _part(name: str, kept: Mapping[str, Any]) -> Part:
    value = kept["value"]
    return Part(name, None if value is None else float(value), float(kept["weight"]), str(kept["sentence"]))
