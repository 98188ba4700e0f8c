"""Edits of a production: revisions, undo and redo, what is made anew, what stops. On SQLite."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from ettametta.edits import parse
from ettametta.errors import Conflict, EttamettaError, NotFound
from ettametta.jobs import JobState
from ettametta.models import Job, Production, Proposal, Revision, Video
from ettametta.productions.state import ProductionState
from ettametta.productions.values import EditView
from ettametta.storyboard import PhotoVisual
from tests.integration.productions.harness import (
    HEIGHT,
    WIDTH,
    House,
    PricedTones,
    open_house,
    run,
    settings_for,
    small_storyboard,
)

SAY = {"op": "set_narration", "scene": 2, "text": "Rings of glass bend it."}


async def _edit(house: House, production_id: str, *operations: dict[str, Any], **others: Any) -> EditView:
    asked = parse(list(operations))
    return await house.resources.editing.edit(production_id, asked, user_id=house.person.user_id, **others)


async def _made(house: House, scenes: int = 1) -> str:
    """A production whose first video is finished."""
    planned = await house.planned(scenes)
    await house.run_next()
    return planned.id


async def _as_if_made(house: House) -> str:
    """The same in the books: no file stands behind its video."""
    production = (await house.planned(1)).id
    done = await house.claim()
    async with house.resources.database.session_scope() as session:
        row = await session.get_one(Production, production)
        row.state = ProductionState.RENDERED
        keys = dict.fromkeys(("storage_key", "cover_key", "thumbnail_key", "captions_key", "credits_key"), "videos/0")
        video = Video(
            production_id=row.id, revision_id=row.current_revision_id, user_id=row.user_id, **keys, sha256="0",
            width=WIDTH, height=HEIGHT, duration_s=1.0, size_bytes=1, checks={"ok": True},
        )  # fmt: skip
        session.add(video)
    assert await house.resources.ledger.succeed(done.job, {})
    return production


def _counts(result: dict[str, Any]) -> tuple[int, int, int]:
    return result["scenes_narrated"], result["segments_encoded"], result["segments_reused"]


# -- edit, undo, redo -----------------------------------------------------------------------------------------


async def test_an_edit_makes_only_its_scene_anew_and_undo_makes_nothing(sqlite_house: House) -> None:
    house, editing = sqlite_house, sqlite_house.resources.editing
    production = await _made(house, 4)
    first = (await house.see(production)).video
    assert first is not None
    edited = await _edit(house, production, SAY, channel="telegram")
    assert (edited.revision, edited.is_ready) == (2, False)
    assert edited.changes == ("Scene 2: “Rings of glass bend light.” -> “Rings of glass bend it.”",)
    assert edited.production.state is ProductionState.RENDERING
    assert _counts(await house.run_next()) == (1, 1, 3)
    second = (await house.see(production)).video
    assert second is not None
    assert second.sha256 != first.sha256

    undone = await editing.undo(production, user_id=None)
    assert (undone.revision, undone.is_ready) == (1, True)
    assert undone.production.video == first
    assert await house.no_job_waits()
    redone = await editing.redo(production, user_id=None)
    assert redone.production.video == second
    assert await house.no_job_waits()
    assert await house.count(Job) == 2


async def test_every_revision_is_kept_with_its_reason(sqlite_house: House) -> None:
    house = sqlite_house
    production = await _as_if_made(house)
    await _edit(house, production, {"op": "set_title", "title": "Light"}, channel="cli")
    await _edit(house, production, {"op": "set_title", "title": "More light"})
    assert (await house.see(production)).title == "More light"
    first, second, third = await house.resources.editing.revisions(production, user_id=None)
    assert (first.parent, second.parent, third.parent) == (None, 1, 2)
    assert second.changes == ("Title: “The lamp” -> “Light”",)
    assert second.channel == "cli"
    assert [one.is_current for one in (first, second, third)] == [False, False, True]
    assert [one.has_video for one in (first, second, third)] == [True, False, False]


async def test_an_edit_after_an_undo_leaves_the_other_way_open(sqlite_house: House) -> None:
    house, editing = sqlite_house, sqlite_house.resources.editing
    production = await _as_if_made(house)
    await _edit(house, production, {"op": "set_title", "title": "Two"})
    await editing.undo(production, user_id=None)
    await _edit(house, production, {"op": "set_title", "title": "Three"})
    assert (await editing.undo(production, user_id=None)).revision == 1
    assert (await editing.redo(production, user_id=None)).revision == 3
    assert (await editing.restore(production, 2, user_id=None)).production.title == "Two"
    with pytest.raises(Conflict) as current:
        await editing.restore(production, 2, user_id=None)
    assert current.value.code == "edit.is_current"
    with pytest.raises(NotFound) as missing:
        await editing.restore(production, 9, user_id=None)
    assert missing.value.code == "edit.no_revision"


async def test_there_is_an_end_to_undo_and_redo(sqlite_house: House) -> None:
    house, editing = sqlite_house, sqlite_house.resources.editing
    production = (await house.planned(1)).id
    for go, code in ((editing.undo, "edit.nothing_to_undo"), (editing.redo, "edit.nothing_to_redo")):
        with pytest.raises(Conflict) as caught:
            await go(production, user_id=None)
        assert caught.value.code == code


async def test_an_undo_before_the_render_began_goes_back_to_the_finished_video(sqlite_house: House) -> None:
    house = sqlite_house
    production = await _as_if_made(house)
    await _edit(house, production, SAY | {"scene": 1})
    undone = await house.resources.editing.undo(production, user_id=None)
    assert undone.is_ready
    assert undone.production.state is ProductionState.RENDERED
    assert await house.no_job_waits()
    assert [job.state for job in await house.jobs(production)] == [JobState.SUCCEEDED, JobState.CANCELLED]
    again = await house.resources.editing.redo(production, user_id=None)
    assert again.production.state is ProductionState.RENDERING
    assert _counts(await house.run_next())[1] == 1


async def test_a_video_can_be_sent_again_once_for_each_wish(sqlite_house: House) -> None:
    house = sqlite_house
    production = await _as_if_made(house)
    for key in ("turn-1", "turn-1", "turn-2"):
        await house.resources.showing.send_again(production, user_id=None, key=key)
    assert [parcel.kind for parcel in await house.parcels()] == ["progress", "video", "video"]
    await _edit(house, production, {"op": "set_title", "title": "Two"})
    with pytest.raises(NotFound) as caught:
        await house.resources.showing.send_again(production, user_id=None, key="turn-3")
    assert caught.value.code == "production.no_video"


async def test_the_contact_sheet_is_sent_once_for_each_wish_when_there_is_one(sqlite_house: House) -> None:
    house, person = sqlite_house, sqlite_house.person
    production = await _as_if_made(house)

    async def send(key: str) -> bool:
        return await house.resources.showing.send_sheet(
            production, user_id=person.user_id, chat_id=person.chat_id, key=key
        )

    assert not await send("one")
    async with house.resources.database.session_scope() as session:
        (video,) = await house.videos(production)
        (await session.get_one(Video, video.id)).contact_sheet_key = "videos/sheet.jpg"
    assert not await send("one")  # its file is not there
    await house.resources.storage.put_bytes("videos/sheet.jpg", b"a sheet", "image/jpeg")
    assert [await send(key) for key in ("one", "one", "two")] == [True] * 3
    sheets = [parcel.payload for parcel in await house.parcels() if parcel.kind == "photo"]
    assert [(one["storage_key"], one["revision"]) for one in sheets] == [("videos/sheet.jpg", 1)] * 2
    stranger = await house.stranger()
    with pytest.raises(NotFound):
        await house.resources.showing.send_sheet(production, user_id=stranger.user_id, chat_id=None, key="three")


async def test_an_edit_tells_what_of_its_look_is_changed_to_be_readable(sqlite_house: House) -> None:
    house = sqlite_house
    production = await _as_if_made(house)
    white = {"op": "restyle", "captions": {"ink": "#FFFFFF", "outline": "#FFFFFF"}}
    edited = await _edit(house, production, white, key="k")
    assert ["outline" in warning for warning in edited.warnings] == [True]
    assert (await _edit(house, production, white, key="k")).warnings == edited.warnings
    listed = await house.resources.editing.revisions(production, user_id=None)
    assert listed[-1].note == edited.warnings[0]
    assert (await _edit(house, production, {"op": "set_title", "title": "Two"})).warnings == ()
    await house.resources.editing.undo(production, user_id=None)
    assert (await house.resources.editing.undo(production, user_id=None)).warnings == ()
    assert (await house.resources.editing.redo(production, user_id=None)).warnings == edited.warnings


async def test_a_draft_says_so_and_is_finished_in_full(sqlite_house: House) -> None:
    house, finishing = sqlite_house, sqlite_house.resources.finishing
    production = (await house.with_storyboard(small_storyboard(1).model_copy(update={"width": 540, "height": 540}))).id
    async with house.resources.database.session_scope() as session:
        row = await session.get_one(Production, production)
        row.brief = {**row.brief, "options": {**row.brief["options"], "draft": True}}
    await house.run_next()
    draft = await house.see(production)
    assert draft.video is not None
    assert (draft.is_draft, draft.video.is_draft, draft.video.width) == (True, True, 480)
    assert draft.video.contact_sheet_key is not None
    begun = await finishing.finish(production, user_id=house.person.user_id)
    assert (begun.state, begun.is_draft, begun.video) == (ProductionState.RENDERING, False, None)
    assert _counts(await house.run_next())[:2] == (0, 1)
    whole = (await house.see(production)).video
    assert whole is not None
    assert (whole.is_draft, whole.width) == (False, 540)
    assert [one.payload["video_id"] for one in await house.parcels() if one.kind == "video"] == [
        draft.video.id, whole.id,
    ]  # fmt: skip
    with pytest.raises(Conflict) as caught:
        await finishing.finish(production, user_id=None)
    assert caught.value.code == "production.no_draft"


# -- while something is under way -----------------------------------------------------------------------------


async def test_the_end_of_a_stopped_job_does_not_stop_the_next_one_of_the_same_revision(sqlite_house: House) -> None:
    house = sqlite_house
    production = (await house.planned(1)).id
    old = await house.claim()
    await _edit(house, production, {"op": "set_title", "title": "Two"})
    await house.resources.editing.undo(production, user_id=None)
    assert await house.resources.ledger.mark_cancelled(old.job)
    assert (await house.see(production)).state is ProductionState.RENDERING
    await house.run_next()
    assert (await house.see(production)).state is ProductionState.RENDERED


async def test_what_is_being_drafted_cannot_be_edited_yet(sqlite_house: House) -> None:
    started = await sqlite_house.start()
    with pytest.raises(Conflict) as caught:
        await _edit(sqlite_house, started.id, SAY)
    assert caught.value.code == "production.not_drafted"


async def test_a_failed_production_is_mended_by_an_edit(sqlite_house: House) -> None:
    house = sqlite_house
    board = small_storyboard(1, visuals={0: PhotoVisual(asset_key="assets/gone.jpg", width=64, height=64)})
    production = (await house.with_storyboard(board)).id
    async with house.worker():
        assert (await house.ended(production)).state is ProductionState.FAILED
    mended = await _edit(
        house, production, {"op": "set_visual", "scene": 1, "visual": {"kind": "title", "text": "Light"}}
    )
    assert (mended.production.state, mended.production.error) == (ProductionState.RENDERING, None)
    await house.run_next()
    assert (await house.see(production)).state is ProductionState.RENDERED


# -- twice ------------------------------------------------------------------------------------------------------------


async def test_the_same_edit_asked_twice_is_one(sqlite_house: House) -> None:
    house = sqlite_house
    production = (await house.planned(2)).id
    first = await _edit(house, production, {"op": "delete_scene", "scene": 1}, key="call:1")
    again = await _edit(house, production, {"op": "delete_scene", "scene": 1}, key="call:1")
    assert (first.revision, again.revision) == (2, 2)
    assert again.changes == first.changes


# -- what may not be ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        ({"op": "set_title", "title": "The lamp"}, "edit.no_change"),
        ({"op": "restyle", "theme": "nowhere"}, "video.no_theme"),
        ({"op": "set_voice", "provider": "nobody"}, "speech.provider"),
        ({"op": "set_voice", "voice": "nobody"}, "speech.no_voice"),
        ({"op": "swap_visual", "scene": 1, "asset_id": "nobodys"}, "asset.not_found"),
        ({"op": "set_visual", "scene": 1, "visual": {"kind": "photo", "asset_key": "a", "width": 9, "height": 9}},
         "asset.not_found"),
    ],
)  # fmt: skip
async def test_what_cannot_be_made_is_refused_at_once(
    sqlite_house: House, operation: dict[str, Any], code: str
) -> None:
    production = (await sqlite_house.planned(2)).id
    with pytest.raises(EttamettaError) as caught:
        await _edit(sqlite_house, production, operation)
    assert caught.value.code == code
    assert await sqlite_house.count(Revision) == 1


async def test_a_picture_of_ones_own_is_shown_and_one_of_somebody_else_is_not(
    sqlite_house: House, tmp_path: Path
) -> None:
    house = sqlite_house
    Image.new("RGB", (300, 200), "red").save(tmp_path / "a.png")
    mine = await house.resources.uploads.add(house.person, tmp_path / "a.png", name="a.png")
    theirs = await house.resources.uploads.add(await house.stranger(), tmp_path / "a.png", name="a.png")
    production = (await house.planned(1)).id
    await _edit(house, production, {"op": "swap_visual", "scene": 1, "asset_id": mine.id})
    board = (await house.resources.editing.storyboard(production, user_id=None)).storyboard
    assert isinstance(board.scenes[0].visual, PhotoVisual)
    with pytest.raises(NotFound):
        await _edit(house, production, {"op": "swap_visual", "scene": 1, "asset_id": theirs.id})


async def test_nobody_sees_or_edits_the_video_of_somebody_else(sqlite_house: House) -> None:
    production = (await sqlite_house.planned(1)).id
    stranger = await sqlite_house.stranger()
    editing = sqlite_house.resources.editing
    for asked in (
        editing.storyboard(production, user_id=stranger.user_id),
        editing.revisions(production, user_id=stranger.user_id),
        editing.edit(production, parse([SAY | {"scene": 1}]), user_id=stranger.user_id),
        editing.undo(production, user_id=stranger.user_id),
        sqlite_house.resources.showing.send_again(production, user_id=stranger.user_id, key="k"),
    ):
        with pytest.raises(NotFound):
            await asked


# -- what it costs --------------------------------------------------------------------------------------------


async def test_an_edit_that_costs_asks_for_what_is_new_and_an_undo_takes_the_question_back(
    sqlite_url: str, tmp_path: Path
) -> None:
    voice = PricedTones()
    async with open_house(settings_for(tmp_path, sqlite_url), voice=voice) as house:
        production = (await house.planned(2, provider="paid")).id
        await house.run_next()
        edited = await _edit(house, production, SAY)
        proposal = edited.production.proposal
        assert edited.production.state is ProductionState.PROPOSED
        assert proposal is not None
        assert proposal.summary == f"What is new: narration by paid, about ${proposal.estimate_usd:.4f}."
        assert proposal.estimate_usd == pytest.approx(len("Rings of glass bend it.") * 1000 / 1e6)
        undone = await house.resources.editing.undo(production, user_id=None)
        assert (undone.is_ready, undone.production.proposal) == (True, None)
        assert await house.count(Proposal, Proposal.state == "withdrawn") == 1
        again = (await house.resources.editing.redo(production, user_id=None)).production
        assert again.proposal is not None
        await house.resources.productions.answer(
            again.proposal.id, user_id=house.person.user_id, accept=True, channel="cli"
        )
        assert _counts(await run(await house.claim())) == (1, 1, 1)
