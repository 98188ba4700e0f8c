"""A whole installation that may fetch from this machine, and its owner; on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ettametta.bootstrap import Resources, build
from ettametta.settings import Settings


@pytest.fixture
async def resources(database_url: str, tmp_path: Path) -> AsyncIterator[Resources]:
    settings = Settings(database_url=database_url, data_dir=tmp_path / "data", http_allow_private=True)
    async with build(settings, migrate=False) as built:
        yield built


@pytest.fixture
async def owner(resources: Resources) -> str:
    return await resources.users.owner_id()
