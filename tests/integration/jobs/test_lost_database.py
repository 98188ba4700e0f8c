"""A database that goes away in the middle: what was running is recorded or resumed, and nothing is left locked."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from ettametta.db import Database, _SqliteConnection, is_connection_lost, is_disk_full
from ettametta.jobs import JobContext, JobKind, JobState
from ettametta.models import User
from tests.integration.jobs.harness import KIND, Gate, Works, add_user, until
from tests.servers.postgres import PostgresServer


async def _lose_all(server: PostgresServer, database: Database) -> None:
    lose = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database.url.database}'"  # noqa: S608 -- the name is ours
    await asyncio.to_thread(server.execute, lose)


@pytest.fixture
async def database(postgres_url: str) -> Any:
    database = Database(postgres_url)
    yield database
    await database.close()


async def test_connections_lost_under_running_jobs(local: Works, postgres_server: PostgresServer) -> None:
    gate = Gate()
    await local.worker(gate.kind)
    job = await local.add()
    await gate.began.wait()
    await _lose_all(postgres_server, local.database)
    gate.open.set()
    done = await local.reach(job.id, JobState.SUCCEEDED)
    assert (done.attempts, done.crashes, gate.starts) == (1, 0, [job.id])


async def test_an_end_that_cannot_be_written_at_once_is_written_later(
    local: Works, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate()
    worker = await local.worker(gate.kind)
    job = await local.add()
    await gate.began.wait()
    succeed, failures = worker._ledger.succeed, 0

    async def unreachable(*arguments: Any) -> bool:
        nonlocal failures
        failures += 1
        if failures <= 2:
            raise ConnectionRefusedError
        return await succeed(*arguments)

    monkeypatch.setattr(worker._ledger, "succeed", unreachable)
    gate.open.set()
    await local.reach(job.id, JobState.SUCCEEDED)
    assert failures == 3


async def test_progress_that_cannot_be_written_does_not_end_the_work(
    local: Works, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def body(context: JobContext[None]) -> dict[str, Any]:
        await context.progress(0.5, "work")
        await context.got_further(0.6, "work")
        return {"done": True}

    async def unreachable(*_arguments: Any, **_named: Any) -> bool:
        raise ConnectionResetError

    worker = await local.worker(JobKind(KIND, body))
    monkeypatch.setattr(worker._ledger, "record_progress", unreachable)
    assert (await local.reach((await local.add()).id, JobState.SUCCEEDED)).result == {"done": True}


async def test_a_worker_that_cannot_renew_stops_when_its_lease_has_run_out(
    local: Works, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut off from the database, nobody can say that a job is still ours."""
    gate = Gate()
    worker = await local.worker(gate.kind, lease_s=0.6, sweep_s=60)
    job = await local.add()
    await gate.began.wait()

    async def unreachable(*_arguments: Any) -> set[str]:
        raise ConnectionRefusedError

    monkeypatch.setattr(worker._ledger, "renew", unreachable)
    took = await until(lambda: worker.running == 0)
    assert gate.interrupted == [job.id]
    assert 0.4 < took < 3


async def test_a_worker_outlives_a_database_that_is_away_for_a_while(
    local: Works, postgres_server: PostgresServer
) -> None:
    await local.worker(JobKind(KIND, _trivial), sweep_s=0.05)
    for _ in range(4):
        await _lose_all(postgres_server, local.database)
        job_id = await _add_patiently(local)
        await local_reach(local, job_id)


async def _trivial(_context: JobContext[None]) -> dict[str, Any]:
    return {"done": True}


async def _add_patiently(works: Works) -> str:
    while True:
        try:
            return (await works.add()).id
        except DBAPIError as error:
            assert is_connection_lost(error)  # noqa: PT017 -- it may or may not happen


async def local_reach(works: Works, job_id: str) -> None:
    async def reached() -> bool:
        try:
            return (await works.reach(job_id, JobState.SUCCEEDED)).state is JobState.SUCCEEDED
        except DBAPIError as error:
            assert is_connection_lost(error)  # noqa: PT017 -- it may or may not happen
            return False

    await until(reached)


async def test_a_deadlock_is_worth_another_try(database: Database) -> None:
    users = [await add_user(database, name) for name in ("Ada", "Bob")]
    both = asyncio.Barrier(2)

    async def lock(first: str, second: str) -> None:
        async with database.session_scope() as session:
            await session.get_one(User, first, with_for_update=True)
            await both.wait()
            await session.get_one(User, second, with_for_update=True)

    answers = await asyncio.gather(lock(*users), lock(*reversed(users)), return_exceptions=True)
    errors = [answer for answer in answers if answer is not None]
    assert len(errors) == 1
    assert is_connection_lost(errors[0])


async def test_a_bad_statement_is_not_a_lost_connection(database: Database) -> None:
    async def divide() -> None:
        async with database.read_scope() as session:
            await session.execute(select(1 / (select(User.id).exists().cast(User.telegram_user_id.type))))

    with pytest.raises(DBAPIError) as caught:
        await divide()
    assert not is_connection_lost(caught.value)
    assert not is_disk_full(caught.value)


def _sqlite_error(code: int) -> DBAPIError:
    error = sqlite3.OperationalError("x")
    error.sqlite_errorcode = code
    return DBAPIError("SELECT 1", {}, error)


@pytest.mark.parametrize(
    ("code", "lost", "full"),
    [(sqlite3.SQLITE_BUSY, True, False), (sqlite3.SQLITE_IOERR_READ, True, False), (sqlite3.SQLITE_FULL, False, True),
     (sqlite3.SQLITE_ERROR, False, False), (sqlite3.SQLITE_CORRUPT, False, False)],
)  # fmt: skip
def test_what_sqlite_says_is_told_apart(code: int, lost: bool, full: bool) -> None:
    error = _sqlite_error(code)
    assert (is_connection_lost(error), is_disk_full(error)) == (lost, full)


def test_a_connection_closed_under_an_open_cursor_lets_go_of_the_write_lock(tmp_path: Path) -> None:
    """What a cancel between a query and its rows comes to; plain sqlite3 keeps the lock until it is collected."""
    path = tmp_path / "x.db"
    first = sqlite3.connect(path, factory=_SqliteConnection, isolation_level=None)
    first.execute("CREATE TABLE t AS SELECT 1 AS n UNION SELECT 2")
    first.execute("BEGIN IMMEDIATE")
    cursor = first.execute("SELECT n FROM t")
    first.close()
    second = sqlite3.connect(path, timeout=0, isolation_level=None)
    second.execute("BEGIN IMMEDIATE")
    second.close()
    assert cursor is not None


async def test_writers_cancelled_at_any_moment_leave_nothing_locked(sqlite_url: str) -> None:
    """Also while they wait for BEGIN IMMEDIATE, which a thread goes on to wait for."""
    database = Database(sqlite_url)
    user_id = await add_user(database)
    chance = random.Random(7)

    async def write() -> None:
        async with database.session_scope() as session:
            user = await session.get_one(User, user_id)
            user.name = str(chance.random())
            await session.flush()
            await asyncio.sleep(chance.random() / 500)

    async with asyncio.timeout(25):  # less than SQLite's busy timeout
        for _ in range(60):
            tasks = [asyncio.create_task(write()) for _ in range(4)]
            await asyncio.sleep(chance.random() / 100)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
    async with asyncio.timeout(5):
        await write()
    await database.close()
