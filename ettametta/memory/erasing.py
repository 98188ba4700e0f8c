"""Deletion on request: what was said, known and summed up. Productions stay; the audit says that it was done."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ettametta.db import Database
from ettametta.errors import NotFound
from ettametta.models import Chat, ChatSummary, Fact, InboxUpdate, Message, OutboxMessage
from ettametta.users import audit


class Erased(BaseModel):
    """How much is gone."""

    model_config = ConfigDict(frozen=True)

    messages: int
    facts: int
    summaries: int


class Erasure:
    """Erases what is kept of a person's conversations."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def everything(self, user_id: str, *, channel: str, but_turn: str = "") -> Erased:
        """All messages, facts and summaries of a user in all chats; `but_turn`: the turn that asks for it stays."""
        async with self._database.session_scope() as session:
            chats = list(await session.scalars(select(Chat).where(Chat.user_id == user_id)))
            messages, summaries = await _conversations(session, user_id, chats, but_turn)
            facts = await _count(session, delete(Fact).where(Fact.user_id == user_id))
            audit(session, user_id, "memory.erased", channel=channel, subject="everything")
            return Erased(messages=messages, facts=facts, summaries=summaries)

    async def chat(self, user_id: str, chat_id: str, *, channel: str, but_turn: str = "") -> Erased:
        """The messages and the summary of one chat; facts stay.

        Raises:
            NotFound: the user has no such chat.
        """
        async with self._database.session_scope() as session:
            chat = await session.scalar(select(Chat).where(Chat.id == chat_id, Chat.user_id == user_id))
            if chat is None:
                raise NotFound("There is no such chat of yours.", hint="Look at your chats.", code="chat.not_found")
            messages, summaries = await _conversations(session, user_id, [chat], but_turn)
            audit(session, user_id, "memory.erased", channel=channel, subject=f"chat {chat_id}")
            return Erased(messages=messages, facts=0, summaries=summaries)


async def _conversations(session: AsyncSession, user_id: str, chats: list[Chat], but_turn: str) -> tuple[int, int]:
    ids = [chat.id for chat in chats]
    mine = delete(Message).where(Message.user_id == user_id, Message.chat_id.in_(ids), Message.turn_id != but_turn)
    messages = await _count(session, mine)
    summaries = await _count(session, delete(ChatSummary).where(ChatSummary.chat_id.in_(ids)))
    sent = (
        OutboxMessage.user_id == user_id,
        OutboxMessage.chat_id.in_(ids),
        OutboxMessage.state.in_(("sent", "failed")),
    )
    await session.execute(update(OutboxMessage).where(*sent, OutboxMessage.kind == "text").values(payload={}))
    for chat in chats:
        # The rows stay without their words: they are how a second delivery of the same update is known.
        lanes = (InboxUpdate.channel == chat.channel, InboxUpdate.lane.in_((chat.external_id, chat.id)))
        done = update(InboxUpdate).where(*lanes, InboxUpdate.done_at.is_not(None), InboxUpdate.id != but_turn)
        await session.execute(done.values(payload={}))
    return messages, summaries


async def _count(session: AsyncSession, statement: Any) -> int:
    result: Any = await session.execute(statement)
    return int(result.rowcount)
