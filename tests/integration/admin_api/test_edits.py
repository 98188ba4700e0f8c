"""Storyboards, edits, undo, presets and batches over HTTP. On SQLite: the services below are tested on both."""

from __future__ import annotations

import httpx
import pytest

from ettametta.bootstrap import Resources
from ettametta.models import Production
from ettametta.productions import repository
from ettametta.productions.brief import Brief
from ettametta.productions.state import ProductionState
from ettametta.storyboard import CardVisual, Scene, Storyboard

_BOARD = Storyboard(
    title="The lamp",
    language="en",
    scenes=tuple(
        Scene(id=f"s0{number}", narration=f"Line {number}.", visual=CardVisual(kind="statement", text=f"{number}"))
        for number in (1, 2, 3)
    ),
)


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """SQLite only."""
    return sqlite_url


@pytest.fixture
async def production(resources: Resources) -> str:
    """The address of a production whose storyboard stands."""
    person = await resources.users.local(channel="api", external_id="internal")
    async with resources.database.session_scope() as session:
        row = Production(
            user_id=person.user_id,
            chat_id=person.chat_id,
            title="The lamp",
            brief=Brief(kind="text", text="A lamp.").model_dump(mode="json"),
            state=ProductionState.FAILED,
        )
        session.add(row)
        await session.flush()
        await repository.add_revision(session, row, _BOARD, "")
        return f"/api/v1/productions/{row.id}"


async def test_an_edit_builds_on_the_revision_it_names(client: httpx.AsyncClient, production: str) -> None:
    seen = await client.get(f"{production}/storyboard")
    assert (seen.headers["etag"], seen.json()["storyboard"]["scenes"][0]["narration"]) == ('"1"', "Line 1.")
    operations = {"operations": [{"op": "swap_scenes", "scene": "1", "other": "3"}]}
    edited = await client.post(f"{production}/edits", json=operations, headers={"If-Match": '"1"'})
    assert (edited.status_code, edited.headers["etag"]) == (202, '"2"')
    assert edited.json()["changes"] == ["Scenes 1 and 3 swapped"]
    assert edited.json()["production"]["state"] == "rendering"
    late = await client.post(f"{production}/edits", json=operations, headers={"If-Match": '"1"'})
    assert (late.status_code, late.json()["code"]) == (409, "production.changed_meanwhile")
    wrong = await client.post(f"{production}/edits", json=operations, headers={"If-Match": "yesterday"})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "api.if_match")


async def test_what_cannot_be_done_is_a_problem(client: httpx.AsyncClient, production: str) -> None:
    unknown = await client.post(f"{production}/edits", json={"operations": [{"op": "delete_scene", "scene": "9"}]})
    assert (unknown.status_code, unknown.json()["code"]) == (400, "edit.no_scene")
    shape = await client.post(f"{production}/edits", json={"operations": [{"op": "explode"}]})
    assert shape.status_code == 422
    undo = await client.post(f"{production}/undo")
    assert (undo.status_code, undo.json()["code"]) == (409, "edit.nothing_to_undo")


async def test_back_and_forth(client: httpx.AsyncClient, production: str) -> None:
    title = {"operations": [{"op": "set_title", "title": "Light"}]}
    twice = [await client.post(f"{production}/edits", json=title, headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert [one.json()["revision"] for one in twice] == [2, 2]
    assert (await client.post(f"{production}/undo")).json()["revision"] == 1
    assert (await client.post(f"{production}/redo")).json()["revision"] == 2
    assert (await client.post(f"{production}/revisions/1/restore")).json()["production"]["title"] == "The lamp"
    items = (await client.get(f"{production}/revisions")).json()["items"]
    assert [(one["number"], one["is_current"], one["channel"]) for one in items] == [(1, True, ""), (2, False, "api")]


async def test_presets(client: httpx.AsyncClient) -> None:
    assert (await client.put("/api/v1/presets/news", json={"theme": "paper"})).status_code == 200
    assert (await client.get("/api/v1/presets")).json()["items"] == [{"name": "news", "options": {"theme": "paper"}}]
    assert (await client.delete("/api/v1/presets/news")).status_code == 204
    assert (await client.delete("/api/v1/presets/news")).json()["code"] == "preset.not_found"


async def test_a_batch_begins_whole_or_not_at_all(client: httpx.AsyncClient) -> None:
    tea = {"kind": "topic", "text": "tea", "options": {"aspect": "16:9"}}
    own = {"kind": "text", "text": "Water boils. Then it is poured.", "options": {"stop_after": "script"}}
    begun = await client.post("/api/v1/productions/batch", json={"briefs": [tea, own]})
    assert [one["title"] for one in begun.json()["items"]] == ["tea", own["text"]]
    refused = await client.post("/api/v1/productions/batch", json={"briefs": [tea, {**own, "text": " "}]})
    assert refused.status_code == 400
    assert refused.json()["detail"].startswith("Video 2:")
    assert len((await client.get("/api/v1/productions")).json()["items"]) == 2
