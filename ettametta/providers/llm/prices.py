"""What language models charge for tokens: the vendor's list, and the settings over it. Money is exact (Decimal)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import TypeAlias
from urllib.parse import urlsplit

from ettametta.errors import ConfigError

_LISTED_HOST = "api.openai.com"
#: A snapshot's date at the end of a model's name; it costs what the model costs.
_DATE = re.compile(r"-\d{4}-\d{2}-\d{2}$")


@dataclass(frozen=True, slots=True)
class Tokens:
    """What one exchange took: input that was read anew, input the endpoint had cached, and output."""

    fresh_input: int
    cached_input: int
    output: int

    @classmethod
    def counted(cls, prompt: int, completion: int, cached: int = 0) -> Tokens:
        """By the API's own figures, in which the prompt includes what was cached."""
        cached = min(max(cached, 0), prompt)
        return cls(prompt - cached, cached, completion)

    @property
    def total(self) -> int:
        """All of them."""
        return self.fresh_input + self.cached_input + self.output


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens, which is the same number as micro-dollars for one."""

    fresh_input: Decimal
    cached_input: Decimal
    output: Decimal

    def microusd(self, tokens: Tokens) -> Decimal:
        """What an exchange costs, in millionths of a US dollar."""
        return (
            tokens.fresh_input * self.fresh_input
            + tokens.cached_input * self.cached_input
            + tokens.output * self.output
        )


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question to a model that may have cost something, whatever came back; what is not known is None."""

    model: str
    tokens: Tokens | None
    price: Price | None


#: Is told of every exchange, also of those that end in an error.
Meter: TypeAlias = Callable[[Exchange], None]


def unmetered(_exchange: Exchange) -> None:
    """The meter of who does not count."""


def _price(fresh_input: str, cached_input: str, output: str) -> Price:
    return Price(Decimal(fresh_input), Decimal(cached_input), Decimal(output))


#: OpenAI's standard prices (https://developers.openai.com/api/docs/pricing), as public tables that name that page gave
#: them in November 2026. They hold at OpenAI's own endpoint only.
LISTED: Mapping[str, Price] = MappingProxyType(
    {
        "gpt-5.4": _price("2.50", "0.25", "15"),
        "gpt-5.4-mini": _price("0.75", "0.075", "4.50"),
        "gpt-5.2": _price("1.75", "0.175", "14"),
        "gpt-5.1": _price("1.25", "0.125", "10"),
        "gpt-5": _price("1.25", "0.125", "10"),
        "gpt-5-mini": _price("0.25", "0.025", "2"),
        "gpt-5-nano": _price("0.05", "0.005", "0.40"),
        "gpt-4.1": _price("2", "0.50", "8"),
        "gpt-4.1-mini": _price("0.40", "0.10", "1.60"),
        "gpt-4.1-nano": _price("0.10", "0.025", "0.40"),
        "gpt-4o": _price("2.50", "1.25", "10"),
        "gpt-4o-mini": _price("0.15", "0.075", "0.60"),
    }
)


class Prices:
    """The prices of an installation, by model."""

    def __init__(self, known: Mapping[str, Price] = MappingProxyType({})) -> None:
        self._known = dict(known)

    def of(self, model: str) -> Price | None:
        """A model's price, or that of the model a dated snapshot is of; None: unknown."""
        return self._known.get(model) or self._known.get(_DATE.sub("", model))


#: Nothing is known.
NO_PRICES = Prices()


def build_prices(
    *, base_url: str, said: str = "", model: str = "", input_usd: float | None = None, output_usd: float | None = None
) -> Prices:
    """The prices at an endpoint: the vendor's list where it holds, and over it what the settings say.

    Args:
        base_url: the endpoint.
        said: `ETTAMETTA_MODEL_PRICES`: name=input/output or name=input/cached/output, apart by commas.
        model: the model that `input_usd` and `output_usd` are of (both or none count).
        input_usd: US dollars for a million input tokens.
        output_usd: likewise for output tokens.

    Raises:
        ConfigError: `model.prices`, `said` cannot be read.
    """
    known = dict(LISTED) if urlsplit(base_url).hostname == _LISTED_HOST else {}
    if input_usd is not None and output_usd is not None:
        one = Decimal(str(input_usd))
        known[model] = Price(one, one, Decimal(str(output_usd)))
    return Prices({**known, **dict(_read(part) for part in said.split(",") if part.strip())})


def _read(part: str) -> tuple[str, Price]:
    name, _, amounts = part.strip().rpartition("=")
    try:
        usd = [Decimal(amount) for amount in amounts.split("/")]
    except InvalidOperation:
        usd = []
    if not name.strip() or len(usd) not in (2, 3) or not all(one.is_finite() and one >= 0 for one in usd):
        raise ConfigError(
            f"The setting ETTAMETTA_MODEL_PRICES has a price that cannot be read: {part.strip()[:60]}.",
            hint="Write name=input/output or name=input/cached/output in US dollars for a million tokens.",
            code="model.prices",
        )
    return name.strip(), Price(usd[0], usd[-2], usd[-1])
