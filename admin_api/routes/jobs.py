"""Jobs: look, cancel, retry."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from admin_api.dependencies import ResourcesDep
from admin_api.problems import responses
from ettametta.jobs import JobState, JobView, repository
from ettametta.jobs.values import JobEventView, event_view, view

router = APIRouter(prefix="/jobs", tags=["jobs"])


class JobList(BaseModel):
    """Jobs, newest first."""

    items: list[JobView]


class JobDetail(BaseModel):
    """A job with its history, oldest first."""

    job: JobView
    events: list[JobEventView]


@router.get("")
async def list_jobs(
    resources: ResourcesDep,
    state: Annotated[list[JobState] | None, Query(description="only jobs in these states")] = None,
    production_id: Annotated[str | None, Query(max_length=32)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> JobList:
    """Jobs, newest first."""
    async with resources.database.read_scope() as session:
        found = await repository.list_jobs(
            session, user_id=None, production_id=production_id, states=tuple(state or ()), limit=limit
        )
    return JobList(items=found)


@router.get("/{job_id}", responses=responses(404))
async def get_job(resources: ResourcesDep, job_id: str) -> JobDetail:
    """One job with its history."""
    async with resources.database.read_scope() as session:
        row = await repository.find(session, job_id, user_id=None)
        history = await repository.history(session, row.id)
        return JobDetail(job=view(row), events=[event_view(event) for event in history])


@router.post("/{job_id}/cancel", status_code=202, responses=responses(404, 409))
async def cancel_job(resources: ResourcesDep, job_id: str) -> JobView:
    """Ask to stop a job: a queued one ends at once, a running one within a second."""
    async with resources.database.session_scope() as session:
        return await resources.ledger.request_cancel(session, job_id, user_id=None)


@router.post("/{job_id}/retry", status_code=202, responses=responses(404, 409))
async def retry_job(resources: ResourcesDep, job_id: str) -> JobView:
    """Queue a failed or cancelled job again; a production's job takes its production along."""
    async with resources.database.read_scope() as session:
        job = view(await repository.find(session, job_id, user_id=None))
    if job.production_id is not None:
        await resources.productions.retry(job.production_id, user_id=None, channel="api")
        async with resources.database.read_scope() as session:
            return view(await repository.find(session, job.id, user_id=None))
    async with resources.database.session_scope() as session:
        return await resources.ledger.retry_dead(session, job.id, user_id=None)
