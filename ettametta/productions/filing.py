"""Puts a finished video's files away, and gives what its row says of them."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from ettametta.models import Revision, Video
from ettametta.productions import repository
from ettametta.storage import Storage
from ettametta.video.previews.previews import Previews
from ettametta.video.render import RenderedVideo


async def file_video(
    storage: Storage, video: RenderedVideo, previews: Previews | None, written: Path, *, cover: int | None
) -> dict[str, Any]:
    """Store the files of a video and give the columns of its row.

    Args:
        storage: where to.
        video: the files and their measures.
        previews: contact sheet and thumbnail candidates, when they could be drawn.
        written: the credits.
        cover: which candidate is to be the cover, counted from 0; None: the video's own frame.
    """
    files: dict[str, tuple[str, Path, str]] = {
        "storage_key": (".mp4", video.video, "video/mp4"),
        "cover_key": _jpeg(video.cover),
        "thumbnail_key": _jpeg(video.thumbnail),
        "captions_key": (".srt", video.captions, "application/x-subrip"),
        "vtt_key": (".vtt", video.captions_vtt, "text/vtt; charset=utf-8"),
        "ass_key": (".ass", video.captions_ass, "text/x-ssa; charset=utf-8"),
        "credits_key": (".txt", written, "text/plain; charset=utf-8"),
    }
    candidates = previews.thumbnails if previews else ()
    if previews:
        files["contact_sheet_key"] = _jpeg(previews.contact_sheet)
    if previews and cover is not None and cover < len(candidates):
        files |= {"cover_key": _jpeg(candidates[cover]), "thumbnail_key": _jpeg(previews.small[cover])}
    covers = [await storage.put_content("videos", *_jpeg(path)) for path in candidates]
    keys = {column: await storage.put_content("videos", *file) for column, file in files.items()}
    return {
        "contact_sheet_key": None, **keys, "cover_keys": covers,
        "sha256": await asyncio.to_thread(_sha256, video.video),
        "width": video.width, "height": video.height, "duration_s": video.duration_s, "size_bytes": video.size_bytes,
        "checks": {"ok": video.checks.ok, **video.checks.model_dump(mode="json")},
    }  # fmt: skip


async def video_row(session: AsyncSession, revision: Revision, columns: dict[str, Any], *, draft: bool) -> Video:
    """The row of a revision's video with these columns; a draft's gives way, for another video is sent anew."""
    row = await repository.video_of(session, revision.id)
    if row is not None and row.checks.get("draft"):
        await session.delete(row)
        await session.flush()
        row = None
    if row is None:
        row = Video(production_id=revision.production_id, revision_id=revision.id, user_id=revision.user_id)
        session.add(row)
    for name, value in columns.items():
        setattr(row, name, value)
    row.checks = {**row.checks, "draft": draft}
    await session.flush()
    return row


def _jpeg(path: Path) -> tuple[str, Path, str]:
    return ".jpg", path, "image/jpeg"


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
