"""The outbox: what must reach a person, as rows. Whoever talks to the channel claims rows, sends, and records.

Texts, proposals and videos go out once, in order, per chat. Progress is one row per production that is overwritten:
only its newest state is sent, as an edit of the same message.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from ettametta.db import Database, storable
from ettametta.events import Event, EventBus, emit
from ettametta.kit.clock import utc_now
from ettametta.models import Chat, OutboxMessage

#: A sender that fell silent loses its row after this long.
LEASE = timedelta(seconds=60)

_OPEN = ("pending", "sending")
_MAX_ERROR = 500


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
    #: whose claim this is; what a sender says after losing it changes only what is certain
    owner: str = ""


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
        row = await self._by_key(session, key) or await self._insert(session, user_id, chat_id, key, kind, payload)
        if row.payload != payload:
            row.payload, row.version = payload, row.version + 1
            row.state = "pending" if row.state != "sending" else row.state
            row.not_before = self._now()
        await session.flush()
        emit(session, self._events, Event("outbox.ready", user_id, {"chat_id": chat_id}))

    async def put_back(self, session: AsyncSession, key: str) -> None:
        """Send a parcel after all that was given up and never shown, in the caller's transaction."""
        row = await self._by_key(session, key)
        if row is None or row.state != "failed" or row.sent_at is not None:
            return
        row.state, row.error, row.attempts, row.not_before = "pending", None, 0, self._now()
        await session.flush()
        emit(session, self._events, Event("outbox.ready", row.user_id, {"chat_id": row.chat_id}))

    @staticmethod
    async def _by_key(session: AsyncSession, key: str) -> OutboxMessage | None:
        return await session.scalar(select(OutboxMessage).where(OutboxMessage.dedupe_key == key).with_for_update())

    async def _insert(
        self, session: AsyncSession, user_id: str, chat_id: str, key: str, kind: str, payload: dict[str, Any]
    ) -> OutboxMessage:
        row = OutboxMessage(
            user_id=user_id, chat_id=chat_id, dedupe_key=key, kind=kind, payload=payload, not_before=self._now()
        )
        try:
            async with session.begin_nested():
                session.add(row)
        except IntegrityError:
            known = await self._by_key(session, key)  # said by somebody else at the same moment
            if known is None:
                raise
            return known
        return row

    async def claim(self, channel: str, owner: str, *, limit: int = 20) -> list[Parcel]:
        """Take what may be sent now: for each chat at most its oldest open row and its progress rows."""
        async with self._database.session_scope() as session:
            now = self._now()
            parcels = []
            for row, address in (await session.execute(_due(channel, now, limit))).all():
                interrupted = row.state == "sending"
                row.state, row.lease_owner, row.lease_expires_at = "sending", owner, now + LEASE
                row.attempts += 1
                parcels.append(_parcel(row, address, interrupted=interrupted))
            return parcels

    async def renew(self, parcel: Parcel) -> bool:
        """Keep a parcel that takes long to send (a video) from being sent by another; False when it was lost."""
        held = update(OutboxMessage).where(
            OutboxMessage.id == parcel.id, OutboxMessage.lease_owner == parcel.owner, OutboxMessage.state == "sending"
        )
        kept = held.values(lease_expires_at=self._now() + LEASE).returning(OutboxMessage.id)
        async with self._database.session_scope() as session:
            return await session.scalar(kept) is not None

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
            row.sent_version = max(row.sent_version, parcel.version)
            row.external_id = external_id or row.external_id
            row.sent_at = self._now()
            if row.lease_owner in {None, parcel.owner}:
                row.lease_owner = row.lease_expires_at = row.error = None
                row.attempts = 0
                row.state = "sent" if row.version == row.sent_version else "pending"
            for listener in self._listeners:
                await listener(session, row.kind, parcel.payload)
            data = {"key": row.dedupe_key, "chat_id": row.chat_id, "kind": row.kind}
            emit(session, self._events, Event("outbox.sent", row.user_id, data))

    async def again(self, parcel: Parcel, *, delay_s: float, error: str, min_gap: bool = False) -> None:
        """Try a parcel again after `delay_s` seconds; `min_gap` marks a planned wait that is no failure."""
        async with self._database.session_scope() as session:
            row = await self._held(session, parcel)
            if row is None:
                return
            row.state, row.lease_owner, row.lease_expires_at = "pending", None, None
            row.not_before = self._now() + timedelta(seconds=delay_s)
            row.attempts -= int(min_gap)
            row.error = None if min_gap else storable(error, max_chars=_MAX_ERROR)

    async def give_up(self, parcel: Parcel, *, error: str) -> None:
        """A parcel that can never be sent (the bot was blocked, the chat is gone)."""
        async with self._database.session_scope() as session:
            row = await self._held(session, parcel)
            if row is None:
                return
            row.state, row.error = "failed", storable(error, max_chars=_MAX_ERROR)
            row.lease_owner = row.lease_expires_at = None

    @staticmethod
    async def _held(session: AsyncSession, parcel: Parcel) -> OutboxMessage | None:
        """The row, locked, while it is still this claim's: another sender may have shown it meanwhile."""
        row = await session.get_one(OutboxMessage, parcel.id, with_for_update=True)
        return row if row.state == "sending" and row.lease_owner == parcel.owner else None


def _due(channel: str, now: datetime, limit: int) -> Select[OutboxMessage, str]:
    """What may be sent now, oldest first, each with its chat's address.

    The order within a chat is asked of all its rows, also of those that another sender holds or writes at this moment:
    only the row itself may be skipped for being locked, never the fact that it comes first.
    """
    is_free = or_(OutboxMessage.state == "pending", OutboxMessage.lease_expires_at < now)
    return (
        select(OutboxMessage, Chat.external_id)
        .join(Chat, Chat.id == OutboxMessage.chat_id)
        .where(Chat.channel == channel, OutboxMessage.state.in_(_OPEN), is_free, OutboxMessage.not_before <= now)
        .where(or_(OutboxMessage.kind == "progress", ~_follows_an_open_one()))
        .order_by(OutboxMessage.created_at, OutboxMessage.id)
        .limit(limit)
        .with_for_update(of=OutboxMessage, skip_locked=True)
    )


def _follows_an_open_one() -> ColumnElement[bool]:
    first = aliased(OutboxMessage)
    is_earlier = or_(
        first.created_at < OutboxMessage.created_at,
        and_(first.created_at == OutboxMessage.created_at, first.id < OutboxMessage.id),
    )
    return exists().where(
        first.chat_id == OutboxMessage.chat_id, first.state.in_(_OPEN), first.kind != "progress", is_earlier
    )


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
        owner=row.lease_owner or "",
    )
