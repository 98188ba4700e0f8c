"""The conversation as rows: the inbox (updates kept before they are acknowledged) and the messages of every turn."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.exc import IntegrityError

from ettametta.db import Database, storable
from ettametta.kit.clock import utc_now
from ettametta.kit.ids import new_id
from ettametta.models import InboxUpdate, Message

#: How often a message is written again when another one took its place in the turn.
_APPEND_TRIES = 20


@dataclass(frozen=True, slots=True)
class Update:
    """Something that came in by a channel; updates of one lane are handled in order of their ids."""

    id: str
    lane: str
    payload: dict[str, Any]
    attempts: int


@dataclass(frozen=True, slots=True)
class Line:
    """One message of a turn. `tool_calls` are the calls an assistant message makes: id, name, arguments.

    `joins_turn_id` is the turn that took the message in while it ran.
    """

    role: str
    text: str
    turn_id: str
    tool_calls: tuple[dict[str, Any], ...] = ()
    tool_call_id: str | None = None
    joins_turn_id: str | None = None


class Inbox:
    """Updates of one channel."""

    def __init__(self, database: Database, channel: str, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._channel = channel
        self._now = clock

    async def keep(self, external_id: str, lane: str, payload: dict[str, Any]) -> Update | None:
        """Write an update down; None when it is known already."""
        row = InboxUpdate(
            id=new_id(), channel=self._channel, external_id=external_id, lane=lane, payload=payload, attempts=0
        )
        try:
            async with self._database.session_scope() as session:
                session.add(row)
        except IntegrityError:
            return None
        return Update(row.id, lane, payload, 0)

    async def begin(self, update_id: str) -> int:
        """Count one more attempt at an update; returns how many there were with this one."""
        async with self._database.session_scope() as session:
            row = await session.get_one(InboxUpdate, update_id)
            row.attempts += 1
            return row.attempts

    async def finish(self, update_id: str, *, error: str | None = None) -> None:
        """Mark an update as handled."""
        async with self._database.session_scope() as session:
            row = await session.get_one(InboxUpdate, update_id)
            row.done_at, row.error = self._now(), error

    async def unfinished(self) -> list[Update]:
        """What a crash left unhandled, in order."""
        wanted = select(InboxUpdate).where(InboxUpdate.channel == self._channel, InboxUpdate.done_at.is_(None))
        async with self._database.read_scope() as session:
            rows = await session.scalars(wanted.order_by(InboxUpdate.received_at, InboxUpdate.id))
            return [Update(row.id, row.lane, dict(row.payload), row.attempts) for row in rows]


class Conversation:
    """The messages of one user in one chat."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def append(self, chat_id: str, user_id: str, line: Line) -> None:
        """Write one message, before the next step is taken. Tools that ran side by side may write at the same time."""
        for _ in range(_APPEND_TRIES - 1):
            with suppress(IntegrityError):
                return await self._append(chat_id, user_id, line)
        return await self._append(chat_id, user_id, line)

    async def _append(self, chat_id: str, user_id: str, line: Line) -> None:
        async with self._database.session_scope() as session:
            last = select(func.max(Message.seq)).where(Message.turn_id == line.turn_id)
            seq = (await session.scalar(last) or 0) + 1
            calls = {"calls": list(line.tool_calls)} if line.tool_calls else None
            session.add(
                Message(chat_id=chat_id, user_id=user_id, turn_id=line.turn_id, seq=seq, role=line.role,
                        text=storable(line.text), tool_calls=calls, tool_call_id=line.tool_call_id,
                        joins_turn_id=line.joins_turn_id)
            )  # fmt: skip

    async def recent(self, chat_id: str, *, limit: int = 40, after: datetime | None = None) -> list[Line]:
        """The newest messages of a chat, oldest first; only those written after a moment, if one is given."""
        newest = select(Message).where(Message.chat_id == chat_id).limit(limit)
        if after is not None:
            newest = newest.where(Message.created_at > after)
        newest = newest.order_by(Message.created_at.desc(), Message.seq.desc(), Message.id.desc())
        async with self._database.read_scope() as session:
            rows = list(await session.scalars(newest))
        return [line_of(row) for row in reversed(rows)]

    async def of_turn(self, turn_id: str) -> list[Line]:
        """The messages of one turn, in order, with those it took in while it ran."""
        wanted = select(Message).where(or_(Message.turn_id == turn_id, Message.joins_turn_id == turn_id))
        async with self._database.read_scope() as session:
            rows = await session.scalars(wanted.order_by(Message.created_at, Message.seq))
            return [line_of(row) for row in rows]


def line_of(row: Message) -> Line:
    """A row as a line."""
    calls = tuple(row.tool_calls["calls"]) if row.tool_calls else ()
    return Line(row.role, row.text, row.turn_id, calls, row.tool_call_id, row.joins_turn_id)
