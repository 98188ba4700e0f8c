"""A worker: claims jobs, runs them, renews their leases, carries cancels to them, and sweeps for forgotten ones."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic

import structlog

from ettametta.db import is_connection_lost
from ettametta.errors import Bug
from ettametta.jobs.backoff import delay_s
from ettametta.jobs.context import JobContext, JobKind, LeaseLostError, ResourcesT
from ettametta.jobs.endings import describe, is_retryable, too_long
from ettametta.jobs.ledger import Ledger
from ettametta.jobs.values import JobView
from ettametta.kit.ids import new_id
from ettametta.queue import JobQueue

_log = structlog.get_logger(__name__)

_CANCEL_POLL_S = 0.35
#: A claim takes less than this; what runs longer is a job at work.
_CLAIM_S = 0.1
#: How long a body may take to clean up when it is interrupted because the worker stops.
_STOP_GRACE_S = 10.0
#: How often the end of a job is written again while the database is away.
_RECORD_AGAIN_S = 0.5


@dataclass(slots=True, eq=False)
class _Run:
    job: JobView
    task: asyncio.Task[dict[str, Any] | None]
    #: when the lease was last known to be ours, on the monotonic clock
    renewed_at: float
    #: why the task was cancelled by us: cancel, lease or stop
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
        self._clock_offset_s = self._measure_clock()
        self._no_reaping_until = 0.0

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
            _, late = await asyncio.wait(self._pulls, timeout=_STOP_GRACE_S)
            for pull in late:
                _log.error("worker.job_does_not_stop", pull=pull.get_name())
                pull.cancel()
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
            ran = False
            while (job := await self._claim()) is not None:
                ran = True
                await self._run(job)
                if job.user_id is None:
                    break
                # the user has room for one more now, and whoever was rung for it found none
            return ran

    async def _claim(self) -> JobView | None:
        if self._stopping:
            return None
        try:
            return await self._ledger.claim(self.owner, list(self._kinds))
        except Exception as error:  # noqa: BLE001 -- whatever it was, the row waits and the sweep comes back to it
            _warn("job.not_claimed", error)
            return None

    async def _sweep(self) -> None:
        await self._reap()
        while not self._stopping and not self._slots.locked() and await self._ledger.next_due(list(self._kinds)):
            pull = self._start_pull("sweep")
            await asyncio.wait([pull], timeout=_CLAIM_S)
            if pull.done() and not pull.result():
                break
        await asyncio.sleep(self._sweep_s)

    # -- leases ------------------------------------------------------------------------------------------------------

    def _measure_clock(self) -> float:
        return self._ledger.now().timestamp() - time.monotonic()

    async def _reap(self) -> None:
        """End leases that ran out.

        Not when the clock has just jumped (a suspended machine, a corrected clock): then all leases look old, and their
        owners get time to renew them. And not our own that are old because this process was held up.
        """
        moment, offset_s = time.monotonic(), self._measure_clock()
        if abs(offset_s - self._clock_offset_s) > self._ledger.lease_s / 3:
            _log.warning("worker.clock_jumped", seconds=round(offset_s - self._clock_offset_s, 1))
            self._no_reaping_until = moment + self._ledger.lease_s
        self._clock_offset_s = offset_s
        if moment < self._no_reaping_until:
            return
        if any(moment - run.renewed_at > self._ledger.lease_s / 2 for run in self._runs.values()):
            await self._renew()
        await self._ledger.reap()

    async def _heartbeat(self) -> None:
        await asyncio.sleep(self._ledger.lease_s / 3)
        await self._renew()

    async def _renew(self) -> None:
        held, moment = dict(self._runs), time.monotonic()
        try:
            async with asyncio.timeout(self._ledger.lease_s / 3):
                kept = await self._ledger.renew(self.owner, list(held))
        except Exception:
            for run in held.values():
                if time.monotonic() - run.renewed_at > self._ledger.lease_s:
                    self._interrupt(run, "lease")  # nobody can say any more that it is still ours
            raise
        for job_id, run in held.items():
            if job_id in kept:
                run.renewed_at = moment
            else:
                self._interrupt(run, "lease")

    async def _watch_cancels(self) -> None:
        await asyncio.sleep(_CANCEL_POLL_S)
        held = dict(self._runs)
        for job_id in await self._ledger.cancel_requests(self.owner) if held else ():
            if run := held.get(job_id):
                self._interrupt(run, "cancel")

    async def _forever(self, name: str, body: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await body()
            except Exception as error:  # noqa: BLE001 -- a helper must outlive any failure of the database
                _warn("worker.helper_failed", error, helper=name)
                await asyncio.sleep(min(1.0, self._ledger.lease_s / 3))

    # -- running one -------------------------------------------------------------------------------------------------

    @staticmethod
    def _interrupt(run: _Run, reason: str) -> None:
        if not run.reason:
            run.reason = reason
            run.task.cancel()

    async def _run(self, job: JobView) -> None:
        await self._end_earlier_run(job.id)
        kind, context = self._kinds[job.kind], JobContext(job, self._resources, self._ledger)
        with structlog.contextvars.bound_contextvars(job_id=job.id, kind=job.kind, trace_id=job.trace_id):
            task = asyncio.create_task(self._body(kind, context), name=f"{job.kind} {job.id}")
            run = self._runs[job.id] = _Run(job, task, time.monotonic())
            if self._stopping:
                self._interrupt(run, "stop")
            try:
                await self._settle(run)
            finally:
                if self._runs.get(job.id) is run:
                    del self._runs[job.id]

    async def _end_earlier_run(self, job_id: str) -> None:
        # This worker lost the lease of a job it still runs, and was quick enough to claim it again.
        if earlier := self._runs.get(job_id):
            self._interrupt(earlier, "lease")
            await asyncio.wait([earlier.task])

    @staticmethod
    async def _body(kind: JobKind[ResourcesT], context: JobContext[ResourcesT]) -> dict[str, Any] | None:
        limit = asyncio.timeout(kind.timeout_s)
        try:
            async with limit:
                return await kind.body(context)
        except TimeoutError as error:
            raise too_long() if limit.expired() else error from None
        except SystemExit as error:
            raise Bug("A part of the program tried to end the worker.") from error

    async def _settle(self, run: _Run) -> None:
        try:
            await asyncio.wait([run.task])
        except asyncio.CancelledError:  # the loop comes down: the body ends first, then the job is handed back
            self._interrupt(run, "stop")
            await asyncio.wait([run.task])
            await self._record(run)
            raise
        await self._record(run)

    async def _record(self, run: _Run) -> None:
        """Write down how a run ended; while the database is away, for as long as the lease may last."""
        give_up_at = time.monotonic() + self._ledger.lease_s
        while True:
            try:
                return await self._record_end(run)
            except Exception as error:  # noqa: BLE001 -- a lost connection, a listener or a result that cannot be kept
                _warn("job.end_not_recorded", error)
                if not is_connection_lost(error):
                    return await self._record_bug(run, error)
                if time.monotonic() > give_up_at:
                    return None
            await asyncio.sleep(_RECORD_AGAIN_S)

    async def _record_bug(self, run: _Run, error: Exception) -> None:
        try:
            await self._ledger.fail(run.job, describe(error, run.job.trace_id))
        except Exception as second:  # noqa: BLE001 -- the lease runs out, and the job comes back or is given up
            _warn("job.end_not_recorded", second)

    async def _record_end(self, run: _Run) -> None:
        error = _error_of(run.task)
        if run.reason == "lease" or isinstance(error, LeaseLostError):
            _log.warning("job.lease_lost")
        elif error is None:
            await self._ledger.succeed(run.job, run.task.result())
        elif run.reason == "cancel":
            await self._ledger.mark_cancelled(run.job)
        elif run.reason == "stop":
            await self._ledger.release(run.job)
        else:
            await self._record_failure(run.job, error)

    async def _record_failure(self, job: JobView, error: BaseException) -> None:
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


def _error_of(task: asyncio.Task[Any]) -> BaseException | None:
    # A body that ends by a cancel of its own making (reason "") is a bug: handed back, it would run for ever.
    return asyncio.CancelledError("the body cancelled itself") if task.cancelled() else task.exception()


def _warn(event: str, error: Exception, **detail: Any) -> None:
    """Log a lost connection in a line, anything else whole."""
    if is_connection_lost(error):
        _log.warning(event, error=str(error)[:500], **detail)
    else:
        _log.error(event, exc_info=error, **detail)
