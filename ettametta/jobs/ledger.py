"""The ledger: every move of a job from one state to the next, each a compare-and-set in one transaction.

queued -> running -> succeeded | failed | cancelled; running -> queued again by retry, release or a lease that ran out.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import ColumnElement, and_, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from ettametta.db import Database, is_connection_lost, on_commit, storable
from ettametta.errors import Conflict
from ettametta.events import Event, EventBus, emit
from ettametta.jobs import repository
from ettametta.jobs.values import JobError, JobState, JobView, NewJob, new_row, view
from ettametta.kit.clock import utc_now
from ettametta.kit.ids import new_id
from ettametta.models import Job, JobEvent
from ettametta.queue import JobQueue

_log = structlog.get_logger(__name__)

#: A job whose workers died this often in a row without getting further is given up.
MAX_CRASHES = 5

#: How often a claim looks again when another one was quicker.
_CLAIM_TRIES = 10
#: A job whose move its listeners refuse is left alone for so long: it must not hold up the others.
_ASIDE = timedelta(seconds=60)
#: The longest stage and error code that the table takes.
_MAX_NAME = 64

#: Told inside the transaction when a job has moved (progress, retry, end).
JobListener = Callable[[AsyncSession, JobView], Awaitable[None]]


class _LookAgainError(Exception):
    """The best job could not be taken: its user has just run out of room, or (`refused`) it cannot move."""

    def __init__(self, refused: str | None) -> None:
        super().__init__(refused)
        self.refused = refused


class Ledger:
    """The one writer of the jobs tables."""

    def __init__(
        self,
        database: Database,
        queue: JobQueue,
        events: EventBus,
        *,
        per_user: int = 2,
        lease_s: float = 15.0,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.database = database
        self.lease_s = lease_s
        self.now = clock
        self._queue = queue
        self._events = events
        self._per_user = per_user
        self._listeners: list[JobListener] = []

    def when_moved(self, listener: JobListener) -> None:
        """Call `listener` in the transaction of every move a person may see."""
        self._listeners.append(listener)

    # -- coming in ---------------------------------------------------------------------------------------------------

    async def enqueue(self, session: AsyncSession, new: NewJob) -> JobView:
        """Write a job in the caller's transaction; the doorbell rings after its commit.

        The same idempotency key gives back the job that is there already.
        """
        if new.idempotency_key is not None:
            known = await self._by_key(session, new.idempotency_key)
            if known is not None:
                return view(known)
            row = new_row(new, self.now())
            try:
                async with session.begin_nested():
                    session.add(row)
            except IntegrityError:
                known = await self._by_key(session, new.idempotency_key)
                if known is None:
                    raise
                return view(known)
        else:
            row = new_row(new, self.now())
            session.add(row)
        await self._moved(session, row, "queued")
        self._ring(session, row)
        return view(row)

    @staticmethod
    async def _by_key(session: AsyncSession, key: str) -> Job | None:
        return await session.scalar(select(Job).where(Job.idempotency_key == key))

    def _ring(self, session: AsyncSession, row: Job) -> None:
        if row.not_before <= self.now():
            kind, job_id = row.kind, row.id
            on_commit(session, lambda: self._queue.ring(kind, job_id))

    # -- running -----------------------------------------------------------------------------------------------------

    async def claim(self, owner: str, kinds: Sequence[str]) -> JobView | None:
        """Take the best waiting job for `owner` under a lease; None when there is none that may run now.

        The view's `lease_owner` is `owner` with a mark of this very claim: a run that lost its lease and then sees the
        same worker claim the job again cannot write in the new run's name.
        """
        for _ in range(_CLAIM_TRIES):
            try:
                return await self._claim_best(owner, kinds)
            except _LookAgainError as again:
                if again.refused is not None:
                    await self._set_aside(again.refused)
        return None

    async def _claim_best(self, owner: str, kinds: Sequence[str]) -> JobView | None:
        async with self.database.session_scope() as session:
            row = await repository.best_waiting(session, self.now(), kinds, self._per_user)
            if row is None:
                return None
            if row.user_id is not None and not await repository.has_room(session, row.user_id, self._per_user):
                raise _LookAgainError(None)
            job_id = row.id
            try:
                self._lease(row, owner)
                await self._moved(session, row, "claimed", owner=owner, attempt=row.attempts)
            except Exception as error:
                if is_connection_lost(error):
                    raise
                _log.exception("job.set_aside", job_id=job_id, seconds=_ASIDE.total_seconds())
                raise _LookAgainError(job_id) from error
            return view(row)

    async def _set_aside(self, job_id: str) -> None:
        waiting = update(Job).where(Job.id == job_id, Job.state == JobState.QUEUED)
        async with self.database.session_scope() as session:
            await session.execute(waiting.values(not_before=self.now() + _ASIDE))

    def _lease(self, row: Job, owner: str) -> None:
        now = self.now()
        row.state = JobState.RUNNING
        row.attempts += 1
        row.lease_owner = f"{owner}/{new_id()[-8:]}"
        row.lease_expires_at = now + timedelta(seconds=self.lease_s)
        row.started_at = row.started_at or now

    async def renew(self, owner: str, job_ids: Sequence[str]) -> set[str]:
        """Renew the leases of running jobs; returns those that are still `owner`'s."""
        if not job_ids:
            return set()
        expires = self.now() + timedelta(seconds=self.lease_s)
        renewed = (
            update(Job)
            .where(Job.id.in_(job_ids), _is_held_by(owner))
            .values(lease_expires_at=expires)
            .returning(Job.id)
            .execution_options(synchronize_session=False)
        )
        async with self.database.session_scope() as session:
            return set(await session.scalars(renewed))

    async def cancel_requests(self, owner: str) -> set[str]:
        """The jobs of `owner` that somebody asked to cancel."""
        wanted = select(Job.id).where(_is_held_by(owner), Job.cancel_requested_at.is_not(None))
        async with self.database.read_scope() as session:
            return set(await session.scalars(wanted))

    async def record_progress(
        self, job: JobView, fraction: float, stage: str, message: str, *, got_further: bool
    ) -> bool:
        """Write progress; False when the job is no longer the caller's. `got_further` forgets earlier crashes."""
        async with self.database.session_scope() as session:
            row = await self._mine(session, job)
            if row is None:
                return False
            stage = storable(stage, max_chars=_MAX_NAME)
            changed_stage = stage != row.stage
            row.progress, row.stage, row.message = min(1.0, max(0.0, fraction)), stage, storable(message)
            row.crashes = 0 if got_further else row.crashes
            await self._moved(session, row, "stage" if changed_stage else None, stage=stage)
            return True

    async def _mine(self, session: AsyncSession, job: JobView) -> Job | None:
        """The row, locked, while it is still under the lease this view was claimed with."""
        wanted = select(Job).where(
            Job.id == job.id,
            Job.lease_owner == job.lease_owner,
            Job.attempts == job.attempts,
            Job.state == JobState.RUNNING,
        )
        return await session.scalar(wanted.with_for_update())

    # -- going out ---------------------------------------------------------------------------------------------------

    async def succeed(self, job: JobView, result: dict[str, Any] | None) -> bool:
        """Finish well, as the owner; False when the lease was lost."""

        def change(row: Job) -> None:
            row.state, row.result, row.progress = JobState.SUCCEEDED, result, 1.0
            row.stage = "done"
            row.error_code = row.error_message = row.error_hint = None

        return await self._finish(job, change, "succeeded")

    async def fail(self, job: JobView, error: JobError) -> bool:
        """Finish badly, with the reason."""
        return await self._finish(job, lambda row: _set_error(row, error), "failed", code=error.code)

    async def mark_cancelled(self, job: JobView) -> bool:
        """Finish because a person asked to stop."""
        return await self._finish(job, _set_cancelled, "cancelled")

    async def _finish(self, job: JobView, change: Callable[[Job], None], event: str, **detail: Any) -> bool:
        async with self.database.session_scope() as session:
            row = await self._mine(session, job)
            if row is None:
                return False
            change(row)
            self._end(row)
            await self._moved(session, row, event, **detail)
            return True

    def _end(self, row: Job) -> None:
        row.finished_at = self.now()
        row.lease_owner = row.lease_expires_at = None

    async def retry_later(self, job: JobView, error: JobError, delay_s: float) -> bool:
        """Queue again after a passing failure; the error stays readable meanwhile."""

        def change(row: Job) -> None:
            _set_error(row, error)
            self._requeue(row, timedelta(seconds=delay_s))
            row.message = f"{row.error_message} Trying again in {max(1, round(delay_s))} s."

        return await self._put_back(job, change, "retried", code=error.code, delay_s=round(delay_s, 2))

    async def release(self, job: JobView) -> bool:
        """Hand a job back unfinished because the worker stops; the attempt does not count."""

        def change(row: Job) -> None:
            self._requeue(row, timedelta())
            row.attempts -= 1

        return await self._put_back(job, change, "released")

    async def _put_back(self, job: JobView, change: Callable[[Job], None], event: str, **detail: Any) -> bool:
        async with self.database.session_scope() as session:
            row = await self._mine(session, job)
            if row is None:
                return False
            if row.cancel_requested_at is not None:
                await self._cancelled(session, row)
                return True
            change(row)
            await self._moved(session, row, event, **detail)
            self._ring(session, row)
            return True

    def _requeue(self, row: Job, delay: timedelta) -> None:
        row.state = JobState.QUEUED
        row.lease_owner = row.lease_expires_at = None
        row.not_before = self.now() + delay

    # -- by people and by time ---------------------------------------------------------------------------------------

    async def request_cancel(self, session: AsyncSession, job_id: str, *, user_id: str | None) -> JobView:
        """Ask to stop a job: a queued one ends at once, a running one within a second.

        Raises:
            NotFound: no such job for this user.
            Conflict: it has ended already.
        """
        row = await repository.find(session, job_id, user_id=user_id)
        await session.refresh(row, with_for_update=True)
        if JobState(row.state).is_final:
            raise Conflict(
                f"That job has already ended ({row.state}).", hint="There is nothing to cancel.", code="job.ended"
            )
        return await self.cancel_row(session, row)

    async def cancel_row(self, session: AsyncSession, row: Job) -> JobView:
        """Cancel an unfinished job's row, which the caller holds."""
        row.cancel_requested_at = row.cancel_requested_at or self.now()
        if row.state == JobState.QUEUED:
            await self._cancelled(session, row)
        else:
            await self._moved(session, row, "cancel_requested")
        return view(row)

    async def _cancelled(self, session: AsyncSession, row: Job) -> None:
        _set_cancelled(row)
        self._end(row)
        await self._moved(session, row, "cancelled")

    async def retry_dead(self, session: AsyncSession, job_id: str, *, user_id: str | None) -> JobView:
        """Queue a failed or cancelled job again, with its attempts forgotten; finished steps are not redone.

        Raises:
            NotFound: no such job for this user.
            Conflict: it has not failed.
        """
        row = await repository.find(session, job_id, user_id=user_id)
        await session.refresh(row, with_for_update=True)
        if row.state not in {JobState.FAILED, JobState.CANCELLED}:
            raise Conflict("That job has not failed.", hint="Only failed or cancelled jobs can be tried again.")
        self._requeue(row, timedelta())
        row.attempts = row.crashes = 0
        row.error_code = row.error_message = row.error_hint = None
        row.cancel_requested_at = row.finished_at = None
        row.message = ""
        await self._moved(session, row, "queued")
        self._ring(session, row)
        return view(row)

    async def reap(self) -> int:
        """Queue again every job whose worker fell silent; give up those that keep killing their workers.

        Returns how many leases were ended. Each in a transaction of its own: one that cannot move holds up no other.
        """
        expired = select(Job.id).where(repository.IS_RUNNING, Job.lease_expires_at < self.now())
        async with self.database.read_scope() as session:
            ids = list(await session.scalars(expired.order_by(Job.lease_expires_at).limit(100)))
        reaped = 0
        for job_id in ids:
            try:
                reaped += await self._reap_one(job_id)
            except Exception as error:
                if is_connection_lost(error):
                    raise
                _log.exception("job.not_reaped", job_id=job_id)
        return reaped

    async def _reap_one(self, job_id: str) -> bool:
        silent = select(Job).where(Job.id == job_id, Job.state == JobState.RUNNING, Job.lease_expires_at < self.now())
        async with self.database.session_scope() as session:
            row = await session.scalar(silent.with_for_update(skip_locked=True))
            if row is None:
                return False
            await self._reap_row(session, row)
            return True

    async def _reap_row(self, session: AsyncSession, row: Job) -> None:
        _log.warning("job.lease_lost", job_id=row.id, owner=row.lease_owner, crashes=row.crashes + 1)
        row.crashes += 1
        if row.cancel_requested_at is not None:
            await self._cancelled(session, row)
        elif row.crashes >= MAX_CRASHES:
            _set_error(row, _gave_up(row))
            self._end(row)
            await self._moved(session, row, "failed", code="job.crashed")
        else:
            row.attempts -= 1
            self._requeue(row, timedelta())
            await self._moved(session, row, "lease_lost", crashes=row.crashes)
            self._ring(session, row)

    async def next_due(self, kinds: Sequence[str]) -> bool:
        """Whether any job of these kinds waits and may run now."""
        async with self.database.read_scope() as session:
            due = select(Job.id).where(repository.IS_QUEUED, Job.not_before <= self.now(), Job.kind.in_(kinds))
            return await session.scalar(due.limit(1)) is not None

    async def forget(self, *, older_than: timedelta) -> int:
        """Delete the history lines of jobs that ended long ago; the jobs themselves stay."""
        old = select(Job.id).where(Job.finished_at < self.now() - older_than)
        async with self.database.session_scope() as session:
            gone = await session.scalars(delete(JobEvent).where(JobEvent.job_id.in_(old)).returning(JobEvent.id))
            return len(gone.all())

    async def _moved(self, session: AsyncSession, row: Job, event: str | None, **detail: Any) -> None:
        if event is not None:
            session.add(JobEvent(job_id=row.id, name=event, detail=detail, at=self.now()))
        await session.flush()
        seen = view(row)
        for listener in self._listeners:
            await listener(session, seen)
        data = {"job_id": row.id, "kind": row.kind, "state": str(row.state), "progress": round(row.progress, 4),
                "stage": row.stage, "production_id": row.production_id}  # fmt: skip
        emit(session, self._events, Event(f"job.{event or 'progress'}", row.user_id, data))


def _is_held_by(owner: str) -> ColumnElement[bool]:
    return and_(repository.IS_RUNNING, Job.lease_owner.startswith(f"{owner}/", autoescape=True))


def _set_cancelled(row: Job) -> None:
    row.state, row.message = JobState.CANCELLED, "Cancelled."


def _set_error(row: Job, error: JobError) -> None:
    row.state = JobState.FAILED
    row.error_code = storable(error.code, max_chars=_MAX_NAME)
    row.error_message, row.error_hint = storable(error.message), storable(error.hint)
    row.message = row.error_message


def _gave_up(row: Job) -> JobError:
    return JobError(
        "job.crashed",
        f"The worker died {row.crashes} times at this job, so it was given up.",
        "Look at the worker's log for memory or disk trouble, then retry the job.",
    )
