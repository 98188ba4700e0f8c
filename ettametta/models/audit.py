"""Audit: who did what, append-only."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from ettametta.db import Base
from ettametta.models.columns import created_at_column, id_column


class AuditEntry(Base):
    """One act of consequence: paired, approved, declined, cancelled."""

    __tablename__ = "audit_entries"

    id: Mapped[str] = id_column()
    #: kept after the user is gone, so no foreign key
    user_id: Mapped[str | None] = mapped_column(String(32), index=True)
    #: noun.verb
    action: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(100), default="")
    channel: Mapped[str] = mapped_column(String(16), default="")
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    at: Mapped[datetime] = created_at_column()
