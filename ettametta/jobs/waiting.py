"""Waiting for a job of another process: events wake, rows tell."""

from __future__ import annotations

import time

from ettametta.db import Database
from ettametta.events import EventBus
from ettametta.jobs import repository
from ettametta.jobs.values import JobView, view

#: An event may be lost: the row is looked at again after so long.
_POLL_S = 1.0


async def until_ended(
    database: Database, events: EventBus, job_id: str, *, user_id: str | None, timeout_s: float
) -> JobView:
    """The job once it has ended, or as it stands after `timeout_s` seconds.

    Raises:
        NotFound: there is no such job for this user.
    """
    deadline = time.monotonic() + timeout_s
    async with events.subscribe() as heard:
        while True:
            async with database.read_scope() as session:
                job = view(await repository.find(session, job_id, user_id=user_id))
            left = deadline - time.monotonic()
            if job.state.is_final or left <= 0:
                return job
            await heard.wait(min(left, _POLL_S))
