"""Tools for the job ledger: what the workers do."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ettametta.jobs import JobView
from ettametta.jobs import repository as jobs
from tools.base import AnyTool, Permission, Tool, ToolContext, ToolInput, ToolOutput


class ListJobsInput(ToolInput):
    """How many."""

    limit: Annotated[int, Field(ge=1, le=20, description="How many jobs at most, the newest first.")] = 10


class JobFacts(ToolOutput):
    """A job as it stands."""

    id: str
    kind: str
    state: str
    percent: int
    stage: str
    message: str
    attempts: int
    error: str | None
    production_id: str | None


class ListJobsOutput(ToolOutput):
    """Jobs, the newest first."""

    jobs: tuple[JobFacts, ...]


async def _list(context: ToolContext, args: ListJobsInput) -> ListJobsOutput:
    async with context.resources.database.read_scope() as session:
        views = await jobs.list_jobs(session, user_id=context.person.user_id, limit=args.limit)
    return ListJobsOutput(jobs=tuple(_facts(view) for view in views))


def _facts(job: JobView) -> JobFacts:
    error = f"{job.error.message} {job.error.hint}".strip() if job.error else None
    return JobFacts(
        id=job.id,
        kind=job.kind,
        state=str(job.state),
        percent=round(job.progress * 100),
        stage=job.stage,
        message=job.message,
        attempts=job.attempts,
        error=error,
        production_id=job.production_id,
    )


JOB_TOOLS: tuple[AnyTool, ...] = (
    Tool(
        name="list_jobs",
        label="Listing the jobs",
        description="List the person's newest background jobs with state, percent, stage, attempts and error.",
        input=ListJobsInput,
        output=ListJobsOutput,
        permission=Permission.VIEWER,
        example=ListJobsInput(limit=5),
        run=_list,
    ),
)
