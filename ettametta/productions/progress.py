"""What a production's jobs mean for it, in the transaction in which they move: its state, its progress message."""

from __future__ import annotations

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from ettametta.delivery.outbox import Outbox
from ettametta.jobs import JobState, JobView
from ettametta.models import Production, Video
from ettametta.productions import repository
from ettametta.productions.state import ProductionState

_log = structlog.get_logger(__name__)


class ProductionFollower:
    """Listens to the ledger and to the outbox, and keeps productions in step with them."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    async def job_moved(self, session: AsyncSession, job: JobView) -> None:
        """A job has moved: show its progress, or record how it ended."""
        if job.production_id is None:
            return
        row = await session.get(Production, job.production_id, with_for_update=True, populate_existing=True)
        if row is None or not _is_at_work(job, row):
            return
        if job.state is JobState.FAILED:
            await self._failed(session, row, job)
        elif job.state is JobState.CANCELLED:
            row.state = ProductionState.CANCELLED
            await self._show(session, row, job, "Cancelled.")
        else:
            await self._show(session, row, job, job.message)

    async def _failed(self, session: AsyncSession, row: Production, job: JobView) -> None:
        error = job.error
        row.state = ProductionState.FAILED
        row.error_code = error.code if error else "bug"
        row.error_message = error.message if error else "It failed."
        row.error_hint = error.hint if error else ""
        await self._show(session, row, job, row.error_message)
        payload = {"production_id": row.id, "title": row.title, "code": row.error_code, "message": row.error_message,
                   "hint": row.error_hint}  # fmt: skip
        key = f"failure:{job.id}:{job.finished_at}"
        await self._outbox.put(
            session, user_id=row.user_id, chat_id=row.chat_id, key=key, kind="failure", payload=payload
        )

    async def _show(self, session: AsyncSession, row: Production, job: JobView, message: str) -> None:
        fraction = repository.overall_progress(row, job.kind, job.progress)
        await show_progress(session, self._outbox, row, fraction=fraction, stage=job.stage, message=message)

    async def parcel_sent(self, session: AsyncSession, kind: str, payload: dict[str, object]) -> None:
        """A parcel was shown: a production whose video it was is delivered."""
        if kind != "video":
            return
        try:
            async with session.begin_nested():
                await self._deliver(session, str(payload.get("production_id")), payload.get("video_id"))
        except Exception:  # noqa: BLE001 -- what was shown must be recorded as shown, or it is shown twice
            _log.exception("production.not_marked_delivered", production_id=payload.get("production_id"))

    @staticmethod
    async def _deliver(session: AsyncSession, production_id: str, video_id: object) -> None:
        row = await session.get(Production, production_id, with_for_update=True)
        video = await session.get(Video, str(video_id))
        if row is None or (video is not None and video.revision_id != row.current_revision_id):
            return  # an older version's
        if row.state == ProductionState.RENDERED:
            row.state = ProductionState.DELIVERED


def _is_at_work(job: JobView, row: Production) -> bool:
    """Whether a job is the one its production waits for: the end of an earlier one says nothing about it."""
    if job.payload.get("take", 0) != row.take:
        return False
    if row.state == ProductionState.DRAFTING:
        return job.kind == repository.DRAFT_JOB
    is_current = job.payload.get("revision_id") == row.current_revision_id
    return row.state == ProductionState.RENDERING and job.kind == repository.RENDER_JOB and is_current


async def show_progress(
    session: AsyncSession, outbox: Outbox, row: Production, *, fraction: float, stage: str, message: str
) -> None:
    """Write the progress message of what is being made; `fraction` runs from 0 to 1 over the whole production."""
    payload = {"production_id": row.id, "title": row.title, "state": str(row.state), "fraction": round(fraction, 2),
               "stage": stage, "message": message}  # fmt: skip
    key = row.progress_key or f"progress:{row.id}"
    await outbox.put(session, user_id=row.user_id, chat_id=row.chat_id, key=key, kind="progress", payload=payload)
