"""Questions that cost money: asked with an estimate, as a row and a parcel for the chat."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from ettametta.delivery.outbox import Outbox
from ettametta.models import Production, Proposal
from ettametta.productions import repository
from ettametta.productions.progress import show_progress
from ettametta.productions.state import ProductionState, check_move

#: How long a proposal can be answered.
PROPOSAL_LIFETIME = timedelta(days=7)


class Proposer:
    """Asks for a person's yes."""

    def __init__(self, outbox: Outbox, clock: Callable[[], datetime]) -> None:
        self._outbox = outbox
        self._now = clock

    async def propose(self, session: AsyncSession, row: Production, summary: str) -> Proposal:
        """Put the question whether to render a production, whose row is held, for what it is estimated at.

        Raises:
            Conflict: the production is past that.
        """
        check_move(ProductionState(row.state), ProductionState.PROPOSED)
        row.state = ProductionState.PROPOSED
        proposal = Proposal(
            user_id=row.user_id,
            chat_id=row.chat_id,
            production_id=row.id,
            kind="render",
            summary=summary,
            estimate_microusd=row.estimate_microusd,
            expires_at=self._now() + PROPOSAL_LIFETIME,
            created_at=self._now(),
        )
        session.add(proposal)
        await session.flush()
        waiting = "Waiting for your yes."
        await show_progress(
            session, self._outbox, row, fraction=repository.DRAFT_SHARE, stage="proposal", message=waiting
        )
        await self._say(session, row, proposal)
        return proposal

    async def _say(self, session: AsyncSession, row: Production, proposal: Proposal) -> None:
        cost = None if row.estimate_microusd is None else row.estimate_microusd / 1e6
        payload = {"proposal_id": proposal.id, "production_id": row.id, "title": row.title,
                   "summary": proposal.summary, "estimate_usd": cost}  # fmt: skip
        key = f"proposal:{proposal.id}"
        await self._outbox.put(
            session, user_id=row.user_id, chat_id=row.chat_id, key=key, kind="proposal", payload=payload
        )
