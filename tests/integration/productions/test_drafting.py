"""From a brief to a storyboard: what was asked once is not asked again, what costs money waits, and who wrote it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import func, select

from ettametta.errors import ConfigError, InvalidInput, NotFound
from ettametta.models import Production, Revision, Usage
from ettametta.productions import drafting
from ettametta.productions.state import ProductionState
from ettametta.productions.telling import script_text
from ettametta.productions.wishes import apply_options
from ettametta.scripts.scenes import script_to_storyboard
from ettametta.scripts.script import Script
from ettametta.storyboard import Storyboard
from tests.integration.productions.harness import TEXT, PricedTones, open_house, run, settings_for
from tests.servers.openai_replies import fail
from tests.servers.openai_server import OpenAIServer, say

ARTICLE = "<html><head><title>The lamp</title></head><body><article>{}</article></body></html>".format(
    "".join(f"<p>{TEXT}</p>" for _ in range(4))
)
LINES = (
    "In 1822 a single lamp in Paris was seen from 32 kilometres away.",
    "A ring of glass prisms bent its light into one beam.",
    "Fresnel had thrown the thick middle of the glass away.",
)


def answer(*lines: str) -> str:
    """A model's script of these lines, all resting on the first source."""
    roles = ["hook", *["beat"] * (len(lines) - 1)]
    written = [{"text": line, "role": role, "citations": [0]} for line, role in zip(lines, roles, strict=True)]
    return json.dumps({"title": "The lamp", "lines": written})


class Stumble:
    """Fails the first time it draws a storyboard, as a worker that dies there."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, *arguments: Any, **named: Any) -> Storyboard:
        self.calls += 1
        if self.calls == 1:
            raise RuntimeError("died here")
        return script_to_storyboard(*arguments, **named)


async def test_a_second_run_asks_neither_the_page_nor_the_model_again(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafting, "script_to_storyboard", Stumble())
    hits: list[str] = []

    async def page(request: web.Request) -> web.Response:
        hits.append(request.path)
        return web.Response(text=ARTICLE, content_type="text/html")

    app = web.Application()
    app.router.add_get("/lamp", page)
    async with TestServer(app) as site, OpenAIServer() as server:
        server.queue(say(answer(*LINES)))
        settings = settings_for(
            tmp_path, database_url, openai_base_url=server.base_url, http_allow_private=True, model="writer-1"
        )
        async with open_house(settings) as house:
            started = await house.start(str(site.make_url("/lamp")), kind="url")
            context = await house.claim()
            with pytest.raises(RuntimeError):
                await run(context)
            assert (await run(context))["state"] == "rendering"
            assert hits == ["/lamp"]
            assert len(server.bodies("/chat/completions")) == 1
            board = Storyboard.model_validate((await house.revision(started.id)).storyboard)
            assert board.made_by == "writer-1"
            assert board.citations[0].url == str(site.make_url("/lamp"))
            assert [scene.narration for scene in board.scenes] == list(LINES)
            assert await house.count(Usage) == 2
            assert await house.count(Usage, Usage.unit == "tokens_in", Usage.quantity.is_not(None)) == 1
            assert (await house.see(started.id)).title == "The lamp"


async def test_when_the_model_fails_the_offline_writer_writes_and_says_so(sqlite_url: str, tmp_path: Path) -> None:
    async with OpenAIServer() as server:
        too_short = answer("A lamp.")
        server.queue(say(too_short), say(too_short))
        settings = settings_for(tmp_path, sqlite_url, openai_base_url=server.base_url, model="writer-1")
        async with open_house(settings) as house:
            started = await house.start()
            await house.run_next()
            revision = await house.revision(started.id)
            assert "writer-1 gave no usable script" in revision.note
            assert revision.storyboard["made_by"] == "offline writer"
            assert await house.count(Usage) == 4  # both answers were paid for


async def test_what_a_model_took_before_it_failed_is_written_down(sqlite_url: str, tmp_path: Path) -> None:
    async with OpenAIServer() as server:
        server.queue(say(answer("A lamp."), usage=(1_000, 100), cached_tokens=200), fail(401))
        settings = settings_for(
            tmp_path, sqlite_url, openai_base_url=server.base_url, model="writer-1", model_prices="writer-1=1/0.5/10"
        )
        async with open_house(settings) as house:
            started = await house.start()
            with pytest.raises(ConfigError):
                await house.run_next()
            async with house.resources.database.read_scope() as session:
                rows = await session.scalars(select(Usage).where(Usage.production_id == started.id))
                paid = {row.unit: (row.quantity, row.cost_microusd) for row in rows}
    assert paid == {"tokens_in": (800, 800), "tokens_cached": (200, 100), "tokens_out": (100, 1_000)}


async def test_a_topic_nobody_knows_says_what_to_add(sqlite_url: str, tmp_path: Path) -> None:
    async with open_house(settings_for(tmp_path, sqlite_url)) as house:
        await house.start("lighthouses", kind="topic")
        with pytest.raises(NotFound) as missing:
            await house.run_next()
        assert "OPENAI_API_KEY" in missing.value.hint


async def test_a_language_no_voice_speaks_is_refused_before_a_model_is_paid(sqlite_url: str, tmp_path: Path) -> None:
    async with OpenAIServer() as server:
        settings = settings_for(tmp_path, sqlite_url, openai_base_url=server.base_url)
        async with open_house(settings) as house:
            await house.start(language="ja")
            with pytest.raises(InvalidInput, match="'ja'"):
                await house.run_next()
            assert server.requests == []


async def test_a_voice_that_costs_money_waits_for_a_yes_and_costs_what_was_said(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def small(*arguments: Any, **named: Any) -> Storyboard:
        return apply_options(*arguments, **named).model_copy(update={"width": 144, "height": 256})

    monkeypatch.setattr(drafting, "apply_options", small)
    async with open_house(settings_for(tmp_path, sqlite_url), voice=PricedTones()) as house:
        started = await house.start()
        assert (await house.run_next())["state"] == "proposed"
        asked = (await house.see(started.id)).proposal
        assert asked is not None
        assert house.voice.spoken == []
        await house.resources.productions.answer(asked.id, user_id=house.person.user_id, accept=True, channel="api")
        await house.run_next()
        view = await house.see(started.id)
        assert view.state is ProductionState.RENDERED
        async with house.resources.database.read_scope() as session:
            paid = await session.scalar(select(func.sum(Usage.cost_microusd)).where(Usage.unit == "characters"))
        assert asked.estimate_usd is not None
        assert paid == pytest.approx(asked.estimate_usd * 1e6, abs=len(house.voice.spoken))
        # the same words again are in the cache: nothing to pay, nothing to ask
        again = await house.start()
        assert (await house.run_next())["state"] == "rendering"
        assert (await house.run_next())["scenes_narrated"] == 0
        assert (await house.see(again.id)).state is ProductionState.RENDERED


async def test_a_small_cost_may_be_approved_beforehand(sqlite_url: str, tmp_path: Path) -> None:
    async with open_house(settings_for(tmp_path, sqlite_url, auto_approve_usd=5.0), voice=PricedTones()) as house:
        await house.start()
        assert (await house.run_next())["state"] == "rendering"
        assert await house.count(Revision) == 1


async def test_a_persons_own_script_is_said_word_for_word_and_asks_no_model(sqlite_url: str, tmp_path: Path) -> None:
    words = "# My harbour\n\nI built this boat in 1999. [pause 1s] Nobody helped me!\n\nWould you sail in it?"
    async with OpenAIServer() as server:
        settings = settings_for(tmp_path, sqlite_url, openai_base_url=server.base_url, model="writer-1")
        async with open_house(settings) as house:
            captions = {"ink": "#FFFFFF", "outline": "#FEFEFE"}
            started = await house.start(words, kind="script", options={"captions": captions})
            await house.run_next()
            assert server.requests == []
            revision = await house.revision(started.id)
            board = Storyboard.model_validate(revision.storyboard)
            assert [scene.narration for scene in board.scenes] == [
                "I built this boat in 1999.", "Nobody helped me!", "Would you sail in it?"
            ]  # fmt: skip
            assert board.scenes[0].pause_after_s == 1.0
            assert (board.title, board.made_by, board.length_target_s) == ("My harbour", "your own script", None)
            assert "as you wrote them" in revision.note
            assert "too close to their outline" in revision.note


async def test_wishes_reach_the_model_as_data_and_openings_are_kept(sqlite_url: str, tmp_path: Path) -> None:
    hooks = [
        {"kind": "number", "text": "From 32 kilometres away, one lamp could be seen.", "citations": [0]},
        {"kind": "contradiction", "text": "The lamp could be seen from 99 kilometres.", "citations": [0]},
    ]
    async with OpenAIServer() as server:
        server.queue(say(answer(*LINES)), say(json.dumps({"hooks": hooks})))
        settings = settings_for(tmp_path, sqlite_url, openai_base_url=server.base_url, model="writer-1")
        async with open_house(settings) as house:
            options = {"hooks": 3, "instructions": "Mention the sea.", "paragraphs": 2, "stop_after": "script"}
            started = await house.start(options=options)
            await house.run_next()
            first, second = (body["messages"] for body in server.bodies("/chat/completions"))
            assert "Mention the sea." not in first[0]["content"]
            assert "Mention the sea.\nTell it in 2 parts." in first[-1]["content"]
            assert "payoff_first" in second[0]["content"]
            async with house.resources.database.read_scope() as session:
                row = await session.get_one(Production, started.id)
            assert row.script is not None
            script = Script.model_validate(row.script)
            assert [hook.line.text for hook in script.hooks] == [LINES[0], hooks[0]["text"]]
            assert any("Only 2 of 3 openings" in note for note in script.notes)
            assert f"Other openings\n2. {hooks[0]['text']}" in script_text(row.script)
