"""Jobs over HTTP: list, look, cancel, retry."""

from __future__ import annotations

import httpx

from ettametta.bootstrap import Resources
from ettametta.jobs import JobError, JobView


async def test_jobs_are_listed_and_filtered(client: httpx.AsyncClient, job: JobView) -> None:
    listed = (await client.get("/api/v1/jobs")).json()["items"]
    assert [(item["id"], item["state"], item["kind"]) for item in listed] == [(job.id, "queued", "test.nothing")]
    assert (await client.get("/api/v1/jobs", params={"state": "failed"})).json()["items"] == []
    assert len((await client.get("/api/v1/jobs?state=failed&state=queued")).json()["items"]) == 1
    assert (await client.get("/api/v1/jobs", params={"state": "odd"})).status_code == 422
    assert (await client.get("/api/v1/jobs", params={"limit": 0})).status_code == 422


async def test_a_job_shows_its_history(client: httpx.AsyncClient, job: JobView) -> None:
    detail = (await client.get(f"/api/v1/jobs/{job.id}")).json()
    assert detail["job"]["payload"] == {"n": 1}
    assert [event["name"] for event in detail["events"]] == ["queued"]
    missing = await client.get("/api/v1/jobs/ffff")
    assert (missing.status_code, missing.json()["code"]) == (404, "job.not_found")
    assert (await client.get("/api/v1/jobs/%25")).status_code == 404


async def test_a_queued_job_is_cancelled_once(client: httpx.AsyncClient, job: JobView) -> None:
    cancelled = await client.post(f"/api/v1/jobs/{job.id}/cancel")
    assert (cancelled.status_code, cancelled.json()["state"]) == (202, "cancelled")
    again = await client.post(f"/api/v1/jobs/{job.id}/cancel")
    assert (again.status_code, again.json()["code"]) == (409, "job.ended")


async def test_a_failed_job_is_tried_again(client: httpx.AsyncClient, resources: Resources, job: JobView) -> None:
    assert (await client.post(f"/api/v1/jobs/{job.id}/retry")).status_code == 409
    claimed = await resources.ledger.claim("me", [job.kind])
    assert claimed is not None
    await resources.ledger.fail(claimed, JobError("bug", "It broke.", ""))
    shown = (await client.get(f"/api/v1/jobs/{job.id}")).json()["job"]
    assert (shown["state"], shown["error"]["message"]) == ("failed", "It broke.")
    retried = await client.post(f"/api/v1/jobs/{job.id}/retry")
    assert (retried.status_code, retried.json()["state"], retried.json()["attempts"]) == (202, "queued", 0)
