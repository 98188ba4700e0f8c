"""How a production whose row is held moves on: to work, to a question, out of the way of a newer wish."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from ettametta.delivery.outbox import Outbox
from ettametta.jobs import JobState, Ledger, NewJob
from ettametta.jobs import repository as jobs
from ettametta.kit.clock import utc_now
from ettametta.models import Production
from ettametta.productions import repository
from ettametta.productions.progress import show_progress
from ettametta.productions.proposing import Proposer
from ettametta.productions.state import ProductionState, check_move
from ettametta.productions.telling import shortened

_ENDED = (
    ProductionState.RENDERED,
    ProductionState.DELIVERED,
    ProductionState.FAILED,
    ProductionState.CANCELLED,
)


class Course:
    """Moves productions. Every method takes the production's row held by `repository.hold`; nothing commits."""

    def __init__(self, ledger: Ledger, outbox: Outbox, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._ledger = ledger
        self._outbox = outbox
        self._now = clock
        self.proposer = Proposer(outbox, clock)

    async def set_to_work(
        self, session: AsyncSession, row: Production, state: ProductionState, work: Callable[[Production], NewJob]
    ) -> None:
        """Move on and queue the job, again when it ended before."""
        check_move(ProductionState(row.state), state)
        row.state = state
        job = await self._ledger.enqueue(session, work(row))
        if job.state is JobState.SUCCEEDED:  # it did its part and stopped where it was asked to: this is more work
            row.take += 1
            await session.flush()
            job = await self._ledger.enqueue(session, work(row))
        if job.state in {JobState.FAILED, JobState.CANCELLED}:
            await self._ledger.retry_dead(session, job.id, user_id=None)

    async def begin_take(self, session: AsyncSession, row: Production, channel: str) -> None:
        """Put all that is under way aside: jobs are stopped, an open question is withdrawn, an old error forgotten.

        What was being made of the production is of no use any more; a new take begins, and shows its progress in a
        message of its own when the last one had ended.
        """
        row.take += 1
        if row.state in _ENDED:
            row.progress_key = f"progress:{row.id}:{row.take}"
        row.error_code = row.error_message = row.error_hint = None
        await session.flush()  # a job that is stopped asks whether the production waits for it: it does not any more
        await self.close_proposal(session, row, "withdrawn", channel)
        for job in await jobs.unfinished_of(session, row.id):
            await self._ledger.cancel_row(session, job)
        await session.refresh(row)

    async def render(self, session: AsyncSession, row: Production, summary: str, *, ask: bool) -> None:
        """Have the current revision rendered; first ask when it costs money (`row.estimate_microusd`)."""
        if ask:
            await self.proposer.propose(session, row, summary)
            return
        await self.set_to_work(session, row, ProductionState.RENDERING, render_job)
        await show_progress(
            session, self._outbox, row, fraction=repository.DRAFT_SHARE, stage="waiting", message="Waiting for a worker"
        )

    async def wait(self, session: AsyncSession, row: Production, made: str) -> None:
        """Stop where the person asked to, and show what was made."""
        check_move(ProductionState(row.state), ProductionState.WAITING)
        row.state = ProductionState.WAITING
        await session.flush()
        stopped = f"Stopped after the {row.stop_after}, as you asked. Say “continue” to go on."
        fraction = repository.DRAFT_SHARE
        await show_progress(session, self._outbox, row, fraction=fraction, stage="waiting", message=stopped)
        choices = [{"label": "Continue", "command": f"/continue {row.id}"},
                   {"label": "Cancel", "command": f"/cancel {row.id}"}]  # fmt: skip
        payload = {"text": f"{shortened(made)}\n\n{stopped}", "choices": choices}
        key = f"waiting:{row.id}:{row.take}"
        await self._outbox.put(session, user_id=row.user_id, chat_id=row.chat_id, key=key, kind="text", payload=payload)

    async def drop(self, session: AsyncSession, row: Production, message: str) -> None:
        """End it."""
        check_move(ProductionState(row.state), ProductionState.CANCELLED)
        row.state = ProductionState.CANCELLED
        await session.flush()
        await show_progress(session, self._outbox, row, fraction=0.0, stage="", message=message)

    async def close_proposal(self, session: AsyncSession, row: Production, state: str, channel: str) -> None:
        """Answer the open question, if there is one, with accepted, declined, expired or withdrawn."""
        proposal = await repository.open_proposal(session, row.id)
        if proposal is not None:
            proposal.state, proposal.answered_at, proposal.answered_by = state, self._now(), channel


def draft_job(row: Production) -> NewJob:
    """The job that writes a production's storyboard."""
    return NewJob(
        repository.DRAFT_JOB,
        {"production_id": row.id, "take": row.take},
        user_id=row.user_id,
        chat_id=row.chat_id,
        production_id=row.id,
        priority=5,
        idempotency_key=f"draft:{row.id}{_take(row)}",
    )


def render_job(row: Production) -> NewJob:
    """The job that makes the video of a production's current revision."""
    return NewJob(
        repository.RENDER_JOB,
        {"production_id": row.id, "revision_id": row.current_revision_id, "take": row.take},
        user_id=row.user_id,
        chat_id=row.chat_id,
        production_id=row.id,
        idempotency_key=f"render:{row.current_revision_id}{_take(row)}",
    )


def _take(row: Production) -> str:
    return f":{row.take}" if row.take else ""
