"""Columns that every table has in the same form."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from ettametta.kit.clock import utc_now
from ettametta.kit.ids import new_id


def id_column() -> Mapped[str]:
    """The primary key: a time-ordered UUID as 32 hex digits."""
    return mapped_column(String(32), primary_key=True, default=new_id)


def created_at_column() -> Mapped[datetime]:
    """When the row was made."""
    return mapped_column(default=utc_now)


def owner_column() -> Mapped[str]:
    """The user a row belongs to."""
    return mapped_column(String(32), ForeignKey("users.id", ondelete="CASCADE"), index=True)


def chat_column() -> Mapped[str | None]:
    """The chat that is told about a row, if any."""
    return mapped_column(String(32), ForeignKey("chats.id", ondelete="SET NULL"))


def production_column() -> Mapped[str | None]:
    """The production a row is about, if any."""
    return mapped_column(String(32), ForeignKey("productions.id", ondelete="CASCADE"), index=True)
