"""The whole product over real HTTP: pairing, a text, progress, cancel, again, the video; without and with a model."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import av
import pytest
from pydantic import SecretStr

from ettametta.settings import Settings
from tasks.registry import KINDS
from tests.acceptance.telegram.quick import ADA, Home, QuickStudio, open_home, pair, settings_for, video_of, videos_in
from tests.servers.bot_api import BotApiServer, ChatMessage
from tests.servers.openai_replies import Reply, call, say, structured
from tests.servers.openai_server import OpenAIServer

STORY = (
    "Make a 10-second video about this: The Pharos of Alexandria was a lighthouse of the third century before Christ. "
    "It stood about one hundred metres tall and guided ships into the harbour by day and by night. "
    "A fire at its top was seen from far out at sea. "
    "Earthquakes damaged it in the Middle Ages, and its last stones were built into a fort in 1480. "
    "Divers found some of its blocks on the floor of the harbour in 1994."
)


def check_film(message: ChatMessage, data: bytes) -> None:
    """What was received is what was announced, and what was promised: portrait, 30 fps, H.264 and AAC."""
    video = message.current.video
    assert video is not None
    with av.open(io.BytesIO(data), "r") as film:
        picture, sound = film.streams.video[0], film.streams.audio[0]
        assert film.duration is not None
        length_s = film.duration / 1_000_000
        assert (picture.width, picture.height, float(picture.average_rate or 0)) == (1080, 1920, 30.0)
        assert (picture.codec_context.name, sound.codec_context.name) == ("h264", "aac")
    assert (video.width, video.height) == (1080, 1920)
    assert abs(video.duration - length_s) <= 0.51
    assert 5 < length_s < 20
    assert video.thumbnail is not None
    assert max(video.thumbnail.width, video.thumbnail.height) <= 320


async def make_cancel_and_try_again(server: BotApiServer, home: Home, request: str) -> None:
    """The story of the main job."""
    async with home.bot():
        ada = await pair(server, home.resources)
        await ada.sends(request)
        progress = await server.wait_for(
            ADA, lambda one: "%" in one.text and "Cancel" in one.button_texts and len(one.history) >= 1, 120.0
        )
        await server.answer_to(await ada.clicks(progress, "Cancel"))
        await server.wait_for(ADA, lambda one: "on it" in one.text.lower(), 60.0)
        await server.wait_until(lambda: "Try again" in progress.button_texts, 30.0)
        await home.until("cancelled")
        await server.answer_to(await ada.clicks(progress, "Try again"))
        got = await server.wait_for(ADA, video_of, 400.0)
        await home.until("delivered")
    assert len(videos_in(server)) == 1
    assert got.current.video is not None
    check_film(got, server.file(got.current.video.file_id))
    bars = [text for text in progress.texts if "%" in text]
    assert len(bars) >= 3
    assert server.worst_rate(ADA, 3.0) <= 3
    assert [one.description for one in server.calls if one.error_code] == []


def unhurried(server: BotApiServer, database_url: str, folder: Path, **more: object) -> Settings:
    """Settings with an encoder slow enough that a person can press Cancel before it is done."""
    return settings_for(server.url, database_url, folder / "data", video_preset="medium", **more)


def creator(request: Mapping[str, Any]) -> Reply:
    """A model that calls the tool, says so, and (asked for a script at the same time) gives one of the wanted shape."""
    if not request.get("tools"):
        return structured()
    if "write_word" in str(request["messages"][-1]["content"]):
        return call("write_word", word="lighthouse")  # how it calls tools is found out before the first turn
    if request["messages"][-1]["role"] == "tool":
        return say("I am on it.")
    return call("make_video", from_message=True, duration_s=10)


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_without_a_model(server: BotApiServer, sqlite_url: str, tmp_path: Path) -> None:
    settings = unhurried(server, sqlite_url, tmp_path)
    async with open_home(settings, QuickStudio(), kinds=KINDS) as home:
        await make_cancel_and_try_again(server, home, STORY)


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_with_a_scripted_model(server: BotApiServer, sqlite_url: str, tmp_path: Path) -> None:
    async with OpenAIServer(api_key="sk-scripted") as model:
        model.brain = creator
        settings = unhurried(
            server, sqlite_url, tmp_path, openai_api_key=SecretStr("sk-scripted"), openai_base_url=model.base_url,
            speech="hibari",
        )  # fmt: skip
        async with open_home(settings, QuickStudio(), kinds=KINDS) as home:
            await make_cancel_and_try_again(server, home, STORY)
        asked = model.bodies("/chat/completions")
    first = next(request for request in asked if "write_word" not in str(request["messages"]))
    assert "Pharos" in str(first["messages"])
    assert {"make_video", "cancel_production"} <= {tool["function"]["name"] for tool in first["tools"]}
    assert any("tools" not in request for request in asked), "the script was not asked of the model"
