"""Found pictures taken in: loaded within limits, looked at, stored by content, and written down with their licence."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from ettametta.db import Database, storable
from ettametta.errors import InvalidInput
from ettametta.models import Asset
from ettametta.productions.pictures.hashing import look_of
from ettametta.productions.pictures.search import Footage
from ettametta.productions.scratch import scratch
from ettametta.providers.footage.base import FootageQuery, FoundAsset
from ettametta.storage import Storage
from ettametta.storyboard import ClipVisual, FileVisual, PhotoVisual
from ettametta.video.probing.probe import ClipFacts, PhotoFacts, probe_media

_PHOTO_ENDINGS = {"JPEG": (".jpg", "image/jpeg"), "PNG": (".png", "image/png"), "WEBP": (".webp", "image/webp")}
_CLIP_ENDINGS = {"mov": (".mp4", "video/mp4"), "matroska": (".webm", "video/webm")}
#: How far back the person's own videos are looked at, in pictures.
_REMEMBERED = 150


@dataclass(frozen=True, slots=True)
class Taken:
    """A picture that is here now: its visual, its row (not yet written), and how it looks."""

    visual: FileVisual
    asset: Asset
    look: str


class PictureStore:
    """Takes found pictures in."""

    def __init__(self, database: Database, storage: Storage, footage: Footage, work_dir: Path) -> None:
        self._database = database
        self._storage = storage
        self._footage = footage
        self._work_dir = work_dir

    async def take(self, user_id: str, production_id: str, found: FoundAsset, query: FootageQuery) -> Taken:
        """Load a found picture and store it.

        Raises:
            InvalidInput: it is not what its source says it is, broken, or too large.
            EttamettaError: as the source does.
        """
        async with scratch(self._work_dir) as folder:
            path = folder / "file"
            found = await self._footage.load(found, query, path)
            facts = await probe_media(path)
            suffix, media_type = _kind_of(facts, found)
            look = await asyncio.to_thread(look_of, path, found.kind)
            key = await self._storage.put_content("assets", suffix, path, media_type)
            size, digest = await asyncio.to_thread(_measure, path)
        asset = Asset(
            user_id=user_id,
            production_id=production_id,
            kind=found.kind,
            origin=found.provider,
            storage_key=key,
            sha256=digest,
            name=storable(found.title or found.provider_id, max_chars=200),
            media_type=media_type,
            size_bytes=size,
            width=facts.width,
            height=facts.height,
            duration_s=facts.duration_s if isinstance(facts, ClipFacts) else None,
            licence=found.licence.name,
            author=storable(found.author, max_chars=200) if found.author else None,
            source_url=storable(found.page_url),
            cost_microusd=0,
        )
        return Taken(_visual(key, facts), asset, look)

    async def write_down(self, asset: Asset) -> None:
        """Keep the row of a picture that was taken."""
        async with self._database.session_scope() as session:
            session.add(asset)

    async def is_here(self, key: str) -> bool:
        """Whether the file is still stored."""
        return await self._storage.exists(key)

    async def seen_before(self, user_id: str, production_id: str) -> frozenset[str]:
        """Pages of the pictures in the person's other videos, the latest ones."""
        pages = select(Asset.source_url).where(
            Asset.user_id == user_id,
            Asset.kind.in_(["photo", "clip"]),
            Asset.source_url.is_not(None),
            Asset.production_id != production_id,
        )
        async with self._database.read_scope() as session:
            newest = await session.scalars(pages.order_by(Asset.created_at.desc()).limit(_REMEMBERED))
            return frozenset(page for page in newest if page)

    async def in_production(self, production_id: str) -> frozenset[str]:
        """Pages of the pictures that were ever taken for a production."""
        pages = select(Asset.source_url).where(Asset.production_id == production_id, Asset.source_url.is_not(None))
        async with self._database.read_scope() as session:
            return frozenset(page for page in await session.scalars(pages) if page)


def _kind_of(facts: PhotoFacts | ClipFacts, found: FoundAsset) -> tuple[str, str]:
    """Ending and media type.

    Raises:
        InvalidInput: a source that promised one kind sent another, or a format that is not used here.
    """
    is_photo = isinstance(facts, PhotoFacts)
    endings = _PHOTO_ENDINGS if is_photo else _CLIP_ENDINGS
    known = endings.get(facts.format if isinstance(facts, PhotoFacts) else facts.container)
    if known is None or is_photo != (found.kind == "photo"):
        raise InvalidInput(
            "What the picture source sent is not what it said.", hint="Choose another.", code="footage.wrong_kind"
        )
    return known


def _visual(key: str, facts: PhotoFacts | ClipFacts) -> FileVisual:
    if isinstance(facts, ClipFacts):
        return ClipVisual(asset_key=key, width=facts.width, height=facts.height, duration_s=facts.duration_s)
    return PhotoVisual(asset_key=key, width=facts.width, height=facts.height)


def _measure(path: Path) -> tuple[int, str]:
    with path.open("rb") as stream:
        return path.stat().st_size, hashlib.file_digest(stream, "sha256").hexdigest()
