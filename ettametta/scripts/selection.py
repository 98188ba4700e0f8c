"""Chooses the sentences that together fill a given number of words best: a beam search in source order.

Source order and kept neighbours make it flow; a sentence that points back comes only right after the one it
points to; likeness to what is chosen counts against a sentence (maximal marginal relevance, Carbonell and
Goldstein, 1998).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ettametta.scripts.ranking import Candidate, Ranked

_BUCKETS = 25
_PER_BUCKET = 6
_NEIGHBOUR_BONUS = 0.05
_FILLER_SCORE = 0.3
_REPEAT_COST = 0.5
_CROWDING_COST = 0.07
_ENDING_WEIGHT = 1.3
#: Likeness up to this is the common subject, not repetition.
_COMMON_LIKENESS = 0.12
_HOOK_WEIGHT = 1.2
_MOVED_COST = 0.25
_MOVED_TRIED = 3
#: The length aimed at may be missed by this much.
LEAST_SHARE = 0.92
MOST_SHARE = 1.04


@dataclass(frozen=True, slots=True)
class _State:
    chosen: tuple[int, ...]
    length: float
    value: float


def select(ranked: Ranked, target_words: float) -> tuple[Candidate, ...]:
    """The best run of candidates of about the target length, the hook first; fewer when the text has no more."""
    if not ranked.candidates:
        return ()
    moved = sorted((one for one in ranked.candidates if not one.depends), key=lambda one: one.hook, reverse=True)[
        :_MOVED_TRIED
    ]
    runs = [_search(ranked, target_words, None), *(_search(ranked, target_words, one) for one in moved)]
    best = max((run for run in runs if run is not None), key=lambda run: _rating(run, target_words), default=None)
    if best is not None:
        return tuple(ranked.candidates[index] for index in best.chosen)
    if any(one.depends for one in ranked.candidates):
        return select(_all_alone(ranked), target_words)
    return ()


def _all_alone(ranked: Ranked) -> Ranked:
    """The same candidates with none leaning on another: for a text in which every sentence does."""
    return Ranked(tuple(replace(one, depends=False) for one in ranked.candidates), ranked.likeness)


def _rating(run: _State, target: float) -> tuple[bool, float]:
    """Runs of the right length come before all others; among the others the fuller is better."""
    fits = run.length >= target * LEAST_SHARE
    return fits, run.value if fits else run.length


def _search(ranked: Ranked, target: float, opener: Candidate | None) -> _State | None:
    """The best run; with an opener, the best that begins with that sentence out of its place."""
    start = _State((), 0.0, 0.0)
    if opener is not None:
        start = _State((opener.index,), opener.length, _worth(opener) + _HOOK_WEIGHT * opener.hook - _MOVED_COST)
    states = [start]
    for candidate in ranked.candidates:
        if opener is not None and candidate.index == opener.index:
            continue
        grown = [state for old in states if (state := _extended(ranked, old, candidate, target, opener)) is not None]
        states = _pruned([*states, *grown], target)
    finished = [_finished(ranked, state) for state in states if state.chosen]
    return max(finished, key=lambda state: _rating(state, target), default=None)


def _worth(candidate: Candidate) -> float:
    """A sentence is worth what it has over a filler, for the time it takes."""
    return float((candidate.score - _FILLER_SCORE) * (candidate.length / 12) ** 0.8)


def _extended(
    ranked: Ranked, state: _State, candidate: Candidate, target: float, opener: Candidate | None
) -> _State | None:
    if state.length + candidate.length > target * MOST_SHARE:
        return None
    last = state.chosen[-1] if state.chosen else -1
    moved_last = opener is not None and last == opener.index and len(state.chosen) == 1
    neighbour = last == candidate.index - 1 and last >= 0 and not moved_last
    if candidate.depends and not (neighbour and candidate.follows):
        return None
    value = _worth(candidate)
    if state.chosen:
        value -= _REPEAT_COST * _repeats(ranked, state, candidate) + _crowding(ranked, state, candidate)
    else:
        value += _HOOK_WEIGHT * candidate.hook
    return _State(
        (*state.chosen, candidate.index),
        state.length + candidate.length,
        state.value + value + _NEIGHBOUR_BONUS * neighbour,
    )


def _repeats(ranked: Ranked, state: _State, candidate: Candidate) -> float:
    """How much a sentence says again what is said already, from 0 to 1."""
    likeness = max(float(ranked.likeness[candidate.index, index]) for index in state.chosen)
    return max(0.0, likeness - _COMMON_LIKENESS)


def _crowding(ranked: Ranked, state: _State, candidate: Candidate) -> float:
    """What a further sentence of the same paragraph costs: a short video should get on."""
    place = (candidate.item, candidate.paragraph)
    chosen = (ranked.candidates[index] for index in state.chosen)
    same = sum((one.item, one.paragraph) == place for one in chosen)
    return _CROWDING_COST * same


def _finished(ranked: Ranked, state: _State) -> _State:
    """With what the last line is worth as an ending: from the end of the text, and of its paragraph."""
    last = ranked.candidates[state.chosen[-1]]
    late = last.index / max(len(ranked.candidates) - 1, 1)
    closes = 1.0 if last.closes else 0.3
    return _State(state.chosen, state.length, state.value + _ENDING_WEIGHT * late**2 * closes * last.score)


def _pruned(states: Iterable[_State], target: float) -> list[_State]:
    """The best few of each length."""
    buckets: dict[int, list[_State]] = {}
    for state in states:
        buckets.setdefault(int(_BUCKETS * state.length / target), []).append(state)
    kept: list[_State] = []
    for bucket in buckets.values():
        bucket.sort(key=lambda state: state.value, reverse=True)
        kept += bucket[:_PER_BUCKET]
    return kept
