"""Rolling summaries: when a chat outgrows what a model is shown, its older turns become minutes, kept as one row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from pydantic import BaseModel, Field
from sqlalchemy import func, select

import prompts
from ettametta.conversation import Line, line_of
from ettametta.db import Database, storable
from ettametta.errors import EttamettaError
from ettametta.jobs import Ledger, NewJob
from ettametta.kit.clock import utc_now
from ettametta.kit.text import truncate
from ettametta.memory.transcript import extract, record
from ettametta.models import ChatSummary, Message
from ettametta.providers.llm.base import LanguageModel, LLMRequest
from ettametta.providers.llm.prices import Exchange
from ettametta.scripts.material import Blocks
from ettametta.spending import Spending

_log = structlog.get_logger(__name__)

JOB = "conversation.summarise"
MAX_SUMMARY_CHARS = 2_400
_WORDS = 250
#: A summary is wanted when so much is not covered yet; so many of the newest messages then stay as they are.
WANTED_AT_LINES = 30
WANTED_AT_CHARS = 16_000
_KEPT_LINES = 12
#: Messages one summary may cover.
_MOST_LINES = 400
_MAX_MATERIAL_CHARS = 24_000


class _Minutes(BaseModel):
    """What the model gives back."""

    summary: str = Field(max_length=8_000)


@dataclass(frozen=True, slots=True)
class SummaryView:
    """Minutes of a chat, and the moment up to which they cover it."""

    text: str
    covers_to: datetime
    messages: int
    by_model: bool


class Summaries:
    """The minutes of chats.

    Args:
        model: sums up; without it, or when it fails, a plain extract is kept.
    """

    def __init__(
        self,
        database: Database,
        ledger: Ledger,
        spending: Spending,
        model: LanguageModel | None,
        *,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._database = database
        self._ledger = ledger
        self._spending = spending
        self._model = model
        self._now = clock

    async def of_chat(self, chat_id: str) -> SummaryView | None:
        """The minutes of a chat; None: there are none yet."""
        async with self._database.read_scope() as session:
            row = await session.scalar(select(ChatSummary).where(ChatSummary.chat_id == chat_id))
        return None if row is None else SummaryView(row.text, row.covers_to, row.messages, row.by_model)

    async def want(self, chat_id: str, user_id: str, lines: Sequence[Line]) -> bool:
        """Have the chat summed up if `lines`, what no summary covers, have outgrown their room; true: it was asked."""
        if len(lines) < WANTED_AT_LINES and sum(len(line.text) for line in lines) < WANTED_AT_CHARS:
            return False
        key = f"{JOB}:{chat_id}:{lines[-1].turn_id}"
        job = NewJob(JOB, {"chat_id": chat_id}, user_id=user_id, priority=-5, idempotency_key=key)
        async with self._database.session_scope() as session:
            await self._ledger.enqueue(session, job)
        return True

    async def work(self, chat_id: str) -> int:
        """Sum up all but the newest messages of a chat; gives how many were covered anew."""
        before = await self.of_chat(chat_id)
        covered = await self._older(chat_id, before)
        if not covered:
            return 0
        lines = [line_of(row) for row in covered]
        text, by_model = await self._minutes(lines, before.text if before else "", covered[-1])
        return await self._keep(covered, text, by_model=by_model)

    async def _older(self, chat_id: str, before: SummaryView | None) -> list[Message]:
        """What is not covered and not among the newest: whole turns only."""
        wanted = select(Message).where(Message.chat_id == chat_id)
        if before is not None:
            wanted = wanted.where(Message.created_at > before.covers_to)
        wanted = wanted.order_by(Message.created_at, Message.seq, Message.id).limit(_MOST_LINES)
        async with self._database.read_scope() as session:
            rows = list(await session.scalars(wanted))
        end = len(rows) - _KEPT_LINES
        while 0 < end < len(rows) and _turn_of(rows[end - 1]) == _turn_of(rows[end]):
            end -= 1
        return rows[: max(0, end)]

    async def _minutes(self, lines: Sequence[Line], before: str, last: Message) -> tuple[str, bool]:
        if self._model is not None and await self._spending.left(last.user_id) != 0:
            try:
                return await self._by_model(self._model, lines, before, last), True
            except EttamettaError as error:
                _log.warning("summary.model_failed", code=error.code, error=error.message)
        return extract(lines, before, max_chars=MAX_SUMMARY_CHARS), False

    async def _by_model(self, model: LanguageModel, lines: Sequence[Line], before: str, last: Message) -> str:
        blocks = Blocks()
        material = [blocks.block("earlier minutes", before)] if before else []
        material.append(blocks.block("conversation", record(lines)[-_MAX_MATERIAL_CHARS:]))
        request = LLMRequest(
            instructions=prompts.load("summary", words=_WORDS, boundary=blocks.boundary),
            material="\n\n".join(material),
            answer=_Minutes,
            max_output_tokens=1_000,
            temperature=0.2,
        )
        exchanges: list[Exchange] = []
        try:
            answer = await model.answer(request, meter=exchanges.append)
        finally:
            for exchange in exchanges:
                await self._spending.record(exchange, user_id=last.user_id, turn_id=last.turn_id)
        return truncate(" ".join(storable(answer.value.summary).split()), MAX_SUMMARY_CHARS)

    async def _keep(self, covered: Sequence[Message], text: str, *, by_model: bool) -> int:
        """Write the minutes, unless what they cover was erased meanwhile."""
        first, last = covered[0], covered[-1]
        async with self._database.session_scope() as session:
            still = await session.scalar(select(func.count()).where(Message.id.in_([first.id, last.id])))
            if still != len({first.id, last.id}):
                return 0
            row = await session.scalar(select(ChatSummary).where(ChatSummary.chat_id == last.chat_id).with_for_update())
            if row is None:
                row = ChatSummary(chat_id=last.chat_id, user_id=last.user_id, messages=0)
                session.add(row)
            elif row.covers_to >= last.created_at:
                return 0
            row.text, row.by_model, row.covers_to = text, by_model, last.created_at
            row.messages += len(covered)
            row.updated_at = self._now()
        return len(covered)


def _turn_of(row: Message) -> str:
    return row.joins_turn_id or row.turn_id
