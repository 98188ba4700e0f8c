"""What a person sends along: texts, photos, clips, sounds and logos, looked at before they are kept, each once."""

from __future__ import annotations

import asyncio
import hashlib
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ettametta.db import Database
from ettametta.errors import InvalidInput
from ettametta.models import Asset
from ettametta.storage import Storage
from ettametta.users import Person
from ettametta.video.probing.probe import ClipFacts, PhotoFacts, probe_media
from ettametta.video.probing.probe_sound import SoundFacts, probe_sound, sniff_sound

MAX_TEXT_BYTES = 2_000_000

_TEXT_TYPES = {".txt": "text/plain", ".text": "text/plain", ".md": "text/markdown", ".markdown": "text/markdown",
               ".html": "text/html", ".htm": "text/html"}  # fmt: skip
#: A logo is drawn into every frame: larger ones only cost time.
MAX_LOGO_SIDE = 4096

UploadKind = Literal["text", "photo", "clip", "audio", "logo"]

_SOUND_TYPES = {"wav": (".wav", "audio/wav"), "mp3": (".mp3", "audio/mpeg"), "ogg": (".ogg", "audio/ogg"),
                "flac": (".flac", "audio/flac"), "mov": (".m4a", "audio/mp4"), "matroska": (".mka", "audio/x-matroska"),
                }  # fmt: skip
#: Containers that hold either films or sounds: what is no film may be a sound.
_EITHER = ("mov", "matroska")
_LOGO_FORMATS = ("PNG", "JPEG", "WEBP")
_CLIP_TYPES = {"matroska": (".webm", "video/webm"), "avi": (".avi", "video/x-msvideo"), "mpegts": (".ts", "video/mp2t")}
_PHOTO_SUFFIXES = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp", "MPO": ".jpg"}
_UNSAFE = re.compile(r"[^\w.\- ]+")


@dataclass(frozen=True, slots=True)
class Upload:
    """A kept file. `kind` says what it can be used as."""

    id: str
    kind: UploadKind
    name: str
    #: its storage key, for what a storyboard names by it
    key: str = ""


@dataclass(frozen=True, slots=True)
class _Kept:
    kind: UploadKind
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

        The same file again is the same upload, by its newest name.

        Raises:
            InvalidInput: it is missing, empty, too large, or neither text, picture, video nor sound.
            NoSpace: there is no room for it.
        """
        shown = _shown(name)
        return await self._keep(person, path, shown, await self._look(path, shown))

    async def add_logo(self, person: Person, path: Path, *, name: str) -> Upload:
        """Keep a picture as a logo for the brand kit.

        Raises:
            InvalidInput: it is no PNG, JPEG or WebP, or larger than 4096 pixels a side.
            NoSpace: there is no room for it.
        """
        shown = _shown(name)
        kept = await self._look(path, shown)
        is_drawable = kept.kind == "photo" and kept.suffix in {_PHOTO_SUFFIXES[one] for one in _LOGO_FORMATS}
        if not is_drawable or max(kept.width or 0, kept.height or 0) > MAX_LOGO_SIDE:
            raise InvalidInput(
                f"The file {shown} cannot be a logo.",
                hint=f"Send a PNG, JPEG or WebP of at most {MAX_LOGO_SIDE} pixels a side.",
                code="upload.not_logo",
            )
        return await self._keep(person, path, shown, replace(kept, kind="logo"))

    async def _keep(self, person: Person, path: Path, shown: str, kept: _Kept) -> Upload:
        size, digest = await asyncio.to_thread(_measure, path)
        key = await self._storage.put_content("uploads", kept.suffix, path, kept.media_type)
        async with self._database.session_scope() as session:
            row = await _known(session, person, digest, kept.kind)
            if row is None:
                row = Asset(
                    user_id=person.user_id,
                    kind=kept.kind,
                    origin="upload",
                    storage_key=key,
                    sha256=digest,
                    media_type=kept.media_type,
                    size_bytes=size,
                    width=kept.width,
                    height=kept.height,
                    duration_s=kept.duration_s,
                    author=person.name,
                )
                session.add(row)
            row.name = shown
        return Upload(row.id, kept.kind, shown, row.storage_key)

    @staticmethod
    async def _look(path: Path, name: str) -> _Kept:
        if not await asyncio.to_thread(path.is_file):
            raise InvalidInput(f"There is no file {name}.", hint="Check the path.", code="upload.missing")
        suffix = Path(name).suffix.lower()
        if suffix in _TEXT_TYPES:
            await asyncio.to_thread(_check_text_size, path, name)
            return _Kept("text", _TEXT_TYPES[suffix], suffix)
        return await _look_at_media(path)


async def _look_at_media(path: Path) -> _Kept:
    """A picture, a film or a sound, by what the file holds, whatever it is called."""
    container = await asyncio.to_thread(sniff_sound, path)
    if container and container not in _EITHER:
        return _describe_sound(await probe_sound(path))
    try:
        return _describe(await probe_media(path))
    except InvalidInput as error:
        if container not in _EITHER or error.code != "video.not_media":
            raise
    return _describe_sound(await probe_sound(path))


def _describe_sound(facts: SoundFacts) -> _Kept:
    suffix, media_type = _SOUND_TYPES[facts.container]
    return _Kept("audio", media_type, suffix, duration_s=facts.duration_s)


async def _known(session: AsyncSession, person: Person, digest: str, kind: UploadKind) -> Asset | None:
    """The row of the same file from the same person, as the same kind."""
    same = select(Asset).where(
        Asset.user_id == person.user_id, Asset.sha256 == digest, Asset.kind == kind, Asset.origin == "upload"
    )
    return await session.scalar(same.order_by(Asset.created_at).limit(1))


def _shown(name: str) -> str:
    return _UNSAFE.sub("_", Path(name).name)[-120:] or "file"


def _describe(facts: PhotoFacts | ClipFacts) -> _Kept:
    if isinstance(facts, PhotoFacts):
        suffix = _PHOTO_SUFFIXES.get(facts.format, ".img")
        return _Kept("photo", f"image/{facts.format.lower()}", suffix, facts.width, facts.height)
    suffix, media_type = _CLIP_TYPES.get(facts.container, (".mp4", "video/mp4"))
    return _Kept("clip", media_type, suffix, facts.width, facts.height, facts.duration_s)


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
