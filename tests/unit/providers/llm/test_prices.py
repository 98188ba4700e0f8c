"""What tokens cost: the list, the settings over it, and sums that are exact."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest

from ettametta.errors import ConfigError
from ettametta.models import Usage
from ettametta.providers.llm.prices import LISTED, Exchange, Price, Tokens, build_prices
from ettametta.spending import usage_rows

OPENAI = "https://api.openai.com/v1"
LOCAL = "http://127.0.0.1:11434/v1"


def test_the_list_holds_at_its_own_endpoint_only() -> None:
    assert build_prices(base_url=OPENAI).of("gpt-5-mini") == Price(Decimal("0.25"), Decimal("0.025"), Decimal(2))
    assert build_prices(base_url=LOCAL).of("gpt-5-mini") is None
    assert build_prices(base_url="https://api.openai.com.evil.example/v1").of("gpt-5-mini") is None


def test_a_snapshot_costs_what_its_model_costs() -> None:
    prices = build_prices(base_url=OPENAI, said="gpt-4o-2024-05-13=5/15")
    assert prices.of("gpt-5-mini-2025-08-07") == LISTED["gpt-5-mini"]
    assert prices.of("gpt-4o-2024-11-20") == LISTED["gpt-4o"]
    assert prices.of("gpt-4o-2024-05-13") == Price(Decimal(5), Decimal(5), Decimal(15))
    assert prices.of("gpt-5-minix") is None
    assert prices.of("") is None


def test_the_settings_go_over_the_list() -> None:
    prices = build_prices(
        base_url=OPENAI, said="gpt-5=1/0.1/9, org/m:free=0/0", model="gpt-5-mini", input_usd=0.3, output_usd=3.0
    )
    assert prices.of("gpt-5") == Price(Decimal(1), Decimal("0.1"), Decimal(9))
    assert prices.of("gpt-5-mini") == Price(Decimal("0.3"), Decimal("0.3"), Decimal(3))
    free = prices.of("org/m:free")
    assert free is not None
    assert free.microusd(Tokens(10**9, 0, 10**9)) == 0
    assert build_prices(base_url=LOCAL, model="m", input_usd=1.0).of("m") is None


@pytest.mark.parametrize(
    "said", ["gpt-5", "gpt-5=1", "=1/2", "m=1/2/3/4", "m=a/b", "m=-1/2", "m=NaN/1", "m=1/Infinity"]
)
def test_a_price_that_cannot_be_read_is_named(said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        build_prices(base_url=OPENAI, said=said)
    assert caught.value.code == "model.prices"
    assert said in caught.value.message


def test_the_cached_part_is_part_of_the_prompt() -> None:
    assert Tokens.counted(1_000, 50, 400) == Tokens(600, 400, 50)
    assert Tokens.counted(10, 1, 99) == Tokens(0, 10, 1)
    assert Tokens.counted(10, 1, -5).total == 11


def test_cached_input_is_never_dearer_than_fresh_and_output_never_cheaper() -> None:
    for price in LISTED.values():
        assert all(less < more for less, more in pairwise((price.cached_input, price.fresh_input, price.output)))


def _cost(rows: list[Usage]) -> int:
    return sum(row.cost_microusd or 0 for row in rows)


def test_rows_add_up_to_tokens_times_price_to_the_cent() -> None:
    price = Price(Decimal("0.25"), Decimal("0.025"), Decimal(2))
    exchanges = [Exchange("m", Tokens(1_000 + 7 * number, 311 * number, 13 * number), price) for number in range(500)]
    rows = usage_rows(exchanges, user_id="u", turn_id="t")
    exact = sum((price.microusd(one.tokens) for one in exchanges if one.tokens), Decimal())
    assert abs(_cost(rows) - exact) <= Decimal("0.5") * len(rows)
    assert round(_cost(rows) / 10_000) == round(exact / 10_000)  # cents
    assert {row.turn_id for row in rows} == {"t"}
    assert len({row.idempotency_key for row in rows}) == len(rows)


def test_unknown_is_null_and_free_is_zero() -> None:
    price = Price(Decimal(0), Decimal(0), Decimal(0))
    uncounted, unpriced, free = (
        [(row.unit, row.quantity, row.cost_microusd) for row in usage_rows([one], user_id="u")]
        for one in (
            Exchange("m", None, price),
            Exchange("m", Tokens(1, 0, 2), None),
            Exchange("m", Tokens(1, 0, 2), price),
        )
    )
    assert uncounted == [("tokens_in", None, None), ("tokens_out", None, None)]
    assert unpriced == [("tokens_in", 1, None), ("tokens_out", 2, None)]
    assert free == [("tokens_in", 1, 0), ("tokens_out", 2, 0)]
