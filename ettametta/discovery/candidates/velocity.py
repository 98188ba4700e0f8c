"""How fast a number grows, measured between snapshots. One snapshot measures nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, get_args

from ettametta.discovery.items import Metric

#: Two snapshots nearer than this measure the source's cache more than the growth.
MIN_SPAN = timedelta(minutes=10)
#: A number that fell to less than this part of itself was counted anew.
_RESET_BELOW = 0.5
_MAX_VALUE = 2**63 - 1
_KNOWN: frozenset[str] = frozenset(get_args(Metric))
#: Which number leads where the source does not say.
_LEADING: tuple[Metric, ...] = (
    "views", "points", "likes", "downloads", "searches", "stars", "uses", "articles", "comments", "shares", "followers",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The numbers of a sighting at one moment; a number that is not there was not sent."""

    at: datetime
    metrics: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Velocity:
    """A measured growth."""

    #: of the number per hour; negative when it falls
    per_hour: float
    #: growth of the growth, per hour and hour; None: one interval only
    acceleration: float | None
    #: the interval it was measured over, in hours
    span_h: float


def known_metrics(metrics: Mapping[Any, Any]) -> dict[str, int]:
    """The numbers of a source that can be believed: whole, not negative, of a known name. Others count as not sent."""
    return {
        str(name): value
        for name, value in metrics.items()
        if name in _KNOWN and isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MAX_VALUE
    }


def leading_metric(metrics: Mapping[str, int], declared: Sequence[Metric] = ()) -> Metric | None:
    """The number that stands for the item: the first of those the source declares that it sent; None: it sent none."""
    return next((name for name in (*declared, *_LEADING) if name in metrics), None)


def velocity(snapshots: Sequence[Snapshot], metric: Metric) -> Velocity | None:
    """The growth of `metric` over the newest interval of at least ten minutes; None: it cannot be measured.

    A fall to less than half is a counter that began anew: what was before is left out. The acceleration is the change
    of velocity between the two newest intervals over the time between their middles.
    """
    points = _since_reset(
        [(one.at, one.metrics[metric]) for one in sorted(snapshots, key=_moment) if metric in one.metrics]
    )
    newest = _interval(points)
    if newest is None:
        return None
    before = _interval(points[: newest[0] + 1])
    acceleration = None
    if before is not None:
        hours = (_middle(points, newest) - _middle(points, before)) / timedelta(hours=1)
        acceleration = (_growth(points, newest) - _growth(points, before)) / hours
    span_h = (points[newest[1]][0] - points[newest[0]][0]) / timedelta(hours=1)
    return Velocity(_growth(points, newest), acceleration, span_h)


def _moment(snapshot: Snapshot) -> datetime:
    return snapshot.at


_Points = Sequence[tuple[datetime, int]]


def _since_reset(points: _Points) -> _Points:
    start = 0
    for index in range(1, len(points)):
        if points[index][1] < points[index - 1][1] * _RESET_BELOW:
            start = index
    return points[start:]


def _interval(points: _Points) -> tuple[int, int] | None:
    """Indexes of the last point and of the newest that is long enough before it."""
    last = len(points) - 1
    return next(
        ((index, last) for index in range(last - 1, -1, -1) if points[last][0] - points[index][0] >= MIN_SPAN), None
    )


def _growth(points: _Points, interval: tuple[int, int]) -> float:
    (start, first), (end, second) = points[interval[0]], points[interval[1]]
    return (second - first) / ((end - start) / timedelta(hours=1))


def _middle(points: _Points, interval: tuple[int, int]) -> datetime:
    start, end = points[interval[0]][0], points[interval[1]][0]
    return start + (end - start) / 2
