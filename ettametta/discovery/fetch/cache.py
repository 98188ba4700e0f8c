"""Answers kept for conditional requests (`cached_answers`): looked up together, written in batches, pruned by use."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from ettametta.db import Database, insert_into, storable
from ettametta.discovery.fetch.caching import Kept
from ettametta.models import CachedAnswer

_log = structlog.get_logger(__name__)

#: Rows are written when so many, or so many bytes, have gathered, or the oldest is a second old.
_BATCH_ROWS = 64
_BATCH_BYTES = 4_000_000
_BATCH_S = 1.0
_MAX_BODY_BYTES = 2_000_000
_LOOKED_UP = 200
_PRUNED_EVERY_BYTES = 16_000_000
#: Reads zlib's and gzip's form alike.
_EITHER_FORM = 32 + zlib.MAX_WBITS
_FIELDS = ("url", "etag", "last_modified", "content_type", "charset", "body", "fresh_until", "stored_at", "used_at")


@dataclass(frozen=True, slots=True)
class Entry:
    """An answer that is to be kept: what is known of it, and its packed body."""

    kept: Kept
    packed: bytes


def pack(body: bytes, gzipped: bytes | None) -> bytes:
    """A body as it is kept: as it came when that is gzip, which costs nothing, else by zlib at its fastest."""
    return gzipped if gzipped is not None else zlib.compress(body, 1)


class AnswerCache:
    """The kept answers.

    Args:
        database: where they are.
        max_bytes: most bytes of packed bodies; the least recently used go first; 0: nothing is kept.
        clock: the time.
    """

    def __init__(self, database: Database, *, max_bytes: int, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._max_bytes = max_bytes
        self._clock = clock
        self._entries: dict[str, Entry] = {}
        self._used: dict[str, Kept] = {}
        self._bytes = 0
        self._since_pruning = _PRUNED_EVERY_BYTES
        self._timer: asyncio.Task[None] | None = None
        self._writing = asyncio.Lock()

    @property
    def is_on(self) -> bool:
        """Whether anything is kept."""
        return self._max_bytes > 0

    async def look_up(self, keys: Sequence[str]) -> dict[str, Kept]:
        """What is known of those that are kept."""
        found = {key: self._entries[key].kept for key in keys if key in self._entries}
        wanted = [key for key in keys if key not in found]
        for start in range(0, len(wanted), _LOOKED_UP):
            found.update(await self._read(wanted[start : start + _LOOKED_UP]))
        return found

    async def _read(self, keys: Sequence[str]) -> dict[str, Kept]:
        row = CachedAnswer
        asked = select(
            row.key, row.url, row.etag, row.last_modified, row.content_type, row.charset, row.fresh_until
        ).where(row.key.in_(keys))
        async with self._database.read_scope() as session:
            return {one.key: Kept(*one) for one in (await session.execute(asked)).all()}

    async def body(self, key: str) -> bytes | None:
        """The unpacked body; None when it was pruned or is damaged."""
        entry = self._entries.get(key)
        if entry is not None:
            packed: bytes | None = entry.packed
        else:
            async with self._database.read_scope() as session:
                packed = await session.scalar(select(CachedAnswer.body).where(CachedAnswer.key == key))
        try:
            return None if packed is None else zlib.decompress(packed, _EITHER_FORM)
        except zlib.error:
            return None

    async def keep(self, entry: Entry) -> None:
        """Keep an answer; it is written with others, soon."""
        if len(entry.packed) > min(_MAX_BODY_BYTES, self._max_bytes):
            return
        self._entries[entry.kept.key] = entry
        self._bytes += len(entry.packed)
        await self._soon()

    async def used(self, kept: Kept) -> None:
        """A kept answer was of use and is still true as `kept` says."""
        self._used[kept.key] = kept
        await self._soon()

    async def _soon(self) -> None:
        if len(self._entries) + len(self._used) >= _BATCH_ROWS or self._bytes >= _BATCH_BYTES:
            await self.flush()
        elif self._timer is None:
            self._timer = asyncio.create_task(self._later())

    async def _later(self) -> None:
        while self._entries or self._used:
            await asyncio.sleep(_BATCH_S)
            await self.flush()
        self._timer = None

    async def flush(self) -> None:
        """Write what has gathered. What cannot be written is only logged: it is fetched again next time."""
        async with self._writing:
            entries, used = dict(self._entries), dict(self._used)
            if not entries and not used:
                return
            try:
                async with self._database.session_scope() as session:
                    await self._write(session, entries, used)
            except SQLAlchemyError:
                _log.warning("fetch.cache_not_written", entries=len(entries), exc_info=True)
            self._forget(entries, used)

    def _forget(self, written: Mapping[str, Entry], used: Mapping[str, Kept]) -> None:
        """What came while we wrote stays."""
        self._entries = {key: entry for key, entry in self._entries.items() if written.get(key) is not entry}
        self._used = {key: kept for key, kept in self._used.items() if used.get(key) is not kept}
        self._since_pruning += self._bytes
        self._bytes = sum(len(entry.packed) for entry in self._entries.values())

    async def _write(self, session: AsyncSession, entries: Mapping[str, Entry], used: Mapping[str, Kept]) -> None:
        now = self._clock()
        if entries:
            insert = insert_into(session, CachedAnswer)
            upsert = insert.on_conflict_do_update(
                index_elements=["key"], set_={name: insert.excluded[name] for name in _FIELDS}
            )
            await session.execute(upsert, [_row(entries[key], now) for key in sorted(entries)])
        for kept in [used[key] for key in sorted(used) if key not in entries]:
            change = update(CachedAnswer).where(CachedAnswer.key == kept.key)
            values = {"etag": kept.etag, "last_modified": kept.last_modified, "fresh_until": kept.fresh_until}
            await session.execute(change.values(used_at=now, **values))
        if self._since_pruning >= _PRUNED_EVERY_BYTES:
            self._since_pruning = 0
            await self._prune(session)

    async def _prune(self, session: AsyncSession) -> None:
        """Drop the least recently used until nine tenths of the limit are left."""
        size = func.length(CachedAnswer.body)
        total = int(await session.scalar(select(func.coalesce(func.sum(size), 0))) or 0)
        while total > self._max_bytes:
            asked = select(CachedAnswer.key, size).order_by(CachedAnswer.used_at).limit(500)
            gone: list[str] = []
            for key, count in (await session.execute(asked)).all():
                if total <= 0.9 * self._max_bytes:
                    break
                gone.append(key)
                total -= int(count)
            if not gone:
                return
            await session.execute(delete(CachedAnswer).where(CachedAnswer.key.in_(gone)))

    async def close(self) -> None:
        """Write the rest."""
        if self._timer is not None:
            self._timer.cancel()
            await asyncio.gather(self._timer, return_exceptions=True)
            self._timer = None
        await self.flush()


def _row(entry: Entry, now: datetime) -> dict[str, Any]:
    kept = entry.kept
    return {
        "key": kept.key,
        "url": storable(kept.url),
        "etag": kept.etag,
        "last_modified": kept.last_modified,
        "content_type": storable(kept.content_type),
        "charset": kept.charset,
        "body": entry.packed,
        "fresh_until": kept.fresh_until,
        "stored_at": now,
        "used_at": now,
    }
