"""Users, the chats they talk in, and the codes that pair a person with the owner's account."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ettametta.db import Base
from ettametta.models.columns import created_at_column, id_column


class User(Base):
    """Who may talk to the studio. Every row of state belongs to a user."""

    __tablename__ = "users"

    id: Mapped[str] = id_column()
    name: Mapped[str] = mapped_column(String(200))
    #: owner, editor or viewer
    role: Mapped[str] = mapped_column(String(16), default="owner")
    language: Mapped[str] = mapped_column(String(8), default="en")
    timezone: Mapped[str] = mapped_column(String(64), default="UTC")
    telegram_user_id: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    #: what they may spend in a calendar month; NULL: what the settings say
    budget_microusd: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = created_at_column()


class Chat(Base):
    """Where a user talks: a Telegram chat, the terminal, the API."""

    __tablename__ = "chats"
    __table_args__ = (UniqueConstraint("channel", "external_id"),)

    id: Mapped[str] = id_column()
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    #: telegram, terminal or api
    channel: Mapped[str] = mapped_column(String(16))
    external_id: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime] = created_at_column()


class Pairing(Base):
    """A one-time code that makes the person who sends it the owner (or a guest). Only its hash is kept."""

    __tablename__ = "pairings"

    id: Mapped[str] = id_column()
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = created_at_column()
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
