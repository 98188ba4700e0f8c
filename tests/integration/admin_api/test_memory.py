"""What is known about the owner, over HTTP. On SQLite: the service below is tested on both."""

from __future__ import annotations

import httpx
import pytest


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """SQLite only."""
    return sqlite_url


async def test_facts_are_added_corrected_listed_and_erased(client: httpx.AsyncClient) -> None:
    where = "/api/v1/memory/facts"
    made = await client.post(where, json={"kind": "avoid", "text": "no emojis"})
    assert (made.status_code, made.json()["number"]) == (201, 1)
    mended = await client.put(f"{where}/1", json={"kind": "avoid", "text": "no emojis at all"})
    assert mended.json()["text"] == "no emojis at all"
    assert [one["text"] for one in (await client.get(where)).json()["items"]] == ["no emojis at all"]
    empty = await client.post(where, json={"text": "  "})
    assert (empty.status_code, empty.json()["code"]) == (400, "fact.empty")
    assert (await client.delete(f"{where}/{made.json()['id']}")).status_code == 204
    gone = await client.delete(f"{where}/1")
    assert (gone.status_code, gone.json()["code"]) == (404, "fact.not_found")


async def test_everything_is_erased_on_request(client: httpx.AsyncClient) -> None:
    await client.post("/api/v1/memory/facts", json={"text": "I live by the sea"})
    assert (await client.delete("/api/v1/memory")).json() == {"messages": 0, "facts": 1, "summaries": 0}
    unknown = await client.delete("/api/v1/memory/chats/nobody")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "chat.not_found")
