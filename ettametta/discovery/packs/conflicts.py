"""Where pages contradict one another: the same quantity with different values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ettametta.discovery.packs.figures import Figure

#: Exact values nearer than this are the same, rounded.
_ROUNDING = 0.02
#: "about" and "nearly" reach so far.
_ABOUT = 0.2
#: So much of the words around two numbers must agree.
_LEAST_ALIKE = 0.5
_LEAST_SHARED = 2
MAX_CONFLICTS = 20


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two pages that state the same quantity differently."""

    one: Figure
    other: Figure

    @property
    def sentence(self) -> str:
        """What a person is told."""
        return (
            f"Sources disagree: “{self.one.written}” ({self.one.url or 'your text'}) "
            f"and “{self.other.written}” ({self.other.url or 'your text'})."
        )


def conflicts_among(figures: Sequence[Figure]) -> tuple[Conflict, ...]:
    """The contradictions between figures of different pages; a page that states both values contradicts neither."""
    by_unit: dict[str, list[Figure]] = {}
    for figure in figures:
        by_unit.setdefault(figure.unit, []).append(figure)
    found: dict[tuple[object, ...], Conflict] = {}
    for alike in by_unit.values():
        for index, one in enumerate(alike):
            for other in alike[index + 1 :]:
                if _contradict(one, other) and not _is_said_by_both(one, other, alike):
                    found.setdefault((one.url, one.value, other.url, other.value), Conflict(one, other))
    return tuple(found.values())[:MAX_CONFLICTS]


def _contradict(one: Figure, other: Figure) -> bool:
    return one.url != other.url and _is_same_quantity(one, other) and not _agree(one, other)


def _is_same_quantity(one: Figure, other: Figure) -> bool:
    shared = len(one.about & other.about)
    least = min(len(one.about), len(other.about))
    return shared >= min(_LEAST_SHARED, least) > 0 and shared >= _LEAST_ALIKE * least


def _agree(one: Figure, other: Figure) -> bool:
    low, high = sorted((one, other), key=lambda figure: figure.value)
    if low.bound == "least" or high.bound == "most":
        return True
    slack = _ABOUT if "about" in (one.bound, other.bound) else _ROUNDING
    return high.value - low.value <= slack * abs(high.value)


def _is_said_by_both(one: Figure, other: Figure, alike: Sequence[Figure]) -> bool:
    """Whether a page has both: "rose from 40 to 52" holds what another page still puts at 40."""
    return any(
        (figure.url == one.url and figure.value == other.value)
        or (figure.url == other.url and figure.value == one.value)
        for figure in alike
    )
