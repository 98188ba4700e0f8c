"""Migrations on SQLite and PostgreSQL: from nothing, from a filled database, twice, by two at once, and back."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, Insert, column, func, inspect, select, table, text

from ettametta.db import Base, Database, UtcDateTime
from ettametta.errors import Bug, ConfigError
from ettametta.kit.clock import utc_now
from ettametta.migrations import check, current_and_head, downgrade, pending, upgrade
from ettametta.models import Chat, User


@pytest.fixture
async def empty(empty_database_url: str) -> AsyncIterator[Database]:
    database = Database(empty_database_url)
    yield database
    await database.close()


async def _tables(database: Database) -> set[str]:
    async with database.engine.connect() as connection:
        names = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
    return {name for name in names if not name.startswith("candidate_search")}  # SQLite's search index


async def test_from_nothing_to_what_the_models_describe(empty: Database) -> None:
    assert await pending(empty)
    assert (await current_and_head(empty))[0] is None
    await upgrade(empty)
    assert await _tables(empty) == {*Base.metadata.tables, "alembic_version"}
    assert not await pending(empty)
    current, head = await current_and_head(empty)
    assert current == head
    await check(empty)


async def test_a_second_upgrade_does_nothing_and_keeps_rows(empty: Database, capfd: pytest.CaptureFixture[str]) -> None:
    await upgrade(empty)
    async with empty.session_scope() as session:
        user = User(name="Ada")
        session.add(user)
        await session.flush()
        session.add(Chat(user_id=user.id, channel="terminal", external_id="1"))
    await upgrade(empty)
    async with empty.read_scope() as session:
        assert (await session.execute(select(User.name))).scalar_one() == "Ada"
        assert (await session.execute(select(Chat.external_id))).scalar_one() == "1"
    assert capfd.readouterr() == ("", "")


async def test_check_names_what_differs(empty: Database) -> None:
    await upgrade(empty)
    async with empty.session_scope() as session:
        await session.execute(text("DROP TABLE schedules"))
    with pytest.raises(Bug, match="schedules"):
        await check(empty)


async def test_back_to_nothing_and_up_again(empty: Database) -> None:
    await upgrade(empty)
    await downgrade(empty, "base")
    assert await _tables(empty) == {"alembic_version"}
    await upgrade(empty)
    await check(empty)


async def test_partial_indexes_are_partial(empty: Database) -> None:
    await upgrade(empty)
    table = "sqlite_master" if empty.is_sqlite else "pg_indexes"
    columns = ("sql", "name") if empty.is_sqlite else ("indexdef", "indexname")
    async with empty.read_scope() as session:
        statement = text(f"SELECT {columns[0]} FROM {table} WHERE {columns[1]} = 'ix_jobs_ready'")  # noqa: S608 -- constants
        assert "WHERE" in (await session.execute(statement)).scalar_one()


async def test_a_failed_migration_leaves_nothing(empty: Database) -> None:
    async with empty.session_scope() as session:  # in the way of a table in the middle of the revision
        await session.execute(text("CREATE TABLE videos (id INTEGER)"))
    with pytest.raises(Exception, match="videos"):
        await upgrade(empty)
    assert await _tables(empty) == {"videos"}
    async with empty.session_scope() as session:
        await session.execute(text("DROP TABLE videos"))
    await upgrade(empty)
    await check(empty)


async def test_foreign_keys_are_on_again_after_an_upgrade(empty: Database) -> None:
    await upgrade(empty)
    if empty.is_sqlite:
        async with empty.read_scope() as session:
            assert (await session.execute(text("PRAGMA foreign_keys"))).scalar_one() == 1


async def test_a_database_of_a_newer_version_is_one_sentence(empty: Database) -> None:
    await upgrade(empty)
    async with empty.session_scope() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ConfigError, match="does not fit this version") as caught:
        await upgrade(empty)
    assert caught.value.code == "operator.database_version"
    assert caught.value.hint


_UPGRADE = """
import asyncio, sys
from ettametta.db import Database
from ettametta.kit.clock import utc_now
from ettametta.migrations import upgrade

async def main():
    database = Database(sys.argv[1])
    print("ready", flush=True)
    sys.stdin.readline()
    await upgrade(database)
    await database.close()

asyncio.run(main())
"""


async def test_three_processes_upgrade_at_once(empty_database_url: str) -> None:
    root = Path(__file__).parents[2]
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            _UPGRADE,
            empty_database_url,
            cwd=root,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        for _ in range(3)
    ]
    for process in processes:
        assert process.stdout is not None
        await process.stdout.readline()
    answers = await asyncio.gather(*(process.communicate(b"go\n") for process in processes))
    assert [process.returncode for process in processes] == [0, 0, 0], b"\n".join(err for _, err in answers).decode()
    database = Database(empty_database_url)
    await check(database)
    assert not await pending(database)
    await database.close()


async def test_two_upgrades_in_one_process(empty: Database, tmp_path: Path) -> None:
    other = Database(f"sqlite+aiosqlite:///{tmp_path / 'other.db'}")
    await asyncio.gather(upgrade(empty), upgrade(other), upgrade(empty))
    await check(empty)
    await check(other)
    await other.close()


_ROWS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("users", {"id": "u", "name": "Ada", "role": "owner", "language": "en", "timezone": "UTC"}),
    ("productions", {"id": "p", "user_id": "u", "title": "Tea", "brief": "{}", "state": "delivered",
                     "current_revision_id": "r", "updated_at": None}),
    ("revisions", {"id": "r", "production_id": "p", "user_id": "u", "number": 1, "storyboard": "{}", "note": ""}),
    ("videos", {"id": "v", "production_id": "p", "revision_id": "r", "user_id": "u", "storage_key": "a",
                "cover_key": "b", "thumbnail_key": "c", "captions_key": "d", "credits_key": "e", "sha256": "f",
                "width": 1, "height": 1, "duration_s": 1.0, "size_bytes": 1, "checks": "{}"}),
)  # fmt: skip


def _insert(name: str, values: dict[str, Any]) -> Insert:
    """A row as an older version of the program wrote it: the models know columns that are not there yet."""
    now: dict[str, Any] = {key: utc_now() for key in ("created_at", "updated_at") if key in {"created_at", *values}}
    values = {**values, **now}
    moments = dict.fromkeys(("created_at", "updated_at"), UtcDateTime())
    typed: dict[str, Any] = {**moments, **dict.fromkeys(("brief", "storyboard", "checks"), JSON())}
    return table(name, *(column(key, typed.get(key)) for key in values)).insert().values(**values)


async def test_the_second_migration_keeps_every_row_there_and_back(empty: Database) -> None:
    """On SQLite a table that is made anew takes the rows that point to it along."""
    await upgrade(empty)
    await downgrade(empty, "0001")
    async with empty.session_scope() as session:
        for name, values in _ROWS:
            await session.execute(_insert(name, values))
    for migrate in (upgrade(empty), downgrade(empty, "0001"), upgrade(empty)):
        await migrate
        async with empty.read_scope() as session:
            for name, _ in _ROWS:
                assert await session.scalar(select(func.count()).select_from(table(name))) == 1, name
    await check(empty)
