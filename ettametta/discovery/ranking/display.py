"""Numbers and scores as people read them. What is not known is said to be not measured, never shown as nought."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

NOT_MEASURED = "not measured"
_ONE = {
    "views": "view",
    "likes": "like",
    "comments": "comment",
    "shares": "share",
    "points": "point",
    "stars": "star",
    "downloads": "download",
    "searches": "search",
    "uses": "use",
    "articles": "article",
    "followers": "follower",
}


def number_words(number: float) -> str:
    """A number short enough to read: 1,234, 12.5, 0.04."""
    if abs(number) >= 100 or number == int(number):
        return f"{round(number):,}"
    return f"{number:.1f}" if abs(number) >= 1 else f"{number:.2g}"


def metric_words(metric: str, number: float | None) -> str:
    """A number with what it counts: "1 point", "2,300 views", "views not measured"."""
    if number is None:
        return f"{metric} {NOT_MEASURED}"
    told = number_words(number)
    return f"{told} {_ONE.get(metric, metric) if told == '1' else metric}"


def metrics_words(metrics: Mapping[str, int], wanted: Sequence[str] = ()) -> str:
    """All numbers a source sent, in its order; of those wanted, the ones it did not send are not measured."""
    names = (*wanted, *(name for name in metrics if name not in wanted))
    return ", ".join(metric_words(name, metrics.get(name)) for name in names) or f"numbers {NOT_MEASURED}"


def velocity_words(metric: str, per_hour: float | None) -> str:
    """A growth: "46 points an hour", or that it is not measured."""
    return f"speed {NOT_MEASURED}" if per_hour is None else f"{metric_words(metric, per_hour)} an hour"


def score_words(value: float | None) -> str:
    """A part of a score as a percentage."""
    return NOT_MEASURED if value is None else f"{value:.0%}"


def times(ratio: float) -> str:
    """How many times as much as usual, to begin a sentence with."""
    if 0.95 <= ratio < 1.05:
        return "Just"
    if ratio > 100:
        return "More than 100 times"
    return "Less than a tenth" if ratio < 0.1 else f"{ratio:.1f} times"


def amount(value: float) -> float:
    """A value or weight with the digits that are kept."""
    return round(value, 4)
