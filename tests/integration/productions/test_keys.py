"""Keys and odd letters in edits, dubs and presets: one deed each, no text a database refuses. On SQLite."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from ettametta.edits import parse
from ettametta.errors import InvalidInput, NotFound
from ettametta.models import AuditEntry, OutboxMessage, Production
from ettametta.productions import repository
from ettametta.productions.brief import Brief
from ettametta.productions.options import VideoOptions
from ettametta.storyboard import Music
from tests.integration.productions.harness import House


def _say(text: str) -> list[dict[str, object]]:
    return [{"op": "set_narration", "scene": 1, "text": text}]


async def test_an_edit_sent_again_with_its_base_gives_what_it_gave(sqlite_house: House) -> None:
    house, editing = sqlite_house, sqlite_house.resources.editing
    one, other = await house.planned(2), await house.planned(2)
    first = await editing.edit(one.id, parse(_say("A lamp.")), user_id=None, base=1, key="k")
    again = await editing.edit(one.id, parse(_say("A lamp.")), user_id=None, base=1, key="k")
    assert (first.revision, again.revision) == (2, 2)
    elsewhere = await editing.edit(other.id, parse(_say("A lamp.")), user_id=None, base=1, key="k")
    assert elsewhere.production.id == other.id


async def test_the_same_key_for_another_video_makes_other_variants(sqlite_house: House) -> None:
    house, siblings = sqlite_house, sqlite_house.resources.siblings
    one, other = await house.planned(1), await house.planned(1)
    made = [await siblings.variants(video.id, "theme", 1, user_id=None, key="k") for video in (one, other, one)]
    assert [views[0].source_production_id for views in made] == [one.id, other.id, one.id]
    assert await house.count(Production) == 4


async def test_a_dub_into_nothing_is_refused(sqlite_house: House) -> None:
    planned = await sqlite_house.planned(1)
    with pytest.raises(InvalidInput) as caught:
        await sqlite_house.resources.siblings.dub(planned.id, [], user_id=None)
    assert caught.value.code == "brief.language"


async def test_no_nul_reaches_a_database(sqlite_house: House) -> None:
    house, editing = sqlite_house, sqlite_house.resources.editing
    planned = await house.planned(2)
    edit = parse([{"op": "set_title", "title": "A\x00 lamp"}, *_say("Lit\x00.")])
    view = await editing.edit(planned.id, edit, user_id=None)
    board = (await editing.storyboard(planned.id, user_id=None)).storyboard
    assert (view.production.title, board.title, board.scenes[0].narration) == ("A lamp", "A lamp", "Lit.")
    photo = {"kind": "photo", "asset_key": "assets/\x00", "width": 9, "height": 9}
    with pytest.raises(NotFound):
        await editing.edit(planned.id, parse([{"op": "set_visual", "scene": 1, "visual": photo}]), user_id=None)


async def test_what_is_said_of_the_music_takes_the_place_of_the_presets(sqlite_house: House) -> None:
    house, presets = sqlite_house, sqlite_house.resources.presets
    await presets.save(house.person.user_id, "mine", VideoOptions(music=Music(asset_key="assets/own.mp3", duck_lu=3)))
    view = await house.start(preset="mine", options=VideoOptions(music=Music(mood="calm")))
    async with house.resources.database.read_scope() as session:
        music = (await session.get_one(Production, view.id)).brief["options"]["music"]
    assert (music["mood"], music["asset_key"], music["duck_lu"]) == ("calm", "", 3)


async def test_a_forgotten_preset_is_written_down(sqlite_house: House) -> None:
    house, presets = sqlite_house, sqlite_house.resources.presets
    await presets.save(house.person.user_id, "news", VideoOptions())
    await presets.delete(house.person.user_id, "news", channel="cli")
    async with house.resources.database.read_scope() as session:
        entry = await session.scalar(select(AuditEntry).where(AuditEntry.action == "preset.deleted"))
    assert entry is not None
    assert (entry.user_id, entry.channel, entry.subject) == (house.person.user_id, "cli", "news")


async def test_no_video_of_a_batch_begins_when_one_names_an_unknown_preset(sqlite_house: House) -> None:
    house = sqlite_house
    briefs = [Brief(kind="topic", text="Lamps"), Brief(kind="topic", text="Glass", preset="nowhere")]
    with pytest.raises(NotFound):
        await house.resources.productions.start_many(house.person, briefs)
    assert await house.count(Production) == 0


async def test_a_video_that_an_edit_overtook_is_sent_after_the_undo(sqlite_house: House) -> None:
    house, editing = sqlite_house, sqlite_house.resources.editing
    planned = await house.planned(1)
    await house.run_next()
    await editing.edit(planned.id, parse(_say("A lamp.")), user_id=None)
    async with house.resources.database.session_scope() as session:
        parcel = await session.scalar(select(OutboxMessage).where(OutboxMessage.kind == "video"))
        assert parcel is not None
        parcel.state, parcel.error = "failed", "An edit came between."
    await editing.undo(planned.id, user_id=None)
    assert [one.state for one in await house.parcels() if one.kind == "video"] == ["pending"]


async def test_an_odd_asset_id_is_no_file_of_anybody(sqlite_house: House) -> None:
    async with sqlite_house.resources.database.read_scope() as session:
        with pytest.raises(NotFound):
            await repository.find_asset(session, "\ud800\x00", user_id=sqlite_house.person.user_id)
