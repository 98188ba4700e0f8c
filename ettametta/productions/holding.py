"""The last word of a job about its production: said only while the job is still its worker's and nobody stopped it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ettametta.db import Database
from ettametta.errors import Conflict
from ettametta.jobs import JobState, JobView
from ettametta.jobs.context import LeaseLostError
from ettametta.models import Job, Production

#: The worker carries a cancel to its job well within this time.
_INTERRUPT_S = 10.0


@asynccontextmanager
async def last_word(database: Database, job: JobView) -> AsyncIterator[tuple[AsyncSession, Production]]:
    """A transaction that holds a job's row, then its production's.

    A cancel is asked for under the same locks: it comes before, and nothing is written, or after, and is told so. A
    worker that lost its job and does not know it yet writes nothing either.

    Raises:
        LeaseLostError: another worker has the job.
        Conflict: it was cancelled (seen only where no worker carries the cancel to the job).
    """
    async with database.session_scope() as session:
        row = await _held(session, job)
        if row.cancel_requested_at is None:
            yield session, await session.get_one(Production, row.production_id or "", with_for_update=True)
            return
    await asyncio.sleep(_INTERRUPT_S)
    raise Conflict("The production was cancelled.", hint="Retry it to take it up again.", code="production.cancelled")


async def _held(session: AsyncSession, job: JobView) -> Job:
    ours = select(Job).where(Job.id == job.id, Job.lease_owner == job.lease_owner, Job.attempts == job.attempts)
    row = await session.scalar(ours.where(Job.state == JobState.RUNNING).with_for_update())
    if row is None:
        raise LeaseLostError
    return row
