"""Cached steps: a result is kept under the hash of exactly what it depends on, so nothing is done or paid twice.

Small results are rows; files are content-addressed in storage and named by the row.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ettametta.db import Database
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

    async def keep(self, key: str, *, user_id: str, step: str, output: dict[str, Any], usage: Usage | None) -> None:
        """Write down what a step gave and what it used, in one transaction."""
        async with self._database.session_scope() as session:
            await _add_once(session, StepResult(key=key, user_id=user_id, step=step, output=output), key)
            if usage is not None:
                session.add(usage)


async def _add_once(session: AsyncSession, row: StepResult, key: str) -> None:
    if await session.get(StepResult, key) is None:
        session.add(row)


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
