"""Variants that differ in their cover: the files of the source's video, shown under another of its thumbnails."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ettametta.models import OutboxMessage, Production, Revision, Video
from ettametta.productions import repository
from ettametta.productions.changing.siblings import Derivation
from ettametta.storage import Storage
from ettametta.video.previews.thumbnails import shrunk

_MAX_COVER_BYTES = 20_000_000
#: What a video with another cover has of its own.
_OWN = frozenset({"id", "production_id", "revision_id", "user_id", "cover_key", "thumbnail_key", "created_at"})


@dataclass(frozen=True, slots=True)
class Twin:
    """A finished video that needs only another cover: the columns of the new row, and what is said of it."""

    columns: dict[str, Any]
    description: str


def cover_of(production: Production) -> int | None:
    """Which thumbnail candidate is the cover, counted from 0; None: the video's own."""
    return None if production.derivation is None else Derivation.model_validate(production.derivation).cover


async def find_twin(session: AsyncSession, storage: Storage, production: Production, revision: Revision) -> Twin | None:
    """The source's video under this production's cover; None when the video itself has to be another one."""
    number = cover_of(production)
    if production.derivation is None or number is None:
        return None
    source = await session.get(Revision, production.derivation["revision_id"])
    video = await repository.video_of(session, source.id if source else None)
    if source is None or video is None or source.storyboard != revision.storyboard:
        return None
    covers = video.cover_keys or []
    wants_draft = repository.is_draft(production, None)
    if number >= len(covers) or bool(video.checks.get("draft")) != wants_draft:
        return None
    if not await storage.exists(video.storage_key) or not await storage.exists(covers[number]):
        return None
    picture = await storage.get_bytes(covers[number], _MAX_COVER_BYTES)
    small = await asyncio.to_thread(shrunk, picture)
    thumbnail = await storage.put_content("videos", ".jpg", small, "image/jpeg")
    names = [column.key for column in Video.__mapper__.column_attrs if column.key not in _OWN]
    columns = {name: getattr(video, name) for name in names}
    columns |= {"cover_key": covers[number], "thumbnail_key": thumbnail}
    return Twin(columns, await _description(session, video))


async def _description(session: AsyncSession, video: Video) -> str:
    """What was said with the source's video: it has the same credits."""
    sent = await session.scalar(select(OutboxMessage.payload).where(OutboxMessage.dedupe_key == f"video:{video.id}"))
    return str((sent or {}).get("description", ""))
