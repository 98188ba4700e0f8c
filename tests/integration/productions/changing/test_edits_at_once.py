"""Edits that meet: two at once, and one while its production is rendered. On SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ettametta.edits import parse
from ettametta.errors import Conflict
from ettametta.models import Revision
from ettametta.productions.state import ProductionState
from ettametta.productions.values import EditView
from tests.integration.productions.harness import House

SAY = {"op": "set_narration", "scene": 2, "text": "Rings of glass bend it."}


async def _edit(house: House, production_id: str, *operations: dict[str, Any], base: int | None = None) -> EditView:
    asked = parse(list(operations))
    return await house.resources.editing.edit(production_id, asked, user_id=house.person.user_id, base=base)


async def test_an_edit_stops_the_render_under_way(house: House) -> None:
    production = (await house.planned(2)).id
    old = await house.claim()
    await _edit(house, production, {"op": "delete_scene", "scene": 2})
    assert await house.resources.ledger.cancel_requests("ann") == {old.job.id}
    assert await house.resources.ledger.mark_cancelled(old.job)
    view = await house.see(production)
    assert (view.state, view.revision) == (ProductionState.RENDERING, 2)
    assert (await house.run_next())["segments_encoded"] == 1
    assert (await house.see(production)).state is ProductionState.RENDERED


async def test_an_edit_of_a_revision_that_is_not_current_is_refused(house: House) -> None:
    production = (await house.planned(2)).id
    await _edit(house, production, SAY, base=1)
    with pytest.raises(Conflict, match="at revision 2 now") as caught:
        await _edit(house, production, SAY, base=1)
    assert caught.value.code == "production.changed_meanwhile"


async def test_edits_at_the_same_moment_all_count(house: House) -> None:
    production = (await house.planned(3)).id
    texts = [{"op": "set_narration", "scene": number, "text": f"Said by {number}."} for number in (1, 2, 3)]
    await asyncio.gather(*(_edit(house, production, one) for one in texts))
    board = (await house.resources.editing.storyboard(production, user_id=None)).storyboard
    assert [scene.narration for scene in board.scenes] == ["Said by 1.", "Said by 2.", "Said by 3."]
    assert await house.count(Revision) == 4
