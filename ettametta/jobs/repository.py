"""Questions asked of the ledger's tables. Nothing here commits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from sqlalchemy import ColumnElement, Select, bindparam, func, literal_column, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from ettametta.errors import NotFound
from ettametta.jobs.values import JobState, JobView, view
from ettametta.models import Job, JobEvent, User

_UNFINISHED = (JobState.QUEUED, JobState.RUNNING)

#: Spelled out and not sent as parameters: only so are they seen to fit the partial indexes.
IS_QUEUED: ColumnElement[bool] = Job.state == literal_column("'queued'")
IS_RUNNING: ColumnElement[bool] = Job.state == literal_column("'running'")


def not_found(job_id: str) -> NotFound:
    """The error for a job that is not there, or is somebody else's."""
    return NotFound(
        f"There is no job {job_id[:40]}.", hint="List the jobs to see which there are.", code="job.not_found"
    )


async def find(session: AsyncSession, job_id: str, *, user_id: str | None) -> Job:
    """The row of a job; a user sees only their own, `user_id` None sees all. An unambiguous id prefix will do.

    Raises:
        NotFound: there is no such job for this user.
    """
    wanted = select(Job).where(Job.id.startswith(job_id, autoescape=True)).limit(2)
    if user_id is not None:
        wanted = wanted.where(Job.user_id == user_id)
    rows = (await session.scalars(wanted)).all() if job_id else []
    if len(rows) != 1:
        raise not_found(job_id)
    return rows[0]


async def list_jobs(
    session: AsyncSession,
    *,
    user_id: str | None = None,
    production_id: str | None = None,
    states: Sequence[JobState] = (),
    limit: int = 20,
) -> list[JobView]:
    """Jobs, newest first."""
    wanted = select(Job).order_by(Job.created_at.desc(), Job.id.desc()).limit(limit)
    if user_id is not None:
        wanted = wanted.where(Job.user_id == user_id)
    if production_id is not None:
        wanted = wanted.where(Job.production_id == production_id)
    if states:
        wanted = wanted.where(Job.state.in_(states))
    return [view(row) for row in await session.scalars(wanted)]


async def unfinished_of(session: AsyncSession, production_id: str) -> list[Job]:
    """The rows, locked, of a production's jobs that are queued or running."""
    wanted = select(Job).where(Job.production_id == production_id, Job.state.in_(_UNFINISHED))
    held = wanted.order_by(Job.id).with_for_update()  # two that lock the same rows do so in the same order
    return list(await session.scalars(held.execution_options(populate_existing=True)))


async def history(session: AsyncSession, job_id: str, *, limit: int = 200) -> list[JobEvent]:
    """What happened to a job, in order."""
    wanted = select(JobEvent).where(JobEvent.job_id == job_id).order_by(JobEvent.id).limit(limit)
    return list(await session.scalars(wanted))


async def counts(session: AsyncSession) -> dict[str, int]:
    """How many jobs stand in each state."""
    rows = await session.execute(select(Job.state, func.count()).group_by(Job.state))
    return {state: number for state, number in rows}  # noqa: C416 -- rows are not pairs to mypy


async def best_waiting(session: AsyncSession, now: datetime, kinds: Sequence[str], per_user: int) -> Job | None:
    """The best job that may run now, locked: by priority, then age, without users who have `per_user` running."""
    return await session.scalar(_ready(tuple(kinds), per_user), {"now": now})


@lru_cache(maxsize=32)
def _ready(kinds: tuple[str, ...], per_user: int) -> Select[Job]:
    # Built once: putting the statement together costs as much as running it.
    busy = (
        select(Job.user_id)
        .where(IS_RUNNING, Job.user_id.is_not(None))
        .group_by(Job.user_id)
        .having(func.count() >= per_user)
    )
    allowed: ColumnElement[bool] = or_(Job.user_id.is_(None), Job.user_id.not_in(busy))
    is_due = Job.not_before <= bindparam("now", type_=Job.not_before.type)
    return (
        select(Job)
        .where(IS_QUEUED, is_due, Job.kind.in_(kinds), allowed)
        .order_by(Job.priority.desc(), Job.created_at, Job.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


async def has_room(session: AsyncSession, user_id: str, per_user: int) -> bool:
    """Whether a user may have one more job running; holds the user's row, so that two claims cannot both say yes."""
    await session.execute(select(User.id).where(User.id == user_id).with_for_update(key_share=True))
    running = select(func.count()).where(Job.user_id == user_id, Job.state == JobState.RUNNING)
    return (await session.scalar(running) or 0) < per_user
