"""A turn that takes long in Telegram: it is stopped by words or a button, and takes an addition in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from functools import partial
from typing import Any

import pytest

from agent.runtime.model import LangChainModel
from agent.runtime.turn import OpenClaw
from agent.telegram import replies
from agent.telegram.waiting import TAKES_LONG, offering_to_stop
from tests.acceptance.telegram.quick import ADA, Home, pair
from tests.servers.bot_api import BotApiServer
from tests.servers.openai_server import OpenAIServer, Reply, call, say


@pytest.fixture
async def endpoint() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer() as running:
        yield running


def _openclaw(home: Home, endpoint: OpenAIServer) -> OpenClaw:
    model = LangChainModel(model="scripted", base_url=endpoint.base_url, api_key=None, timeout_s=30.0)
    return OpenClaw(home.resources, model)


def _slow(_request: Mapping[str, Any]) -> Reply:
    return say("late", delay_s=60)


async def test_a_turn_is_stopped_by_a_word_and_by_a_button(
    server: BotApiServer, home: Home, endpoint: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replies, "offering_to_stop", partial(offering_to_stop, after_s=0.0))
    endpoint.brain = _slow
    stopped: Callable[[Any], bool] = lambda one: one.text.startswith("I stopped, as you said.")  # noqa: E731
    async with home.bot(_openclaw(home, endpoint)):
        ada = await pair(server, home.resources)
        await ada.sends("tell me a long story")
        offer = await server.wait_for(ADA, lambda one: one.text == TAKES_LONG)
        await ada.clicks(offer, "Stop")
        await server.wait_for(ADA, stopped)
        await ada.sends("and another one, my friend")
        await server.wait_for(ADA, lambda one: one.text == TAKES_LONG)
        await ada.sends("/stop")
        await ada.sends("/jobs")
        await server.wait_for(ADA, lambda one: "no jobs" in one.text)
    texts = [one.text for one in server.chat(ADA).from_bot]
    assert sum(text.startswith("I stopped, as you said.") for text in texts) == 2
    assert not any("not in the middle" in text for text in texts)
    assert TAKES_LONG not in texts, "the offer goes with the turn"


async def test_an_addition_is_answered_with_what_it_adds_to(
    server: BotApiServer, home: Home, endpoint: OpenAIServer
) -> None:
    async with home.bot(_openclaw(home, endpoint)):
        ada = await pair(server, home.resources)
        endpoint.queue(
            Reply(tool_calls=call("show_status").tool_calls, delay_s=1.0),
            say("None of them is on tea."),
        )
        await ada.sends("what is going on with my videos over there")
        await endpoint.wait_for_request()
        await ada.sends("only those on tea")
        await server.wait_for(ADA, lambda one: one.text == "None of them is on tea.")
        await ada.sends("/jobs")
        await server.wait_for(ADA, lambda one: "no jobs" in one.text)
    assert [body["messages"][-1]["content"] for body in endpoint.bodies("completions")][1:] == ["only those on tea"]
