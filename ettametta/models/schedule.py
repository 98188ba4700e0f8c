"""Schedules: when discovery or a production repeats."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from ettametta.db import Base
from ettametta.models.columns import chat_column, created_at_column, id_column, owner_column


class Schedule(Base):
    """A job kind that is enqueued at every tick of a cron expression, in the user's zone."""

    __tablename__ = "schedules"

    id: Mapped[str] = id_column()
    user_id: Mapped[str] = owner_column()
    chat_id: Mapped[str | None] = chat_column()
    kind: Mapped[str] = mapped_column(String(64))
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    cron: Mapped[str] = mapped_column(String(100))
    timezone: Mapped[str] = mapped_column(String(64), default="UTC")
    next_run_at: Mapped[datetime | None] = mapped_column(index=True)
    last_run_at: Mapped[datetime | None]
    paused: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = created_at_column()
