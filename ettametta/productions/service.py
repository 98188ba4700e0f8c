"""What people do with productions: start, look, cancel, retry, answer a proposal. Every face calls this."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ettametta.db import Database
from ettametta.delivery.outbox import Outbox
from ettametta.errors import Conflict, NotFound
from ettametta.jobs import Ledger, NewJob
from ettametta.jobs import repository as jobs
from ettametta.kit.clock import utc_now
from ettametta.models import Production, Proposal
from ettametta.productions import repository
from ettametta.productions.brief import Brief, check_brief
from ettametta.productions.progress import show_progress
from ettametta.productions.state import ProductionState, check_move
from ettametta.productions.values import ProductionView
from ettametta.users import Person, audit

_UNFINISHED = (ProductionState.DRAFTING, ProductionState.PROPOSED, ProductionState.RENDERING)


class Productions:
    """The production aggregate's service."""

    def __init__(
        self, database: Database, ledger: Ledger, outbox: Outbox, *, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self._database = database
        self._ledger = ledger
        self._outbox = outbox
        self._now = clock

    async def start(self, person: Person, brief: Brief, *, key: str | None = None) -> ProductionView:
        """Begin a production. The same `key` gives the same production, however often it is asked.

        Raises:
            InvalidInput: the brief cannot be worked with.
            NotFound: an attached file is not this user's.
        """
        check_brief(brief)
        async with self._database.session_scope() as session:
            if key is not None:
                known = await session.scalar(select(Production).where(Production.idempotency_key == key))
                if known is not None:
                    return await repository.view(session, known)
            subject = await self._check_files(session, person, brief) or brief.subject
            row = Production(
                user_id=person.user_id,
                chat_id=person.chat_id,
                idempotency_key=key,
                title=subject[:200],
                brief=brief.model_dump(mode="json"),
                state=ProductionState.DRAFTING,
            )
            session.add(row)
            await session.flush()
            await self._ledger.enqueue(session, draft_job(row))
            return await repository.view(session, row)

    @staticmethod
    async def _check_files(session: AsyncSession, person: Person, brief: Brief) -> str:
        """The name of the attached text, after proof that every file is the person's own."""
        for asset_id in brief.media_asset_ids:
            await repository.find_asset(session, asset_id, user_id=person.user_id)
        if brief.file_asset_id is None:
            return ""
        return (await repository.find_asset(session, brief.file_asset_id, user_id=person.user_id)).name

    async def get(self, production_id: str, *, user_id: str | None) -> ProductionView:
        """One production; an unambiguous prefix of its id will do.

        Raises:
            NotFound: there is none for this user.
        """
        async with self._database.read_scope() as session:
            return await repository.view(session, await repository.find(session, production_id, user_id=user_id))

    async def recent(
        self, *, user_id: str | None, limit: int = 10, unfinished_only: bool = False
    ) -> list[ProductionView]:
        """The newest productions."""
        wanted = select(Production).order_by(Production.created_at.desc(), Production.id.desc()).limit(limit)
        if user_id is not None:
            wanted = wanted.where(Production.user_id == user_id)
        if unfinished_only:
            wanted = wanted.where(Production.state.in_(_UNFINISHED))
        async with self._database.read_scope() as session:
            return [await repository.view(session, row) for row in await session.scalars(wanted)]

    async def cancel(self, production_id: str, *, user_id: str | None, channel: str = "") -> ProductionView:
        """Stop a production: what waits ends at once, a running render within a second.

        Raises:
            NotFound: there is none for this user.
            Conflict: it has ended already.
        """
        async with self._database.session_scope() as session:
            row = await repository.find(session, production_id, user_id=user_id)
            # Locks are taken in the order in which a moving job takes them: job rows, then the production.
            await jobs.unfinished_of(session, row.id)
            await session.refresh(row, with_for_update=True)
            if row.state not in _UNFINISHED:
                raise Conflict(
                    f"That production is already {row.state}.", hint="There is nothing to cancel.", code="job.ended"
                )
            audit(session, row.user_id, "production.cancelled", channel=channel, subject=row.id)
            if row.state == ProductionState.PROPOSED:
                await self._close_proposal(session, row, "declined", channel)
                await self._drop(session, row)
            for job in await jobs.unfinished_of(session, row.id):
                await self._ledger.cancel_row(session, job)
            await session.refresh(row)
            return await repository.view(session, row)

    async def _drop(self, session: AsyncSession, row: Production) -> None:
        check_move(ProductionState(row.state), ProductionState.CANCELLED)
        row.state = ProductionState.CANCELLED
        await session.flush()
        await show_progress(session, self._outbox, row, fraction=0.0, stage="", message="Cancelled.")

    async def retry(self, production_id: str, *, user_id: str | None, channel: str = "") -> ProductionView:
        """Take up a failed or cancelled production where it ended; finished steps are not redone.

        Raises:
            NotFound: there is none for this user.
            Conflict: it has not failed.
        """
        async with self._database.session_scope() as session:
            row = await repository.find(session, production_id, user_id=user_id, lock=True)
            has_storyboard = row.current_revision_id is not None
            wanted = ProductionState.RENDERING if has_storyboard else ProductionState.DRAFTING
            check_move(ProductionState(row.state), wanted)
            row.state = wanted
            row.error_code = row.error_message = row.error_hint = None
            audit(session, row.user_id, "production.retried", channel=channel, subject=row.id)
            last = await repository.latest_job(session, row.id)
            if last is not None and last.state in {"failed", "cancelled"}:
                await self._ledger.retry_dead(session, last.id, user_id=None)
            else:
                # cancelled while the proposal waited: asking again is the yes
                await self._ledger.enqueue(session, render_job(row))
            return await repository.view(session, row)

    async def answer(self, proposal_id: str, *, user_id: str, accept: bool, channel: str) -> ProductionView:
        """Answer a proposal, once. The same answer again changes nothing.

        Raises:
            NotFound: there is no such proposal for this user.
            Conflict: it was answered otherwise, or has expired.
        """
        wanted_state = "accepted" if accept else "declined"
        async with self._database.session_scope() as session:
            proposal = await self._find_proposal(session, proposal_id, user_id)
            row = await repository.find(session, proposal.production_id or "", user_id=user_id, lock=True)
            if proposal.state == wanted_state:
                return await repository.view(session, row)
            self._check_open(proposal)
            await self._close_proposal(session, row, wanted_state, channel)
            audit(session, user_id, f"proposal.{wanted_state}", channel=channel, subject=proposal.id)
            if accept:
                check_move(ProductionState(row.state), ProductionState.RENDERING)
                row.state = ProductionState.RENDERING
                await self._ledger.enqueue(session, render_job(row))
            else:
                await self._drop(session, row)
            return await repository.view(session, row)

    @staticmethod
    async def _find_proposal(session: AsyncSession, proposal_id: str, user_id: str) -> Proposal:
        wanted = select(Proposal).where(Proposal.id.startswith(proposal_id, autoescape=True))
        mine = wanted.where(Proposal.user_id == user_id).limit(2).with_for_update()
        rows = (await session.scalars(mine)).all() if proposal_id else []
        if len(rows) != 1:
            raise NotFound("There is no such question.", hint="Ask for the status.", code="proposal.not_found")
        return rows[0]

    def _check_open(self, proposal: Proposal) -> None:
        if proposal.state != "pending":
            raise Conflict(
                f"That question was already answered ({proposal.state}).",
                hint="Ask for the status to see where the production stands.",
                code="proposal.answered",
            )
        if proposal.expires_at <= self._now():
            raise Conflict(
                "That question is too old to answer.", hint="Ask for the video again.", code="proposal.expired"
            )

    async def _close_proposal(self, session: AsyncSession, row: Production, state: str, channel: str) -> None:
        proposal = await repository.open_proposal(session, row.id)
        if proposal is not None:
            proposal.state, proposal.answered_at, proposal.answered_by = state, self._now(), channel


def draft_job(row: Production) -> NewJob:
    """The job that writes a production's storyboard."""
    return NewJob(
        "production.draft",
        {"production_id": row.id},
        user_id=row.user_id,
        chat_id=row.chat_id,
        production_id=row.id,
        priority=5,
        idempotency_key=f"draft:{row.id}",
    )


def render_job(row: Production) -> NewJob:
    """The job that makes the video of a production's current revision."""
    return NewJob(
        "production.render",
        {"production_id": row.id, "revision_id": row.current_revision_id},
        user_id=row.user_id,
        chat_id=row.chat_id,
        production_id=row.id,
        idempotency_key=f"render:{row.current_revision_id}",
    )
