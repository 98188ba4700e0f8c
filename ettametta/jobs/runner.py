"""A worker: claims jobs, runs them, renews their leases, carries cancels to them, and sweeps for forgotten ones."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic

import structlog
from sqlalchemy.exc import SQLAlchemyError

from ettametta.db import is_connection_lost
from ettametta.errors import EttamettaError, TransientError
from ettametta.jobs.backoff import delay_s
from ettametta.jobs.context import JobContext, JobKind, LeaseLostError, ResourcesT
from ettametta.jobs.ledger import Ledger
from ettametta.jobs.values import JobError, JobView
from ettametta.kit.ids import new_id
from ettametta.queue import JobQueue

_log = structlog.get_logger(__name__)

_CANCEL_POLL_S = 0.35
#: A claim takes less than this; what runs longer is a job at work.
_CLAIM_S = 0.1


@dataclass(slots=True)
class _Run:
    job: JobView
    task: asyncio.Task[dict[str, Any] | None]
    #: why the task was cancelled by us: cancel, lease, stop or timeout
    reason: str = ""


class Runner(Generic[ResourcesT]):
    """Runs jobs of the kinds it knows until it is stopped."""

    def __init__(
        self,
        ledger: Ledger,
        queue: JobQueue,
        kinds: Mapping[str, JobKind[ResourcesT]],
        resources: ResourcesT,
        *,
        concurrency: int = 2,
        sweep_s: float = 2.0,
    ) -> None:
        self.owner = f"{socket.gethostname()[:24]}:{os.getpid()}:{new_id()[-8:]}"
        self._ledger = ledger
        self._queue = queue
        self._kinds = dict(kinds)
        self._resources = resources
        self._concurrency = concurrency
        self._sweep_s = sweep_s
        self._slots = asyncio.Semaphore(concurrency)
        self._runs: dict[str, _Run] = {}
        self._helpers: list[asyncio.Task[None]] = []
        self._pulls: set[asyncio.Task[bool]] = set()
        self._stopping = False

    @property
    def running(self) -> int:
        """How many jobs run now."""
        return len(self._runs)

    async def start(self) -> None:
        """Answer the doorbell and begin to sweep."""
        self._queue.answer(self._kinds, self._on_ring)
        self._queue.listen(concurrency=self._concurrency)
        loops = {"heartbeat": self._heartbeat, "cancels": self._watch_cancels, "sweep": self._sweep}
        self._helpers = [asyncio.create_task(self._forever(name, body)) for name, body in loops.items()]

    async def stop(self, *, drain_s: float = 20.0) -> None:
        """Take nothing new, let running jobs go on for `drain_s` seconds, hand the rest back."""
        self._stopping = True
        await self._queue.stop_listening()
        tasks = [run.task for run in self._runs.values()]
        if tasks:
            await asyncio.wait(tasks, timeout=drain_s)
        for run in list(self._runs.values()):
            self._interrupt(run, "stop")
        if self._pulls:
            await asyncio.wait(self._pulls)
        for helper in self._helpers:
            helper.cancel()
        await asyncio.gather(*self._helpers, return_exceptions=True)

    # -- taking jobs -------------------------------------------------------------------------------------------------

    async def _on_ring(self, job_id: str) -> None:
        # The ring says "there is work"; which job is taken is the ledger's choice (priority, fairness).
        await asyncio.shield(self._start_pull(f"ring {job_id}"))

    def _start_pull(self, name: str) -> asyncio.Task[bool]:
        pull = asyncio.create_task(self._pull(), name=name)
        self._pulls.add(pull)
        pull.add_done_callback(self._pulls.discard)
        return pull

    async def _pull(self) -> bool:
        """Run the best waiting job; False when there was none to run."""
        async with self._slots:
            try:
                job = None if self._stopping else await self._ledger.claim(self.owner, list(self._kinds))
                if job is not None:
                    await self._run(job)
            except (SQLAlchemyError, OSError) as error:
                _log.warning("job.not_claimed", error=str(error))
                return False
            return job is not None

    async def _sweep(self) -> None:
        await self._ledger.reap()
        while not self._stopping and not self._slots.locked() and await self._ledger.next_due(list(self._kinds)):
            pull = self._start_pull("sweep")
            await asyncio.wait([pull], timeout=_CLAIM_S)
            if pull.done() and not pull.result():
                break
        await asyncio.sleep(self._sweep_s)

    async def _heartbeat(self) -> None:
        await asyncio.sleep(self._ledger.lease_s / 3)
        held = list(self._runs)
        kept = await self._ledger.renew(self.owner, held)
        for job_id in set(held) - kept:
            if run := self._runs.get(job_id):
                self._interrupt(run, "lease")

    async def _watch_cancels(self) -> None:
        await asyncio.sleep(_CANCEL_POLL_S)
        if self._runs:
            for job_id in await self._ledger.cancel_requests(self.owner):
                if run := self._runs.get(job_id):
                    self._interrupt(run, "cancel")

    async def _forever(self, name: str, body: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await body()
            except Exception:  # noqa: BLE001 -- a helper must outlive any failure of the database
                _log.exception("worker.helper_failed", helper=name)
                await asyncio.sleep(1.0)

    # -- running one -------------------------------------------------------------------------------------------------

    @staticmethod
    def _interrupt(run: _Run, reason: str) -> None:
        if not run.reason:
            run.reason = reason
            run.task.cancel()

    async def _run(self, job: JobView) -> None:
        kind = self._kinds[job.kind]
        context = JobContext(job, self._resources, self._ledger)
        run = _Run(job, asyncio.create_task(self._body(kind, context), name=f"{job.kind} {job.id}"))
        self._runs[job.id] = run
        try:
            with structlog.contextvars.bound_contextvars(job_id=job.id, kind=job.kind, trace_id=job.trace_id):
                await self._settle(run)
        finally:
            self._runs.pop(job.id, None)

    @staticmethod
    async def _body(kind: JobKind[ResourcesT], context: JobContext[ResourcesT]) -> dict[str, Any] | None:
        async with asyncio.timeout(kind.timeout_s):
            return await kind.body(context)

    async def _settle(self, run: _Run) -> None:
        try:
            result = await run.task
        except asyncio.CancelledError:
            await self._settle_interrupted(run)
        except LeaseLostError:
            _log.warning("job.lease_lost")
        except Exception as error:  # noqa: BLE001 -- whatever a body raises becomes the job's recorded end
            await self._settle_failed(run.job, error)
        else:
            await self._ledger.succeed(run.job, result)

    async def _settle_interrupted(self, run: _Run) -> None:
        if run.reason == "cancel":
            await self._ledger.mark_cancelled(run.job)
        elif run.reason != "lease":
            run.task.cancel()
            await asyncio.shield(self._ledger.release(run.job))

    async def _settle_failed(self, job: JobView, error: Exception) -> None:
        reason = describe(error, job.trace_id)
        if reason.code.startswith("bug"):
            _log.error("job.failed", reference=job.trace_id, exc_info=error)
        else:
            _log.warning("job.failed", code=reason.code, error=reason.message)
        if is_retryable(error) and job.attempts < job.max_attempts:
            wait = getattr(error, "retry_after_s", None)
            await self._ledger.retry_later(job, reason, delay_s(job.attempts, retry_after_s=wait))
        else:
            await self._ledger.fail(job, reason)


def is_retryable(error: Exception) -> bool:
    """Whether another try may help."""
    return (isinstance(error, EttamettaError) and error.retryable) or is_connection_lost(error)


def describe(error: Exception, reference: str) -> JobError:
    """The recorded reason for an exception; a bug shows only its reference."""
    if isinstance(error, EttamettaError):
        return JobError(error.code, error.message, error.hint)
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return JobError("operator.no_space", "The disk is full.", "Free some space in ETTAMETTA_DATA_DIR, then retry.")
    if is_connection_lost(error):
        lost = TransientError("A connection to the database or a service was lost.")
        return JobError(lost.code, lost.message, "It is tried again by itself.")
    if isinstance(error, TimeoutError):
        return JobError("job.timeout", "The job took longer than it may.", "Try a shorter text or video.")
    return JobError(
        "bug", "Something went wrong on our side.", f"Look for reference {reference} in the log, or report it."
    )
