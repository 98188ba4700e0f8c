"""What people do with productions: start, look, cancel, retry, answer a proposal. Every face calls this."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from ettametta.db import Database, storable
from ettametta.delivery.outbox import Outbox
from ettametta.errors import Conflict, InvalidInput, NotFound
from ettametta.jobs import Ledger
from ettametta.jobs import repository as jobs
from ettametta.kit.clock import utc_now
from ettametta.kit.ids import content_key
from ettametta.models import Production, Proposal
from ettametta.productions import repository
from ettametta.productions.brief import Brief, check_brief, check_options
from ettametta.productions.chosen import mark_made, with_candidate
from ettametta.productions.course import Course, draft_job, render_job
from ettametta.productions.files import check_wished_files, with_own_music
from ettametta.productions.presets import with_preset
from ettametta.productions.state import ProductionState
from ettametta.productions.values import ProductionView
from ettametta.users import Person, audit

_UNFINISHED = (
    ProductionState.DRAFTING,
    ProductionState.WAITING,
    ProductionState.PROPOSED,
    ProductionState.RENDERING,
)
_RETRYABLE = (ProductionState.FAILED, ProductionState.CANCELLED)
_EXPIRED_AT_ONCE = 100
_MAX_TITLE = 200


class Productions:
    """The production aggregate's service."""

    def __init__(
        self, database: Database, ledger: Ledger, outbox: Outbox, *, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self._database = database
        self._ledger = ledger
        self._course = Course(ledger, outbox, clock=clock)
        self._now = clock

    async def start(self, person: Person, brief: Brief, *, key: str | None = None) -> ProductionView:
        """Begin a production. The same `key` gives the same production, however often it is asked.

        Raises:
            InvalidInput: the brief cannot be worked with.
            NotFound: an attached file or the candidate is not this user's.
        """
        brief = check_brief(brief.model_copy(update={"text": storable(brief.text)}))
        own_key = None if key is None else content_key(user=person.user_id, key=storable(key))
        async with self._database.session_scope() as session:
            known = await _by_key(session, own_key)
            if known is not None:
                return await repository.view(session, known)
            options = await with_preset(session, person.user_id, brief.preset, brief.options)
            options = await with_own_music(session, options, user_id=person.user_id)
            brief, headline = await with_candidate(session, brief, user_id=person.user_id)
            brief = check_options(check_brief(brief.model_copy(update={"options": options})))
            row = Production(
                user_id=person.user_id,
                chat_id=person.chat_id,
                candidate_id=brief.candidate_id,
                idempotency_key=own_key,
                title=await self._check_files(session, person, brief) or headline[:_MAX_TITLE] or brief.subject,
                brief=brief.model_dump(mode="json"),
                state=ProductionState.DRAFTING,
                stop_after=options.stop_after,
            )
            try:
                async with session.begin_nested():
                    session.add(row)
            except IntegrityError:
                known = await _by_key(session, own_key)  # asked twice at the same moment
                if known is None:
                    raise
                return await repository.view(session, known)
            await mark_made(session, brief, user_id=person.user_id, now=self._now())
            await self._ledger.enqueue(session, draft_job(row))
            return await repository.view(session, row)

    async def start_many(
        self, person: Person, briefs: Sequence[Brief], *, key: str | None = None
    ) -> list[ProductionView]:
        """Begin several productions, each with its own script and wishes; all briefs are checked before the first.

        Raises:
            InvalidInput: a brief cannot be worked with; its sentence names the brief by its number.
            NotFound: an attached file or a candidate is not this user's, or there is no such preset.
        """
        for number, brief in enumerate(briefs, 1):
            try:
                check_options(check_brief(brief))
            except InvalidInput as error:
                raise InvalidInput(f"Video {number}: {error.message}", hint=error.hint, code=error.code) from error
        async with self._database.read_scope() as session:
            for brief in briefs:
                options = await with_preset(session, person.user_id, brief.preset, brief.options)
                await self._check_files(session, person, brief.model_copy(update={"options": options}))
                await with_candidate(session, brief, user_id=person.user_id)
        return [
            await self.start(person, brief, key=None if key is None else f"{key}:{number}")
            for number, brief in enumerate(briefs, 1)
        ]

    @staticmethod
    async def _check_files(session: AsyncSession, person: Person, brief: Brief) -> str:
        """The name of the attached text, after proof that every file is the person's own and of the right kind."""
        await check_wished_files(session, brief.options, user_id=person.user_id)
        for asset_id in brief.media_asset_ids:
            media = await repository.find_asset(session, asset_id, user_id=person.user_id)
            if media.kind not in {"photo", "clip"}:
                raise InvalidInput(
                    f"The file {media.name} is neither a photo nor a clip.",
                    hint="Send a photo or a video.",
                    code="brief.not_media",
                )
        if brief.file_asset_id is None:
            return ""
        text = await repository.find_asset(session, brief.file_asset_id, user_id=person.user_id)
        if text.kind != "text":
            raise InvalidInput(
                f"The file {text.name} holds no text to make a video about.",
                hint="Attach a text or Markdown file, or say what the video is about.",
                code="brief.not_text",
            )
        return text.name

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
            row = await repository.hold(session, production_id, user_id=user_id)
            if row.state not in _UNFINISHED:
                raise Conflict(
                    f"That production is already {row.state}.", hint="There is nothing to cancel.", code="job.ended"
                )
            audit(session, row.user_id, "production.cancelled", channel=channel, subject=row.id)
            await self._course.close_proposal(session, row, "declined", channel)
            at_work = await jobs.unfinished_of(session, row.id)
            for job in at_work:
                await self._ledger.cancel_row(session, job)
            if row.state in {ProductionState.PROPOSED, ProductionState.WAITING} or not at_work:
                await self._course.drop(session, row, "Cancelled.")
            await session.refresh(row)
            return await repository.view(session, row)

    async def retry(self, production_id: str, *, user_id: str | None, channel: str = "") -> ProductionView:
        """Take up a failed or cancelled production where it ended; finished steps are not redone.

        What costs money and was not approved as it stands now asks first.

        Raises:
            NotFound: there is none for this user.
            Conflict: it has not failed.
        """
        async with self._database.session_scope() as session:
            row = await repository.hold(session, production_id, user_id=user_id)
            if row.state not in _RETRYABLE:
                raise Conflict(
                    f"That production is {row.state}.",
                    hint="Only failed or cancelled ones can be tried again.",
                    code="production.not_failed",
                )
            row.error_code = row.error_message = row.error_hint = None
            audit(session, row.user_id, "production.retried", channel=channel, subject=row.id)
            await self._take_up(session, row)
            return await repository.view(session, row)

    async def _take_up(self, session: AsyncSession, row: Production) -> None:
        """Render what was cleared for that; ask again what was asked; the end of the draft prices everything else."""
        asked = await repository.newest_proposal(session, row.id)
        has_revision = row.current_revision_id is not None
        if has_revision and await repository.has_job(session, render_job(row)):
            await self._course.set_to_work(session, row, ProductionState.RENDERING, render_job)
        elif has_revision and asked is not None and asked.state not in {"accepted", "withdrawn"}:
            await self._course.proposer.propose(session, row, asked.summary)
        else:
            await self._course.set_to_work(session, row, ProductionState.DRAFTING, draft_job)

    async def answer(self, proposal_id: str, *, user_id: str, accept: bool, channel: str) -> ProductionView:
        """Answer a proposal, once. The same answer again changes nothing.

        Raises:
            NotFound: there is no such proposal for this user.
            Conflict: it was answered otherwise, or has expired.
        """
        wanted_state = "accepted" if accept else "declined"
        async with self._database.session_scope() as session:
            proposal = await self._find_proposal(session, proposal_id, user_id)
            row = await repository.hold(session, proposal.production_id or "", user_id=user_id)
            await session.refresh(proposal, with_for_update=True)
            if proposal.state == wanted_state:
                return await repository.view(session, row)
            self._check_open(proposal)
            await self._course.close_proposal(session, row, wanted_state, channel)
            audit(session, user_id, f"proposal.{wanted_state}", channel=channel, subject=proposal.id)
            if accept:
                await self._course.set_to_work(session, row, ProductionState.RENDERING, render_job)
            else:
                await self._course.drop(session, row, "Cancelled.")
            return await repository.view(session, row)

    async def expire(self) -> int:
        """Close the questions that nobody answered in time, with their productions, and give how many."""
        late = select(Proposal.production_id).where(Proposal.state == "pending", Proposal.expires_at <= self._now())
        async with self._database.read_scope() as session:
            ids = list(await session.scalars(late.order_by(Proposal.expires_at).limit(_EXPIRED_AT_ONCE)))
        return sum([await self._expire_one(production_id) for production_id in ids if production_id])

    async def _expire_one(self, production_id: str) -> bool:
        async with self._database.session_scope() as session:
            row = await repository.hold(session, production_id, user_id=None)
            proposal = await repository.open_proposal(session, row.id)
            if proposal is None or proposal.expires_at > self._now():
                return False  # answered just now
            await self._course.close_proposal(session, row, "expired", "")
            audit(session, row.user_id, "proposal.expired", subject=proposal.id)
            if row.state == ProductionState.PROPOSED:
                await self._course.drop(session, row, "Nobody answered in time. Retry it to be asked again.")
            return True

    @staticmethod
    async def _find_proposal(session: AsyncSession, proposal_id: str, user_id: str) -> Proposal:
        prefix = storable(proposal_id)
        wanted = select(Proposal).where(Proposal.id.startswith(prefix, autoescape=True), Proposal.user_id == user_id)
        rows = (await session.scalars(wanted.limit(2))).all() if prefix else []
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


async def _by_key(session: AsyncSession, key: str | None) -> Production | None:
    if key is None:
        return None
    return await session.scalar(select(Production).where(Production.idempotency_key == key))
