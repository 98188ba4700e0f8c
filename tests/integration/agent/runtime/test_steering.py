"""A turn that runs can be stopped, and takes in what only adds to it; whatever else comes has its own turn."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from agent.runtime.model import LangChainModel
from agent.runtime.turn import OpenClaw
from agent.runtime.values import Answer, Included, Incoming, TextDelta, ToolFinished, TurnEvent
from ettametta.bootstrap import Resources
from ettametta.kit.ids import new_id
from ettametta.users import Person
from tests.integration.agent.runtime.turns import answer
from tests.servers.openai_server import OpenAIServer, Reply, call, say


@pytest.fixture
async def server() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer() as running:
        yield running


@pytest.fixture
def openclaw(resources: Resources, server: OpenAIServer) -> OpenClaw:
    return OpenClaw(resources, _model(server))


def _model(server: OpenAIServer) -> LangChainModel:
    return LangChainModel(model="scripted", base_url=server.base_url, api_key=None, timeout_s=20.0)


def _said(person: Person, text: str) -> Incoming:
    return Incoming(person, "terminal", text, new_id())


async def _events(openclaw: OpenClaw, incoming: Incoming) -> list[TurnEvent]:
    return [event async for event in openclaw.turn(incoming)]


async def _while_a_tool_has_run(openclaw: OpenClaw, first: Incoming, *then: Incoming) -> list[TurnEvent]:
    """The events of a turn into which others come just after its first tool."""
    events = []
    async for event in openclaw.turn(first):
        events.append(event)
        if isinstance(event, ToolFinished):
            for one in then:
                openclaw.interject(one)
            then = ()
    return events


def _answer(events: list[TurnEvent]) -> str:
    assert isinstance(events[-1], Answer)
    return events[-1].text


async def test_a_stop_ends_a_turn_while_the_model_writes(
    openclaw: OpenClaw, server: OpenAIServer, person: Person, resources: Resources
) -> None:
    server.brain = lambda _: say("late", delay_s=60)
    first, stop = _said(person, "tell me a long story"), _said(person, "/stop")
    running = asyncio.create_task(_events(openclaw, first))
    await server.wait_for_request()
    assert openclaw.interject(stop)
    assert _answer(await asyncio.wait_for(running, 10)) == "I stopped, as you said. Nothing was begun."
    assert await _events(openclaw, stop) == [Included()]
    lines = await resources.conversation.of_turn(first.turn_id)
    assert [line.role for line in lines] == ["user", "assistant"]
    assert not openclaw.stop(person.chat_id)


async def test_a_stop_after_a_deed_tells_the_deed_and_does_no_more(
    openclaw: OpenClaw, server: OpenAIServer, person: Person, resources: Resources
) -> None:
    server.brain = lambda _: call("make_video", topic="tea")
    events = await _while_a_tool_has_run(openclaw, _said(person, "something on tea"), _said(person, "Stop!"))
    assert _answer(events).startswith("I stopped, as you said. I am on it: “tea”")
    assert isinstance(events[-1], Answer)
    assert events[-1].choices[0].label == "Cancel"
    (view,) = await resources.productions.recent(user_id=person.user_id)
    assert not view.state.is_final


async def test_without_a_running_turn_a_stop_says_so(openclaw: OpenClaw, person: Person) -> None:
    stop = _said(person, "/stop")
    assert not openclaw.interject(stop)
    assert _answer(await _events(openclaw, stop)).startswith("I am not in the middle of an answer.")


async def test_an_addition_goes_into_the_running_turn_once(
    openclaw: OpenClaw, server: OpenAIServer, person: Person
) -> None:
    first, addition = _said(person, "what is going on with my videos over there"), _said(person, "only those on tea")
    server.queue(call("show_status"), say("None on tea."), say("Good night."))
    assert _answer(await _while_a_tool_has_run(openclaw, first, addition)) == "None on tea."
    sent = server.bodies("completions")[1]["messages"]
    assert [message["role"] for message in sent[1:]] == ["user", "assistant", "tool", "user"]
    assert sent[-1]["content"] == "only those on tea"
    assert await _events(openclaw, addition) == [Included()]
    assert (await answer(openclaw, person, "thank you so much for that")).text == "Good night."
    assert [message["content"] for message in server.bodies("completions")[2]["messages"]].count(
        "only those on tea"
    ) == 1


async def test_what_comes_after_the_last_step_has_its_own_turn(
    openclaw: OpenClaw, server: OpenAIServer, person: Person
) -> None:
    addition = _said(person, "only those on tea")
    server.queue(say("Well then."), say("None on tea."))
    async for _ in openclaw.turn(_said(person, "what is going on with my videos over there")):
        openclaw.interject(addition)  # comes with the answer's first words
    assert _answer(await _events(openclaw, addition)) == "None on tea."


@pytest.mark.parametrize("text", ["/status", "make a video about coffee", "yes", "https://example.org/x", ""])
async def test_requests_commands_and_answers_are_no_additions(
    openclaw: OpenClaw, server: OpenAIServer, person: Person, text: str
) -> None:
    server.queue(call("show_status"), say("Nothing runs."))
    await _while_a_tool_has_run(openclaw, _said(person, "what is going on with my videos"), _said(person, text))
    assert len(server.bodies("completions")[1]["messages"]) == 4  # system, user, assistant, tool


async def test_forwarded_words_neither_stop_nor_add(openclaw: OpenClaw, server: OpenAIServer, person: Person) -> None:
    server.queue(call("show_status"), say("Nothing runs."))
    theirs = [replace(_said(person, text), is_forwarded=True) for text in ("/stop", "only those on tea")]
    first = _said(person, "what is going on with my videos")
    assert _answer(await _while_a_tool_has_run(openclaw, first, *theirs)) == "Nothing runs."
    assert len(server.bodies("completions")[1]["messages"]) == 4


async def test_an_addition_to_a_turn_that_then_fails_is_not_forgotten(
    openclaw: OpenClaw, server: OpenAIServer, person: Person
) -> None:
    server.queue(call("show_status"), Reply(status=401))
    first, addition = _said(person, "what is going on with my videos"), _said(person, "only those on tea")
    said = _answer(await _while_a_tool_has_run(openclaw, first, addition))
    assert said.endswith("What you added meanwhile is not done, please say it again: “only those on tea”.")


async def test_a_turn_that_was_cut_off_remembers_what_it_took_in(
    resources: Resources, server: OpenAIServer, person: Person
) -> None:
    first, addition = _said(person, "what is going on with my videos"), _said(person, "only those on tea")
    server.queue(call("show_status"), say("None on tea."))
    openclaw = OpenClaw(resources, _model(server))
    running = openclaw.turn(first)
    async for event in running:
        if isinstance(event, ToolFinished):
            openclaw.interject(addition)
        if isinstance(event, TextDelta):
            break  # the process is gone before the answer is written
    await running.aclose()  # type: ignore[attr-defined]  # it is a generator
    server.queue(say("None on tea, as I said."))
    again = OpenClaw(resources, _model(server))
    assert _answer(await _events(again, first)) == "None on tea, as I said."
    assert "only those on tea" in str(server.bodies("completions")[-1]["messages"])
    assert await _events(again, addition) == [Included()]
