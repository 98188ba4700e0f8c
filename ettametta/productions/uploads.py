"""What a person sends along: texts, photos and clips, looked at before they are kept."""

from __future__ import annotations

import asyncio
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ettametta.db import Database
from ettametta.errors import InvalidInput
from ettametta.models import Asset
from ettametta.storage import Storage
from ettametta.users import Person
from ettametta.video.probe import ClipFacts, PhotoFacts, probe_media

MAX_TEXT_BYTES = 2_000_000

_TEXT_TYPES = {".txt": "text/plain", ".text": "text/plain", ".md": "text/markdown", ".markdown": "text/markdown",
               ".html": "text/html", ".htm": "text/html"}  # fmt: skip
_PHOTO_SUFFIXES = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp", "MPO": ".jpg"}
_UNSAFE = re.compile(r"[^\w.\- ]+")


@dataclass(frozen=True, slots=True)
class Upload:
    """A kept file. `kind` says what it can be used as."""

    id: str
    kind: Literal["text", "photo", "clip"]
    name: str


@dataclass(frozen=True, slots=True)
class _Kept:
    kind: Literal["text", "photo", "clip"]
    media_type: str
    suffix: str
    width: int | None = None
    height: int | None = None
    duration_s: float | None = None


class Uploads:
    """Takes files from people."""

    def __init__(self, database: Database, storage: Storage) -> None:
        self._database = database
        self._storage = storage

    async def add(self, person: Person, path: Path, *, name: str) -> Upload:
        """Keep a file from this machine's disk, under a name that is only shown, never used as a path.

        Raises:
            InvalidInput: it is missing, empty, too large, or neither text, picture nor video.
            NoSpace: there is no room for it.
        """
        shown = _UNSAFE.sub("_", Path(name).name)[-120:] or "file"
        kept = await self._look(path, shown)
        size, digest = await asyncio.to_thread(_measure, path)
        key = await self._storage.put_content("uploads", kept.suffix, path, kept.media_type)
        row = Asset(
            user_id=person.user_id,
            kind=kept.kind,
            origin="upload",
            storage_key=key,
            sha256=digest,
            name=shown,
            media_type=kept.media_type,
            size_bytes=size,
            width=kept.width,
            height=kept.height,
            duration_s=kept.duration_s,
            author=person.name,
        )
        async with self._database.session_scope() as session:
            session.add(row)
        return Upload(row.id, kept.kind, shown)

    @staticmethod
    async def _look(path: Path, name: str) -> _Kept:
        if not await asyncio.to_thread(path.is_file):
            raise InvalidInput(f"There is no file {name}.", hint="Check the path.", code="upload.missing")
        suffix = Path(name).suffix.lower()
        if suffix in _TEXT_TYPES:
            await asyncio.to_thread(_check_text_size, path, name)
            return _Kept("text", _TEXT_TYPES[suffix], suffix)
        return _describe(await probe_media(path))


def _describe(facts: PhotoFacts | ClipFacts) -> _Kept:
    if isinstance(facts, PhotoFacts):
        suffix = _PHOTO_SUFFIXES.get(facts.format, ".img")
        return _Kept("photo", f"image/{facts.format.lower()}", suffix, facts.width, facts.height)
    return _Kept("clip", "video/mp4", ".mp4", facts.width, facts.height, facts.duration_s)


def _check_text_size(path: Path, name: str) -> None:
    size = path.stat().st_size
    if not 0 < size <= MAX_TEXT_BYTES:
        raise InvalidInput(
            f"The file {name} has {size:,} bytes; a text needs 1 to {MAX_TEXT_BYTES:,}.",
            hint="Send the part the video should be about.",
            code="upload.size",
        )


def _measure(path: Path) -> tuple[int, str]:
    with path.open("rb") as stream:
        return path.stat().st_size, hashlib.file_digest(stream, "sha256").hexdigest()
