"""What a fact about a creator may be about."""

from __future__ import annotations

from enum import StrEnum

from ettametta.errors import InvalidInput


class FactKind(StrEnum):
    """brand: who they are. taste: what they like. avoid: what must never be. pronounce: how a name is said."""

    BRAND = "brand"
    TASTE = "taste"
    AVOID = "avoid"
    PRONOUNCE = "pronounce"
    OTHER = "other"


def fact_kind(name: str) -> FactKind:
    """The kind of that name.

    Raises:
        InvalidInput: there is none.
    """
    try:
        return FactKind(name.strip().lower())
    except ValueError:
        raise InvalidInput(
            f"There is no kind of fact called {name[:30]}.", hint=f"Choose {', '.join(FactKind)}.", code="fact.kind"
        ) from None
