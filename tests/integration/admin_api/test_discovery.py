"""Scans, candidates, niches and schedules over HTTP. On SQLite: the services below are tested on both."""

from __future__ import annotations

import httpx
import pytest

from ettametta.bootstrap import Resources
from tests.integration.discovery.finds import keep, scans_find, stories


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """SQLite only."""
    return sqlite_url


async def test_a_scan_is_begun_once_for_a_key_and_ends(client: httpx.AsyncClient, resources: Resources) -> None:
    wanted, key = {"about": "coral reefs", "deadline_s": 20}, {"Idempotency-Key": "mine"}
    first = await client.post("/api/v1/scans", json=wanted, headers=key)
    again = await client.post("/api/v1/scans", json=wanted, headers=key)
    other = await client.post("/api/v1/scans", json=wanted)
    assert first.status_code == 202
    assert first.json()["id"] == again.json()["id"] == other.json()["id"]
    assert (first.json()["state"], first.json()["report"]) == ("queued", None)
    owner = await resources.users.owner_id()
    async with scans_find(resources, stories(2)):
        await resources.discovery.wait(owner, first.json()["id"], timeout_s=20)
    ended = (await client.get(first.headers["location"])).json()
    assert (ended["state"], ended["niche"], ended["report"]["new"]) == ("succeeded", "coral reefs", 2)
    assert (await client.post("/api/v1/scans", json=wanted, headers=key)).json()["id"] == ended["id"]
    missing = await client.get("/api/v1/scans/x")
    assert (missing.status_code, missing.json()["code"]) == (404, "job.not_found")
    refused = await client.post("/api/v1/scans", json={"about": "tea", "sources": ["none"]})
    assert (refused.status_code, refused.json()["code"]) == (400, "source.unknown")


async def test_candidates_come_in_pages_narrowed_and_judged(client: httpx.AsyncClient, resources: Resources) -> None:
    await keep(resources, await resources.users.owner_id(), "coral reefs", stories(3))
    first = (await client.get("/api/v1/candidates", params={"niche": "Coral Reefs", "limit": 2})).json()
    rest = (await client.get("/api/v1/candidates", params={
        "niche": "Coral Reefs", "limit": 2, "cursor": first["cursor"]})).json()  # fmt: skip
    assert (len(first["items"]), len(rest["items"]), rest["cursor"]) == (2, 1, None)
    one = first["items"][0]
    judged = await client.put(f"/api/v1/candidates/{one['id']}/verdict", json={"verdict": "dismissed"})
    assert (judged.status_code, judged.json()["verdict"]) == (200, "dismissed")
    found = (await client.get("/api/v1/candidates", params={"verdict": "dismissed", "source": "hacker_news"})).json()
    assert [two["id"] for two in found["items"]] == [one["id"]]
    bad = await client.get("/api/v1/candidates", params={"cursor": "nowhere"})
    assert (bad.status_code, bad.json()["code"]) == (400, "candidate.bad_cursor")
    gone = await client.get(f"/api/v1/candidates/{'f' * 32}")
    assert (gone.status_code, gone.json()["code"]) == (404, "candidate.not_found")
    naive = await client.get("/api/v1/candidates", params={"since": "2026-01-01T00:00:00"})
    assert naive.status_code == 422


async def test_niches_sources_and_schedules(client: httpx.AsyncClient) -> None:
    followed = await client.post("/api/v1/niches", json={"name": "coral reefs"})
    assert (followed.status_code, followed.json()["keywords"]) == (201, ["coral reefs"])
    address = f"/api/v1/niches/{followed.json()['id']}"
    changed = await client.patch(address, json={"name": "Reefs", "excluded": ["aquarium"]})
    assert (changed.json()["name"], changed.json()["excluded"]) == ("Reefs", ["aquarium"])
    planned = await client.post("/api/v1/schedules", json={"niche": "reefs", "cron": "0 8 * * *"})
    assert (planned.status_code, planned.json()["told"]) == (201, "At 08:00 every day")
    often = await client.post("/api/v1/schedules", json={"niche": "reefs", "cron": "* * * * *"})
    assert (often.status_code, often.json()["code"]) == (400, "schedule.too_often")
    schedule = f"/api/v1/schedules/{planned.json()['id']}"
    assert (await client.post(f"{schedule}/pause")).json()["is_paused"] is True
    assert (await client.post(f"{schedule}/resume")).json()["is_paused"] is False
    wanted = {"address": "https://example.org/reefs", "niche": "reefs"}
    added = (await client.post("/api/v1/subscriptions", json=wanted)).json()
    assert (await client.get("/api/v1/subscriptions", params={"niche": "reefs"})).json()["items"] == [added]
    assert (await client.delete(f"/api/v1/subscriptions/{added['id']}")).status_code == 204
    sources = {one["name"]: one for one in (await client.get("/api/v1/sources")).json()["items"]}
    assert sources["youtube_data"]["missing"] == ["YOUTUBE_API_KEY"]
    assert sources["hacker_news"]["metrics"][0] == "points"
    assert (await client.delete(address)).json()["ended_schedules"] == 1
    assert (await client.get("/api/v1/niches")).json()["items"] == []
    assert (await client.delete(schedule)).status_code == 404
