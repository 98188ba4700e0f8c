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
