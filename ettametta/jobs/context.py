"""What a running job is given: its row, the resources of the process, and a way to report progress."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import structlog

from ettametta.db import is_connection_lost
from ettametta.jobs.ledger import Ledger
from ettametta.jobs.values import JobView

_log = structlog.get_logger(__name__)

ResourcesT = TypeVar("ResourcesT")

#: Progress within a stage is written at most this often.
_MIN_INTERVAL_S = 0.4


class LeaseLostError(Exception):
    """The job is no longer this worker's: stop at once and write nothing."""


class JobContext(Generic[ResourcesT]):
    """One run of one job.

    Attributes:
        job: the job as it was claimed.
        resources: what `bootstrap` built for this process.
    """

    def __init__(self, job: JobView, resources: ResourcesT, ledger: Ledger) -> None:
        self.job = job
        self.resources = resources
        self._ledger = ledger
        self._fraction, self._stage, self._message = job.progress, job.stage, job.message
        self._written_at = 0.0

    async def progress(self, fraction: float, stage: str, message: str = "") -> None:
        """Report how far the job is (0 to 1) and what it does now; frequent calls are thinned out.

        Raises:
            LeaseLostError: another worker has the job.
        """
        moment = time.monotonic()
        if stage == self._stage and moment - self._written_at < _MIN_INTERVAL_S:
            return
        await self._write(fraction, stage, message, got_further=False)

    async def got_further(self, fraction: float, stage: str, message: str = "") -> None:
        """Report a finished step that will not be redone; a worker that died before is forgiven.

        Raises:
            LeaseLostError: another worker has the job.
        """
        await self._write(fraction, stage, message, got_further=True)

    async def checkpoint(self) -> None:
        """Report that something was finished for good, without changing what is shown.

        Raises:
            LeaseLostError: another worker has the job.
        """
        await self._write(self._fraction, self._stage, self._message, got_further=True)

    async def _write(self, fraction: float, stage: str, message: str, *, got_further: bool) -> None:
        self._fraction, self._stage, self._message = fraction, stage, message
        self._written_at = time.monotonic()
        try:
            ours = await self._ledger.record_progress(self.job, fraction, stage, message, got_further=got_further)
        except Exception as error:
            if not is_connection_lost(error):
                raise
            # Not worth the work done so far: whether the job is still ours is the heartbeat's question.
            _log.warning("job.progress_not_written", error=str(error)[:500])
            return
        if not ours:
            raise LeaseLostError


#: The body of a job: returns its small JSON result.
JobBody = Callable[[JobContext[ResourcesT]], Awaitable[dict[str, Any] | None]]


@dataclass(frozen=True, slots=True)
class JobKind(Generic[ResourcesT]):
    """A kind of job: its wire name (noun.verb), its body, and the longest it may run, in seconds."""

    name: str
    body: JobBody[ResourcesT]
    timeout_s: float = 3_600.0
