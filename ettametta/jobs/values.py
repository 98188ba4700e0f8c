"""The values of the ledger: states, the frozen view of a job, and what a new job is made from."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from ettametta.kit.ids import new_id
from ettametta.models import Job, JobEvent


class JobState(StrEnum):
    """Where a job stands. The last three are final."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Whether nothing more happens."""
        return self in {JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED}


@dataclass(frozen=True, slots=True)
class JobError:
    """Why a job ended badly: a stable code, a sentence for people, a hint that names the fix."""

    code: str
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class NewJob:
    """A job to enqueue. With an `idempotency_key` the same key gives the same job."""

    kind: str
    payload: dict[str, Any] = field(default_factory=dict)
    user_id: str | None = None
    chat_id: str | None = None
    production_id: str | None = None
    parent_id: str | None = None
    trace_id: str = ""
    priority: int = 0
    max_attempts: int = 3
    idempotency_key: str | None = None
    not_before: datetime | None = None


def new_row(new: NewJob, now: datetime) -> Job:
    """The row of a job that has just come in."""
    return Job(
        id=new_id(),
        kind=new.kind,
        payload=new.payload,
        state=JobState.QUEUED,
        priority=new.priority,
        attempts=0,
        crashes=0,
        max_attempts=new.max_attempts,
        idempotency_key=new.idempotency_key,
        not_before=new.not_before or now,
        progress=0.0,
        stage="",
        message="",
        user_id=new.user_id,
        chat_id=new.chat_id,
        production_id=new.production_id,
        parent_id=new.parent_id,
        trace_id=new.trace_id or new_id(),
        created_at=now,
    )


@dataclass(frozen=True, slots=True)
class JobView:
    """A job as it stood when it was read. `progress` runs from 0 to 1."""

    id: str
    kind: str
    payload: dict[str, Any]
    state: JobState
    priority: int
    attempts: int
    max_attempts: int
    crashes: int
    progress: float
    stage: str
    message: str
    result: dict[str, Any] | None
    error: JobError | None
    user_id: str | None
    chat_id: str | None
    production_id: str | None
    trace_id: str
    cancel_requested: bool
    lease_owner: str | None
    not_before: datetime
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


def view(row: Job) -> JobView:
    """The frozen view of a row."""
    error = JobError(row.error_code, row.error_message or "", row.error_hint or "") if row.error_code else None
    return JobView(
        id=row.id,
        kind=row.kind,
        payload=dict(row.payload),
        state=JobState(row.state),
        priority=row.priority,
        attempts=row.attempts,
        max_attempts=row.max_attempts,
        crashes=row.crashes,
        progress=row.progress,
        stage=row.stage,
        message=row.message,
        result=row.result,
        error=error,
        user_id=row.user_id,
        chat_id=row.chat_id,
        production_id=row.production_id,
        trace_id=row.trace_id,
        cancel_requested=row.cancel_requested_at is not None,
        lease_owner=row.lease_owner,
        not_before=row.not_before,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )


@dataclass(frozen=True, slots=True)
class JobEventView:
    """One line of a job's history."""

    name: str
    detail: dict[str, Any]
    at: datetime


def event_view(row: JobEvent) -> JobEventView:
    """The frozen view of an event."""
    return JobEventView(row.name, dict(row.detail), row.at)
