"""Cached steps: a result is kept under the hash of exactly what it depends on, so nothing is done or paid twice.

Small results are rows; files are content-addressed in storage and named by the row.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from ettametta.db import Base, Database
from ettametta.kit.clock import utc_now
from ettametta.kit.ids import content_key
from ettametta.models import StepResult, Usage
from ettametta.storage import Storage

#: A held step takes no longer than this; whoever waits for one looks so often.
_HOLD, _HOLD_POLL_S = timedelta(minutes=15), 1.0


class StepCache:
    """Results of finished steps."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, key: str) -> dict[str, Any] | None:
        """What the step with this key gave, or None when it has not been done."""
        async with self._database.read_scope() as session:
            row = await session.get(StepResult, key)
            return None if row is None else dict(row.output)

    async def known(self, keys: list[str]) -> set[str]:
        """Which of these steps have been done."""
        async with self._database.read_scope() as session:
            return set(await session.scalars(select(StepResult.key).where(StepResult.key.in_(keys))))

    async def keep(self, result: StepResult, *others: Base) -> None:
        """Write down what a step gave, with the rows that belong to it, in one transaction.

        The newest result of a key stands (its file may have been lost before); the same use is recorded once.
        """
        try:
            await self._write(result, *others)
        except IntegrityError:  # another job kept the same step at the same moment: now its rows are seen
            await self._write(result, *others)

    async def _write(self, result: StepResult, *others: Base) -> None:
        async with self._database.session_scope() as session:
            await session.merge(result)
            for row in others:
                if not isinstance(row, Usage) or not await _is_recorded(session, row):
                    session.add(row)


async def _is_recorded(session: AsyncSession, usage: Usage) -> bool:
    same = select(Usage.id).where(Usage.idempotency_key == usage.idempotency_key)
    return await session.scalar(same) is not None


class StepHolds:
    """Holds paid steps, so that two jobs which want the same at one moment do not both pay for it.

    A hold is a row beside the results, under a key of its own. Who died with one gives way when it has run out; the
    same owner that comes back takes its hold up again at once.
    """

    def __init__(
        self,
        database: Database,
        *,
        clock: Callable[[], datetime] = utc_now,
        wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._database = database
        self._now = clock
        self._wait = wait

    @asynccontextmanager
    async def held(self, key: str, *, owner: str, user_id: str) -> AsyncIterator[None]:
        """The block runs while nobody else holds this key; it waits its turn before."""
        own = content_key(hold=key)
        while not await self._taken(own, owner, user_id):
            await self._wait(_HOLD_POLL_S)
        try:
            yield
        finally:
            async with self._database.session_scope() as session:
                row = await session.get(StepResult, own)
                if row is not None and row.output["owner"] == owner:
                    await session.delete(row)

    async def _taken(self, key: str, owner: str, user_id: str) -> bool:
        try:
            async with self._database.session_scope() as session:
                row = await session.get(StepResult, key, with_for_update=True)
                if row is None:
                    row = StepResult(key=key, user_id=user_id, step="hold", output={})
                    session.add(row)
                elif row.output["owner"] != owner and self._now() - row.created_at < _HOLD:
                    return False
                row.output, row.created_at = {"owner": owner}, self._now()
        except IntegrityError:  # another one took it at the same moment
            return False
        return True


class SegmentStore:
    """Encoded scenes in storage, under the hash of what they were made from, apart for each user."""

    def __init__(self, storage: Storage, user_id: str) -> None:
        self._storage = storage
        self._prefix = f"segments/{user_id}"

    async def fetch(self, key: str, to_path: Path) -> bool:
        """Copy a segment out; False when it is not there."""
        stored = f"{self._prefix}/{key}.mp4"
        if not await self._storage.exists(stored):
            return False
        await self._storage.fetch_to(stored, to_path)
        return True

    async def store(self, key: str, path: Path) -> None:
        """Keep a segment."""
        await self._storage.put_file(f"{self._prefix}/{key}.mp4", path, "video/mp4")
