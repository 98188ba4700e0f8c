"""Weights learned from choices: a picked story should stand above one that was dismissed beside it.

A pairwise logistic model over the parts (Bradley-Terry, as in RankNet: Burges 2005), kept near the defaults by a
quadratic penalty and by bounds. Small, deterministic, and the same from the same choices: it is learned anew each time.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from ettametta.discovery.ranking.weights import DEFAULT_WEIGHTS, DEFAULTS, MAX_FACTOR, Weights

#: Values of parts by name; a part that was not measured is absent.
Values = Mapping[str, float]

#: Choices further apart were not made between the same stories.
TOGETHER = timedelta(hours=48)
MAX_PAIRS = 400
#: Fewer pairs teach nothing.
MIN_PAIRS = 3
#: A distance of two scores of 1/8 makes the better one picked with odds of e.
_SHARPNESS = 8.0
#: Imagined pairs that speak for the defaults.
_PRIOR_PAIRS = 6.0
_PENALTY = 0.5
_STEPS = 60
_RATE = 0.5
_MAX_LOG_FACTOR = math.log(MAX_FACTOR)


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person did with a candidate, and its parts at that moment."""

    candidate_id: str
    is_picked: bool
    values: Values
    at: datetime


@dataclass(frozen=True, slots=True)
class Pair:
    """Two candidates shown together: one was picked, the other dismissed."""

    picked: Values
    dismissed: Values


def values_of(stored: Mapping[str, Any]) -> Values:
    """The measured values among the parts that feedback kept; what is null or no number is absent."""
    found: dict[str, float] = {}
    for name in DEFAULT_WEIGHTS:
        part = stored.get(name)
        value = part.get("value") if isinstance(part, Mapping) else None
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1:
            found[name] = float(value)
    return MappingProxyType(found)


def pairs_of(choices: Iterable[Choice]) -> tuple[Pair, ...]:
    """The pairs among the choices, newest first; the last word about a candidate counts."""
    last = {choice.candidate_id: choice for choice in sorted(choices, key=lambda one: (one.at, one.is_picked))}
    known = sorted(
        (one for one in last.values() if one.values), key=lambda one: (one.at, one.candidate_id), reverse=True
    )
    picked = [one for one in known if one.is_picked]
    dismissed = [one for one in known if not one.is_picked]
    found = [
        (max(one.at, other.at), Pair(one.values, other.values))
        for one in picked
        for other in dismissed
        if abs(one.at - other.at) <= TOGETHER
    ]
    found.sort(key=lambda one: one[0], reverse=True)
    return tuple(pair for _, pair in found[:MAX_PAIRS])


def learn(pairs: Sequence[Pair]) -> Weights:
    """The weights that best explain the choices, near the defaults and within their bounds."""
    if len(pairs) < MIN_PAIRS:
        return DEFAULTS
    factors = dict.fromkeys(DEFAULT_WEIGHTS, 0.0)
    for _ in range(_STEPS):
        slope = _slope(pairs, _weights(factors))
        for part, log_factor in factors.items():
            moved = log_factor + _RATE * (slope[part] / (len(pairs) + _PRIOR_PAIRS) - _PENALTY * log_factor)
            factors[part] = min(max(moved, -_MAX_LOG_FACTOR), _MAX_LOG_FACTOR)
    return Weights(MappingProxyType(_weights(factors)), len(pairs))


def _weights(log_factors: Mapping[str, float]) -> dict[str, float]:
    return {part: weight * math.exp(log_factors[part]) for part, weight in DEFAULT_WEIGHTS.items()}


def _slope(pairs: Sequence[Pair], weights: Mapping[str, float]) -> dict[str, float]:
    """The gradient of the log-likelihood of the choices by the logarithms of the weights."""
    slope = dict.fromkeys(weights, 0.0)
    for pair in pairs:
        # Only parts known of both: what was not measured of one says nothing about taste.
        both = {part: weights[part] for part in pair.picked if part in pair.dismissed}
        whole = sum(both.values())
        if not whole:
            continue
        gains = {part: pair.picked[part] - pair.dismissed[part] for part in both}
        distance = sum(weight * gains[part] for part, weight in both.items()) / whole
        surprise = 1.0 / (1.0 + math.exp(_SHARPNESS * distance))
        for part, weight in both.items():
            slope[part] += surprise * _SHARPNESS * weight * (gains[part] - distance) / whole
    return slope


def explain(weights: Weights) -> tuple[str, ...]:
    """What was learned, in sentences."""
    if not weights.pair_count:
        return ("Nothing learned yet: every part counts as at first.",)
    told = [(part, weights.factor(part)) for part in DEFAULT_WEIGHTS]
    moved = [
        f"{part.capitalize()} counts {factor:.1f} times as much as at first." for part, factor in told if _shows(factor)
    ]
    learned = f"Learned from {weights.pair_count} pairs of a story you picked and one you dismissed."
    return (learned, *(moved or ["Your choices agree with the defaults."]))


def _shows(factor: float) -> bool:
    return round(factor, 1) != 1.0
