"""What is kept of a person beyond their messages: durable facts about the creator, minutes of chats."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ettametta.db import Base
from ettametta.kit.clock import utc_now
from ettametta.models.columns import created_at_column, id_column, owner_column


class Fact(Base):
    """Something a creator said of themselves that holds until taken back: their own words, never fetched ones."""

    __tablename__ = "facts"

    id: Mapped[str] = id_column()
    user_id: Mapped[str] = owner_column()
    #: brand, taste, avoid, pronounce or other
    kind: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(String(300))
    #: the turn in which it was said; "" when it came by the API or the command line
    source_turn_id: Mapped[str] = mapped_column(String(32), default="")
    created_at: Mapped[datetime] = created_at_column()
    updated_at: Mapped[datetime] = mapped_column(default=utc_now)


class ChatSummary(Base):
    """The minutes of a chat's older turns; one row a chat, written anew as it grows."""

    __tablename__ = "chat_summaries"

    id: Mapped[str] = id_column()
    chat_id: Mapped[str] = mapped_column(ForeignKey("chats.id", ondelete="CASCADE"), unique=True)
    user_id: Mapped[str] = owner_column()
    text: Mapped[str] = mapped_column(Text)
    #: every message of the chat up to this moment is covered
    covers_to: Mapped[datetime]
    #: how many messages that is
    messages: Mapped[int]
    #: false: a plain extract
    by_model: Mapped[bool]
    created_at: Mapped[datetime] = created_at_column()
    updated_at: Mapped[datetime] = mapped_column(default=utc_now)
