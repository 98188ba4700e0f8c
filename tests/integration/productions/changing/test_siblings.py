"""Dubs and variants: what they are made from, what they re-use, and what is refused. Mostly on SQLite."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence
from typing import cast

import pytest
from PIL import Image

from ettametta.errors import InvalidInput, MissingPart
from ettametta.models import Production
from ettametta.productions.changing.deriving import Deriver
from ettametta.productions.changing.dubbing import lines_of, with_lines
from ettametta.productions.changing.siblings import Derivation
from ettametta.productions.state import ProductionState
from ettametta.productions.writing import ScriptDesk
from ettametta.providers.llm.prices import Exchange, Meter, Tokens
from ettametta.scripts.script import Script
from ettametta.scripts.translate import SpokenLine
from ettametta.storyboard import (
    Brand,
    CardVisual,
    ChartPoint,
    ChartVisual,
    ComparisonVisual,
    ListVisual,
    PhotoVisual,
    Scene,
    Side,
    Storyboard,
)
from tests.integration.productions.harness import House, small_storyboard, with_words


class _Desk:
    """A translator that writes backwards, and counts how often it was asked."""

    name = "backwards"
    asked = 0

    async def translate(
        self, lines: Sequence[SpokenLine], to_language: str, *, from_language: str, meter: Meter
    ) -> tuple[SpokenLine, ...]:
        assert (to_language, from_language) == ("fr", "en")
        self.asked += 1
        meter(Exchange("backwards", Tokens(10, 0, 20), None))
        return tuple(SpokenLine(line.text[::-1], tuple(shown[::-1] for shown in line.shown)) for line in lines)


def _board() -> Storyboard:
    visuals = (
        CardVisual(kind="quote", text="Light", note="Fresnel"),
        ListVisual(title="Why", items=("Cheap", "Bright"), note="n"),
        ComparisonVisual(left=Side(label="Old", points=("dim",)), right=Side(label="New", value="bright")),
        ChartVisual(kind="bar_chart", points=(ChartPoint(label="Paris", value=3), ChartPoint(label="Brest", value=4))),
        PhotoVisual(asset_key="assets/a.jpg", width=9, height=9),
    )
    scenes = tuple(
        Scene(
            id=f"s{number}", narration=f"Line {number}.", visual=visual, on_screen=f"Over {number}", emphasis=("Line",)
        )
        for number, visual in enumerate(visuals)
    )
    return Storyboard(title="The lamp", language="en", scenes=scenes, brand=Brand(intro="Hello", lower_third="@us"))


def test_every_text_is_translated_and_nothing_else_changes() -> None:
    board = _board()
    lines = lines_of(board)
    upper = [SpokenLine(line.text.upper(), tuple(text.upper() for text in line.shown)) for line in lines]
    dubbed = with_lines(board, upper, "fr", ("kokoro", "ff_siwis"))
    assert (dubbed.title, dubbed.language, dubbed.speech_provider, dubbed.voice) == (
        "THE LAMP", "fr", "kokoro", "ff_siwis",
    )  # fmt: skip
    assert dubbed.brand == Brand(intro="HELLO", lower_third="@us")
    assert dubbed.scenes[0].visual == CardVisual(kind="quote", text="LIGHT", note="FRESNEL")
    assert dubbed.scenes[1].visual == ListVisual(title="WHY", items=("CHEAP", "BRIGHT"), note="N")
    assert dubbed.scenes[2].visual == ComparisonVisual(
        left=Side(label="OLD", points=("DIM",)), right=Side(label="NEW", value="BRIGHT")
    )
    chart = dubbed.scenes[3].visual
    assert isinstance(chart, ChartVisual)
    assert [(point.label, point.value) for point in chart.points] == [("PARIS", 3), ("BREST", 4)]
    photo = dubbed.scenes[4]
    assert (photo.visual, photo.pinned, photo.on_screen) == (board.scenes[4].visual, True, "OVER 4")
    assert [scene.narration for scene in dubbed.scenes] == [f"LINE {number}." for number in range(5)]
    assert [scene.id for scene in dubbed.scenes] == [scene.id for scene in board.scenes]
    back = with_lines(dubbed, lines, "en", (board.speech_provider, board.voice))
    assert [scene.visual for scene in back.scenes] == [scene.visual for scene in board.scenes]


async def test_a_dub_is_translated_once(sqlite_house: House) -> None:
    house, desk = sqlite_house, _Desk()
    source = await house.planned(2)
    revision = await house.revision(source.id)
    how = Derivation(revision_id=revision.id, kind="dub", language="fr")
    production = Production(id="d" * 32, user_id=house.person.user_id, derivation=how.model_dump(mode="json"), title="",
                            brief={}, state=ProductionState.DRAFTING)  # fmt: skip
    async with house.resources.database.session_scope() as session:
        session.add(production)
    deriver = Deriver(house.resources.database, house.resources.voices, cast("ScriptDesk", desk))
    first, second = [await deriver.derive(production) for _ in range(2)]
    assert first is not None
    assert first == second
    assert first.scenes[0].narration == small_storyboard(2).scenes[0].narration[::-1]
    assert (first.language, first.speech_provider, desk.asked) == ("fr", "tone", 1)


async def test_variants_make_only_what_differs(sqlite_house: House) -> None:
    house = sqlite_house
    source = (await house.planned(1)).id
    await house.run_next()
    made = await house.resources.siblings.variants(source, "theme", 2, user_id=house.person.user_id, key="k")
    again = await house.resources.siblings.variants(source, "theme", 2, user_id=house.person.user_id, key="k")
    assert [one.id for one in again] == [one.id for one in made]
    assert {one.source_production_id for one in made} == {source}
    await house.run_next()
    board = (await house.resources.editing.storyboard(made[0].id, user_id=None)).storyboard
    assert board.style.theme != small_storyboard().style.theme
    assert board.scenes == small_storyboard(1).scenes
    assert (await house.see(made[0].id)).state is ProductionState.RENDERING
    assert len(house.voice.spoken) == 1


async def test_variants_of_the_opening_use_what_was_written_with_the_script(sqlite_house: House) -> None:
    house = sqlite_house
    source = (await house.planned(2)).id
    with pytest.raises(InvalidInput) as caught:
        await house.resources.siblings.variants(source, "hook", 3, user_id=None)
    assert (caught.value.code, "hooks=3" in caught.value.hint) == ("siblings.no_other", True)
    lines = [{"text": "A lamp in Paris.", "role": "hook"}]
    script = Script.model_validate({
        "title": "The lamp", "language": "en", "lines": lines, "made_by": "test",
        "citations": [{"title": "Lamps"}, {"title": "Questions"}],
        "hooks": [{"kind": "question", "line": {"text": "What is a lamp?", "role": "hook", "citations": [1]}}],
    })  # fmt: skip
    async with house.resources.database.session_scope() as session:
        (await session.get_one(Production, source)).script = script.model_dump(mode="json")
    (made,) = await house.resources.siblings.variants(source, "hook", 3, user_id=None)
    await house.run_next()
    await house.run_next()
    board = (await house.resources.editing.storyboard(made.id, user_id=None)).storyboard
    assert board.scenes[0].narration == "What is a lamp?"
    assert [board.citations[index].title for index in board.scenes[0].citations] == ["Questions"]


async def test_what_cannot_be_dubbed_is_refused_at_once_with_the_fix(sqlite_house: House) -> None:
    siblings, source = sqlite_house.resources.siblings, (await sqlite_house.planned(1)).id
    for languages, code in ((["en"], "siblings.same_language"), (["klingon"], "brief.language")):
        with pytest.raises(InvalidInput) as caught:
            await siblings.dub(source, languages, user_id=None)
        assert caught.value.code == code
    with pytest.raises(MissingPart) as missing:
        await siblings.dub(source, ["fr"], user_id=None)
    assert missing.value.code == "translate.no_model"
    assert await sqlite_house.count(Production) == 1


async def test_a_variant_of_the_thumbnail_is_the_same_file_under_another_cover(sqlite_house: House) -> None:
    house, siblings = sqlite_house, sqlite_house.resources.siblings
    source = (await house.planned(1)).id
    with pytest.raises(InvalidInput, match="no other thumbnail") as caught:
        await siblings.variants(source, "thumbnail", 2, user_id=None)
    assert caught.value.code == "siblings.no_other"
    await house.run_next()
    (first,) = await house.videos(source)
    one, other = await siblings.variants(source, "thumbnail", 2, user_id=None)
    drafted = [await house.run_next() for _ in range(2)]
    assert [result["state"] for result in drafted] == ["rendering"] * 2
    spoken = len(house.voice.spoken)
    made = [await house.run_next() for _ in range(2)]
    assert [(result["segments_encoded"], result["scenes_narrated"]) for result in made] == [(0, 0)] * 2
    assert len(house.voice.spoken) == spoken
    assert [(await house.see(production.id)).title for production in (one, other)] == ["The lamp", "The lamp"]
    videos = [(await house.videos(production.id))[0] for production in (one, other)]
    assert {video.storage_key for video in videos} == {first.storage_key}
    assert first.cover_keys is not None
    assert [video.cover_key for video in videos] == first.cover_keys[:2]
    assert len({first.thumbnail_key, *(video.thumbnail_key for video in videos)}) == 3
    for video in videos:
        with Image.open(io.BytesIO(await house.resources.storage.get_bytes(video.thumbnail_key, 200_000))) as small:
            assert max(small.size) <= 320
    sent = {parcel.payload["video_id"]: parcel.payload for parcel in await house.parcels() if parcel.kind == "video"}
    assert {sent[video.id]["description"] for video in videos} == {sent[first.id]["description"]}


async def test_an_edited_variant_keeps_its_choice_of_cover(sqlite_house: House) -> None:
    house = sqlite_house
    source = (await house.planned(1)).id
    await house.run_next()
    (made,) = await house.resources.siblings.variants(source, "thumbnail", 1, user_id=None)
    await house.run_next()
    await house.run_next()
    await house.revise(made.id, lambda board: with_words(board, 0, "Another lamp."))
    assert (await house.run_next())["segments_encoded"] > 0
    newest = max(await house.videos(made.id), key=lambda video: video.created_at)
    assert newest.cover_keys is not None
    assert newest.cover_key == newest.cover_keys[0]


async def test_the_same_request_at_the_same_moment_makes_the_same_productions(house: House) -> None:
    source = (await house.planned(1)).id
    asked = [house.resources.siblings.variants(source, "theme", 2, user_id=None, key="once") for _ in range(4)]
    answers = await asyncio.gather(*asked)
    assert len({tuple(one.id for one in answer) for answer in answers}) == 1
    assert await house.count(Production, Production.source_production_id == source) == 2
