"""Candidates: discovered items. A metric that no source sent is NULL, never a guess."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ettametta.db import Base
from ettametta.models.columns import created_at_column, id_column, owner_column


class Candidate(Base):
    """One discovered item: stable identity, link, text, measured metrics, score with its parts."""

    __tablename__ = "candidates"
    __table_args__ = (UniqueConstraint("user_id", "identity"), Index(None, "user_id", "score"))

    id: Mapped[str] = id_column()
    user_id: Mapped[str] = owner_column()
    niche_id: Mapped[str | None] = mapped_column(ForeignKey("niches.id", ondelete="SET NULL"), index=True)
    #: canonical URL or platform id, the same for every sighting
    identity: Mapped[str] = mapped_column(String(500))
    source: Mapped[str] = mapped_column(String(64))
    url: Mapped[str | None] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text, default="")
    author: Mapped[str | None] = mapped_column(String(200))
    language: Mapped[str | None] = mapped_column(String(8))
    published_at: Mapped[datetime | None]
    #: only what the source sent: views, likes, comments, ...
    metrics: Mapped[dict[str, Any]] = mapped_column(default=dict)
    score: Mapped[float | None]
    score_parts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    first_seen_at: Mapped[datetime] = created_at_column()
    last_seen_at: Mapped[datetime] = created_at_column()
