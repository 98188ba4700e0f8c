"""From a draft to the whole thing: the same revision, rendered in full."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from ettametta.db import Database
from ettametta.errors import Conflict
from ettametta.models import Production
from ettametta.productions import repository
from ettametta.productions.costing import Costing, News
from ettametta.productions.course import Course
from ettametta.productions.ground import Ground
from ettametta.productions.state import ProductionState
from ettametta.productions.values import ProductionView
from ettametta.storyboard import Storyboard
from ettametta.users import audit

#: Its render is still to come: it will be in full.
_TO_COME = (ProductionState.DRAFTING, ProductionState.WAITING)


class Finishing:
    """Renders drafts in full."""

    def __init__(
        self, ground: Ground, costing: Costing, *, auto_approve_usd: float, clock: Callable[[], datetime]
    ) -> None:
        self._database: Database = ground.database
        self._costing = costing
        self._auto_approve_usd = auto_approve_usd
        self._course = Course(ground.ledger, ground.outbox, clock=clock)

    async def finish(self, production_id: str, *, user_id: str | None, channel: str = "") -> ProductionView:
        """Make the video of a draft in full; its narration and pictures are there already.

        Raises:
            NotFound: there is no such production for this user.
            Conflict: it is no draft, or was edited at the same moment.
        """
        async with self._database.read_scope() as session:
            row = await repository.find(session, production_id, user_id=user_id)
            priced, board = row.current_revision_id, None
            if row.current_revision_id is not None:
                board = Storyboard.model_validate((await repository.current_revision(session, row)).storyboard)
        news = await self._costing.news(row.user_id, board) if board else None
        async with self._database.session_scope() as session:
            row = await repository.hold(session, row.id, user_id=user_id)
            await self._check(session, row)
            repository.check_priced(row, priced)
            options = {**row.brief.get("options", {}), "draft": False}
            row.brief = {**row.brief, "options": options}
            audit(session, row.user_id, "production.finished", channel=channel, subject=row.id)
            if news is not None and row.state not in _TO_COME:
                await self._set_to_work(session, row, news, channel)
            await session.flush()
            return await repository.view(session, row)

    @staticmethod
    async def _check(session: AsyncSession, row: Production) -> None:
        video = await repository.video_of(session, row.current_revision_id)
        if not repository.is_draft(row, video):
            raise Conflict(
                "That video is no draft.",
                hint="It is in full already; edit it instead.",
                code="production.no_draft",
            )

    async def _set_to_work(self, session: AsyncSession, row: Production, news: News, channel: str) -> None:
        await self._course.begin_take(session, row, channel)
        asks = news.cost_usd > self._auto_approve_usd
        draft = await repository.video_of(session, row.current_revision_id)
        if draft is not None and not asks:  # after a no the draft is still there; after a yes the render replaces it
            await session.delete(draft)
        row.estimate_microusd = round(news.cost_usd * 1e6)
        await self._course.render(session, row, news.summary, ask=asks)
