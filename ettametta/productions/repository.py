"""Reading and holding productions, and building their views. Nothing here commits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from ettametta.db import storable
from ettametta.errors import Conflict, NotFound
from ettametta.jobs import NewJob
from ettametta.models import Asset, Job, Production, Proposal, Revision, Video
from ettametta.productions.state import ProductionState
from ettametta.productions.values import EditView, ErrorView, ProductionView, ProposalView, VideoView
from ettametta.storyboard import Storyboard

#: The share of the whole that is done when the storyboard stands.
DRAFT_SHARE = 0.1

#: The jobs of a production, by their wire names.
DRAFT_JOB = "production.draft"
RENDER_JOB = "production.render"

_ID_LENGTH = 32


@dataclass(frozen=True, slots=True)
class Edit:
    """How a revision came about: the operations as JSON, what they changed in sentences, by which channel."""

    operations: list[dict[str, Any]]
    changes: list[str]
    channel: str
    key: str | None = None


async def find(session: AsyncSession, production_id: str, *, user_id: str | None) -> Production:
    """The row of a production of this user (None: of anybody). An unambiguous prefix of the id will do.

    Raises:
        NotFound: there is none.
    """
    prefix = storable(production_id)
    wanted = select(Production).where(Production.id.startswith(prefix, autoescape=True)).limit(2)
    if user_id is not None:
        wanted = wanted.where(Production.user_id == user_id)
    rows = (await session.scalars(wanted)).all() if prefix else []
    if len(rows) != 1:
        raise NotFound(
            f"There is no production {prefix[:_ID_LENGTH]}.",
            hint="Ask for the status to see your productions.",
            code="production.not_found",
        )
    return rows[0]


async def hold(session: AsyncSession, production_id: str, *, user_id: str | None) -> Production:
    """The row of a production, locked, after all its jobs: in the order in which a moving job locks them.

    Raises:
        NotFound: there is none for this user.
    """
    row = await find(session, production_id, user_id=user_id)
    jobs = select(Job.id).where(Job.production_id == row.id).order_by(Job.id)
    while True:
        async with session.begin_nested() as savepoint:
            held = set(await session.scalars(jobs.with_for_update()))
            await session.refresh(row, with_for_update=True)
            if held.issuperset(await session.scalars(jobs)):
                return row
            # A job came in between: let go, for whoever claims it waits for the production.
            await savepoint.rollback()


async def find_asset(session: AsyncSession, asset_id: str, *, user_id: str) -> Asset:
    """An asset of this user.

    Raises:
        NotFound: there is none.
    """
    row = await session.scalar(select(Asset).where(Asset.id == storable(asset_id), Asset.user_id == user_id))
    if row is None:
        raise NotFound("That file is not here any more.", hint="Send it again.", code="asset.not_found")
    return row


async def newest_proposal(session: AsyncSession, production_id: str) -> Proposal | None:
    """The last question that was asked about a production, answered or not."""
    return await session.scalar(_proposals(production_id))


async def latest_job(session: AsyncSession, production_id: str) -> Job | None:
    """The newest job of a production."""
    newest = select(Job).where(Job.production_id == production_id).order_by(Job.created_at.desc(), Job.id.desc())
    return await session.scalar(newest.limit(1))


def check_priced(row: Production, revision_id: str | None) -> None:
    """Refuse to spend on a revision what was estimated for another.

    Raises:
        Conflict: the production was edited since.
    """
    if row.current_revision_id != revision_id:
        raise Conflict(
            "Somebody changed the video meanwhile.",
            hint="Look at its storyboard, then say it again.",
            code="production.changed_meanwhile",
        )


async def has_job(session: AsyncSession, wanted: NewJob) -> bool:
    """Whether this job was ever queued."""
    mine = select(Job.id).where(Job.idempotency_key == wanted.idempotency_key).limit(1)
    return await session.scalar(mine) is not None


async def current_revision(session: AsyncSession, production: Production) -> Revision:
    """The revision a production is rendered from.

    Raises:
        NotFound: there is no storyboard yet.
    """
    revision = None
    if production.current_revision_id is not None:
        revision = await session.get(Revision, production.current_revision_id)
    if revision is None:
        raise NotFound(
            "This production has no storyboard yet.", hint="Wait until it is drafted.", code="production.no_revision"
        )
    return revision


async def add_revision(
    session: AsyncSession, production: Production, storyboard: Storyboard, note: str, edit: Edit | None = None
) -> Revision:
    """A new revision with the next number, made the current one; the one before is its parent."""
    highest = select(func.max(Revision.number)).where(Revision.production_id == production.id)
    number = (await session.scalar(highest) or 0) + 1
    revision = Revision(
        production_id=production.id,
        user_id=production.user_id,
        number=number,
        storyboard=storyboard.model_dump(mode="json"),
        note=note,
        parent_id=production.current_revision_id,
        operations=edit.operations if edit else None,
        changes=edit.changes if edit else None,
        channel=edit.channel if edit else None,
        idempotency_key=edit.key if edit else None,
    )
    session.add(revision)
    await session.flush()
    production.current_revision_id = revision.id
    return revision


async def revisions(session: AsyncSession, production_id: str) -> list[Revision]:
    """All revisions of a production, the first one first."""
    mine = select(Revision).where(Revision.production_id == production_id).order_by(Revision.number)
    return list(await session.scalars(mine))


async def video_of(session: AsyncSession, revision_id: str | None) -> Video | None:
    """The finished video of a revision, if there is one."""
    if revision_id is None:
        return None
    return await session.scalar(select(Video).where(Video.revision_id == revision_id))


def is_draft(row: Production, video: Video | None) -> bool:
    """Whether a production is a draft: it is to be made as one, or its current video was."""
    return bool(row.brief.get("options", {}).get("draft")) or (video is not None and bool(video.checks.get("draft")))


async def view(session: AsyncSession, row: Production) -> ProductionView:
    """The view of a production with its job, open proposal and video."""
    job = await latest_job(session, row.id)
    video = await video_of(session, row.current_revision_id)
    revision = await session.get(Revision, row.current_revision_id) if row.current_revision_id else None
    proposal = await open_proposal(session, row.id)
    error = None
    if row.error_code:
        error = ErrorView(code=row.error_code, message=row.error_message or "", hint=row.error_hint or "")
    return ProductionView(
        id=row.id,
        user_id=row.user_id,
        chat_id=row.chat_id,
        title=row.title,
        state=ProductionState(row.state),
        progress=overall_progress(row, job.kind if job else "", job.progress if job else 0.0),
        stage=job.stage if job else "",
        message=job.message if job else "",
        job_id=job.id if job else None,
        error=error,
        proposal=proposal_view(proposal, row.title) if proposal else None,
        video=video_view(video, row.title) if video else None,
        is_draft=is_draft(row, video),
        revision=revision.number if revision else None,
        stopped_after=row.stop_after if row.state == ProductionState.WAITING else None,
        source_production_id=row.source_production_id,
        candidate_id=row.candidate_id,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


async def edit_view(
    session: AsyncSession, row: Production, revision: Revision, changes: Sequence[str], warnings: Sequence[str] = ()
) -> EditView:
    """What an edit, an undo or a redo came to."""
    seen = await view(session, row)
    is_ready = seen.video is not None and row.current_revision_id == revision.id
    return EditView(
        production=seen,
        revision=revision.number,
        changes=tuple(changes),
        warnings=tuple(warnings),
        is_ready=is_ready,
    )


def overall_progress(row: Production, job_kind: str, job_progress: float) -> float:
    """Progress over the whole production, from the progress of the job at work."""
    if row.state in {ProductionState.RENDERED, ProductionState.DELIVERED}:
        return 1.0
    if row.state == ProductionState.WAITING and row.current_revision_id is not None:
        return DRAFT_SHARE
    if job_kind == DRAFT_JOB:
        return DRAFT_SHARE * job_progress
    return DRAFT_SHARE + (1 - DRAFT_SHARE) * job_progress


async def open_proposal(session: AsyncSession, production_id: str) -> Proposal | None:
    """The proposal that waits for an answer, if any."""
    return await session.scalar(_proposals(production_id).where(Proposal.state == "pending"))


def _proposals(production_id: str) -> Select[Proposal]:
    mine = select(Proposal).where(Proposal.production_id == production_id)
    return mine.order_by(Proposal.created_at.desc(), Proposal.id.desc()).limit(1)


def proposal_view(row: Proposal, title: str) -> ProposalView:
    """The view of a proposal."""
    return ProposalView(
        id=row.id,
        production_id=row.production_id or "",
        title=title,
        summary=row.summary,
        estimate_usd=None if row.estimate_microusd is None else row.estimate_microusd / 1e6,
        state=row.state,
        expires_at=row.expires_at,
    )


def video_view(row: Video, title: str) -> VideoView:
    """The view of a video."""
    return VideoView(
        id=row.id,
        production_id=row.production_id,
        title=title,
        storage_key=row.storage_key,
        cover_key=row.cover_key,
        thumbnail_key=row.thumbnail_key,
        captions_key=row.captions_key,
        credits_key=row.credits_key,
        width=row.width,
        height=row.height,
        duration_s=row.duration_s,
        size_bytes=row.size_bytes,
        sha256=row.sha256,
        vtt_key=row.vtt_key,
        ass_key=row.ass_key,
        contact_sheet_key=row.contact_sheet_key,
        cover_keys=tuple(row.cover_keys or ()),
        is_draft=bool(row.checks.get("draft", False)),
        checks_passed=bool(row.checks.get("ok", False)),
        checks=dict(row.checks),
    )
