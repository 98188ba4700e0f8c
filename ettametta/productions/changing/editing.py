"""Editing a production: revisions by typed operations, undo and redo, and the way back to any revision.

Whatever an edit changes, only that is spoken and encoded anew: everything else is found under the hash of what it was
made from. Going back to a revision whose video is there needs no work at all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from ettametta.edits import Operation, Pictures, SwapVisual, apply, as_json, diff, scene_named, without_nul
from ettametta.errors import Conflict, InvalidInput, NotFound
from ettametta.kit.ids import content_key
from ettametta.models import OutboxMessage, Production, Revision, Video
from ettametta.productions import repository
from ettametta.productions.costing import Costing, News
from ettametta.productions.course import Course
from ettametta.productions.files import check_files, named_files
from ettametta.productions.ground import Ground
from ettametta.productions.pictures.finding import Picturing
from ettametta.productions.progress import show_progress
from ettametta.productions.repository import Edit
from ettametta.productions.state import ProductionState, check_move
from ettametta.productions.style_notes import new_caption_notes
from ettametta.productions.values import EditView, RevisionView, StoryboardView
from ettametta.productions.voices import Voices
from ettametta.storyboard import Storyboard
from ettametta.users import audit
from ettametta.video.themes import theme_named

#: An edit that says nothing of the revision it builds on is tried again this often when another one came between.
_TRIES = 4
_NOT_YET = (ProductionState.DRAFTING,)


@dataclass(frozen=True, slots=True)
class _Base:
    """What an edit begins with: the production, its revision, and every scene id it ever had."""

    production: Production
    revision: Revision
    storyboard: Storyboard
    taken: frozenset[str]


class Editing:
    """Edits productions, and goes back and forth between their revisions."""

    def __init__(
        self,
        ground: Ground,
        costing: Costing,
        voices: Voices,
        picturing: Picturing,
        *,
        auto_approve_usd: float,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = ground.database
        self._costing = costing
        self._voices = voices
        self._picturing = picturing
        self._course = Course(ground.ledger, ground.outbox, clock=clock)
        self._outbox = ground.outbox
        self._auto_approve_usd = auto_approve_usd

    # -- looking -----------------------------------------------------------------------------------------------------

    async def storyboard(self, production_id: str, *, user_id: str | None) -> StoryboardView:
        """The storyboard of the current revision.

        Raises:
            NotFound: there is no such production for this user, or it has no storyboard yet.
        """
        async with self._database.read_scope() as session:
            row = await repository.find(session, production_id, user_id=user_id)
            revision = await repository.current_revision(session, row)
            return StoryboardView(
                production_id=row.id,
                revision=revision.number,
                state=ProductionState(row.state),
                storyboard=Storyboard.model_validate(revision.storyboard),
            )

    async def revisions(self, production_id: str, *, user_id: str | None) -> list[RevisionView]:
        """All revisions, the first one first.

        Raises:
            NotFound: there is no such production for this user.
        """
        async with self._database.read_scope() as session:
            row = await repository.find(session, production_id, user_id=user_id)
            rows = await repository.revisions(session, row.id)
            numbers = {revision.id: revision.number for revision in rows}
            done = set(await session.scalars(select(Video.revision_id).where(Video.production_id == row.id)))
            return [_view(one, numbers, row.current_revision_id, has_video=one.id in done) for one in rows]

    # -- changing ----------------------------------------------------------------------------------------------------

    async def edit(
        self,
        production_id: str,
        operations: Sequence[Operation],
        *,
        user_id: str | None,
        channel: str = "",
        base: int | None = None,
        key: str | None = None,
    ) -> EditView:
        """Make a new revision and have it rendered; what is being rendered is stopped.

        Args:
            production_id: which production.
            operations: what to change, all or nothing.
            user_id: whose it must be; None: anybody's.
            channel: where the wish came from.
            base: the number of the revision the person looked at; None: whatever is current.
            key: the same key makes one revision, however often it is asked.

        Raises:
            NotFound: there is no such production for this user.
            InvalidInput: an operation names what is not there, or nothing would change.
            Conflict: it is still being drafted, or somebody changed it since revision `base`.
        """
        operations = without_nul(operations)
        own_key = await self._own_key(production_id, user_id, key)
        for _ in range(_TRIES):
            known = await self._known(own_key)  # first: what it built on is not the current one any more
            if known is not None:
                return known
            begun = await self._base(production_id, user_id, base)
            storyboard, changes = await self._changed(begun, operations)
            edit = Edit(as_json(operations), changes, channel, own_key)
            done = await self._write(begun, storyboard, edit, user_id)
            if done is not None:
                return done
        raise _changed_meanwhile()

    async def _own_key(self, production_id: str, user_id: str | None, key: str | None) -> str | None:
        """The key of an edit among those of all productions."""
        if key is None:
            return None
        async with self._database.read_scope() as session:
            return content_key(edit=key, production=(await repository.find(session, production_id, user_id=user_id)).id)

    async def _base(self, production_id: str, user_id: str | None, base: int | None) -> _Base:
        async with self._database.read_scope() as session:
            row = await repository.find(session, production_id, user_id=user_id)
            if row.state in _NOT_YET:
                raise Conflict(
                    "That video is still being drafted.",
                    hint="Edit it as soon as its storyboard stands, or cancel it.",
                    code="production.not_drafted",
                )
            revision = await repository.current_revision(session, row)
            if base is not None and base != revision.number:
                raise _changed_meanwhile(revision.number)
            boards = [one.storyboard for one in await repository.revisions(session, row.id)]
            taken = frozenset(str(scene["id"]) for board in boards for scene in board["scenes"])
            return _Base(row, revision, Storyboard.model_validate(revision.storyboard), taken)

    async def _known(self, key: str | None) -> EditView | None:
        """What an edit with this key came to before."""
        if key is None:
            return None
        async with self._database.read_scope() as session:
            revision = await session.scalar(select(Revision).where(Revision.idempotency_key == key))
            if revision is None:
                return None
            row = await session.get_one(Production, revision.production_id)
            before = await session.get(Revision, revision.parent_id) if revision.parent_id else None
            told = _told(before, revision) if before else ()
            return await repository.edit_view(session, row, revision, revision.changes or [], told)

    async def _changed(self, begun: _Base, operations: Sequence[Operation]) -> tuple[Storyboard, list[str]]:
        """The storyboard after the operations, proven to be possible here, and what is different."""
        pictures = await self._pictures(begun, operations)
        new = apply(begun.storyboard, operations, taken=begun.taken, pictures=pictures)
        changes = diff(begun.storyboard, new)
        if not changes:
            raise InvalidInput("That would change nothing.", hint="It is so already.", code="edit.no_change")
        await self._check(begun.production.user_id, begun.storyboard, new)
        return new, changes

    async def _pictures(self, begun: _Base, operations: Sequence[Operation]) -> Pictures:
        """The files that operations name: the person's own, what a search showed, and what is searched for now."""
        production, owner = begun.production.id, begun.production.user_id
        async with self._database.read_scope() as session:
            named = await named_files(session, operations, user_id=owner)
        visuals, others = dict(named.visuals), {}
        for one in operations:
            if not isinstance(one, SwapVisual) or one.asset_id is not None:
                continue
            if one.found is not None:
                visuals[one.found] = await self._picturing.fetch(owner, production, one.found)
            else:
                scene = scene_named(begun.storyboard, one.scene)
                query = one.query or ""
                others[one.scene] = await self._picturing.another(owner, production, scene.id, query)
        return Pictures(visuals, others, named.sounds)

    async def _check(self, user_id: str, old: Storyboard, new: Storyboard) -> None:
        """Refuse early what the render would refuse: a theme or voice there is none of, a file of somebody else."""
        if new.style.theme != old.style.theme:
            theme_named(new.style.theme)
        if _voice(new) != _voice(old):
            await asyncio.to_thread(self._voices.check, new.speech_provider, new.voice, new.language)
        async with self._database.read_scope() as session:
            await check_files(session, old, new, user_id=user_id)

    async def _write(self, begun: _Base, storyboard: Storyboard, edit: Edit, user_id: str | None) -> EditView | None:
        """Write the revision and set it to work; None when another one was written meanwhile."""
        news = await self._costing.news(begun.production.user_id, storyboard)
        try:
            async with self._database.session_scope() as session:
                row = await repository.hold(session, begun.production.id, user_id=user_id)
                if row.current_revision_id != begun.revision.id or row.state in _NOT_YET:
                    return None
                told = new_caption_notes(begun.storyboard, storyboard)
                revision = await repository.add_revision(session, row, storyboard, " ".join(told), edit)
                audit(session, row.user_id, "production.edited", channel=edit.channel, subject=row.id)
                await self._set_to_work(session, row, storyboard, news, edit.channel)
                return await repository.edit_view(session, row, revision, edit.changes, told)
        except IntegrityError:  # the same number or key was written at the same moment
            return None

    async def _set_to_work(
        self, session: AsyncSession, row: Production, storyboard: Storyboard, news: News, channel: str
    ) -> None:
        row.title = storyboard.title
        row.estimate_microusd = round(news.cost_usd * 1e6)
        if row.state == ProductionState.WAITING:
            await session.flush()
            return  # it goes on when the person says so
        await self._course.begin_take(session, row, channel)
        await self._course.render(session, row, news.summary, ask=news.cost_usd > self._auto_approve_usd)

    # -- back and forth ----------------------------------------------------------------------------------------------

    async def undo(self, production_id: str, *, user_id: str | None, channel: str = "") -> EditView:
        """Go back to the revision the current one was made from; its video is there again without any render.

        Raises:
            NotFound: there is no such production for this user.
            Conflict: there is nothing to undo.
        """
        async with self._database.read_scope() as session:
            row = await repository.find(session, production_id, user_id=user_id)
            current = await repository.current_revision(session, row)
            parent = await session.get(Revision, current.parent_id) if current.parent_id else None
        if parent is None:
            raise Conflict(
                "There is no edit to undo.", hint="The video is as it was first made.", code="edit.nothing_to_undo"
            )
        return await self._go(row.id, current, parent, user_id=user_id, channel=channel)

    async def redo(self, production_id: str, *, user_id: str | None, channel: str = "") -> EditView:
        """Go forward to the newest revision that was made from the current one.

        Raises:
            NotFound: there is no such production for this user.
            Conflict: there is nothing to redo.
        """
        async with self._database.read_scope() as session:
            row = await repository.find(session, production_id, user_id=user_id)
            current = await repository.current_revision(session, row)
            children = select(Revision).where(Revision.parent_id == current.id).order_by(Revision.number.desc())
            child = await session.scalar(children.limit(1))
        if child is None:
            raise Conflict(
                "There is no edit to do again.", hint="Nothing was undone here.", code="edit.nothing_to_redo"
            )
        return await self._go(row.id, current, child, user_id=user_id, channel=channel)

    async def restore(self, production_id: str, number: int, *, user_id: str | None, channel: str = "") -> EditView:
        """Go to a revision by its number.

        Raises:
            NotFound: there is no such production or revision for this user.
            Conflict: it is the current one.
        """
        async with self._database.read_scope() as session:
            row = await repository.find(session, production_id, user_id=user_id)
            current = await repository.current_revision(session, row)
            rows = {one.number: one for one in await repository.revisions(session, row.id)}
        if number not in rows:
            raise NotFound(
                f"There is no revision {number}.", hint=f"There are 1 to {max(rows)}.", code="edit.no_revision"
            )
        if rows[number].id == current.id:
            raise Conflict(f"Revision {number} is the current one.", hint="Choose another one.", code="edit.is_current")
        return await self._go(row.id, current, rows[number], user_id=user_id, channel=channel)

    async def _go(
        self, production_id: str, old: Revision, wanted: Revision, *, user_id: str | None, channel: str
    ) -> EditView:
        """Make another revision the current one: its video when it is there, else work."""
        before, after = (Storyboard.model_validate(one.storyboard) for one in (old, wanted))
        news = await self._costing.news(old.user_id, after)
        async with self._database.session_scope() as session:
            row = await repository.hold(session, production_id, user_id=user_id)
            if row.current_revision_id != old.id or row.state in _NOT_YET:
                raise _changed_meanwhile()
            row.current_revision_id = wanted.id
            audit(session, row.user_id, "production.restored", channel=channel, subject=row.id)
            if await repository.video_of(session, wanted.id) is None:
                await self._set_to_work(session, row, after, news, channel)
            else:
                await self._show_again(session, row, after, channel)
            return await repository.edit_view(session, row, wanted, diff(before, after), _told(old, wanted))

    async def _show_again(self, session: AsyncSession, row: Production, storyboard: Storyboard, channel: str) -> None:
        """The finished video of the revision is the production's again; nothing is made."""
        was_at_work = row.state in {ProductionState.PROPOSED, ProductionState.RENDERING}
        await self._course.begin_take(session, row, channel)
        video = await repository.video_of(session, row.current_revision_id)
        if video is not None:  # overtaken by the edit that is undone, it may never have been shown
            await self._outbox.put_back(session, f"video:{video.id}")
        state = await _state_of_video(session, video)
        check_move(ProductionState(row.state), state)
        row.title, row.state = storyboard.title, state
        await session.flush()
        if was_at_work:  # its progress message must not stay as it is
            told = "The video from before is the current one again."
            await show_progress(session, self._outbox, row, fraction=1.0, stage="done", message=told)


async def _state_of_video(session: AsyncSession, video: Video | None) -> ProductionState:
    """Delivered when the current revision's video was shown, else rendered: it is still on its way."""
    key = f"video:{video.id}" if video else ""
    sent = await session.scalar(select(OutboxMessage.sent_at).where(OutboxMessage.dedupe_key == key))
    return ProductionState.RENDERED if sent is None else ProductionState.DELIVERED


def _told(old: Revision, new: Revision) -> tuple[str, ...]:
    """What a person should know of the new look."""
    return new_caption_notes(*(Storyboard.model_validate(one.storyboard) for one in (old, new)))


def _view(row: Revision, numbers: dict[str, int], current: str | None, *, has_video: bool) -> RevisionView:
    return RevisionView(
        id=row.id,
        number=row.number,
        parent=numbers.get(row.parent_id or ""),
        note=row.note,
        changes=tuple(row.changes or ()),
        channel=row.channel or "",
        is_current=row.id == current,
        has_video=has_video,
        created_at=row.created_at,
    )


def _voice(board: Storyboard) -> tuple[str, str, str]:
    return board.speech_provider, board.voice, board.language


def _changed_meanwhile(number: int | None = None) -> Conflict:
    now = "" if number is None else f" It is at revision {number} now."
    return Conflict(
        f"Somebody changed the video meanwhile.{now}",
        hint="Look at its storyboard, then edit it again.",
        code="production.changed_meanwhile",
    )
