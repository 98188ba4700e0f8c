"""How much each part of a score counts: defaults, what was learned, and the bounds of learning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

#: The parts in the order people read them, and what each counts before anything is learned.
DEFAULT_WEIGHTS: Final[Mapping[str, float]] = MappingProxyType(
    {"relevance": 4.0, "velocity": 2.5, "attention": 1.5, "spread": 1.5, "novelty": 1.0, "language": 1.0}
)
#: A learned weight stays between its default divided by this and multiplied by it.
MAX_FACTOR: Final = 3.0


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights by part, and how many pairs of choices they were learned from (0: the defaults)."""

    by_part: Mapping[str, float]
    pair_count: int = 0

    def __getitem__(self, part: str) -> float:
        return self.by_part[part]

    def factor(self, part: str) -> float:
        """How many times its default a part counts."""
        return self.by_part[part] / DEFAULT_WEIGHTS[part]


DEFAULTS: Final = Weights(DEFAULT_WEIGHTS)


def weights_from_json(stored: Mapping[str, Any] | None) -> Weights:
    """Weights as a niche keeps them; what is missing, no number or out of bounds is mended."""
    kept = (stored or {}).get("weights")
    if not isinstance(kept, Mapping):
        return DEFAULTS
    count = (stored or {}).get("pair_count")
    known = isinstance(count, int) and not isinstance(count, bool) and count >= 0
    by_part = {part: bounded(part, kept.get(part)) for part in DEFAULT_WEIGHTS}
    return Weights(MappingProxyType(by_part), count if known and isinstance(count, int) else 0)


def weights_to_json(weights: Weights) -> dict[str, Any]:
    """Weights as a niche keeps them."""
    by_part = {part: round(weight, 4) for part, weight in weights.by_part.items()}
    return {"weights": by_part, "pair_count": weights.pair_count}


def bounded(part: str, weight: object) -> float:
    """A weight within the bounds of learning; what is no number is the default."""
    default = DEFAULT_WEIGHTS[part]
    if isinstance(weight, bool) or not isinstance(weight, int | float) or weight != weight:  # noqa: PLR0124 -- NaN
        return default
    return min(max(float(weight), default / MAX_FACTOR), default * MAX_FACTOR)
