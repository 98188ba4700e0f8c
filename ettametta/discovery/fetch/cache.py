"""Answers kept for conditional requests (`cached_answers`): looked up together, written in batches, pruned by use."""

from __future__ import annotations

import asyncio
import contextlib
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
#: Larger bodies are packed and unpacked in a thread, so that others are not kept waiting.
_THREAD_BYTES = 128 * 1024
#: Reads zlib's and gzip's form alike.
_EITHER_FORM = 32 + zlib.MAX_WBITS
_FIELDS = ("url", "etag", "last_modified", "content_type", "charset", "body", "fresh_until", "stored_at", "used_at")


@dataclass(frozen=True, slots=True)
class Entry:
    """An answer that is to be kept: what is known of it, and its packed body."""

    kept: Kept
    packed: bytes


async def pack(body: bytes, gzipped: bytes | None) -> bytes:
    """A body as it is kept: as it came when that is gzip, which costs nothing, else by zlib at its fastest."""
    if gzipped is not None:
        return gzipped
    if len(body) > _THREAD_BYTES:
        return await asyncio.to_thread(zlib.compress, body, 1)
    return zlib.compress(body, 1)


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
        #: being written: still looked up here
        self._leaving: dict[str, Entry] = {}
        self._since_pruning = _PRUNED_EVERY_BYTES
        self._writer: asyncio.Task[None] | None = None
        self._full = asyncio.Event()
        self._writing = asyncio.Lock()

    @property
    def is_on(self) -> bool:
        """Whether anything is kept."""
        return self._max_bytes > 0

    async def look_up(self, keys: Sequence[str]) -> dict[str, Kept]:
        """What is known of those that are kept."""
        found = {key: entry.kept for key in keys if (entry := self._waiting(key)) is not None}
        wanted = [key for key in keys if key not in found]
        try:
            for start in range(0, len(wanted), _LOOKED_UP):
                found.update(await self._read(wanted[start : start + _LOOKED_UP]))
        except (SQLAlchemyError, OSError):  # without them pages are fetched whole
            _log.warning("fetch.cache_not_read", exc_info=True)
        return found

    def _waiting(self, key: str) -> Entry | None:
        return self._entries.get(key) or self._leaving.get(key)

    async def _read(self, keys: Sequence[str]) -> dict[str, Kept]:
        row = CachedAnswer
        asked = select(
            row.key, row.url, row.etag, row.last_modified, row.content_type, row.charset, row.fresh_until
        ).where(row.key.in_(keys))
        async with self._database.read_scope() as session:
            return {one.key: Kept(*one) for one in (await session.execute(asked)).all()}

    async def body(self, key: str) -> bytes | None:
        """The unpacked body; None when it was pruned or is damaged."""
        entry = self._waiting(key)
        if entry is not None:
            packed: bytes | None = entry.packed
        else:
            async with self._database.read_scope() as session:
                packed = await session.scalar(select(CachedAnswer.body).where(CachedAnswer.key == key))
        try:
            if packed is not None and len(packed) > _THREAD_BYTES:
                return await asyncio.to_thread(zlib.decompress, packed, _EITHER_FORM)
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
        """Have it written. Who keeps faster than rows are written waits for them."""
        if self._writer is None:
            self._writer = asyncio.create_task(self._write_on())
        rows = len(self._entries) + len(self._used)
        if rows >= _BATCH_ROWS or self._bytes >= _BATCH_BYTES:
            self._full.set()
        if rows >= 4 * _BATCH_ROWS or self._bytes >= 4 * _BATCH_BYTES:
            await self.flush()

    async def _write_on(self) -> None:
        while self._entries or self._used:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_BATCH_S):
                    await self._full.wait()
            await self.flush()
        self._writer = None

    async def flush(self) -> None:
        """Write what has gathered. What cannot be written is only logged: it is fetched again next time."""
        async with self._writing:
            self._full.clear()
            entries, used = self._entries, self._used
            self._leaving, self._entries, self._used = entries, {}, {}
            self._since_pruning += self._bytes
            self._bytes = 0
            try:
                if entries or used:
                    async with self._database.session_scope() as session:
                        await self._write(session, entries, used)
            except (SQLAlchemyError, OSError):
                _log.warning("fetch.cache_not_written", entries=len(entries), exc_info=True)
            finally:
                self._leaving = {}

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
        while self._writer is not None:
            self._full.set()
            await asyncio.sleep(0)
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
