"""Learning from picks: the right way, bounded, near the defaults, and the same each time."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from ettametta.discovery.ranking.learning import MIN_PAIRS, Choice, Pair, explain, learn, pairs_of, values_of
from ettametta.discovery.ranking.weights import (
    DEFAULT_WEIGHTS,
    DEFAULTS,
    MAX_FACTOR,
    weights_from_json,
    weights_to_json,
)
from tests.unit.discovery.ranking.doubles import HOUR, NOW

_FAST = {"relevance": 0.5, "velocity": 0.9, "spread": 0.0}
_WIDE = {"relevance": 0.5, "velocity": 0.1, "spread": 0.75}
_values = st.dictionaries(st.sampled_from(sorted(DEFAULT_WEIGHTS)), st.floats(0, 1))


def test_picking_wide_or_fast_stories_makes_that_part_count_more() -> None:
    learned = learn([Pair(_WIDE, _FAST)] * 10)
    assert learned["spread"] > DEFAULT_WEIGHTS["spread"]
    assert learned["velocity"] < DEFAULT_WEIGHTS["velocity"]
    other = learn([Pair(_FAST, _WIDE)] * 10)
    assert other["velocity"] > DEFAULT_WEIGHTS["velocity"]
    assert other["novelty"] == DEFAULT_WEIGHTS["novelty"]


def test_more_choices_move_more_and_a_thousand_do_not_run_away() -> None:
    moved = [learn([Pair(_WIDE, _FAST)] * count).factor("spread") for count in (3, 10, 100, 1000)]
    assert moved == sorted(moved)
    assert 1.0 < moved[0] < moved[-1] < MAX_FACTOR


@given(st.lists(st.builds(Pair, _values, _values), max_size=15))
@settings(max_examples=40)
def test_weights_stay_within_their_bounds(pairs: list[Pair]) -> None:
    learned = learn(pairs)
    for name, default in DEFAULT_WEIGHTS.items():
        assert default / MAX_FACTOR <= learned[name] <= default * MAX_FACTOR
    assert learned == learn(pairs)
    assert weights_from_json(weights_to_json(learned)).pair_count == learned.pair_count


def test_contradictions_and_few_choices_leave_the_defaults() -> None:
    assert learn([Pair(_FAST, _WIDE)] * (MIN_PAIRS - 1)) == DEFAULTS
    learned = learn([Pair(_FAST, _WIDE), Pair(_WIDE, _FAST)] * 20)
    assert all(abs(learned.factor(name) - 1) < 0.3 for name in DEFAULT_WEIGHTS)


def _choice(key: str, hours: int, *, is_picked: bool) -> Choice:
    return Choice(key, is_picked, _FAST if is_picked else _WIDE, NOW + hours * HOUR)


def test_pairs_are_of_choices_made_together() -> None:
    picks = [_choice("a", 0, is_picked=True), _choice("b", 200, is_picked=True)]
    waved = [_choice("c", 1, is_picked=False), _choice("d", 100, is_picked=False)]
    assert pairs_of([*picks, *waved]) == (Pair(_FAST, _WIDE),)
    assert pairs_of([_choice("c", -1, is_picked=True), *waved[:1]]) == ()
    assert pairs_of([Choice("e", True, {}, NOW), *waved]) == ()


def test_only_measured_values_are_learned_from() -> None:
    stored = {"velocity": {"value": None}, "spread": {"value": 0.5}, "novelty": {"value": True}, "relevance": 3}
    assert dict(values_of(stored)) == {"spread": 0.5}


def test_what_was_learned_is_told() -> None:
    assert explain(DEFAULTS) == ("Nothing learned yet: every part counts as at first.",)
    told = explain(learn([Pair(_WIDE, _FAST)] * 10))
    assert told[0] == "Learned from 10 pairs of a story you picked and one you dismissed."
    assert any(line.startswith("Spread counts 1.") for line in told)


def test_kept_weights_that_are_nonsense_are_mended() -> None:
    odd = {"weights": {"velocity": 1e9, "spread": "x", "novelty": float("nan")}, "pair_count": True}
    weights = weights_from_json(odd)
    assert weights["velocity"] == DEFAULT_WEIGHTS["velocity"] * MAX_FACTOR
    assert weights["spread"] == DEFAULT_WEIGHTS["spread"]
    assert weights["novelty"] == DEFAULT_WEIGHTS["novelty"]
    assert weights.pair_count == 0
    assert weights_from_json(None) == DEFAULTS
