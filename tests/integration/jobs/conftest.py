"""A ledger on a fresh database, once with SQLite and once with PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, MutableMapping
from typing import Any

import pytest
import structlog.testing

from ettametta.db import Database
from tests.integration.jobs.harness import Books, Works, add_user
from tests.integration.jobs.harness import books as make_books


@pytest.fixture(autouse=True)
def logs() -> Iterator[list[MutableMapping[str, Any]]]:
    """What was logged, as data; nothing is drawn on the terminal."""
    with structlog.testing.capture_logs() as entries:
        yield entries


@pytest.fixture
def books(database: Database) -> Books:
    return make_books(database)


@pytest.fixture
async def user_id(database: Database) -> str:
    return await add_user(database)


@pytest.fixture(params=["memory", "redis"])
async def works(request: pytest.FixtureRequest, database: Database) -> AsyncIterator[Works]:
    """Workers on both databases, with the in-memory broker and with real Redis."""
    works = Works(database, request.getfixturevalue("redis_url") if request.param == "redis" else None)
    await works.queue.start()
    yield works
    await works.close()


@pytest.fixture
async def local(database: Database) -> AsyncIterator[Works]:
    """Workers on both databases, with the in-memory broker only."""
    works = Works(database, None)
    await works.queue.start()
    yield works
    await works.close()
