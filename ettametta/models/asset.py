"""Assets and videos: files, with where they came from. The bytes are in storage under `storage_key`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Connection, ForeignKey, String, Text, event
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from ettametta.db import Base
from ettametta.errors import Bug
from ettametta.models.columns import created_at_column, id_column, owner_column, production_column


class Asset(Base):
    """A file made, fetched or sent for a scene (narration, photo, clip, text), with licence, author, source, cost."""

    __tablename__ = "assets"

    id: Mapped[str] = id_column()
    user_id: Mapped[str] = owner_column()
    production_id: Mapped[str | None] = production_column()
    #: narration, photo, clip, text, music
    kind: Mapped[str] = mapped_column(String(16))
    #: upload, or the provider that made it
    origin: Mapped[str] = mapped_column(String(64))
    storage_key: Mapped[str] = mapped_column(String(300))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    name: Mapped[str] = mapped_column(String(200), default="")
    media_type: Mapped[str] = mapped_column(String(100))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    width: Mapped[int | None]
    height: Mapped[int | None]
    duration_s: Mapped[float | None]
    licence: Mapped[str | None] = mapped_column(String(200))
    author: Mapped[str | None] = mapped_column(String(200))
    source_url: Mapped[str | None] = mapped_column(Text)
    cost_microusd: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = created_at_column()


@event.listens_for(Asset, "before_insert")
@event.listens_for(Asset, "before_update")
def _must_state_its_licence(_mapper: Mapper[Asset], _connection: Connection, row: Asset) -> None:
    """A picture from elsewhere without licence or page could not be credited: it is never written down."""
    if row.kind not in {"photo", "clip"} or row.origin == "upload":
        return
    if not row.licence or not (row.source_url or row.origin == "generated"):
        raise Bug(f"A picture by {row.origin} states no licence or no page.", code="bug.no_licence")


class Video(Base):
    """A rendered file of a revision, with its thumbnail, captions, credits and checks."""

    __tablename__ = "videos"

    id: Mapped[str] = id_column()
    production_id: Mapped[str] = mapped_column(ForeignKey("productions.id", ondelete="CASCADE"), index=True)
    revision_id: Mapped[str] = mapped_column(ForeignKey("revisions.id", ondelete="CASCADE"), unique=True)
    user_id: Mapped[str] = owner_column()
    storage_key: Mapped[str] = mapped_column(String(300))
    #: a full-size frame
    cover_key: Mapped[str] = mapped_column(String(300))
    #: a JPEG of at most 320 pixels a side
    thumbnail_key: Mapped[str] = mapped_column(String(300))
    captions_key: Mapped[str] = mapped_column(String(300))
    credits_key: Mapped[str] = mapped_column(String(300))
    #: captions as WebVTT and ASS, a sheet with a frame of each scene, and other covers to choose from; NULL: not made
    vtt_key: Mapped[str | None] = mapped_column(String(300))
    ass_key: Mapped[str | None] = mapped_column(String(300))
    contact_sheet_key: Mapped[str | None] = mapped_column(String(300))
    cover_keys: Mapped[list[str] | None]
    sha256: Mapped[str] = mapped_column(String(64))
    width: Mapped[int]
    height: Mapped[int]
    duration_s: Mapped[float]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    #: a CheckReport (ettametta.video.checks) as JSON
    checks: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = created_at_column()
