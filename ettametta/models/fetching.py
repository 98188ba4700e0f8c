"""What is remembered about the outside world between fetches: sources' health, hosts' limits, answers kept."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ettametta.db import Base
from ettametta.models.columns import created_at_column, id_column, owner_column


class SourceState(Base):
    """How a source last answered a user's scans."""

    __tablename__ = "source_states"
    __table_args__ = (UniqueConstraint("user_id", "source", "address"),)

    id: Mapped[str] = id_column()
    user_id: Mapped[str] = owner_column()
    source: Mapped[str] = mapped_column(String(64))
    #: the feed, channel or instance within the source; empty: the source has only one
    address: Mapped[str] = mapped_column(String(500), default="")
    #: ok, slow, failing, blocked or needs_key
    state: Mapped[str] = mapped_column(String(16))
    #: failures in a row
    failures: Mapped[int] = mapped_column(default=0)
    error_code: Mapped[str | None] = mapped_column(String(64))
    error_message: Mapped[str | None] = mapped_column(Text)
    error_hint: Mapped[str | None] = mapped_column(Text)
    #: not asked again before; NULL: at any time
    not_before: Mapped[datetime | None]
    last_checked_at: Mapped[datetime]
    last_success_at: Mapped[datetime | None]
    duration_s: Mapped[float | None]
    #: items of the last success
    item_count: Mapped[int | None]
    #: what is usual for this source, measured: the ranking's yardstick; NULL: not measured yet
    baseline: Mapped[dict[str, Any] | None]


class FetchHost(Base):
    """When a host may be asked again, shared by all processes."""

    __tablename__ = "fetch_hosts"

    #: host and port in lower case
    host: Mapped[str] = mapped_column(String(255), primary_key=True)
    #: the next free moment (crawl-delay, Retry-After, an open circuit); NULL: now
    next_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    updated_at: Mapped[datetime] = created_at_column()


class CachedAnswer(Base):
    """An HTTP answer kept for conditional requests (RFC 9111), shared by all processes."""

    __tablename__ = "cached_answers"

    #: SHA-256 of the address and of what varies with the request
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    url: Mapped[str] = mapped_column(Text)
    etag: Mapped[str | None] = mapped_column(Text)
    last_modified: Mapped[str | None] = mapped_column(String(64))
    content_type: Mapped[str] = mapped_column(String(100), default="")
    charset: Mapped[str | None] = mapped_column(String(40))
    #: the unpacked body, compressed by zlib
    body: Mapped[bytes] = mapped_column(LargeBinary)
    fresh_until: Mapped[datetime | None]
    stored_at: Mapped[datetime] = created_at_column()
    used_at: Mapped[datetime] = mapped_column(index=True)
