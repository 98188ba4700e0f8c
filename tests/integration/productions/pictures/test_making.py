"""Pictures made by a model: planned in the draft, paid for only after a yes, made once."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pydantic import SecretStr
from sqlalchemy import select

from ettametta.models import Asset, Production, StepResult, Usage, Video
from ettametta.productions.options import VideoOptions
from ettametta.productions.pictures.making import Imaging
from ettametta.productions.state import ProductionState
from ettametta.productions.steps import StepCache, StepHolds
from ettametta.providers.images.base import ImageFacts, ImageRequest, MadeImage
from ettametta.storyboard import Storyboard
from tests.integration.productions.harness import House, MovedClock, open_house, settings_for, small_storyboard
from tests.servers.openai_replies import fail
from tests.servers.openai_server import OpenAIServer

PATH = "/images/generations"


@pytest.fixture
async def server() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer(api_key="im-1") as running:
        yield running


@asynccontextmanager
async def house_with(server: OpenAIServer, folder: Path, url: str, **settings: Any) -> AsyncIterator[House]:
    own = {
        "image_model": "gpt-image-1", "image_base_url": server.base_url, "image_api_key": SecretStr("im-1"),
        "image_usd": 0.05,
    }  # fmt: skip
    async with open_house(settings_for(folder, url, **{**own, **settings})) as house:
        yield house


def wishing(board: Storyboard, *places: int) -> Storyboard:
    scenes = [
        scene.model_copy(update={"query": "lamp", "generate": f"A lamp, {place}."}) if place in places else scene
        for place, scene in enumerate(board.scenes)
    ]
    return board.model_copy(update={"scenes": tuple(scenes)})


async def credits_of(house: House, video: Video) -> str:
    return (await house.resources.storage.get_bytes(video.credits_key, 100_000)).decode()


async def test_what_is_to_be_made_waits_for_a_yes(server: OpenAIServer, sqlite_url: str, tmp_path: Path) -> None:
    async with house_with(server, tmp_path, sqlite_url) as house:
        started = await house.start()
        await house.run_next()
        revision = await house.revision(started.id)
        shown = Storyboard.model_validate(revision.storyboard)
        assert "gpt-image-1 is to make" in revision.note
        wishes = [scene for scene in shown.scenes if scene.generate]
        assert wishes
        assert all(scene.query in scene.generate for scene in wishes)
        view = await house.see(started.id)
        assert view.state is ProductionState.PROPOSED
        assert view.proposal is not None
        assert view.proposal.estimate_usd == pytest.approx(0.05 * len(wishes))
        assert "gpt-image-1" in view.proposal.summary
        assert server.bodies(PATH) == [], "nothing is made before the yes"


async def test_nothing_is_planned_where_nothing_is_to_be_made(
    server: OpenAIServer, sqlite_url: str, tmp_path: Path
) -> None:
    async with house_with(server, tmp_path, sqlite_url) as house:
        for options in (VideoOptions(pictures="own"), VideoOptions(sources=("pexels",))):
            started = await house.start(options=options)
            await house.run_next()
            shown = Storyboard.model_validate((await house.revision(started.id)).storyboard)
            assert not any(scene.generate for scene in shown.scenes)
            await house.resources.productions.cancel(started.id, user_id=None)


async def test_made_once_shown_and_credited(server: OpenAIServer, sqlite_url: str, tmp_path: Path) -> None:
    async with house_with(server, tmp_path, sqlite_url) as house:
        board = wishing(small_storyboard(2), 0)
        started = await house.with_storyboard(board)
        await house.run_next()
        assert len(server.bodies(PATH)) == 1
        assert server.bodies(PATH)[0]["prompt"] == "A lamp, 0."
        (video,) = await house.videos(started.id)
        written = await credits_of(house, video)
        assert "Photo: lamp, made by the image model gpt-image-1" in written
        assert "1 of 2 scenes show pictures made by an image model" in written
        async with house.resources.database.read_scope() as session:
            asset = await session.scalar(select(Asset).where(Asset.origin == "generated"))
            usage = await session.scalar(select(Usage).where(Usage.unit == "images"))
        assert asset is not None
        assert usage is not None
        assert (asset.cost_microusd, usage.cost_microusd) == (50_000, 50_000)
        again = await house.with_storyboard(board)
        result = await house.run_next()
        assert result["segments_encoded"] == 0
        assert len(server.bodies(PATH)) == 1, "the same picture is not paid for twice"
        assert len(await house.videos(again.id)) == 1


async def test_a_refused_picture_leaves_the_card(server: OpenAIServer, sqlite_url: str, tmp_path: Path) -> None:
    async with house_with(server, tmp_path, sqlite_url) as house:
        server.queue(fail(400, code="moderation_blocked", message="No."))
        started = await house.with_storyboard(wishing(small_storyboard(2), 1))
        await house.run_next()
        (video,) = await house.videos(started.id)
        assert video.checks["ok"]
        written = await credits_of(house, video)
        assert "typographic scenes drawn by Ettametta" in written


class _SlowMaker:
    """Makes a picture once it is let; counts how often it was asked."""

    facts = ImageFacts("images", "slow", 0.05)

    def __init__(self) -> None:
        self.asked = 0
        self.begun, self.go = asyncio.Event(), asyncio.Event()

    async def make(self, request: ImageRequest) -> MadeImage:
        assert request.prompt == "A lamp, 0."
        self.asked += 1
        self.begun.set()
        if self.asked > 1:
            self.go.set()
        await self.go.wait()
        return MadeImage(_png(), "image/png", "slow", 0.05)

    async def close(self) -> None:
        """Nothing is open."""


async def test_the_same_picture_wanted_twice_at_once_is_paid_for_once(house: House, tmp_path: Path) -> None:
    maker, waits = _SlowMaker(), asyncio.Event()

    async def wait(_seconds: float) -> None:
        waits.set()
        maker.go.set()
        await asyncio.sleep(0)

    database = house.resources.database
    holds = StepHolds(database, wait=wait)
    imaging = Imaging(maker, StepCache(database), holds, house.resources.storage, tmp_path / "work")
    board = wishing(small_storyboard(1), 0)
    views = [await house.planned(1) for _ in range(2)]
    async with database.read_scope() as session:
        first, second = [await session.get_one(Production, view.id) for view in views]
    one = asyncio.create_task(imaging.make(first, board, _unheard))
    await maker.begun.wait()
    two = asyncio.create_task(imaging.make(second, board, _unheard))
    made = await asyncio.gather(one, two)
    assert waits.is_set(), "the second waited for the first"
    assert maker.asked == 1
    assert made[0].scenes == made[1].scenes
    assert made[0].scenes[0].visual.kind == "photo"
    assert await house.count(Usage) == 1
    assert await house.count(StepResult, StepResult.step == "hold") == 0


async def test_a_hold_of_one_who_died_runs_out(sqlite_house: House) -> None:
    clock, waited = MovedClock(), 0

    async def wait(_seconds: float) -> None:
        nonlocal waited
        waited += 1
        clock.moment += timedelta(minutes=6)

    holds, user_id = StepHolds(sqlite_house.resources.database, clock=clock, wait=wait), sqlite_house.person.user_id
    died = holds.held("key", owner="dead", user_id=user_id)
    await died.__aenter__()
    async with holds.held("key", owner="alive", user_id=user_id):
        assert waited == 3
    assert await sqlite_house.count(StepResult) == 0
    await died.__aexit__(None, None, None)


def _png() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 96), (200, 120, 40)).save(file, "PNG")
    return file.getvalue()


async def _unheard(_done: int, _wanted: int, _is_new: bool) -> None:
    """Nobody follows."""
