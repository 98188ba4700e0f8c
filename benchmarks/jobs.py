"""How soon a job starts and how many start in a second, with the ledger and without: `python -m benchmarks.jobs`.

Embedded (SQLite, in-memory broker), distributed (PostgreSQL, Redis Streams; 1 and 3 worker processes), and as the peer
the same messages through bare Taskiq on Redis Streams, which keeps no record, cannot cancel, and may lose or repeat
them. The servers are the tests' own (PostgreSQL with fsync off). The body of a job only notes the time.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from taskiq import AcknowledgeType
from taskiq.api import run_receiver_task
from taskiq.kicker import AsyncKicker
from taskiq_redis import RedisStreamBroker

from ettametta import migrations
from ettametta.db import Database
from ettametta.events import LocalBus, RedisBus
from ettametta.jobs import JobContext, JobKind, Ledger, NewJob, Runner
from ettametta.queue import JobQueue
from tests.servers.postgres import PostgresServer
from tests.servers.redis_server import RedisServer

_ROOT = Path(__file__).parents[1]
_KIND = "bench.work"
_CONCURRENCY = 4
_BATCH = 50


class Notes:
    """Lines `name seconds` appended by any number of processes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def write(self, name: str) -> None:
        """Note that `name` happened now."""
        os.write(self._file, f"{name} {time.time():.6f}\n".encode())

    def read(self) -> dict[str, float]:
        """When everything first happened."""
        times: dict[str, float] = {}
        for line in self.path.read_text().splitlines():
            name, moment = line.split()
            times.setdefault(name, float(moment))
        return times

    async def wait(self, count: int, *, timeout_s: float = 300) -> dict[str, float]:
        """Wait until `count` things have happened."""
        async with asyncio.timeout(timeout_s):
            while self.path.read_bytes().count(b"\n") < count:  # noqa: ASYNC110 -- other processes write it
                await asyncio.sleep(0.05)
        return self.read()


@dataclass(frozen=True)
class Figures:
    """What one way of running gave."""

    name: str
    p50_ms: float
    p95_ms: float
    jobs_per_s: float
    #: processor time of all workers (and of the sender, where it is the same process) for one job of the crowd
    cpu_ms: float


#: Seconds of processor time the workers have used so far.
Cpu = Callable[[], float]
#: Sends jobs with these names.
Send = Callable[[list[str]], Awaitable[None]]


async def _measure(name: str, send: Send, notes: Notes, cpu: Cpu, *, singles: int, crowd: int) -> Figures:
    """Latency of jobs that come one at a time to idle workers, then the rate of a crowd that comes at once."""
    already = len(notes.read())
    sent: dict[str, float] = {}
    for number in range(singles):
        sent[f"single{number}"] = time.time()
        await send([f"single{number}"])
        await asyncio.sleep(0.02)
    times = await notes.wait(already + singles)
    waits = sorted((times[job] - moment) * 1_000 for job, moment in sent.items())
    began, cpu_before = time.time(), cpu()
    for first in range(0, crowd, _BATCH):
        await send([f"crowd{number}" for number in range(first, min(crowd, first + _BATCH))])
    times = await notes.wait(already + singles + crowd)
    took_s = max(moment for job, moment in times.items() if job.startswith("crowd")) - began
    cpu_ms = (cpu() - cpu_before) / crowd * 1_000
    return Figures(name, statistics.median(waits), waits[int(len(waits) * 0.95)], crowd / took_s, cpu_ms)


# -- with the ledger ---------------------------------------------------------------------------------------------------


def _sender(ledger: Ledger) -> Send:
    async def send(names: list[str]) -> None:
        async with ledger.database.session_scope() as session:
            for name in names:
                await ledger.enqueue(session, NewJob(_KIND, {"name": name}))

    return send


def _runner(ledger: Ledger, queue: JobQueue, notes: Notes) -> Runner[None]:
    async def body(context: JobContext[None]) -> None:
        notes.write(context.job.payload["name"])

    return Runner(ledger, queue, {_KIND: JobKind(_KIND, body)}, None, concurrency=_CONCURRENCY)


async def _embedded(folder: Path, options: argparse.Namespace) -> Figures:
    database, queue, bus = Database(f"sqlite+aiosqlite:///{folder / 'embedded.db'}"), JobQueue(), LocalBus()
    await migrations.upgrade(database)
    await queue.start()
    ledger, notes = Ledger(database, queue, bus), Notes(folder / "embedded.txt")
    runner = _runner(ledger, queue, notes)
    await runner.start()
    name = "ledger: SQLite, in-memory, 1 process"
    cpu = time.process_time
    figures = await _measure(name, _sender(ledger), notes, cpu, singles=options.singles, crowd=options.crowd)
    await runner.stop()
    await queue.close()
    await database.close()
    return figures


async def _distributed(
    folder: Path, database_url: str, redis_url: str, workers: int, options: argparse.Namespace
) -> Figures:
    database, queue, bus = Database(database_url), JobQueue(redis_url), RedisBus(redis_url)
    await queue.start()
    await bus.start()
    notes = Notes(folder / f"ledger{workers}.txt")
    with _processes("ledger", workers, notes.path, redis_url, database_url) as cpu:
        await notes.wait(workers)
        send = _sender(Ledger(database, queue, bus))
        name = f"ledger: PostgreSQL, Redis, {workers} worker(s)"
        figures = await _measure(name, send, notes, cpu, singles=options.singles, crowd=options.crowd)
    await bus.close()
    await queue.close()
    await database.close()
    return figures


async def _work_with_ledger(notes: Notes, redis_url: str, database_url: str) -> None:
    database, queue, bus = Database(database_url), JobQueue(redis_url), RedisBus(redis_url)
    await queue.start()
    await bus.start()
    runner = _runner(Ledger(database, queue, bus), queue, notes)
    await runner.start()
    notes.write(f"ready{os.getpid()}")
    await asyncio.Event().wait()


# -- without -----------------------------------------------------------------------------------------------------------


def _bare_broker(redis_url: str, notes: Notes) -> RedisStreamBroker:
    broker = RedisStreamBroker(redis_url, queue_name=f"bare:{notes.path.name}", consumer_id="0")

    async def work(name: str) -> None:
        notes.write(name)

    broker.register_task(work, task_name=_KIND)
    return broker


async def _bare(folder: Path, redis_url: str, workers: int, options: argparse.Namespace) -> Figures:
    notes = Notes(folder / f"bare{workers}.txt")
    broker = _bare_broker(redis_url, notes)
    await broker.startup()

    async def send(names: list[str]) -> None:
        for name in names:
            kicker: AsyncKicker[[str], None] = AsyncKicker(task_name=_KIND, broker=broker, labels={})
            await kicker.kiq(name)

    with _processes("bare", workers, notes.path, redis_url, "") as cpu:
        await notes.wait(workers)
        label = f"bare Taskiq: Redis, {workers} worker(s)"
        figures = await _measure(label, send, notes, cpu, singles=options.singles, crowd=options.crowd)
    await broker.shutdown()
    return figures


async def _work_bare(notes: Notes, redis_url: str) -> None:
    broker = _bare_broker(redis_url, notes)
    await broker.startup()
    notes.write(f"ready{os.getpid()}")
    await run_receiver_task(
        broker, validate_params=False, max_async_tasks=_CONCURRENCY, ack_time=AcknowledgeType.WHEN_EXECUTED
    )


# -- all of it ---------------------------------------------------------------------------------------------------------


@contextmanager
def _processes(kind: str, count: int, record: Path, redis_url: str, database_url: str) -> Iterator[Cpu]:
    command = [sys.executable, "-m", "benchmarks.jobs", "--work", kind, str(record), redis_url, database_url]
    with (record.parent / "workers.log").open("ab") as log:
        started = [subprocess.Popen(command, cwd=_ROOT, stdout=log, stderr=log) for _ in range(count)]

    def cpu() -> float:
        spent = [psutil.Process(process.pid).cpu_times() for process in started]
        return sum(times.user + times.system for times in spent)

    try:
        yield cpu
    finally:
        for process in started:
            process.kill()
            process.wait()


async def _run(options: argparse.Namespace, folder: Path, server: PostgresServer, redis_url: str) -> list[Figures]:
    results = [await _embedded(folder, options)]
    for workers in (1, 3):
        url = server.url(await asyncio.to_thread(server.create))
        database = Database(url)
        await migrations.upgrade(database)
        await database.close()
        results.append(await _distributed(folder, url, redis_url, workers, options))
        results.append(await _bare(folder, redis_url, workers, options))
    return results


def _print(results: list[Figures]) -> None:
    peers = {name: figures for figures in results for name in ("1 worker", "3 worker")
             if figures.name.startswith("bare") and name in figures.name}  # fmt: skip
    print(f"{'':44}{'p50 ms':>9}{'p95 ms':>9}{'jobs/s':>9}{'CPU ms/job':>12}   against bare Taskiq (p50, jobs/s, CPU)")
    for row in results:
        peer = peers["3 worker" if "3 worker" in row.name else "1 worker"]
        pairs = ((row.p50_ms, peer.p50_ms), (row.jobs_per_s, peer.jobs_per_s), (row.cpu_ms, peer.cpu_ms))
        ratios = " ".join(f"{mine / other:6.2f}x" for mine, other in pairs)
        print(f"{row.name:44}{row.p50_ms:9.1f}{row.p95_ms:9.1f}{row.jobs_per_s:9.0f}{row.cpu_ms:12.2f}   {ratios}")


def main() -> None:
    """Run everything once and print the table; with --work, be one of its worker processes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--singles", type=int, default=100, help="jobs sent one at a time, 20 ms apart")
    parser.add_argument("--crowd", type=int, default=1_000, help="jobs sent at once")
    parser.add_argument("--work", nargs=4, metavar=("KIND", "RECORD", "REDIS", "DATABASE"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        kind, record, redis_url, database_url = options.work
        notes = Notes(Path(record))
        asyncio.run(
            _work_bare(notes, redis_url) if kind == "bare" else _work_with_ledger(notes, redis_url, database_url)
        )
        return
    postgres, redis = PostgresServer(), RedisServer()
    try:
        with tempfile.TemporaryDirectory(prefix="ett-bench-") as folder:
            _print(asyncio.run(_run(options, Path(folder), postgres, redis.url)))
    finally:
        redis.close()
        postgres.close()


if __name__ == "__main__":
    main()
