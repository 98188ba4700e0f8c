"""Pictures for scenes, from search to the rows: against a server that speaks for all sources."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import select

from ettametta.errors import Bug, InvalidInput, NotFound, Refused, TransientError
from ettametta.kit.http import HttpClient
from ettametta.models import Asset, Production
from ettametta.productions import repository
from ettametta.productions.brief import Brief
from ettametta.productions.crediting import credited_assets
from ettametta.productions.options import VideoOptions
from ettametta.productions.pictures.finding import Filled
from ettametta.providers.footage import FACTS, FootageConfig, build_footage
from ettametta.providers.footage.base import FootageProvider
from ettametta.providers.footage.licences import read_licence
from ettametta.scripts.credits import credits_text, description_text
from ettametta.storyboard import CardVisual, Citation, CitedPicture, PhotoVisual, Scene, Storyboard, is_from_file
from tests.integration.productions.harness import HEIGHT, TEXT, WIDTH, House, open_house, settings_for
from tests.servers.footage import KEY, Fault, FootageServer, Item

LIGHTHOUSE = Item(1, "Lighthouse at night", ("sea",), width=200, height=300)
HARBOUR = Item(2, "Harbour of an old town", ("boats",), width=200, height=300)


@pytest.fixture
async def server() -> AsyncIterator[FootageServer]:
    async with FootageServer() as running:
        yield running


@pytest.fixture(autouse=True)
def _no_certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading the certificate authorities takes longer than these tests."""
    monkeypatch.setattr(httpx, "create_ssl_context", lambda **_: True)


@asynccontextmanager
async def house_with(
    server: FootageServer, folder: Path, url: str, names: Sequence[str] = ("commons", "openverse"), **settings: Any
) -> AsyncIterator[House]:
    def sources(http: HttpClient) -> dict[str, FootageProvider]:
        config = FootageConfig(http, api_key=SecretStr(KEY), base_url=server.url, timeout_s=5.0)
        return {name: build_footage(name, config) for name in names}

    own = {"http_allow_private": True, "pictures": "auto", "picture_timeout_s": 5.0}
    async with open_house(settings_for(folder, url, **{**own, **settings}), sources=sources) as house:
        yield house


def board(*queries: str, **changes: Any) -> Storyboard:
    scenes = [
        Scene(
            id=f"s{number:02d}",
            narration=f"This is said of the {query or 'thing'} here.",
            visual=CardVisual(kind="statement", text=f"Number {number}"),
            query=query,
        )
        for number, query in enumerate(queries)
    ]
    values: dict[str, Any] = {"width": WIDTH, "height": HEIGHT, "title": "The coast", "speech_provider": "tone"}
    return Storyboard(language="en", scenes=tuple(scenes), **{**values, **changes})


async def production_of(house: House, options: VideoOptions | None = None, shown: Storyboard | None = None) -> str:
    async with house.resources.database.session_scope() as session:
        brief = Brief(kind="text", text=TEXT, options=options or VideoOptions())
        row = Production(
            user_id=house.person.user_id, title="The coast", brief=brief.model_dump(mode="json"), state="drafting"
        )
        session.add(row)
        await session.flush()
        if shown is not None:
            await repository.add_revision(session, row, shown, "")
        return row.id


async def fill(house: House, shown: Storyboard, options: VideoOptions | None = None, production_id: str = "") -> Filled:
    production_id = production_id or await production_of(house, options)
    async with house.resources.database.read_scope() as session:
        row = await session.get_one(Production, production_id)
    told: list[tuple[int, int]] = []

    async def looked(done: int, wanted: int) -> None:
        told.append((done, wanted))

    filled = await house.resources.picturing.fill(row, options or VideoOptions(), shown, looked)
    assert [done for done, _ in told] == list(range(len(told)))
    return filled


async def rows(house: House, production_id: str | None = None) -> list[Asset]:
    async with house.resources.database.read_scope() as session:
        wanted = select(Asset).where(Asset.kind.in_(["photo", "clip"])).order_by(Asset.created_at)
        if production_id:
            wanted = wanted.where(Asset.production_id == production_id)
        return list(await session.scalars(wanted))


def shows(filled: Filled) -> list[bool]:
    return [is_from_file(scene.visual) for scene in filled.storyboard.scenes]


async def test_each_scene_is_given_what_it_asks_for(server: FootageServer, sqlite_url: str, tmp_path: Path) -> None:
    server.has("commons", LIGHTHOUSE)
    server.has("openverse", HARBOUR)
    async with house_with(server, tmp_path, sqlite_url) as house:
        filled = await fill(house, board("lighthouse", "", "old harbour"), VideoOptions(fit="blur"))
        assert shows(filled) == [True, False, True]
        assert filled.notes == ()
        first = filled.storyboard.scenes[0]
        assert isinstance(first.visual, PhotoVisual)
        assert (first.visual.width, first.visual.height, first.visual.fit) == (200, 300, "blur")
        assert first.query == "lighthouse"
        lighthouse, harbour = await rows(house)
        assert (lighthouse.origin, lighthouse.name, lighthouse.author) == ("commons", LIGHTHOUSE.title, "Ada Lumen")
        assert lighthouse.source_url == "https://commons.wikimedia.org/wiki/File:Lighthouse_at_night_1.jpg"
        assert (lighthouse.licence, harbour.licence) == ("CC BY 4.0", "CC BY 4.0")
        assert lighthouse.cost_microusd == 0
        assert await house.resources.storage.exists(first.visual.asset_key)


async def test_clips_too(server: FootageServer, sqlite_url: str, tmp_path: Path) -> None:
    server.has("pexels", Item(7, "Waves on a beach", kind="clip", width=144, height=256))
    async with house_with(server, tmp_path, sqlite_url, ["pexels"]) as house:
        filled = await fill(house, board("beach waves"), VideoOptions(clip_speed=0.5))
        (scene,) = filled.storyboard.scenes
        assert scene.visual.kind == "clip"
        assert scene.visual.speed == 0.5
        assert scene.visual.duration_s == pytest.approx(1.0, abs=0.05)
        (row,) = await rows(house)
        assert (row.media_type, row.licence, row.name) == ("video/mp4", "Pexels License", "waves on a beach")


async def test_nothing_is_asked_or_loaded_twice(server: FootageServer, sqlite_url: str, tmp_path: Path) -> None:
    """Not for a retry of the same production, and not the search for another one within the day."""
    server.has("commons", LIGHTHOUSE, Item(3, "Lighthouse by day", width=200, height=300))
    async with house_with(server, tmp_path, sqlite_url) as house:
        production_id = await production_of(house)
        first = await fill(house, board("lighthouse"), production_id=production_id)
        asked = len(server.requests)
        again = await fill(house, board("lighthouse"), production_id=production_id)
        assert again == first
        assert len(server.requests) == asked
        other = await fill(house, board("lighthouse"))
        assert shows(other) == [True]
        assert [source for source, _ in server.requests[asked:]] == ["files"], "asked today already: only a file"


async def test_another_video_shows_another_picture(server: FootageServer, sqlite_url: str, tmp_path: Path) -> None:
    server.has("commons", LIGHTHOUSE, Item(3, "Lighthouse at night", width=200, height=300))
    async with house_with(server, tmp_path, sqlite_url, ["commons"]) as house:
        keys = [(await fill(house, board("lighthouse"))).storyboard.scenes[0].visual for _ in range(3)]
        assert keys[0] != keys[1], "the second video takes what the first has not"
        assert keys[2].kind == "photo", "when all were seen before, one is shown again"


async def test_no_picture_twice_in_a_video(server: FootageServer, sqlite_url: str, tmp_path: Path) -> None:
    """Neither the same one, nor the same one elsewhere: the second source has it in another size."""
    server.has("commons", Item(1, "Lighthouse at night", width=200, height=300, seed=5))
    server.has("openverse", Item(9, "Lighthouse at night", width=300, height=450, seed=5))
    async with house_with(server, tmp_path, sqlite_url) as house:
        filled = await fill(house, board("lighthouse", "lighthouse"))
        assert sum(shows(filled)) == 1
        assert filled.notes == (
            "No picture for 1 of 2 scenes was found that suits and is free to use; they are designed instead.",
        )


async def test_the_policy_holds(server: FootageServer, sqlite_url: str, tmp_path: Path) -> None:
    server.has("openverse", Item(1, "Lighthouse", licence="by-sa 4.0"), Item(2, "Lighthouse", licence="by-nd 4.0"))
    server.has("commons", Item(3, "Lighthouse", licence="by 4.0"))
    async with house_with(server, tmp_path, sqlite_url) as house:
        filled = await fill(house, board("lighthouse"), VideoOptions(licences="public_domain"))
        assert shows(filled) == [False]
        assert server.asked("files") == []
        server.has("commons", Item(4, "Lighthouse beam", licence="cc0", width=200, height=300))
        filled = await fill(house, board("lighthouse beam"), VideoOptions(licences="public_domain"))
        assert shows(filled) == [True]
        assert [row.licence for row in await rows(house)] == ["CC0 1.0"]


async def test_a_source_that_is_down_costs_nothing_but_itself(
    server: FootageServer, sqlite_url: str, tmp_path: Path
) -> None:
    server.has("openverse", LIGHTHOUSE, HARBOUR)
    server.break_down("commons", Fault(500))
    async with house_with(server, tmp_path, sqlite_url) as house:
        filled = await fill(house, board("lighthouse", "harbour"))
        assert shows(filled) == [True, True]
        assert filled.notes == ("Wikimedia Commons is out of order at the moment.",)
        assert len(server.asked("commons")) == 1, "it is left alone for a while"


async def test_a_slow_source_is_not_waited_for(server: FootageServer, sqlite_url: str, tmp_path: Path) -> None:
    server.has("openverse", LIGHTHOUSE)
    server.break_down("commons", Fault(delay_s=60))
    async with house_with(server, tmp_path, sqlite_url, picture_timeout_s=0.7) as house:
        filled = await fill(house, board("lighthouse"))
        assert shows(filled) == [True]
        assert filled.notes == ("Wikimedia Commons did not answer in time.",)


async def test_nobody_answers(sqlite_url: str, tmp_path: Path) -> None:
    """Without network the first scene finds out, and the others are not asked for."""
    settings = settings_for(tmp_path, sqlite_url, pictures="auto")
    async with open_house(settings) as house:
        assert [facts.name for facts in house.resources.picturing.sources] == [
            "openverse", "commons", "nasa", "archive",
        ]  # fmt: skip
        filled = await fill(house, board(*["lighthouse"] * 8))
        assert not any(shows(filled))
        assert filled.notes[0].startswith("No picture was found")
        assert "Openverse cannot be reached." in filled.notes


@pytest.mark.parametrize(
    "fault",
    [
        Fault(raw=b"<html>no</html>", content_type="text/html"),
        Fault(raw=b"not a picture", content_type="image/jpeg"),
        Fault(404),
        Fault(truncated=True, raw=b"\xff\xd8\xff", content_type="image/jpeg"),
    ],
)
async def test_a_bad_file_is_passed_over(server: FootageServer, sqlite_url: str, tmp_path: Path, fault: Fault) -> None:
    server.has("commons", Item(1, "Lighthouse storm", seed=1, width=200, height=300))
    server.has("openverse", Item(2, "Lighthouse", seed=2, width=200, height=300))
    async with house_with(server, tmp_path, sqlite_url) as house:
        production_id = await production_of(house)
        server.fail_once("files", fault)
        filled = await fill(house, board("lighthouse storm"), production_id=production_id)
        assert shows(filled) == [True]
        assert len(server.asked("files")) == 2
        assert [row.origin for row in await rows(house)] == ["openverse"]


async def test_pictures_can_be_left_out(server: FootageServer, sqlite_url: str, tmp_path: Path) -> None:
    server.has("commons", LIGHTHOUSE)
    async with house_with(server, tmp_path, sqlite_url) as house:
        for options in (VideoOptions(pictures="own"), VideoOptions(pictures="designed"), VideoOptions(sources=("x",))):
            assert shows(await fill(house, board("lighthouse"), options)) == [False]
        kept = board("lighthouse")
        pinned = kept.model_copy(update={"scenes": (kept.scenes[0].model_copy(update={"pinned": True}),)})
        assert shows(await fill(house, pinned)) == [False]
        assert server.requests == []


async def test_own_terms_and_sources_in_their_order(server: FootageServer, sqlite_url: str, tmp_path: Path) -> None:
    server.has("commons", HARBOUR)
    server.has("openverse", Item(8, "Harbour of an old town", width=200, height=300))
    async with house_with(server, tmp_path, sqlite_url) as house:
        options = VideoOptions(search_terms=("harbour",), sources=("openverse",))
        assert shows(await fill(house, board("lighthouse", ""), options)) == [True, False]
        assert [row.origin for row in await rows(house)] == ["openverse"]
        assert server.asked("commons") == []


@pytest.mark.parametrize("order", ["sequential", "random"])
async def test_orders_that_do_not_match(server: FootageServer, sqlite_url: str, tmp_path: Path, order: Any) -> None:
    items = [Item(number, "Lighthouse", width=200, height=300) for number in range(6)]
    server.has("commons", *items)
    async with house_with(server, tmp_path, sqlite_url, ["commons"]) as house:
        production_id = await production_of(house)
        filled = await fill(house, board(*["lighthouse"] * 5), VideoOptions(order=order), production_id)
        assert all(shows(filled))
        taken = [path.split("/")[2] for path in server.asked("files")]
        assert len(set(taken)) == 5
        assert (taken == ["0", "1", "2", "3", "4"]) == (order == "sequential")


async def test_the_articles_own_picture_comes_first(server: FootageServer, sqlite_url: str, tmp_path: Path) -> None:
    """Where its licence is stated and within the policy; once, in a scene that rests on the article."""
    server.has("commons", LIGHTHOUSE, HARBOUR)
    picture = CitedPicture(
        url=f"{server.url}/files/77/300x500.jpg", title="The keeper", author="Eve", licence="CC BY 4.0"
    )
    cited = Citation(title="An article", url="https://example.org/article", picture=picture)
    shown = board("lighthouse", "harbour", citations=(cited,))
    scenes = [scene.model_copy(update={"citations": (0,)}) for scene in shown.scenes]
    shown = shown.model_copy(update={"scenes": tuple(scenes)})
    async with house_with(server, tmp_path, sqlite_url, ["commons"]) as house:
        filled = await fill(house, shown)
        assert all(shows(filled))
        first, second = await rows(house)
        assert (first.origin, first.name, first.author, first.licence) == ("article", "The keeper", "Eve", "CC BY 4.0")
        assert first.source_url == "https://example.org/article"
        assert second.origin == "commons"
        for options in (VideoOptions(licences="no_attribution"), VideoOptions(sources=("commons",))):
            await fill(house, shown, options)
        assert [row.origin for row in await rows(house)].count("article") == 1
    async with house_with(server, tmp_path, sqlite_url, [], pictures="designed") as house:
        assert not any(shows(await fill(house, shown)))


async def test_drafting_looks_for_pictures(server: FootageServer, sqlite_url: str, tmp_path: Path) -> None:
    server.has("commons", *(Item(number, "Lamp glass Paris sea prisms", width=700, height=900) for number in range(9)))
    async with house_with(server, tmp_path, sqlite_url, ["commons"]) as house:
        started = await house.start()
        await house.run_next()
        revision = await house.revision(started.id)
        shown = Storyboard.model_validate(revision.storyboard)
        assert any(is_from_file(scene.visual) for scene in shown.scenes)
        jobs = await house.jobs(started.id)
        assert {row.production_id for row in await rows(house)} == {started.id}
        assert jobs[0].kind == "production.draft"


async def test_by_hand(server: FootageServer, sqlite_url: str, tmp_path: Path) -> None:
    server.has("commons", LIGHTHOUSE, Item(3, "Lighthouse in fog", width=200, height=300, licence="by-sa 3.0"))
    async with house_with(server, tmp_path, sqlite_url, ["commons"]) as house:
        picturing, user_id = house.resources.picturing, house.person.user_id
        found = await picturing.search(user_id, "lighthouse", limit=5)
        assert found == (), "too small for a frame of 1080 by 1920"
        server.has("commons", Item(5, "Lighthouse tower", width=540, height=960, licence="by-sa 3.0"))
        (one,) = await picturing.search(user_id, "lighthouse tower")
        open_id = await production_of(house, shown=board("lighthouse"))
        visual = await picturing.fetch(user_id, open_id, one)
        assert (visual.width, visual.height) == (540, 960)
        assert [row.production_id for row in await rows(house)] == [open_id]
        strict_id = await production_of(house, VideoOptions(licences="no_share_alike"), board("lighthouse"))
        with pytest.raises(Refused) as refused:
            await picturing.fetch(user_id, strict_id, one.identity)
        assert refused.value.code == "licence.policy"
        pretended = one.model_copy(update={"licence": one.licence.model_copy(update={"id": "CC0-1.0"})})
        with pytest.raises(Refused):
            await picturing.fetch(user_id, strict_id, pretended)


async def test_by_hand_only_what_a_search_gave_this_person(
    server: FootageServer, sqlite_url: str, tmp_path: Path
) -> None:
    server.has("commons", Item(5, "Lighthouse tower"))
    async with house_with(server, tmp_path, sqlite_url, ["commons"]) as house:
        picturing = house.resources.picturing
        (one,) = await picturing.search(house.person.user_id, "lighthouse")
        stranger = await house.stranger()
        production_id = await production_of(house, shown=board("lighthouse"))
        with pytest.raises(NotFound):
            await picturing.fetch(stranger.user_id, production_id, one)
        made_up = one.model_copy(update={"provider_id": "77", "file_url": "http://127.0.0.1:1/secret"})
        with pytest.raises(NotFound):
            await picturing.fetch(house.person.user_id, production_id, made_up)
        assert server.asked("files") == []


async def test_another_one_each_time(server: FootageServer, sqlite_url: str, tmp_path: Path) -> None:
    server.has("commons", *(Item(number, "Lighthouse", width=200, height=300) for number in (1, 2)))
    async with house_with(server, tmp_path, sqlite_url, ["commons"]) as house:
        shown = board("lighthouse")
        production_id = await production_of(house, shown=shown)
        first, second = [
            await house.resources.picturing.another(house.person.user_id, production_id, "s00") for _ in range(2)
        ]
        assert first.asset_key != second.asset_key
        with pytest.raises(NotFound) as none_left:
            await house.resources.picturing.another(house.person.user_id, production_id, "s00")
        assert none_left.value.code == "footage.nothing_more"


async def test_searching_by_hand_when_nobody_answers(server: FootageServer, sqlite_url: str, tmp_path: Path) -> None:
    server.break_down("commons", Fault(503))
    async with house_with(server, tmp_path, sqlite_url, ["commons"]) as house:
        with pytest.raises(TransientError, match="Wikimedia Commons"):
            await house.resources.picturing.search(house.person.user_id, "lighthouse")
        with pytest.raises(InvalidInput):
            await house.resources.picturing.search(house.person.user_id, "  ")


async def test_every_source_can_be_shown(server: FootageServer, sqlite_url: str, tmp_path: Path) -> None:
    for number, name in enumerate(FACTS, 1):
        server.has(name, Item(number, f"Wonder{name}", width=200, height=300, licence="by 4.0"))
    async with house_with(server, tmp_path, sqlite_url, list(FACTS)) as house:
        filled = await fill(house, board(*(f"wonder{name}" for name in FACTS)))
        assert all(shows(filled)), filled.notes
        taken = await rows(house)
        assert {row.origin for row in taken} == set(FACTS)
        shown = filled.storyboard
        async with house.resources.database.read_scope() as session:
            credited = await credited_assets(session, house.person.user_id, shown)
        for text in (credits_text(shown, credited), description_text(shown, credited)):
            for row in taken:
                assert f"{row.name} by {row.author}, via {FACTS[row.origin].title}, {row.licence} (https://" in text
                assert str(row.source_url) in text
                assert read_licence(row.licence).url in text
        assert "6 of 6 scenes show pictures from elsewhere." in credits_text(shown, credited)


@pytest.mark.parametrize("lacking", ["licence", "source_url"])
async def test_a_picture_without_licence_or_page_is_never_written_down(
    server: FootageServer, sqlite_url: str, tmp_path: Path, lacking: str
) -> None:
    async with house_with(server, tmp_path, sqlite_url, []) as house:
        stated = {"licence": "CC0 1.0", "source_url": "https://example.org/", lacking: None}
        row = Asset(
            user_id=house.person.user_id, kind="photo", origin="commons", storage_key="assets/x.jpg", sha256="0" * 64,
            media_type="image/jpeg", size_bytes=1, **stated,
        )  # fmt: skip
        with pytest.raises(Bug):
            async with house.resources.database.session_scope() as session:
                session.add(row)
        assert await rows(house) == []
