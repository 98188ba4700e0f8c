"""Niches: the subjects a user follows, and the sources a user added."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column

from ettametta.db import Base
from ettametta.models.columns import created_at_column, id_column, owner_column


class Niche(Base):
    """A subject a user follows: keywords, languages, sources."""

    __tablename__ = "niches"
    __table_args__ = (UniqueConstraint("user_id", "name"),)

    id: Mapped[str] = id_column()
    user_id: Mapped[str] = owner_column()
    name: Mapped[str] = mapped_column(String(200))
    keywords: Mapped[list[str]] = mapped_column(default=list)
    #: words that rule a candidate out; NULL: none
    excluded: Mapped[list[str] | None] = mapped_column(JSON)
    languages: Mapped[list[str]] = mapped_column(default=list)
    #: names of built-in sources; empty: all that suit
    sources: Mapped[list[str]] = mapped_column(default=list)
    #: False: made by a single search, and forgotten after a while
    is_followed: Mapped[bool] = mapped_column(default=True, server_default=true())
    #: weights of the parts of the score, learned from picks and dismissals; NULL: the defaults
    weights: Mapped[dict[str, Any] | None]
    last_scanned_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = created_at_column()


class SourceSubscription(Base):
    """A source a user added: a feed, a channel, a subreddit, a site."""

    __tablename__ = "source_subscriptions"
    __table_args__ = (UniqueConstraint("user_id", "source", "address"),)

    id: Mapped[str] = id_column()
    user_id: Mapped[str] = owner_column()
    #: the niche it is scanned for; NULL: all of them
    niche_id: Mapped[str | None] = mapped_column(ForeignKey("niches.id", ondelete="CASCADE"), index=True)
    source: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(500))
    title: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = created_at_column()
