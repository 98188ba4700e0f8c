"""Productions over HTTP: start once, look, cancel, retry, answer."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from ettametta.bootstrap import Resources
from ettametta.jobs import repository
from ettametta.kit.clock import utc_now
from ettametta.models import Production, Proposal, Revision

BRIEF = {"kind": "topic", "text": "why the sky is blue", "duration_s": 30}


async def test_a_production_is_started_and_found(client: httpx.AsyncClient) -> None:
    started = await client.post("/api/v1/productions", json=BRIEF)
    assert (started.status_code, started.json()["state"]) == (202, "drafting")
    found = await client.get(started.headers["location"])
    assert found.json()["title"] == "why the sky is blue"
    listed = (await client.get("/api/v1/productions", params={"unfinished": True})).json()["items"]
    assert [item["id"] for item in listed] == [started.json()["id"]]


async def test_the_same_key_gives_the_same_production(client: httpx.AsyncClient, resources: Resources) -> None:
    first, second, other = [
        (await client.post("/api/v1/productions", json=BRIEF, headers={"Idempotency-Key": key})).json()["id"]
        for key in ("k-1", "k-1", "k-2")
    ]
    assert first == second != other
    async with resources.database.read_scope() as session:
        assert len(await repository.list_jobs(session)) == 2


@pytest.mark.parametrize(
    ("change", "code"),
    [({"text": "  "}, "brief.empty"), ({"duration_s": 4}, "brief.duration"), ({"kind": "file"}, "brief.no_file"),
     ({"text": "x" * 200_001}, "brief.too_long")],
)  # fmt: skip
async def test_a_brief_that_cannot_be_worked_with(
    client: httpx.AsyncClient, change: dict[str, object], code: str
) -> None:
    refused = await client.post("/api/v1/productions", json=BRIEF | change)
    assert (refused.status_code, refused.json()["code"]) == (400, code)
    assert refused.json()["hint"]


async def test_cancel_and_retry(client: httpx.AsyncClient) -> None:
    production = (await client.post("/api/v1/productions", json=BRIEF)).json()["id"]
    assert (await client.post(f"/api/v1/productions/{production}/retry")).status_code == 409
    cancelled = await client.post(f"/api/v1/productions/{production}/cancel")
    assert (cancelled.status_code, cancelled.json()["state"]) == (202, "cancelled")
    assert (await client.post(f"/api/v1/productions/{production}/cancel")).status_code == 409
    retried = await client.post(f"/api/v1/productions/{production}/retry")
    assert (retried.status_code, retried.json()["state"]) == (202, "drafting")
    missing = await client.post("/api/v1/productions/ffff/cancel")
    assert (missing.status_code, missing.json()["code"]) == (404, "production.not_found")


async def test_retrying_a_productions_job_takes_the_production_along(client: httpx.AsyncClient) -> None:
    production = (await client.post("/api/v1/productions", json=BRIEF)).json()
    await client.post(f"/api/v1/jobs/{production['job_id']}/cancel")
    assert (await client.get(f"/api/v1/productions/{production['id']}")).json()["state"] == "cancelled"
    retried = await client.post(f"/api/v1/jobs/{production['job_id']}/retry")
    assert (retried.status_code, retried.json()["state"]) == (202, "queued")
    assert (await client.get(f"/api/v1/productions/{production['id']}")).json()["state"] == "drafting"


@pytest.fixture
async def proposal(resources: Resources) -> Proposal:
    owner = await resources.users.owner_id()
    async with resources.database.session_scope() as session:
        production = Production(user_id=owner, title="A title", brief={}, state="proposed")
        session.add(production)
        await session.flush()
        revision = Revision(production_id=production.id, user_id=owner, number=1, storyboard={})
        session.add(revision)
        await session.flush()
        production.current_revision_id = revision.id
        row = Proposal(
            user_id=owner, production_id=production.id, kind="render", summary="Narration costs $0.02.",
            estimate_microusd=20_000, expires_at=utc_now() + timedelta(hours=1),
        )  # fmt: skip
        session.add(row)
    return row


async def test_a_proposal_is_answered_once(client: httpx.AsyncClient, proposal: Proposal) -> None:
    shown = (await client.get(f"/api/v1/productions/{proposal.production_id}")).json()
    assert (shown["proposal"]["id"], shown["proposal"]["estimate_usd"]) == (proposal.id, 0.02)
    accepted = await client.post(f"/api/v1/proposals/{proposal.id}/accept")
    assert (accepted.status_code, accepted.json()["state"]) == (200, "rendering")
    assert (await client.post(f"/api/v1/proposals/{proposal.id}/accept")).status_code == 200
    declined = await client.post(f"/api/v1/proposals/{proposal.id}/decline")
    assert (declined.status_code, declined.json()["code"]) == (409, "proposal.answered")


async def test_a_declined_proposal_cancels(client: httpx.AsyncClient, proposal: Proposal) -> None:
    declined = await client.post(f"/api/v1/proposals/{proposal.id}/decline")
    assert (declined.status_code, declined.json()["state"]) == (200, "cancelled")
    assert (await client.post("/api/v1/proposals/ffff/accept")).status_code == 404
