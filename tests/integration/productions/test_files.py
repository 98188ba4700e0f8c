"""Files that a brief or an edit names: one's own and of the right kind, else refused before any work. On SQLite."""

from __future__ import annotations

from typing import Any

import pytest

from ettametta.edits import parse
from ettametta.errors import EttamettaError
from ettametta.models import Asset, Production
from ettametta.productions.brief import Brief
from ettametta.productions.options import VideoOptions
from tests.integration.productions.harness import House


async def _file(house: House, name: str, kind: str, *, user_id: str | None = None) -> str:
    """A row of a file; its storage key is its name."""
    async with house.resources.database.session_scope() as session:
        row = Asset(user_id=user_id or house.person.user_id, kind=kind, origin="upload", storage_key=name, sha256=name,
                    name=name, media_type="x/y", size_bytes=1)  # fmt: skip
        session.add(row)
        await session.flush()
        return row.id


async def _refusal(house: House, options: dict[str, Any]) -> tuple[str, str]:
    with pytest.raises(EttamettaError) as caught:
        await house.start(options=VideoOptions.model_validate(options))
    assert await house.count(Production) == 0
    return caught.value.code, caught.value.message


async def test_a_brief_cannot_name_a_file_that_is_not_ones_own_or_of_another_kind(sqlite_house: House) -> None:
    house = sqlite_house
    await _file(house, "theirs.png", "logo", user_id=(await house.stranger()).user_id)
    text, photo = await _file(house, "a.txt", "text"), await _file(house, "a.jpg", "photo")
    gone = ("asset.not_found", "The file for the logo is not here.")
    assert await _refusal(house, {"brand": {"logo_key": "theirs.png"}}) == gone
    assert await _refusal(house, {"brand": {"logo_key": "none.png"}}) == gone
    wrong = ("asset.wrong_kind", "The file for the music is a photo.")
    assert await _refusal(house, {"music": {"asset_key": "a.jpg"}}) == wrong
    assert await _refusal(house, {"music_asset_id": photo}) == wrong
    assert (await _refusal(house, {"narration_asset_id": text}))[0] == "asset.wrong_kind"
    assert (await _refusal(house, {"music_asset_id": "nobody's"}))[0] == "asset.not_found"
    briefs = [Brief(kind="topic", text="Tea"), Brief(kind="topic", text="Tea", options=VideoOptions.model_validate(
        {"brand": {"logo_key": "theirs.png"}}))]  # fmt: skip
    with pytest.raises(EttamettaError) as caught:
        await house.resources.productions.start_many(house.person, briefs)
    assert caught.value.code == "asset.not_found"
    assert await house.count(Production) == 0


async def test_an_edit_cannot_either(sqlite_house: House) -> None:
    house = sqlite_house
    source = (await house.planned(1)).id
    await _file(house, "theirs.png", "logo", user_id=(await house.stranger()).user_id)
    await _file(house, "own.png", "logo")
    await _file(house, "a.txt", "text")
    for key, code in (("theirs.png", "asset.not_found"), ("a.txt", "asset.wrong_kind")):
        with pytest.raises(EttamettaError) as caught:
            await house.resources.editing.edit(
                source, parse([{"op": "restyle", "brand": {"logo_key": key}}]), user_id=None
            )
        assert caught.value.code == code
    edited = await house.resources.editing.edit(
        source, parse([{"op": "restyle", "brand": {"logo_key": "own.png"}}]), user_id=None
    )
    assert edited.revision == 2


async def test_a_sound_of_ones_own_is_the_music_under_the_licence_one_says(sqlite_house: House) -> None:
    house = sqlite_house
    sound = await _file(house, "song.mp3", "audio")
    await house.resources.presets.save(
        house.person.user_id, "default", VideoOptions.model_validate({"music": {"mood": "calm", "duck_lu": 9}})
    )
    view = await house.start(options=VideoOptions(music_asset_id=sound, music_licence="CC BY 4.0, by Ann"))
    async with house.resources.database.read_scope() as session:
        music = (await session.get_one(Production, view.id)).brief["options"]["music"]
        assert (await session.get_one(Asset, sound)).licence == "CC BY 4.0, by Ann"
    assert (music["asset_key"], music["mood"], music["duck_lu"]) == ("song.mp3", None, 9)
