"""A draft's video stays until the person said yes to the whole one. On SQLite."""

from __future__ import annotations

import pytest

from ettametta.models import Production
from ettametta.productions.costing import Costing, News
from ettametta.productions.state import ProductionState
from tests.integration.productions.harness import House


async def test_a_no_to_the_whole_one_keeps_the_draft(sqlite_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house = sqlite_house
    production = (await house.planned(1)).id
    async with house.resources.database.session_scope() as session:
        row = await session.get_one(Production, production)
        row.brief = {**row.brief, "options": {**row.brief["options"], "draft": True}}
    await house.run_next()

    async def dear(*_: object) -> News:
        return News(5.0, "Dear.")

    monkeypatch.setattr(Costing, "news", dear)
    asked = await house.resources.finishing.finish(production, user_id=None)
    assert asked.state is ProductionState.PROPOSED
    assert asked.proposal is not None
    assert len(await house.videos(production)) == 1
    said = await house.resources.productions.answer(
        asked.proposal.id, user_id=house.person.user_id, accept=True, channel=""
    )
    assert said.state is ProductionState.RENDERING
    await house.run_next()
    (whole,) = await house.videos(production)
    assert whole.checks["draft"] is False
