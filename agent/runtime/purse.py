"""The money of one turn: every exchange with the model becomes usage rows, and a limit or a spent budget ends it."""

from __future__ import annotations

from ettametta.errors import ModelError, Refused
from ettametta.providers.llm.prices import Exchange, Prices, Tokens
from ettametta.spending import Spending


class Purse:
    """What a turn has spent and may spend, in micro-dollars. What has no known price is not counted."""

    def __init__(self, spending: Spending, prices: Prices, *, user_id: str, turn_id: str) -> None:
        self._spending = spending
        self._prices = prices
        self._user_id = user_id
        self._turn_id = turn_id
        self._left: float | None = None
        self._spent = 0.0

    async def open(self) -> None:
        """Look up what this turn has spent before (a crash may have cut it off), and what the month's budget leaves.

        Raises:
            Refused: `budget.spent`.
        """
        self._spent = await self._spending.of_turn(self._turn_id)
        left = await self._spending.left(self._user_id)
        self._left = None if left is None else left + self._spent
        self._check_budget()

    def check(self, limit_usd: float | None) -> None:
        """Prove that one more exchange may be begun.

        Raises:
            Refused: `budget.spent`.
            ModelError: `model.money`, the turn has cost its limit.
        """
        self._check_budget()
        if limit_usd is not None and self._spent >= limit_usd * 1e6:
            raise ModelError(
                f"This turn has cost its limit of ${limit_usd:g}.",
                hint="Ask for less at once, or raise ETTAMETTA_TURN_USD.",
                code="model.money",
            )

    def _check_budget(self) -> None:
        if self._left is not None and self._spent >= self._left:
            raise Refused(
                "Your budget for this month is spent, so the language model is not asked.",
                hint="Raise it, or wait for the next month.",
                code="budget.spent",
            )

    async def pay(self, model: str, tokens: Tokens | None, *, guess: int) -> None:
        """Write down an exchange. Where the endpoint counted nothing, the row says so; `guess` only nears the limit."""
        price = self._prices.of(model)
        await self._spending.record(Exchange(model, tokens, price), user_id=self._user_id, turn_id=self._turn_id)
        if price is not None:
            self._spent += float(price.microusd(tokens or Tokens(guess, 0, 0)))
