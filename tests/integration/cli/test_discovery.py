"""Discovery on the command line; and that tool, command line and API tell one story of a candidate."""

from __future__ import annotations

import asyncio
import json
import shutil
import threading
from collections.abc import Awaitable, Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from admin_api.app import create_app
from ettametta.bootstrap import Resources, build
from ettametta.models import Production
from ettametta.productions.brief import Brief
from ettametta.productions.chosen import story_of
from ettametta.settings import Settings
from tests.integration.cli.conftest import Call
from tests.integration.discovery.finds import keep, stories
from tools import TOOLS, ToolContext

_PAGE = b"<html lang=en><title>Coral reefs recover</title><article><p>" + b"Coral reefs recover slowly. " * 40
Ask = Callable[[Resources], Awaitable[Any]]
#: Asks an installation over the same data folder as the command.
Inside = Callable[[Ask], Any]


@pytest.fixture
def inside(tmp_path: Path, sqlite_template: Path) -> Inside:
    data = tmp_path / "data"
    data.mkdir()
    shutil.copyfile(sqlite_template, data / "ettametta.db")

    async def run(ask: Ask) -> Any:
        async with build(Settings(data_dir=data), migrate=False) as resources:
            return await ask(resources)

    return lambda ask: asyncio.run(run(ask))


async def _seed(resources: Resources) -> None:
    await keep(resources, await resources.users.owner_id(), "coral reefs", stories(3))


async def _by_tool(resources: Resources, name: str, **arguments: Any) -> dict[str, Any]:
    tool = next(one for one in TOOLS if one.name == name)
    context = ToolContext(await resources.users.local(), "terminal", resources, "call-1")
    output = await tool.call(context, tool.input.model_validate(arguments))
    return dict(output.model_dump(mode="json"))


async def _by_api(resources: Resources, method: str, path: str, **more: Any) -> httpx.Response:
    transport = httpx.ASGITransport(create_app(resources, SecretStr("a-token-for-tests-only")))
    headers = {"Authorization": "Bearer a-token-for-tests-only", **more.pop("headers", {})}
    async with httpx.AsyncClient(transport=transport, base_url="http://api.test", headers=headers) as client:
        return await client.request(method, f"/api/v1{path}", **more)


def test_tool_command_and_api_tell_one_story(call: Call, inside: Inside) -> None:
    inside(_seed)
    listed = json.loads(call("candidates", "turtle", "--json").out)["candidates"]
    (first,) = listed
    shown = json.loads(call("candidate", first["id"], "--judge", "saved", "--json").out)

    async def elsewhere(resources: Resources) -> tuple[Any, ...]:
        rows = await _by_tool(resources, "list_candidates", words="turtle")
        told = await _by_tool(resources, "show_candidate", candidate_id=first["id"])
        page = await _by_api(resources, "GET", "/candidates", params={"q": "turtle"})
        one = await _by_api(resources, "GET", f"/candidates/{first['id']}")
        brief = {"kind": "url", "candidate_id": first["id"]}
        made = await _by_api(resources, "POST", "/productions", json=brief)
        judged = await _by_api(resources, "GET", f"/candidates/{first['id']}")
        async with resources.database.read_scope() as session:
            row = await session.get_one(Production, made.json()["id"])
            kept = Brief.model_validate(row.brief)
            story = await story_of(session, row.candidate_id, kept, user_id=row.user_id)
            own = await story_of(session, row.candidate_id, Brief(kind="text", text="Mine."), user_id=row.user_id)
        return rows, told, page.json(), one.json(), made.json(), judged.json(), story, own

    rows, told, page, one, made, judged, story, own = inside(elsewhere)
    assert {rows["candidates"][0]["id"], page["items"][0]["id"], one["id"], told["id"]} == {first["id"]}
    assert {shown["title"], one["title"], told["title"]} == {"Coral reefs meet a turtle"}
    assert {shown["verdict"], one["verdict"], told["verdict"]} == {"saved"}
    assert shown["sightings"][0]["metrics"] == one["sightings"][0]["metrics"] == {"points": 100}
    assert shown["sightings"][0]["velocity"] is one["sightings"][0]["velocity"] is None
    assert (told["seen"][0]["numbers"], told["seen"][0]["speed"]) == (
        "100 points, comments not measured", "speed not measured"
    )  # fmt: skip
    sentences = [part["sentence"] for part in one["match"]["parts"].values() if "sentence" in part]
    assert list(told["reasons"]) == sentences
    assert shown["match"] == one["match"]
    assert (made["candidate_id"], made["title"], judged["verdict"]) == (first["id"], one["title"], "made")
    assert (story.title, story.urls, own) == (one["title"], (one["url"],), None)


def test_following_and_schedules(call: Call, inside: Inside) -> None:
    del inside  # its empty database
    assert call("follow", "coral reefs", "--keyword", "bleaching", "--language", "en").out == (
        "Following coral reefs: bleaching\n"
    )
    added = json.loads(call("add-source", "https://example.org/reefs", "--niche", "Coral Reefs", "--json").out)
    known = json.loads(call("niches", "--json").out)
    assert known["niches"][0]["keywords"] == ["bleaching"]
    assert known["added"] == [added]
    planned = json.loads(call("schedules", "add", "coral reefs", "0 8 * * *", "--zone", "Europe/Berlin", "--json").out)
    assert (planned["niche"], planned["timezone"], planned["is_paused"]) == ("coral reefs", "Europe/Berlin", False)
    assert call("schedules", "add", "tea", "* * * * *").code != 0
    assert json.loads(call("schedules", "pause", planned["id"], "--json").out)["next_run_at"] is None
    assert "At 08:00 every day (0 8 * * *, Europe/Berlin); next " in call("schedules", "resume", planned["id"]).out
    assert call("unfollow", "coral reefs").out == "Not following coral reefs any more; schedules ended: 1.\n"
    assert [one["niche"] for one in json.loads(call("schedules", "list", "--json").out)] == []
    assert call("remove-source", "https://example.org/reefs").code == 0
    missing = {one["info"]["name"]: one["missing"] for one in json.loads(call("sources", "--json").out)}
    assert (missing["youtube_data"], missing["hacker_news"]) == (["YOUTUBE_API_KEY"], [])


class _Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        found = self.path != "/robots.txt"
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(_PAGE if found else b"")

    def log_message(self, *_arguments: Any) -> None:
        """Says nothing."""


@pytest.fixture
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_an_address_is_read_and_ranked(call: Call, inside: Inside, site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    del inside
    monkeypatch.setenv("ETTAMETTA_HTTP_ALLOW_PRIVATE", "true")
    found = call("discover", "coral reefs", "--address", f"{site}/reefs", "--source", "page", "--json")
    assert found.code == 0, found.err
    told = json.loads(found.out)
    assert (told["state"], told["report"]["items"]) == ("succeeded", 1)
    assert [one["title"] for one in told["candidates"]] == ["Coral reefs recover"]
    assert "Coral reefs recover" in call("candidate", told["candidates"][0]["id"]).out
