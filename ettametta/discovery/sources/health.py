"""How a source is: one pure judgement of how it last answered, with the sentence people read and when to ask again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from ettametta.discovery.sources.base import SourceInfo
from ettametta.errors import EttamettaError, InvalidInput, Refused, TransientError

#: Nothing under this is slow, however quick the source usually is, in seconds.
MIN_SLOW_S = 3.0
#: So many times the usual is slow.
SLOW_FACTOR = 3.0
_FIRST_REST = {
    "failing": timedelta(minutes=1),
    "blocked": timedelta(minutes=30),
    "needs_key": timedelta(minutes=10),
}
_LONGEST_REST = timedelta(hours=6)
_KEY_CODES = ("source.no_key", "source.key")


class State(StrEnum):
    """How a source is."""

    OK = "ok"
    #: it answers, later than it usually does
    SLOW = "slow"
    #: it does not answer, or with what cannot be read
    FAILING = "failing"
    #: it does not let us in
    BLOCKED = "blocked"
    #: a setting is missing, or the key in it is not accepted
    NEEDS_KEY = "needs_key"


@dataclass(frozen=True, slots=True)
class Health:
    """A judgement: the state, and one sentence for people."""

    state: State
    sentence: str


def judge(info: SourceInfo, error: EttamettaError | None, duration_s: float, usual_s: float | None = None) -> Health:
    """How a source is by how it answered.

    Args:
        info: the source.
        error: what ended the search; None: it ended well.
        duration_s: of the whole search, in seconds.
        usual_s: what it took the last time it ended well; None: not known.
    """
    if error is not None:
        return Health(_failure(error), error.message)
    took = f"{info.title} answered in {duration_s:.1f} s"
    if duration_s <= max(MIN_SLOW_S, SLOW_FACTOR * (usual_s or 0.0)):
        return Health(State.OK, f"{took}.")
    usual = f"; {usual_s:.1f} s is usual" if usual_s is not None else ", which is slow"
    return Health(State.SLOW, f"{took}{usual}.")


def late(info: SourceInfo, item_count: int) -> Health:
    """How a source is that had not given all it has when the deadline came."""
    if item_count:
        return Health(State.SLOW, f"{info.title} had not given all it has when the deadline came.")
    return Health(State.FAILING, f"{info.title} had given nothing when the deadline came.")


def _failure(error: EttamettaError) -> State:
    if error.code in _KEY_CODES:
        return State.NEEDS_KEY
    return State.BLOCKED if isinstance(error, Refused) else State.FAILING


def rest(error: EttamettaError, failures: int, *, has_address: bool = True) -> timedelta:
    """How long a source is left alone after failing so many times in a row (1: the first).

    Twice as long each time, up to six hours, and never less than it asked for (Retry-After). A key that is not set
    costs nobody a request: such a source may be asked again at once, as soon as the key is there. An address that
    cannot be read is asked again when the person has changed it; what a source without one cannot read are the words
    of one niche, and the next niche has others.
    """
    if error.code == "source.no_key":
        return timedelta()
    first = _LONGEST_REST if isinstance(error, InvalidInput) and has_address else _FIRST_REST[_failure(error)]
    doubled = min(_LONGEST_REST, first * (1 << min(max(failures - 1, 0), 16)))
    asked_s = error.retry_after_s if isinstance(error, TransientError) else None
    return max(doubled, timedelta(seconds=asked_s or 0.0))
