"""What is usual for a source: median and spread of its numbers on a logarithmic scale, robust against the odd hit."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

#: Fewer observations are no yardstick.
MIN_OBSERVATIONS = 8
#: Growth below this (a tenth of a point an hour) and counts below it are not told apart.
_FLOOR = 0.1
#: The median absolute deviation of a normal distribution, as a part of its standard deviation.
_MAD_TO_SIGMA = 1.4826
#: A source whose items are all alike still has a spread: half of a doubling.
_MIN_SPREAD = 0.5
_MAX_LOG2 = 64.0


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual for one number, in doublings (log2)."""

    median_log2: float
    #: robust standard deviation
    spread_log2: float
    count: int

    def rank(self, number: float) -> float:
        """Where a number stands, 0..1: the usual is 0.5, a robust standard deviation above it 0.73."""
        return 1.0 / (1.0 + math.exp(-(_log(number) - self.median_log2) / self.spread_log2))

    def times(self, number: float) -> float:
        """How many times the usual a number is."""
        return float(2.0 ** (_log(number) - self.median_log2))


@dataclass(frozen=True, slots=True)
class Baseline:
    """What is usual for a source, or for one address of it."""

    #: the number it is about
    metric: str
    #: of its growth per hour; None: too few were measured
    velocity: Usual | None = None
    #: of the number itself; None: too few were sent
    level: Usual | None = None


def usual(numbers: Iterable[float]) -> Usual | None:
    """What is usual among the numbers; None: there are too few."""
    logs = [_log(number) for number in numbers if math.isfinite(number)]
    if len(logs) < MIN_OBSERVATIONS:
        return None
    middle = median(logs)
    spread = _MAD_TO_SIGMA * median(abs(one - middle) for one in logs)
    return Usual(middle, max(spread, _MIN_SPREAD), len(logs))


def baseline(metric: str, velocities: Sequence[float], levels: Sequence[float]) -> Baseline:
    """What is usual for a source, from what was measured of its recent items."""
    return Baseline(metric, usual(velocities), usual(levels))


def completed(measured: Baseline | None, kept: Baseline) -> Baseline:
    """What was measured now, and for what it cannot tell what was kept of the same number."""
    if measured is None or (measured.metric != kept.metric and measured.level is None):
        return kept
    if measured.metric != kept.metric:
        return measured
    return Baseline(measured.metric, measured.velocity or kept.velocity, measured.level or kept.level)


def _log(number: float) -> float:
    return min(math.log2(max(number, _FLOOR)), _MAX_LOG2)


def baseline_to_json(kept: Baseline) -> dict[str, Any]:
    """A baseline as a source's state keeps it."""
    return asdict(kept)


def baseline_from_json(stored: Mapping[str, Any] | None) -> Baseline | None:
    """A baseline as it was kept; None: there is none, or it is not one."""
    metric = (stored or {}).get("metric")
    if stored is None or not isinstance(metric, str):
        return None
    return Baseline(metric, _usual(stored.get("velocity")), _usual(stored.get("level")))


def _usual(stored: object) -> Usual | None:
    if not isinstance(stored, Mapping):
        return None
    try:
        kept = Usual(float(stored["median_log2"]), float(stored["spread_log2"]), int(stored["count"]))
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    is_sound = math.isfinite(kept.median_log2) and math.isfinite(kept.spread_log2) and kept.spread_log2 > 0
    return kept if is_sound and kept.count >= MIN_OBSERVATIONS else None
