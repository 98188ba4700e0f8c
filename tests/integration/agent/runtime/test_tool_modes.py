"""Endpoints whose models cannot call tools: found out once, then held to one schema, or told by words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from agent.runtime.model import LangChainModel
from agent.runtime.probe import Endpoint, ToolMode, probe, tool_mode
from agent.runtime.turn import OpenClaw
from ettametta.bootstrap import Resources
from ettametta.users import Person
from tests.integration.agent.runtime.turns import answer
from tests.servers.openai_replies import fail
from tests.servers.openai_server import OpenAIServer, Reply, call, say


def step(do: str, **arguments: Any) -> Reply:
    """A call as a model without tool calling writes it."""
    return say(json.dumps({"do": do, "arguments": arguments}))


def words(text: str) -> Reply:
    return say(json.dumps({"do": "say", "text": text}))


def endpoint(server: OpenAIServer) -> Endpoint:
    return Endpoint(server.base_url, "scripted", SecretStr("sk-x"), timeout_s=5.0)


def openclaw(resources: Resources, server: OpenAIServer, mode: ToolMode) -> OpenClaw:
    model = LangChainModel(
        model="scripted", base_url=server.base_url, api_key=SecretStr("sk-x"), timeout_s=5.0, tools=mode
    )
    return OpenClaw(resources, model)


@pytest.mark.parametrize("mode", ["schema", "words"])
async def test_a_video_is_begun_without_tool_calls(resources: Resources, person: Person, mode: ToolMode) -> None:
    async with OpenAIServer() as server:
        server.queue(step("make_video", topic="tea", duration_s=30), words("I have begun your video on tea."))
        said = await answer(openclaw(resources, server, mode), person, "something on tea, please")
        first, second = server.bodies("/chat/completions")
    assert said.text == "I have begun your video on tea."
    (view,) = await resources.productions.recent(user_id=person.user_id)
    assert view.title == "tea"
    assert "tools" not in first
    assert ("response_format" in first) is (mode == "schema")
    assert first["max_tokens"] > 0
    assert [message["role"] for message in second["messages"]] == ["system", "user", "assistant", "user"]
    assert '"ok": true' in second["messages"][-1]["content"]


async def test_a_broken_step_is_asked_for_again_and_does_nothing(resources: Resources, person: Person) -> None:
    async with OpenAIServer() as server:
        server.queue(say('{"do": "make_video", "arguments": {"topic": "te'), words("What about tea?"))
        said = await answer(openclaw(resources, server, "schema"), person, "make something")
    assert said.text == "What about tea?"
    assert await resources.productions.recent(user_id=person.user_id) == []


@pytest.mark.parametrize(
    ("replies", "unsupported", "found"),
    [
        ((call("write_word", word="lighthouse"),), frozenset(), "native"),
        ((say('{"name": "write_word", "arguments": {"word": "lighthouse"}}'), step("write_word", word="lighthouse")),
         frozenset(), "schema"),
        ((step("write_word", word="Lighthouse"),), frozenset({"tools"}), "schema"),
        ((say("I cannot call tools, but here is: lighthouse"), say("I still cannot.")), frozenset(), "words"),
        ((), frozenset({"tools", "json_schema"}), "words"),
        ((call("write_word", word="house"), words("lighthouse")), frozenset(), "schema"),
        ((fail(401),), frozenset(), None),
        ((fail(500), fail(500)), frozenset(), None),
    ],
)  # fmt: skip
async def test_what_the_probe_finds(
    replies: tuple[Reply, ...], unsupported: frozenset[str], found: ToolMode | None
) -> None:
    async with OpenAIServer(unsupported=unsupported) as server:
        server.queue(*replies)
        assert await probe(endpoint(server)) == found


async def test_an_endpoint_is_asked_once(tmp_path: Path) -> None:
    async with OpenAIServer(unsupported=frozenset({"tools"})) as server:
        server.queue(step("write_word", word="lighthouse"))
        assert await tool_mode(endpoint(server), tmp_path) == "schema"
        asked = len(server.requests)
        assert await tool_mode(endpoint(server), tmp_path) == "schema"
        assert len(server.requests) == asked
        (kept,) = tmp_path.glob("model-*.json")  # noqa: ASYNC240 -- a test's own folder
        kept.write_text("{ broken", encoding="utf-8")
        server.queue(step("write_word", word="lighthouse"))
        assert await tool_mode(endpoint(server), tmp_path) == "schema"


async def test_an_endpoint_that_is_away_is_asked_again_later(tmp_path: Path) -> None:
    away = Endpoint("http://127.0.0.1:9/v1", "scripted", None, timeout_s=1.0)
    assert await tool_mode(away, tmp_path) == "native"
    assert not list(tmp_path.iterdir())  # noqa: ASYNC240 -- a test's own folder


async def test_openais_own_endpoint_is_known(tmp_path: Path) -> None:
    assert await tool_mode(Endpoint("https://api.openai.com/v1", "gpt-5-mini", SecretStr("sk-x")), tmp_path) == "native"


async def test_the_agent_of_an_installation_finds_out_by_itself(
    resources: Resources, person: Person, tmp_path: Path
) -> None:
    async with OpenAIServer(unsupported=frozenset({"tools"})) as server:

        def brain(request: Mapping[str, Any]) -> Reply:
            asked = str(request["messages"][-1]["content"])
            if "write_word" in asked:
                return step("write_word", word="lighthouse")
            return words("Nothing runs.") if "data kind" in asked else step("show_status")

        server.brain = brain
        model = LangChainModel(
            model="scripted", base_url=server.base_url, api_key=None, timeout_s=5.0,
            tools=lambda _: tool_mode(endpoint(server), tmp_path),
        )  # fmt: skip
        for _ in range(2):
            said = await answer(OpenClaw(resources, model), person, "is anything going on over there?")
            assert said.text == "Nothing runs."
        assert (
            sum("write_word" in str(body["messages"][-1]["content"]) for body in server.bodies("completions")) == 2
        )  # asked in two ways, once
