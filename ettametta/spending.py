"""What was spent: a usage row for every exchange with a language model, and what is left of a person's budget."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy import func, select

from ettametta.db import Database
from ettametta.errors import InvalidInput
from ettametta.kit.clock import utc_now
from ettametta.kit.ids import new_id
from ettametta.models import Usage, User
from ettametta.providers.llm.prices import Exchange

PROVIDER = "llm"
#: The largest budget that can be set, in US dollars.
MAX_BUDGET_USD = 1_000_000.0


def usage_rows(
    exchanges: Iterable[Exchange], *, user_id: str, production_id: str | None = None, turn_id: str | None = None
) -> list[Usage]:
    """Rows for exchanges: fresh input, cached input, output. Each costs its tokens times its price; unknown is NULL."""
    rows = []
    for exchange in exchanges:
        key = new_id()
        rows += [
            Usage(
                user_id=user_id,
                production_id=production_id,
                turn_id=turn_id,
                idempotency_key=f"{PROVIDER}:{key}:{unit}",
                provider=PROVIDER,
                model=exchange.model[:100],
                unit=unit,
                quantity=quantity,
                cost_microusd=None if quantity is None or usd is None else _whole(quantity * usd),
            )
            for unit, quantity, usd in _parts(exchange)
        ]
    return rows


def _parts(exchange: Exchange) -> list[tuple[str, int | None, Decimal | None]]:
    tokens, price = exchange.tokens, exchange.price
    if tokens is None:
        return [("tokens_in", None, None), ("tokens_out", None, None)]
    parts: list[tuple[str, int | None, Decimal | None]] = [
        ("tokens_in", tokens.fresh_input, price.fresh_input if price else None),
        ("tokens_out", tokens.output, price.output if price else None),
    ]
    if tokens.cached_input:
        parts.append(("tokens_cached", tokens.cached_input, price.cached_input if price else None))
    return parts


def _whole(microusd: Decimal) -> int:
    return int(microusd.quantize(Decimal(1), ROUND_HALF_UP))


class Spending:
    """Writes usage down and adds it up.

    Args:
        budget_usd: what one person may spend in a calendar month (UTC), unless they have a budget of their own.
    """

    def __init__(
        self, database: Database, *, budget_usd: float | None = None, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self._database = database
        self._budget_usd = budget_usd
        self._now = clock

    async def record(self, exchange: Exchange, *, user_id: str, turn_id: str) -> None:
        """Write down one exchange of a turn of conversation."""
        async with self._database.session_scope() as session:
            session.add_all(usage_rows([exchange], user_id=user_id, turn_id=turn_id))

    async def of_turn(self, turn_id: str) -> int:
        """What a turn has cost so far, in micro-dollars, as far as it is known."""
        async with self._database.read_scope() as session:
            spent = await session.scalar(select(func.sum(Usage.cost_microusd)).where(Usage.turn_id == turn_id))
        return int(spent or 0)

    async def this_month(self, user_id: str) -> int:
        """What a person has spent in this calendar month (UTC) on everything, in micro-dollars, as far as known."""
        first = self._now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        wanted = select(func.sum(Usage.cost_microusd)).where(Usage.user_id == user_id, Usage.created_at >= first)
        async with self._database.read_scope() as session:
            return int(await session.scalar(wanted) or 0)

    async def budget(self, user_id: str) -> int | None:
        """What a person may spend in a month, in micro-dollars: their own, else the installation's; None: no limit."""
        async with self._database.read_scope() as session:
            own = (await session.get_one(User, user_id)).budget_microusd
        if own is None and self._budget_usd is not None:
            return round(self._budget_usd * 1e6)
        return own

    async def left(self, user_id: str) -> int | None:
        """What is left of the month's budget, in micro-dollars, at least 0; None: there is no budget."""
        budget = await self.budget(user_id)
        return None if budget is None else max(0, budget - await self.this_month(user_id))

    async def set_budget(self, user_id: str, usd: float | None) -> None:
        """Give a person a monthly budget of their own, in US dollars; None: the installation's holds again.

        Raises:
            InvalidInput: it is negative, or beyond all reason.
        """
        if usd is not None and not 0 <= usd <= MAX_BUDGET_USD:
            raise InvalidInput(
                "That is no budget.",
                hint=f"Give US dollars for a month, from 0 to {MAX_BUDGET_USD:,.0f}.",
                code="budget.out_of_range",
            )
        async with self._database.session_scope() as session:
            (await session.get_one(User, user_id)).budget_microusd = None if usd is None else round(usd * 1e6)
