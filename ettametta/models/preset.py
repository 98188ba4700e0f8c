"""Presets: named sets of wishes for a video (VideoOptions) that a person saved."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ettametta.db import Base
from ettametta.kit.clock import utc_now
from ettametta.models.columns import created_at_column, id_column, owner_column


class Preset(Base):
    """A named set of wishes; the one called "default" goes for every video that says nothing else."""

    __tablename__ = "presets"
    __table_args__ = (UniqueConstraint("user_id", "name"),)

    id: Mapped[str] = id_column()
    user_id: Mapped[str] = owner_column()
    name: Mapped[str] = mapped_column(String(40))
    #: what was set of VideoOptions (ettametta.productions.options), as JSON
    options: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = created_at_column()
    updated_at: Mapped[datetime] = mapped_column(default=utc_now, onupdate=utc_now)
