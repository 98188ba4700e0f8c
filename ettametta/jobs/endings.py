"""What an exception means for a job: whether another try may help, and the reason that is recorded."""

from __future__ import annotations

from ettametta.db import is_connection_lost, is_disk_full
from ettametta.errors import EttamettaError, TransientError, UserError
from ettametta.jobs.values import JobError


def too_long() -> UserError:
    """The error for a job that took longer than its kind may."""
    return UserError("The job took longer than it may.", hint="Try a shorter text or video.", code="job.timeout")


def is_retryable(error: BaseException) -> bool:
    """Whether another try may help."""
    return (isinstance(error, EttamettaError) and error.retryable) or is_connection_lost(error)


def describe(error: BaseException, reference: str) -> JobError:
    """The recorded reason for an exception; a bug shows only its reference."""
    if isinstance(error, EttamettaError):
        return JobError(error.code, error.message, error.hint)
    if is_disk_full(error):
        return JobError("operator.no_space", "The disk is full.", "Free some space in ETTAMETTA_DATA_DIR, then retry.")
    if is_connection_lost(error):
        lost = TransientError("A connection to the database or a service was lost.")
        return JobError(lost.code, lost.message, "It is tried again by itself.")
    return JobError(
        "bug", "Something went wrong on our side.", f"Look for reference {reference} in the log, or report it."
    )
