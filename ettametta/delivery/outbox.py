"""The outbox: what must reach a person, as rows. Whoever talks to the channel claims rows, sends, and records.

Texts, proposals and videos go out once, in order, per chat. Progress is one row per production that is overwritten:
only its newest state is sent, as an edit of the same message.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ettametta.db import Database
from ettametta.events import Event, EventBus, emit
from ettametta.kit.clock import utc_now
from ettametta.models import Chat, OutboxMessage

#: A sender that fell silent loses its row after this long.
LEASE = timedelta(seconds=60)

_OPEN = ("pending", "sending")


@dataclass(frozen=True, slots=True)
class Parcel:
    """One row to send: `external_id` is set when there is a message already (to edit, or to fill with the video).

    `interrupted` is true when an earlier sender may have sent it without recording so.
    """

    id: str
    user_id: str
    chat_id: str
    address: str
    dedupe_key: str
    kind: str
    payload: dict[str, Any]
    version: int
    external_id: str | None
    attempts: int
    interrupted: bool


#: Told inside the transaction that records a parcel as sent: its kind and payload.
SentListener = Callable[[AsyncSession, str, dict[str, Any]], Awaitable[None]]


class Outbox:
    """Writes and hands out what must reach people."""

    def __init__(self, database: Database, events: EventBus, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._events = events
        self._now = clock
        self._listeners: list[SentListener] = []

    def when_sent(self, listener: SentListener) -> None:
        """Call `listener(session, kind, payload)` in the transaction that records a parcel as sent."""
        self._listeners.append(listener)

    async def put(
        self, session: AsyncSession, *, user_id: str, chat_id: str | None, key: str, kind: str, payload: dict[str, Any]
    ) -> None:
        """Say something in the caller's transaction. The same `key` with a new payload replaces what was said."""
        if chat_id is None:
            return
        row = await session.scalar(select(OutboxMessage).where(OutboxMessage.dedupe_key == key).with_for_update())
        if row is None:
            row = OutboxMessage(user_id=user_id, chat_id=chat_id, dedupe_key=key, kind=kind, payload=payload)
            session.add(row)
        elif row.payload != payload:
            row.payload, row.version = payload, row.version + 1
            row.state = "pending" if row.state != "sending" else row.state
            row.not_before = self._now()
        await session.flush()
        emit(session, self._events, Event("outbox.ready", user_id, {"chat_id": chat_id}))

    async def claim(self, channel: str, owner: str, *, limit: int = 20) -> list[Parcel]:
        """Take what may be sent now: for each chat at most its oldest open row and its progress rows."""
        async with self._database.session_scope() as session:
            rows = await self._due(session, channel, limit)
            parcels = []
            for row, address in rows:
                interrupted = row.state == "sending"
                row.state, row.lease_owner = "sending", owner
                row.lease_expires_at = self._now() + LEASE
                row.attempts += 1
                parcels.append(_parcel(row, address, interrupted=interrupted))
            return parcels

    async def _due(self, session: AsyncSession, channel: str, limit: int) -> list[tuple[OutboxMessage, str]]:
        now = self._now()
        open_rows = (
            select(OutboxMessage, Chat.external_id)
            .join(Chat, Chat.id == OutboxMessage.chat_id)
            .where(Chat.channel == channel, OutboxMessage.state.in_(_OPEN))
            .order_by(OutboxMessage.id)
            .limit(limit * 10)
            .with_for_update(of=OutboxMessage, skip_locked=True)
        )
        taken: list[tuple[OutboxMessage, str]] = []
        waiting: set[str] = set()
        for row, address in (await session.execute(open_rows)).tuples():
            in_order = row.kind != "progress"
            is_free = row.state == "pending" or (row.lease_expires_at is not None and row.lease_expires_at < now)
            if is_free and row.not_before <= now and not (in_order and address in waiting):
                taken.append((row, address))
            if in_order:
                waiting.add(address)
        return taken[:limit]

    async def record_address(self, parcel: Parcel, external_id: str) -> None:
        """Remember the message a parcel lives in, before it is complete (a video's placeholder)."""
        async with self._database.session_scope() as session:
            await session.execute(
                update(OutboxMessage).where(OutboxMessage.id == parcel.id).values(external_id=external_id)
            )

    async def sent(self, parcel: Parcel, external_id: str | None) -> None:
        """Record that a parcel was shown. A payload that changed meanwhile is sent next."""
        async with self._database.session_scope() as session:
            row = await session.get_one(OutboxMessage, parcel.id, with_for_update=True)
            row.sent_version, row.external_id = parcel.version, external_id or row.external_id
            row.lease_owner = row.lease_expires_at = row.error = None
            row.attempts = 0
            row.sent_at = self._now()
            row.state = "sent" if row.version == parcel.version else "pending"
            for listener in self._listeners:
                await listener(session, row.kind, parcel.payload)
            data = {"key": row.dedupe_key, "chat_id": row.chat_id, "kind": row.kind}
            emit(session, self._events, Event("outbox.sent", row.user_id, data))

    async def again(self, parcel: Parcel, *, delay_s: float, error: str, min_gap: bool = False) -> None:
        """Try a parcel again after `delay_s` seconds; `min_gap` marks a planned wait that is no failure."""
        async with self._database.session_scope() as session:
            row = await session.get_one(OutboxMessage, parcel.id, with_for_update=True)
            row.state, row.lease_owner, row.lease_expires_at = "pending", None, None
            row.not_before = self._now() + timedelta(seconds=delay_s)
            row.attempts -= int(min_gap)
            row.error = None if min_gap else error[:500]

    async def give_up(self, parcel: Parcel, *, error: str) -> None:
        """A parcel that can never be sent (the bot was blocked, the chat is gone)."""
        async with self._database.session_scope() as session:
            row = await session.get_one(OutboxMessage, parcel.id, with_for_update=True)
            row.state, row.error = "failed", error[:500]
            row.lease_owner = row.lease_expires_at = None


def _parcel(row: OutboxMessage, address: str, *, interrupted: bool) -> Parcel:
    return Parcel(
        id=row.id,
        user_id=row.user_id,
        chat_id=row.chat_id or "",
        address=address,
        dedupe_key=row.dedupe_key,
        kind=row.kind,
        payload=dict(row.payload),
        version=row.version,
        external_id=row.external_id,
        attempts=row.attempts,
        interrupted=interrupted,
    )
