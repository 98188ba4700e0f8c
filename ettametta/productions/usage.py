"""Rows for what a language model was asked in a step of a production, whether the step ends well or not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ettametta.db import Database
from ettametta.models import Production
from ettametta.providers.llm.prices import Exchange, Meter
from ettametta.spending import usage_rows


@asynccontextmanager
async def metered(database: Database, production: Production) -> AsyncIterator[Meter]:
    """Around a step that may ask a model: gives the meter, and writes down what it was told of when the step ends."""
    exchanges: list[Exchange] = []
    try:
        yield exchanges.append
    finally:
        if exchanges:
            async with database.session_scope() as session:
                session.add_all(usage_rows(exchanges, user_id=production.user_id, production_id=production.id))
