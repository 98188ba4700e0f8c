"""How fast candidates are listed, filtered, searched and ranked: `python -m benchmarks.candidates [--plans]`.

Fills 1,000,000 candidates with sightings, matches and words in PostgreSQL (the tests' own server, as it comes) and
200,000 in SQLite by bulk load, then asks the store as the program does: time is from the call to the finished views,
through SQLAlchemy, with the sightings of every row. The user who owns 70 % of all rows asks. Asked for: p95 < 50 ms.
CPU is the mean of a question, ours and the database's: what the time would be on a machine with nothing else to do.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import io
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import psutil
from sqlalchemy import event, text

from benchmarks import candidates_data as data
from ettametta import migrations
from ettametta.db import Database
from ettametta.discovery.candidates.store import CandidateStore
from ettametta.discovery.candidates.values import Filters, Page, Verdict
from ettametta.discovery.items import FoundItem
from ettametta.models import Niche, User
from tests.servers.postgres import PostgresServer

_LIMIT_MS = 50.0
_WARM = 3
_USER = data.USERS[0]

Ask = Callable[[CandidateStore, random.Random], Awaitable[object]]


@dataclass(frozen=True)
class Case:
    """One kind of question."""

    name: str
    ask: Ask


def _page(name: str, **filters: Any) -> Case:
    return Case(name, lambda store, _: store.page(_USER, Filters(**filters)))


def _search(name: str, low: int, high: int, *, words: int = 1, **filters: Any) -> Case:
    def ask(store: CandidateStore, lots: random.Random) -> Awaitable[Page]:
        query = " ".join(data.word(lots.randrange(low, high)) for _ in range(words))
        return store.search(_USER, query, filters=Filters(**filters))

    return Case(name, ask)


def _ranked(name: str, niche: int) -> Case:
    return Case(name, lambda store, _: store.ranked(_USER, data.niche_id(0, niche)))


async def _deep(store: CandidateStore, lots: random.Random) -> Page:
    """The page that goes on at any moment."""
    moment = data.NOW - timedelta(days=lots.uniform(1, 58))
    micros = int(moment.timestamp() * 1_000_000)
    return await store.page(_USER, cursor=cursor("n", str(micros), "f" * 32))


def cursor(*parts: str) -> str:
    """A place in a listing, as the store writes it."""
    return base64.urlsafe_b64encode("|".join(parts).encode()).decode().rstrip("=")


def cases() -> list[Case]:
    """All questions."""
    biggest = data.niche_id(0, 0)
    return [
        _page("listing, first page"),
        Case("listing, a page far down", _deep),
        _page("source, common (feed)", source="feed"),
        _page("source, rare (product_hunt)", source="product_hunt"),
        _page("language, common (en)", language="en"),
        _page("language, rare (is)", language="is"),
        _page("source and language (arxiv, ja)", source="arxiv", language="ja"),
        _page("verdict: saved", verdict=Verdict.SAVED),
        _page("verdict: open, source reddit, one day", verdict=Verdict.OPEN, source="reddit",
              since=data.NOW - timedelta(days=1)),
        _page("niche and source (lobsters)", niche_id=biggest, source="lobsters"),
        _search("search, the commonest words", 0, 10),
        _search("search, common words", 20, 200),
        _search("search, middling words", 1_000, 5_000),
        _search("search, rare words", 30_000, 40_000),
        _search("search, a word nobody used", 900_000, 990_000),
        _search("search, two common words", 0, 60, words=2),
        _search("search, two middling words", 300, 1_500, words=2),
        _search("search, common word, rare source", 0, 60, source="product_hunt"),
        _search("search, common word, saved", 0, 60, verdict=Verdict.SAVED),
        _search("search, common word, niche", 0, 60, niche_id=biggest),
        _ranked("ranked top 50, biggest niche", 0),
        _ranked("ranked top 50, middle niche", 2),
        _ranked("ranked top 50, smallest niche", 4),
    ]  # fmt: skip


async def fill_postgres(url: str, count: int) -> None:
    """By COPY, without checking references; the indexes are made after."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    await connection.execute(
        "SET timezone = 'UTC'; SET session_replication_role = replica; SET maintenance_work_mem = '512MB'"
    )
    indexes = await connection.fetch(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY($1) AND indexname LIKE 'ix_%'",
        list(data.COLUMNS),
    )
    for index in indexes:
        await connection.execute(f'DROP INDEX "{index["indexname"]}"')
    texts = _texts(count)
    ready = await asyncio.to_thread(next, texts, None)
    while ready is not None:
        following = asyncio.create_task(asyncio.to_thread(next, texts, None))  # made while the server reads
        for table, lines in ready:
            await connection.copy_to_table(table, source=lines, columns=data.COLUMNS[table], format="text")
        ready = await following
    for index in indexes:
        await connection.execute(index["indexdef"])
    await connection.execute("SELECT setval('candidate_words_number_seq', $1::int)".replace("$1", str(count + 1)))
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


def _texts(count: int) -> Iterator[list[tuple[str, io.BytesIO]]]:
    for rows in data.chunks(count):
        yield [(table, io.BytesIO("".join(map(_line, values)).encode())) for table, values in _tables(rows)]


def _line(row: Sequence[object]) -> str:
    return "\t".join("\\N" if value is None else str(value).replace("\\", "\\\\") for value in row) + "\n"


def _tables(rows: data.Rows) -> list[tuple[str, list[tuple[object, ...]]]]:
    return [
        ("candidates", rows.candidates),
        ("candidate_words", rows.words),
        ("sightings", rows.sightings),
        ("niche_matches", rows.matches),
    ]


def fill_sqlite(path: Path, count: int) -> None:
    """In one transaction; the search index is built after."""
    connection = sqlite3.connect(path)
    triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        connection.execute(f"DROP TRIGGER {name}")
    for rows in data.chunks(count):
        for table, values in _tables(rows):
            columns = data.COLUMNS[table]
            marks = ", ".join("?" * len(columns))
            connection.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", values)  # noqa: S608 -- names of ours
    connection.execute("INSERT INTO candidate_search(candidate_search) VALUES ('rebuild')")
    for _, sql in triggers:
        connection.execute(sql)
    connection.execute("ANALYZE")
    connection.commit()
    connection.close()


async def _people(database: Database) -> None:
    await migrations.upgrade(database)
    async with database.session_scope() as session:
        session.add_all(User(id=user, name=user[-1], role="viewer") for user in data.USERS)
        await session.flush()
        session.add_all(
            Niche(id=data.niche_id(user, niche), user_id=data.USERS[user], name=f"niche {niche}")
            for user in range(len(data.USERS))
            for niche in range(data.NICHES_A_USER)
        )


async def measure(database: Database, rounds: int) -> AsyncIterator[tuple[str, float, float, float]]:
    """Name, p50, p95 and CPU in milliseconds of every case."""
    store = CandidateStore(database)
    server = await _server(database)
    for case in cases():
        lots = random.Random(case.name)
        for _ in range(_WARM):
            await case.ask(store, lots)
        before = _cpu_s(server)
        times = [await _timed(case.ask(store, lots)) for _ in range(rounds)]
        cpu_ms = (_cpu_s(server) - before) * 1_000 / rounds
        yield case.name, statistics.median(times), statistics.quantiles(times, n=20)[18], cpu_ms


async def _server(database: Database) -> psutil.Process | None:
    """The database server; None: the database runs in our process."""
    if database.is_sqlite:
        return None
    async with database.read_scope() as session:
        backend = await session.scalar(text("SELECT pg_backend_pid()"))
    return psutil.Process(backend).parent()


def _cpu_s(server: psutil.Process | None) -> float:
    processes = [psutil.Process(), *(server.children() if server is not None else [])]
    return sum(sum(process.cpu_times()[:2]) for process in processes)


async def _timed(answer: Awaitable[object]) -> float:
    start = time.perf_counter()
    await answer
    return (time.perf_counter() - start) * 1_000


async def measure_recording(database: Database) -> tuple[float, float]:
    """Items a second, new and seen again, in batches of 100 beside all that is there."""
    store = CandidateStore(database)
    lots = random.Random(1)
    items = [
        FoundItem(
            source="hacker_news", ref=f"hacker_news:new{number}", url=f"https://new.example/{number}",
            title=" ".join(data.word(lots.randrange(5_000)) for _ in range(8)),
            text=" ".join(data.word(lots.randrange(5_000)) for _ in range(60)), metrics={"points": number},
        )
        for number in range(1_000)
    ]  # fmt: skip
    speeds: list[float] = []
    for batch in (items, [replace(item, metrics={"points": 7}) for item in items]):
        start = time.perf_counter()
        for index in range(0, len(batch), 100):
            await store.record(_USER, batch[index : index + 100], now=data.NOW + timedelta(minutes=len(speeds)))
        speeds.append(len(batch) / (time.perf_counter() - start))
    return speeds[0], speeds[1]


@contextmanager
def _statements(database: Database) -> Iterator[list[tuple[str, Any]]]:
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        seen.append((statement, parameters))

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    yield seen
    event.remove(database.engine.sync_engine, "before_cursor_execute", note)


async def print_plans(database: Database) -> None:
    """What the database does for one question of every kind."""
    store = CandidateStore(database)
    explain = "EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF) "
    for case in cases():
        with _statements(database) as seen:
            await case.ask(store, random.Random(case.name))
        print(f"\n-- {case.name}")
        async with database.engine.connect() as connection:
            for statement, parameters in seen:
                if not statement.startswith(("SELECT", "WITH")) or "FROM sightings" in statement:
                    continue
                rows = await connection.exec_driver_sql(explain + statement, parameters)
                print("\n".join(f"   {row[-1]}" for row in rows))


async def _run(name: str, database: Database, count: int, started: float, options: argparse.Namespace) -> None:
    async with database.read_scope() as session:
        size = "pg_database_size(current_database())"
        if database.is_sqlite:
            size = "(SELECT page_count * page_size FROM pragma_page_count, pragma_page_size)"
        size_mb = (await session.scalar(text(f"SELECT {size}"))) / 1e6
    print(
        f"\n{name}: {count:,} candidates, {size_mb:,.0f} MB, filled in {time.perf_counter() - started:.0f} s\n",
        flush=True,
    )
    print("| | p50 ms | p95 ms | p95 < 50 | CPU ms |\n|---|---|---|---|---|", flush=True)
    async for case, p50, p95, cpu in measure(database, options.rounds):
        verdict = "yes" if p95 < _LIMIT_MS else "NO"
        print(f"| {case} | {p50:.1f} | {p95:.1f} | {verdict} | {cpu:.1f} |", flush=True)
    new, again = await measure_recording(database)
    print(f"\nrecording in batches of 100: {new:,.0f} new items a second, {again:,.0f} seen again", flush=True)
    if options.plans:
        await print_plans(database)
    await database.close()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--postgres", type=int, default=1_000_000, help="candidates in PostgreSQL; 0: leave it out")
    parser.add_argument("--sqlite", type=int, default=200_000, help="candidates in SQLite; 0: leave it out")
    parser.add_argument("--rounds", type=int, default=40, help="questions of a kind")
    parser.add_argument("--plans", action="store_true", help="print the query plans too")
    return parser.parse_args()


async def _sqlite(options: argparse.Namespace, folder: Path) -> None:
    started = time.perf_counter()
    path = folder / "candidates.db"
    database = Database(f"sqlite+aiosqlite:///{path}")
    await _people(database)
    fill_sqlite(path, options.sqlite)
    await _run(f"SQLite {sqlite3.sqlite_version}", database, options.sqlite, started, options)


async def _postgres(options: argparse.Namespace, url: str) -> None:
    started = time.perf_counter()
    database = Database(url)
    await _people(database)
    await fill_postgres(url, options.postgres)
    await _run("PostgreSQL", database, options.postgres, started, options)


def main() -> None:
    """Fill, measure, print."""
    options = _arguments()
    started = time.perf_counter()
    if options.sqlite:
        with tempfile.TemporaryDirectory(prefix="ett-candidates-") as folder:
            asyncio.run(_sqlite(options, Path(folder)))
    if options.postgres:
        server = PostgresServer()
        try:
            asyncio.run(_postgres(options, server.url(server.create())))
        finally:
            server.close()
    print(f"\n{time.perf_counter() - started:.0f} s in all")


if __name__ == "__main__":
    main()
