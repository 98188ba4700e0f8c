"""Cached steps: a result is kept under the hash of exactly what it depends on, so nothing is done or paid twice.

Small results are rows; files are content-addressed in storage and named by the row.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from ettametta.db import Base, Database
from ettametta.models import StepResult, Usage
from ettametta.storage import Storage


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
