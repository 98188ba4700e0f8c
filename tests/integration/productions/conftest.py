"""An installation on a fresh database: on both databases, or on SQLite where the database makes no difference."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, MutableMapping
from pathlib import Path
from typing import Any

import pytest
import structlog.testing

from tests.integration.productions.harness import House, open_house, settings_for


@pytest.fixture(autouse=True)
def logs() -> Iterator[list[MutableMapping[str, Any]]]:
    """What was logged, as data; nothing is drawn on the terminal."""
    with structlog.testing.capture_logs() as entries:
        yield entries


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    """On SQLite and on PostgreSQL."""
    async with open_house(settings_for(tmp_path, database_url)) as house:
        yield house


@pytest.fixture
async def sqlite_house(sqlite_url: str, tmp_path: Path) -> AsyncIterator[House]:
    """On SQLite only."""
    async with open_house(settings_for(tmp_path, sqlite_url)) as house:
        yield house
