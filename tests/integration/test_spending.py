"""Sums of usage, months and budgets, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from ettametta.db import Database
from ettametta.errors import InvalidInput
from ettametta.models import Usage, User
from ettametta.providers.llm.prices import Exchange, Price, Tokens
from ettametta.spending import Spending

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
PRICE = Price(Decimal(1), Decimal("0.5"), Decimal(10))


async def _user(database: Database, name: str) -> str:
    async with database.session_scope() as session:
        user = User(name=name)
        session.add(user)
    return user.id


async def _spent(database: Database, user_id: str, usd: float | None, at: datetime) -> None:
    async with database.session_scope() as session:
        cost = None if usd is None else round(usd * 1e6)
        key = f"{user_id}{at.isoformat()}{usd}"
        session.add(
            Usage(user_id=user_id, idempotency_key=key, provider="p", unit="images", cost_microusd=cost, created_at=at)
        )


async def test_a_turns_exchanges_add_up(database: Database) -> None:
    user = await _user(database, "Ada")
    spending = Spending(database)
    assert await spending.of_turn("t") == 0
    await spending.record(Exchange("m", Tokens(100, 50, 10), PRICE), user_id=user, turn_id="t")
    await spending.record(Exchange("m", None, PRICE), user_id=user, turn_id="t")
    await spending.record(Exchange("m", Tokens(1, 0, 1), PRICE), user_id=user, turn_id="other")
    assert await spending.of_turn("t") == 100 + 25 + 100


async def test_a_month_is_a_calendar_month_of_one_person(database: Database) -> None:
    ada, bob = await _user(database, "Ada"), await _user(database, "Bob")
    first = NOW.replace(day=1, hour=0)
    for usd, at in ((1.0, first), (0.25, NOW), (None, NOW), (9.0, first - timedelta(seconds=1))):
        await _spent(database, ada, usd, at)
    await _spent(database, bob, 5.0, NOW)
    spending = Spending(database, budget_usd=4.0, clock=lambda: NOW)
    assert await spending.this_month(ada) == 1_250_000
    assert (await spending.left(ada), await spending.left(bob)) == (2_750_000, 0)
    assert await Spending(database, clock=lambda: NOW).left(ada) is None


async def test_a_budget_of_ones_own_goes_over_the_installations(database: Database) -> None:
    ada = await _user(database, "Ada")
    spending = Spending(database, budget_usd=4.0, clock=lambda: NOW)
    await spending.set_budget(ada, 0.5)
    assert await spending.budget(ada) == 500_000
    await spending.set_budget(ada, 0)
    assert await spending.budget(ada) == 0
    await spending.set_budget(ada, None)
    assert await spending.budget(ada) == 4_000_000
    for wrong in (-0.01, float("nan"), float("inf")):
        with pytest.raises(InvalidInput):
            await spending.set_budget(ada, wrong)
