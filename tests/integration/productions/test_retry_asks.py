"""Retries and going on never spend what nobody said yes to. On SQLite."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ettametta.edits import parse
from ettametta.errors import Conflict
from ettametta.productions.costing import Costing, News
from ettametta.productions.options import VideoOptions
from ettametta.productions.state import ProductionState
from tests.integration.productions.harness import House, PricedTones, open_house, settings_for


@pytest.fixture
async def priced_house(sqlite_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(settings_for(tmp_path, sqlite_url), voice=PricedTones()) as house:
        yield house


async def _stopped(house: House, stop: str) -> str:
    started = await house.start(options=VideoOptions.model_validate({"stop_after": stop}))
    await house.run_next()
    return started.id


async def test_what_was_cancelled_while_it_waited_is_priced_before_it_is_spoken(priced_house: House) -> None:
    house, service = priced_house, priced_house.resources.productions
    production = await _stopped(house, "storyboard")
    await service.cancel(production, user_id=None)
    await service.retry(production, user_id=None)
    await house.run_next()
    view = await house.see(production)
    assert view.state is ProductionState.PROPOSED
    assert await house.narrations(production) == 0


async def test_a_yes_to_an_earlier_revision_is_none_to_a_later_one(priced_house: House) -> None:
    house, resources = priced_house, priced_house.resources
    production = await _stopped(house, "narration")
    asked = (await house.see(production)).proposal
    assert asked is not None
    await resources.productions.answer(asked.id, user_id=house.person.user_id, accept=True, channel="")
    await house.run_next()  # spoken, and it waits
    longer = "Another text, of which nobody said that it may be spoken for money. " * 3
    edit = parse([{"op": "set_narration", "scene": 1, "text": longer}])
    await resources.editing.edit(production, edit, user_id=None)
    await resources.productions.cancel(production, user_id=None)
    before = await house.narrations(production)
    await resources.productions.retry(production, user_id=None)
    await house.run_next()
    assert (await house.see(production)).state is ProductionState.PROPOSED
    assert await house.narrations(production) == before


async def test_going_on_spends_nothing_on_an_edit_of_the_same_moment(
    priced_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = priced_house
    production = await _stopped(house, "visuals")
    edit = parse([{"op": "set_narration", "scene": 1, "text": "A text for money."}])

    async def free_then_edited(*_: object) -> News:
        monkeypatch.undo()
        await house.resources.editing.edit(production, edit, user_id=None)
        return News(0.0, "")

    monkeypatch.setattr(Costing, "news", free_then_edited)
    with pytest.raises(Conflict) as caught:
        await house.resources.stops.go_on(production, user_id=None)
    assert caught.value.code == "production.changed_meanwhile"
    assert await house.no_job_waits()
