"""How long a failed job waits."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from ettametta.jobs.backoff import BASE_S, CEILING_S, delay_s


@given(attempt=st.integers(-3, 10_000 // 10), seed=st.integers())
def test_between_half_and_all_of_a_doubling_wait_under_a_ceiling(attempt: int, seed: int) -> None:
    full = min(CEILING_S, BASE_S * 2.0 ** max(0, attempt - 1))
    assert full / 2 <= delay_s(attempt, rng=random.Random(seed)) <= full


def test_the_same_dice_give_the_same_wait_and_a_crowd_is_spread() -> None:
    assert delay_s(3, rng=random.Random(1)) == delay_s(3, rng=random.Random(1))
    assert len({delay_s(3) for _ in range(50)}) == 50


@given(asked=st.floats(0, 10_000))
def test_never_sooner_than_the_other_side_asked(asked: float) -> None:
    assert delay_s(1, retry_after_s=asked) >= asked


def test_no_wish_is_no_wish() -> None:
    assert delay_s(1, retry_after_s=None) <= BASE_S
    assert delay_s(1, retry_after_s=0) <= BASE_S
