"""The conversation as rows: updates that came in, messages of every turn, and what must reach a person."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ettametta.db import Base
from ettametta.kit.clock import utc_now
from ettametta.models.columns import chat_column, created_at_column, id_column, owner_column


class InboxUpdate(Base):
    """An update from a channel, kept before it is acknowledged; its own id makes a duplicate do nothing."""

    __tablename__ = "inbox_updates"
    __table_args__ = (UniqueConstraint("channel", "external_id"), Index(None, "channel", "done_at"))

    id: Mapped[str] = id_column()
    channel: Mapped[str] = mapped_column(String(16))
    external_id: Mapped[str] = mapped_column(String(64))
    #: updates of one lane are handled one after the other
    lane: Mapped[str] = mapped_column(String(64))
    payload: Mapped[dict[str, Any]]
    received_at: Mapped[datetime] = created_at_column()
    done_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(Text)


class Message(Base):
    """One message of the conversation: a person's, the agent's, a tool call's or a tool's answer."""

    __tablename__ = "messages"
    __table_args__ = (Index(None, "chat_id", "id"), UniqueConstraint("turn_id", "seq"))

    id: Mapped[str] = id_column()
    chat_id: Mapped[str] = mapped_column(ForeignKey("chats.id", ondelete="CASCADE"))
    user_id: Mapped[str] = owner_column()
    turn_id: Mapped[str] = mapped_column(String(32))
    #: the turn that was running when this came and took it in; NULL: a turn of its own
    joins_turn_id: Mapped[str | None] = mapped_column(String(32), index=True)
    seq: Mapped[int]
    #: user, assistant or tool
    role: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text, default="")
    #: the calls an assistant message makes: [{id, name, args}]
    tool_calls: Mapped[dict[str, Any] | None]
    tool_call_id: Mapped[str | None] = mapped_column(String(128))
    created_at: Mapped[datetime] = created_at_column()


class OutboxMessage(Base):
    """What must reach a person: sent in order, retried, never doubled. Progress is overwritten until it is sent."""

    __tablename__ = "outbox"
    __table_args__ = (Index(None, "chat_id", "state", "id"),)

    id: Mapped[str] = id_column()
    user_id: Mapped[str] = owner_column()
    chat_id: Mapped[str | None] = chat_column()
    #: one row for one thing to say (progress of a job, a video's delivery), however often it is written
    dedupe_key: Mapped[str] = mapped_column(String(200), unique=True)
    #: text, progress, proposal or video
    kind: Mapped[str] = mapped_column(String(16))
    payload: Mapped[dict[str, Any]]
    #: grows with each change of the payload; the sender records which one it has shown
    version: Mapped[int] = mapped_column(default=1)
    sent_version: Mapped[int] = mapped_column(default=0)
    #: pending, sending, sent or failed
    state: Mapped[str] = mapped_column(String(16), default="pending")
    #: the message in the channel, once there is one
    external_id: Mapped[str | None] = mapped_column(String(64))
    attempts: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime] = mapped_column(default=utc_now)
    lease_owner: Mapped[str | None] = mapped_column(String(64))
    lease_expires_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = created_at_column()
    sent_at: Mapped[datetime | None]
