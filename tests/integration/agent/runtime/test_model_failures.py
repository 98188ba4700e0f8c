"""Models that stand in for others, conversations that are too long, filters and cuts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage
from pydantic import SecretStr
from sqlalchemy import select

from agent.runtime.bench import Bench
from agent.runtime.model import LangChainModel
from agent.runtime.steps import shorter
from agent.runtime.turn import OpenClaw
from ettametta.bootstrap import Resources
from ettametta.conversation import Line
from ettametta.kit.ids import new_id
from ettametta.models import Usage
from ettametta.users import Person
from tests.integration.agent.runtime.turns import answer
from tests.servers.openai_replies import fail
from tests.servers.openai_server import OpenAIServer, Reply, call, say


@pytest.fixture
async def server() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer(api_key="sk-right") as running:
        yield running


def _openclaw(resources: Resources, server: OpenAIServer, *, key: str = "sk-right", **more: Any) -> OpenClaw:
    model = LangChainModel(
        model="first", base_url=server.base_url, api_key=SecretStr(key), **{"timeout_s": 5.0, **more}
    )
    return OpenClaw(resources, model)


def _asked(server: OpenAIServer) -> list[str]:
    return [body["model"] for body in server.bodies("completions")]


@pytest.mark.parametrize(
    "failure", [fail(429, retry_after=0.01), fail(503), say("a b c", truncated=True)], ids=["429", "503", "cut"]
)
async def test_another_model_answers_where_the_first_does_not(
    resources: Resources, server: OpenAIServer, person: Person, failure: Reply
) -> None:
    def brain(request: Mapping[str, Any]) -> Reply:
        return failure if request["model"] == "first" else say("The second speaks.")

    server.brain = brain
    openclaw = _openclaw(resources, server, fallbacks=("second", "third"))
    assert (await answer(openclaw, person, "tell me a story", turn_id="a" * 32)).text == "The second speaks."
    assert set(_asked(server)) == {"first", "second"}
    before = len(server.requests)
    assert (await answer(openclaw, person, "and another one")).text == "The second speaks."
    assert _asked(server)[before:] == ["second"], "the first is left alone for a while"
    async with resources.database.read_scope() as session:
        models = set(await session.scalars(select(Usage.model).where(Usage.quantity > 0)))
    assert models == {"second"}


@pytest.mark.parametrize(
    ("failure", "sentence"),
    [
        (fail(401), "refused the key"),
        (fail(403), "refused the key"),
        (fail(404), "ETTAMETTA_MODEL"),
        (fail(429, code="insufficient_quota", retry_after=0.01), "no credit left"),
        (say(""), "empty or broken answer twice"),
    ],
    ids=["401", "403", "404", "no credit", "empty"],
)
async def test_no_other_model_hides_what_a_person_must_mend(
    resources: Resources, server: OpenAIServer, person: Person, failure: Reply, sentence: str
) -> None:
    server.brain = lambda request: failure if request["model"] == "first" else say("The second speaks.")
    said = await answer(_openclaw(resources, server, fallbacks=("second",)), person, "tell me a story")
    assert sentence in said.text
    assert set(_asked(server)) == {"first"}


async def test_when_no_model_answers_it_is_said_once(
    resources: Resources, server: OpenAIServer, person: Person
) -> None:
    server.brain = lambda _: fail(503)
    said = await answer(_openclaw(resources, server, fallbacks=("second",)), person, "tell me a story")
    assert said.text.startswith("The language model does not answer. Try again in a moment. Nothing was begun.")


async def test_the_deed_of_the_first_model_is_not_done_again_by_the_second(
    resources: Resources, server: OpenAIServer, person: Person
) -> None:
    def brain(request: Mapping[str, Any]) -> Reply:
        if request["messages"][-1]["role"] != "tool":
            return call("make_video", topic="tea")
        return fail(503) if request["model"] == "first" else say("It has begun.")

    server.brain = brain
    said = await answer(_openclaw(resources, server, fallbacks=("second",)), person, "something on tea")
    assert said.text == "It has begun."
    assert len(await resources.productions.recent(user_id=person.user_id)) == 1


def test_who_did_not_answer_comes_last() -> None:
    bench = Bench(("a", "b", "a", "c"), {}, "native")
    assert bench.order() == ["a", "b", "c"]
    bench.rest("a")
    assert bench.order() == ["b", "c", "a"]


_TOO_LONG = [
    fail(400, code="context_length_exceeded", message="Your input exceeds the limit."),
    fail(400, message="This model's maximum context length is 4096 tokens. However, you requested 5000 tokens."),
    fail(400, message="the request exceeds the available context size, try increasing it"),
    fail(413, message="Request Entity Too Large"),
]


@pytest.mark.parametrize("refusal", _TOO_LONG, ids=["openai", "vllm", "llama.cpp", "413"])
async def test_a_conversation_that_is_too_long_is_shortened(
    resources: Resources, server: OpenAIServer, person: Person, refusal: Reply
) -> None:
    for number in range(4):
        await resources.conversation.append(
            person.chat_id, person.user_id, Line("user", f"old words {number}", new_id())
        )
    server.brain = lambda request: refusal if "old words" in str(request["messages"]) else say("Shorter is better.")
    assert (await answer(_openclaw(resources, server), person, "and now, my friend?")).text == "Shorter is better."
    assert [len(body["messages"]) for body in server.bodies("completions")] == [6, 2]


async def test_a_message_that_is_too_long_by_itself_is_told(
    resources: Resources, server: OpenAIServer, person: Person
) -> None:
    server.brain = lambda _: _TOO_LONG[0]
    said = await answer(_openclaw(resources, server), person, "tell me a story, my friend")
    assert said.text.startswith("This is longer than the language model can read.")
    assert len(server.requests) == 2


def test_what_is_shortened_keeps_the_newest_message_and_what_came_of_it() -> None:
    asked = AIMessage("", tool_calls=[{"id": "1", "name": "show_status", "args": {}, "type": "tool_call"}])
    result = ToolMessage("x" * 3_000, tool_call_id="1")
    said: list[AnyMessage] = [HumanMessage("old"), AIMessage("well"), HumanMessage("new"), asked, result]
    kept = shorter(said)
    assert kept[:2] == said[2:4]
    assert str(kept[2].content) == "x" * 1_000 + " […]"
    assert len(kept) == 3
    assert len(str(result.content)) == 3_000, "what was said is left as it is"


async def test_a_filtered_answer_is_told_and_not_asked_for_again(
    resources: Resources, server: OpenAIServer, person: Person
) -> None:
    server.queue(say("", finish_reason="content_filter"))
    said = await answer(_openclaw(resources, server), person, "tell me a story")
    assert said.text.startswith("The content filter of the language model stopped its answer. Say it in other words.")
    assert len(server.requests) == 1


async def test_an_answer_that_was_cut_off_at_its_length_shows_it(
    resources: Resources, server: OpenAIServer, person: Person
) -> None:
    server.queue(say("Once upon a", finish_reason="length"))
    assert (await answer(_openclaw(resources, server), person, "tell me a story")).text == "Once upon a […]"
