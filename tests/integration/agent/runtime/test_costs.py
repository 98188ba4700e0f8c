"""What a turn costs: usage rows for every exchange with the model, and limits of money."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from agent.runtime.model import LangChainModel
from agent.runtime.steps import Limits
from agent.runtime.turn import OpenClaw
from agent.runtime.values import Incoming
from ettametta.bootstrap import Resources
from ettametta.kit.ids import new_id
from ettametta.models import Usage
from ettametta.providers.llm.prices import build_prices
from ettametta.users import Person
from tests.integration.agent.runtime.turns import answer, die_in_turn
from tests.servers.openai_replies import ToolCall, fail
from tests.servers.openai_server import OpenAIServer, Reply, call, say

#: Dollars for a million: fresh input 1, cached 0.5, output 10.
PRICED = "scripted=1/0.5/10"


@pytest.fixture
async def server() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer() as running:
        yield running


@pytest.fixture
def priced(resources: Resources) -> Resources:
    return replace(resources, prices=build_prices(base_url="http://127.0.0.1/v1", said=PRICED))


def model(server: OpenAIServer, **more: Any) -> LangChainModel:
    return LangChainModel(model="scripted", base_url=server.base_url, api_key=None, **{"timeout_s": 5.0, **more})


async def spent(resources: Resources, turn_id: str) -> list[tuple[str, int | None, int | None]]:
    """Unit, tokens, micro-dollars of a turn's rows in order."""
    async with resources.database.read_scope() as session:
        rows = await session.scalars(select(Usage).where(Usage.turn_id == turn_id).order_by(Usage.id))
        return [(row.unit, row.quantity, row.cost_microusd) for row in rows]


async def test_every_exchange_of_a_turn_is_written_down(
    priced: Resources, server: OpenAIServer, person: Person
) -> None:
    server.queue(
        Reply(tool_calls=(ToolCall("show_status"),), usage=(1_000, 20), cached_tokens=600),
        say("Nothing yet.", usage=(1_100, 30)),
    )
    await answer(OpenClaw(priced, model(server)), person, "anything new?", turn_id="a" * 32)
    assert sorted(await spent(priced, "a" * 32)) == [
        ("tokens_cached", 600, 300), ("tokens_in", 400, 400), ("tokens_in", 1_100, 1_100),
        ("tokens_out", 20, 200), ("tokens_out", 30, 300),
    ]  # fmt: skip
    assert await priced.spending.of_turn("a" * 32) == 2_300


@pytest.mark.parametrize("mode", ["native", "schema"])
async def test_answers_that_cannot_be_used_were_paid_for(
    priced: Resources, server: OpenAIServer, person: Person, mode: Any
) -> None:
    broken = {
        "native": Reply(tool_calls=(ToolCall("make_video", raw_arguments='{"topic": "te'),), usage=(100, 9)),
        "schema": say('{"do": "make_video", "arguments": {', usage=(100, 9)),
    }[mode]
    server.queue(broken, say("", usage=(100, 1)))
    said = await answer(OpenClaw(priced, model(server, tools=mode)), person, "tell me a story", turn_id="b" * 32)
    assert "empty or broken answer twice" in said.text
    units = sorted(await spent(priced, "b" * 32))
    assert units == [("tokens_in", 100, 100)] * 2 + [("tokens_out", 1, 10), ("tokens_out", 9, 90)]


@pytest.mark.parametrize(
    ("reply", "rows"),
    [
        (fail(401), []),
        (fail(429, code="insufficient_quota", retry_after=0.01), []),
        (say("a b c d e f", truncated=True), [("tokens_in", None, None), ("tokens_out", None, None)]),
        (say("well", send_usage=False), [("tokens_in", None, None), ("tokens_out", None, None)]),
    ],
    ids=["refused", "no credit", "cut off", "not counted"],
)
async def test_what_is_not_known_is_null_and_what_was_refused_is_nothing(
    priced: Resources, server: OpenAIServer, person: Person, reply: Reply, rows: list[Any]
) -> None:
    server.brain = lambda _: reply
    await answer(OpenClaw(priced, model(server)), person, "tell me a story", turn_id="c" * 32)
    assert sorted(await spent(priced, "c" * 32), key=str) == rows


async def test_a_late_answer_is_written_down_as_unknown(
    priced: Resources, server: OpenAIServer, person: Person
) -> None:
    server.brain = lambda _: say("late", delay_s=30)
    openclaw = OpenClaw(priced, model(server, timeout_s=30.0, limits=Limits(seconds=0.3)))
    await answer(openclaw, person, "tell me a story", turn_id="d" * 32)
    assert [quantity for _, quantity, _ in await spent(priced, "d" * 32)] == [None, None]


async def test_a_turn_ends_when_it_has_cost_its_limit(priced: Resources, server: OpenAIServer, person: Person) -> None:
    server.queue(*(Reply(tool_calls=(ToolCall("list_jobs"),), usage=(400, 10)) for _ in range(8)))
    openclaw = OpenClaw(priced, model(server, limits=Limits(usd=0.001)))
    said = await answer(openclaw, person, "loop please")
    assert len(server.bodies("completions")) == 2
    assert said.text.startswith("There are no jobs.\n\n(This turn has cost its limit of $0.001.")


async def test_a_spent_budget_asks_no_model_and_plain_words_still_work(
    priced: Resources, server: OpenAIServer, person: Person
) -> None:
    openclaw = OpenClaw(priced, model(server))
    await priced.spending.set_budget(person.user_id, 0.002)
    server.queue(say("Well then.", usage=(1_500, 100)))
    assert (await answer(openclaw, person, "tell me a story")).text == "Well then."
    said = await answer(openclaw, person, "tell me another")
    assert said.text.startswith("Your budget for this month is spent")
    assert (await answer(openclaw, person, "make a video about tea")).text.startswith("I am on it: “tea”")
    assert len(server.bodies("completions")) == 1


async def test_a_budget_that_runs_out_in_a_turn_ends_it(
    priced: Resources, server: OpenAIServer, person: Person
) -> None:
    await priced.spending.set_budget(person.user_id, 0.001)
    server.queue(Reply(tool_calls=(ToolCall("list_jobs"),), usage=(900, 50)))
    said = await answer(OpenClaw(priced, model(server)), person, "loop please")
    assert "budget for this month is spent" in said.text
    assert len(server.bodies("completions")) == 1


async def test_a_resumed_turn_goes_on_with_what_it_has_spent(
    priced: Resources, server: OpenAIServer, person: Person
) -> None:
    server.queue(Reply(tool_calls=(ToolCall("list_jobs"),), usage=(900, 50)))
    incoming = Incoming(person, "terminal", "what is going on with it all", new_id())
    assert await die_in_turn(priced, model(server), incoming, at=3, after=True)
    openclaw = OpenClaw(priced, model(server, limits=Limits(usd=0.001)))
    server.queue(call("list_jobs"))
    async for _ in openclaw.turn(incoming):
        pass
    assert len(server.bodies("completions")) == 1
    assert await priced.spending.of_turn(incoming.turn_id) == 1_400
