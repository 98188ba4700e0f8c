"""Stopping after the script, the storyboard or the narration, going on, and saved wishes. On SQLite."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ettametta.edits import parse
from ettametta.errors import Conflict, InvalidInput, NotFound
from ettametta.models import Production
from ettametta.productions.options import VideoOptions
from ettametta.productions.presets import DEFAULT
from ettametta.productions.state import ProductionState
from ettametta.storyboard import CaptionStyle, Music
from tests.integration.productions.harness import House, PricedTones, open_house, settings_for


async def _stopped(house: House, stop: str, **options: Any) -> str:
    started = await house.start(options=VideoOptions.model_validate({"stop_after": stop, **options}))
    await house.run_next()
    return started.id


@pytest.mark.parametrize(("stop", "revision"), [("script", None), ("storyboard", 1), ("visuals", 1)])
async def test_it_waits_where_it_was_asked_to_and_shows_what_was_made(
    sqlite_house: House, stop: str, revision: int | None
) -> None:
    house = sqlite_house
    production = await _stopped(house, stop)
    view = await house.see(production)
    assert (view.state, view.stopped_after, view.revision) == (ProductionState.WAITING, stop, revision)
    assert await house.no_job_waits()
    progress, shown = await house.parcels()
    assert progress.payload["message"] == f"Stopped after the {stop}, as you asked. Say “continue” to go on."
    assert "Paris" in shown.payload["text"]
    assert shown.payload["choices"][0] == {"label": "Continue", "command": f"/continue {production}"}

    went_on = await house.resources.stops.go_on(production, user_id=house.person.user_id)
    assert went_on.state is (ProductionState.RENDERING if stop == "visuals" else ProductionState.DRAFTING)
    if stop != "visuals":
        await house.run_next()
    assert (await house.see(production)).state is ProductionState.RENDERING
    assert (await house.see(production)).revision == 1
    with pytest.raises(Conflict) as caught:
        await house.resources.stops.go_on(production, user_id=None)
    assert caught.value.code == "production.not_waiting"


async def test_it_waits_after_the_narration_and_speaks_nothing_twice(sqlite_house: House) -> None:
    house = sqlite_house
    production = (await house.planned(2)).id
    async with house.resources.database.session_scope() as session:
        (await session.get_one(Production, production)).stop_after = "narration"
    stopped = await house.run_next()
    assert (stopped["state"], stopped["scenes_narrated"]) == ("waiting", 2)
    assert await house.narrations(production) == 2
    await house.resources.stops.go_on(production, user_id=None)
    done = await house.run_next()
    assert (done["scenes_narrated"], done["segments_encoded"]) == (0, 2)
    assert (await house.see(production)).state is ProductionState.RENDERED


async def test_what_waits_can_be_edited_and_goes_on_as_edited(sqlite_house: House) -> None:
    house = sqlite_house
    production = await _stopped(house, "storyboard")
    edited = await house.resources.editing.edit(
        production, parse([{"op": "set_narration", "scene": 1, "text": "A lamp."}]), user_id=None
    )
    assert edited.production.state is ProductionState.WAITING
    await house.resources.stops.go_on(production, user_id=None)
    await house.run_next()
    view = await house.resources.editing.storyboard(production, user_id=None)
    assert (view.revision, view.storyboard.scenes[0].narration) == (2, "A lamp.")


async def test_what_waits_can_be_cancelled_and_taken_up_again(sqlite_house: House) -> None:
    house = sqlite_house
    production = await _stopped(house, "script")
    await house.resources.productions.cancel(production, user_id=None)
    assert (await house.see(production)).state is ProductionState.CANCELLED
    await house.resources.productions.retry(production, user_id=None)
    await house.run_next()
    assert (await house.see(production)).state is ProductionState.WAITING


async def test_going_on_asks_before_it_spends(sqlite_url: str, tmp_path: Path) -> None:
    async with open_house(settings_for(tmp_path, sqlite_url), voice=PricedTones()) as house:
        production = await _stopped(house, "visuals")
        view = await house.resources.stops.go_on(production, user_id=None)
        assert view.state is ProductionState.PROPOSED
        assert view.proposal is not None
        assert view.proposal.estimate_usd


async def test_wishes_come_out_in_the_storyboard(sqlite_house: House) -> None:
    house = sqlite_house
    production = await _stopped(
        house, "storyboard", aspect="1:1", resolution=480, theme="paper", voice="tone", pace=1.5
    )
    board = (await house.resources.editing.storyboard(production, user_id=None)).storyboard
    assert (board.width, board.height, board.style.theme, board.pace) == (480, 480, "paper", 1.5)
    assert (board.speech_provider, board.length_target_s) == ("tone", 15.0)


async def test_a_theme_there_is_none_of_is_refused_at_once(sqlite_house: House) -> None:
    with pytest.raises(InvalidInput) as caught:
        await sqlite_house.start(options=VideoOptions(theme="nowhere"))
    assert caught.value.code == "video.no_theme"
    assert await sqlite_house.count(Production) == 0


async def test_a_preset_goes_for_what_is_not_said(sqlite_house: House) -> None:
    house, presets = sqlite_house, sqlite_house.resources.presets
    saved = VideoOptions(theme="paper", captions=CaptionStyle(mode="pop", size=1.5), music=Music(mood="calm"))
    await presets.save(house.person.user_id, " Mine ", saved)
    asked = VideoOptions(captions=CaptionStyle(mode="karaoke"), stop_after="storyboard")
    view = await house.start(preset="MINE", options=asked)
    await house.run_next()
    style = (await house.resources.editing.storyboard(view.id, user_id=None)).storyboard.style
    assert (style.theme, style.captions.mode, style.captions.size) == ("paper", "karaoke", 1.5)


async def test_the_default_goes_for_every_video_of_its_owner(sqlite_house: House) -> None:
    house, presets = sqlite_house, sqlite_house.resources.presets
    await presets.save(house.person.user_id, DEFAULT, VideoOptions(aspect="16:9"))
    for person, aspect in ((house.person, "16:9"), (await house.stranger(), "9:16")):
        house.person = person
        view = await house.start()
        async with house.resources.database.read_scope() as session:
            brief = (await session.get_one(Production, view.id)).brief
        assert brief["options"]["aspect"] == aspect


async def test_presets_are_kept_listed_replaced_and_forgotten(sqlite_house: House) -> None:
    presets, owner = sqlite_house.resources.presets, sqlite_house.person.user_id
    await presets.save(owner, "news", VideoOptions(theme="paper"))
    await presets.save(owner, "news", VideoOptions(fps=25))
    assert [(one.name, one.options) for one in await presets.all(owner)] == [("news", {"fps": 25})]
    assert await presets.all((await sqlite_house.stranger()).user_id) == []
    await presets.delete(owner, "News")
    for wrong in (presets.delete(owner, "news"), sqlite_house.start(preset="news")):
        with pytest.raises(NotFound) as caught:
            await wrong
        assert caught.value.code == "preset.not_found"
    with pytest.raises(InvalidInput) as name:
        await presets.save(owner, "../x", VideoOptions())
    assert name.value.code == "preset.name"
