"""A Bot API server, and a home with worker and bot on it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.acceptance.telegram.quick import Home, QuickStudio, open_home, settings_for
from tests.servers.bot_api import BotApiServer, RateRules


@pytest.fixture
async def server() -> AsyncIterator[BotApiServer]:
    """Telegram, with its flood limits."""
    async with BotApiServer(rate_rules=RateRules()) as running:
        yield running


@pytest.fixture
async def home(server: BotApiServer, sqlite_url: str, tmp_path: Path) -> AsyncIterator[Home]:
    """A worker with the quick studio, on SQLite."""
    async with open_home(settings_for(server.url, sqlite_url, tmp_path / "data"), QuickStudio()) as opened:
        yield opened


@pytest.fixture
async def any_home(server: BotApiServer, database_url: str, tmp_path: Path) -> AsyncIterator[Home]:
    """A worker with the quick studio, on SQLite and on PostgreSQL."""
    async with open_home(settings_for(server.url, database_url, tmp_path / "data"), QuickStudio()) as opened:
        yield opened
