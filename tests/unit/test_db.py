"""The one place that commits: transactions, what runs after them, moments, and writers that wait for each other."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError, StatementError

from ettametta.db import Database, is_connection_lost, on_commit, sqlite_is_new_enough
from ettametta.errors import ConfigError, TransientError
from ettametta.models import Chat, User


async def _count(database: Database) -> int:
    async with database.read_scope() as session:
        return (await session.execute(select(func.count()).select_from(User))).scalar_one()


async def test_a_scope_commits_then_runs_its_callbacks_in_order(database: Database) -> None:
    seen: list[str] = []

    async def note(what: str) -> None:
        seen.append(f"{what} sees {await _count(database)}")

    async with database.session_scope() as session:
        session.add(User(name="Ada"))
        on_commit(session, lambda: note("first"))
        on_commit(session, lambda: note("second"))
        await session.flush()
        assert seen == []
    assert seen == ["first sees 1", "second sees 1"]


async def test_a_scope_that_raises_leaves_nothing_and_calls_nobody(database: Database) -> None:
    seen: list[str] = []

    async def note() -> None:
        seen.append("called")

    async def fail() -> None:
        async with database.session_scope() as session:
            session.add(User(name="Ada"))
            on_commit(session, note)
            await session.flush()
            raise TransientError("Not now.")

    with pytest.raises(TransientError):
        await fail()
    assert (await _count(database), seen) == (0, [])


async def test_a_cancelled_scope_leaves_nothing(database: Database) -> None:
    inside = asyncio.Event()

    async def write() -> None:
        async with database.session_scope() as session:
            session.add(User(name="Ada"))
            await session.flush()
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(write())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await _count(database) == 0


async def test_a_read_scope_changes_nothing(database: Database) -> None:
    async with database.read_scope() as session:
        session.add(User(name="Ada"))
        await session.flush()
    assert await _count(database) == 0


async def test_a_reader_does_not_wait_for_a_writer(database: Database) -> None:
    async with database.session_scope() as session:
        session.add(User(name="Ada"))
        await session.flush()
        async with asyncio.timeout(5):
            assert await _count(database) == 0


async def test_writers_that_read_first_wait_for_each_other(database: Database) -> None:
    """Read, then write: with SQLite's deferred BEGIN all but one of these would fail at once."""
    async with database.session_scope() as session:
        user = User(name="0")
        session.add(user)

    async def add_one() -> None:
        async with database.session_scope() as session:
            row = (await session.execute(select(User).where(User.id == user.id).with_for_update())).scalar_one()
            row.name = str(int(row.name) + 1)

    await asyncio.gather(*(add_one() for _ in range(20)))
    async with database.read_scope() as session:
        assert (await session.execute(select(User.name))).scalar_one() == "20"


async def test_foreign_keys_are_enforced(database: Database) -> None:
    async def write() -> None:
        async with database.session_scope() as session:
            session.add(Chat(user_id="nobody", channel="terminal", external_id="1"))

    with pytest.raises(IntegrityError):
        await write()


async def test_moments_come_back_aware_in_utc(database: Database) -> None:
    moment = datetime(2026, 3, 29, 2, 30, 15, 123456, tzinfo=timezone(timedelta(hours=5, minutes=45)))
    async with database.session_scope() as session:
        session.add(User(name="Ada", created_at=moment))
    async with database.read_scope() as session:
        stored = (await session.execute(select(User.created_at).where(User.created_at == moment))).scalar_one()
    assert stored == moment
    assert stored.tzinfo is UTC


async def test_a_moment_without_a_zone_is_refused(database: Database) -> None:
    async def write() -> None:
        async with database.session_scope() as session:
            session.add(User(name="Ada", created_at=datetime(2026, 1, 1)))  # noqa: DTZ001 -- the point of the test

    with pytest.raises(StatementError, match="without a zone"):
        await write()


@pytest.mark.parametrize("url", ["mysql+aiomysql://localhost/x", "postgresql://localhost/x", "sqlite:///x.db"])
def test_an_unsupported_database_is_one_sentence_that_names_the_setting(url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Database(url)
    assert "ETTAMETTA_DATABASE_URL" in caught.value.hint


async def test_sqlite_makes_its_folder_and_is_in_wal_mode(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'new' / 'folder' / 'x.db'}")
    async with database.read_scope() as session:
        assert (await session.execute(text("PRAGMA journal_mode"))).scalar_one() == "wal"
    await database.close()
    assert sqlite_is_new_enough()


async def test_a_lost_connection_is_told_from_a_bad_statement(free_port: int) -> None:
    database = Database(f"postgresql+asyncpg://postgres@127.0.0.1:{free_port}/x")  # no server listens there
    try:
        with pytest.raises(Exception) as caught:  # noqa: PT011 -- the driver chooses the class
            async with database.read_scope():
                pass
    finally:
        await database.close()
    assert is_connection_lost(caught.value)
    assert not is_connection_lost(ValueError("no"))


async def test_a_new_sqlite_file_may_be_opened_by_many_at_once(tmp_path: Path) -> None:
    """SQLite answers "database is locked" at once to whoever loses the race for WAL mode; we try again."""
    for number in range(5):
        databases = [Database(f"sqlite+aiosqlite:///{tmp_path / f'{number}.db'}") for _ in range(6)]
        assert await asyncio.gather(*(_journal_mode(database) for database in databases)) == ["wal"] * 6
        await asyncio.gather(*(database.close() for database in databases))


async def _journal_mode(database: Database) -> str:
    async with database.read_scope() as session:
        mode: str = (await session.execute(text("PRAGMA journal_mode"))).scalar_one()
        return mode
