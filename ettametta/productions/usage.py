"""Rows for what a language model was asked in a step of a production."""

from __future__ import annotations

from collections.abc import Sequence

from ettametta.models import Production, Usage
from ettametta.productions.writing import Use


def model_usage(production: Production, step: str, key: str, uses: Sequence[Use]) -> list[Usage]:
    """Rows for what was asked of a model: its cost stands with the tokens that went in; unknown is NULL."""
    return [
        Usage(
            user_id=production.user_id,
            production_id=production.id,
            idempotency_key=f"{step}:{key}:{number}:{unit}",
            provider="llm",
            model=use.model,
            unit=unit,
            quantity=quantity,
            cost_microusd=cost,
        )
        for number, use in enumerate(uses)
        for unit, quantity, cost in (
            ("tokens_in", use.input_tokens, None if use.cost_usd is None else round(use.cost_usd * 1e6)),
            ("tokens_out", use.output_tokens, None if use.cost_usd is None else 0),
        )
    ]
