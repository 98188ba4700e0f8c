"""Going on with a production that stopped where it was asked to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ettametta.db import Database
from ettametta.errors import Conflict
from ettametta.productions import repository
from ettametta.productions.costing import Costing
from ettametta.productions.course import Course, draft_job
from ettametta.productions.ground import Ground
from ettametta.productions.state import ProductionState
from ettametta.productions.values import ProductionView
from ettametta.storyboard import Storyboard
from ettametta.users import audit

#: After these the draft goes on; after the others the render.
_IN_DRAFT = ("script", "storyboard")


class Stops:
    """Lets productions go on."""

    def __init__(
        self, ground: Ground, costing: Costing, *, auto_approve_usd: float, clock: Callable[[], datetime]
    ) -> None:
        self._database: Database = ground.database
        self._costing = costing
        self._auto_approve_usd = auto_approve_usd
        self._course = Course(ground.ledger, ground.outbox, clock=clock)

    async def go_on(self, production_id: str, *, user_id: str | None, channel: str = "") -> ProductionView:
        """Take a production that waits further, to its end.

        Raises:
            NotFound: there is none for this user.
            Conflict: it does not wait, or was edited at the same moment.
        """
        async with self._database.read_scope() as session:
            row = await repository.find(session, production_id, user_id=user_id)
            priced, board = row.current_revision_id, None
            if row.current_revision_id is not None:
                board = Storyboard.model_validate((await repository.current_revision(session, row)).storyboard)
        news = await self._costing.news(row.user_id, board) if board else None
        async with self._database.session_scope() as session:
            row = await repository.hold(session, row.id, user_id=user_id)
            if row.state != ProductionState.WAITING:
                raise Conflict(
                    f"That production is {row.state} and waits for no word.",
                    hint="Ask for the status to see what it does.",
                    code="production.not_waiting",
                )
            repository.check_priced(row, priced)
            audit(session, row.user_id, "production.continued", channel=channel, subject=row.id)
            stop, row.stop_after = row.stop_after, None
            if news is None or stop in _IN_DRAFT:
                await self._course.set_to_work(session, row, ProductionState.DRAFTING, draft_job)
            else:
                row.estimate_microusd = round(news.cost_usd * 1e6)
                await self._course.render(session, row, news.summary, ask=news.cost_usd > self._auto_approve_usd)
            return await repository.view(session, row)
