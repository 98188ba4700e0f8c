"""A thousand jobs, three worker processes, one killed half-way, through PostgreSQL and Redis Streams."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis
from sqlalchemy import func, select

from ettametta.db import Database
from ettametta.events import LocalBus
from ettametta.jobs import JobState, Ledger, NewJob
from ettametta.models import Job, JobEvent
from ettametta.queue import JobQueue
from tests.integration.jobs.harness import KIND, count_jobs, until

_SCRIPT = Path(__file__).with_name("worker_process.py")
_ROOT = Path(__file__).parents[3]
_JOBS = 1_000
_WORKERS = 3
_CONCURRENCY = 4


class Crew:
    """Worker processes and the file they write to."""

    def __init__(self, folder: Path, database_url: str, redis_url: str) -> None:
        self._record = folder / "record.txt"
        self._record.touch()
        self._arguments = [sys.executable, str(_SCRIPT), database_url, redis_url, str(self._record), str(_CONCURRENCY)]
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        environment = {**os.environ, "PYTHONPATH": str(_ROOT)}
        self.processes.append(subprocess.Popen(self._arguments, env=environment, cwd=_ROOT))

    def lines(self, word: str) -> list[list[str]]:
        return [line.split() for line in self._record.read_text().splitlines() if line.startswith(f"{word} ")]

    def close(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait()


@pytest.fixture
def crew(tmp_path: Path, postgres_url: str, redis_url: str) -> Iterator[Crew]:
    crew = Crew(tmp_path, postgres_url, redis_url)
    yield crew
    crew.close()


async def _enqueue_all(ledger: Ledger) -> list[str]:
    ids = []
    for _ in range(_JOBS // 50):
        async with ledger.database.session_scope() as session:
            ids += [(await ledger.enqueue(session, NewJob(KIND))).id for _ in range(50)]
    return ids


async def _events_per_job(database: Database, name: str) -> Counter[int]:
    """How many jobs have how many events of this name."""
    per_job = select(func.count()).where(JobEvent.name == name).group_by(JobEvent.job_id)
    async with database.read_scope() as session:
        return Counter(await session.scalars(per_job))


@pytest.mark.slow
async def test_a_thousand_jobs_and_a_worker_killed_half_way(crew: Crew, postgres_url: str, redis_url: str) -> None:
    database, queue = Database(postgres_url), JobQueue(redis_url)
    await queue.start()
    for _ in range(_WORKERS):
        crew.start()
    await until(lambda: len(crew.lines("ready")) == _WORKERS, within_s=60, every_s=0.1)
    enqueue = asyncio.create_task(_enqueue_all(Ledger(database, queue, LocalBus())))
    await until(lambda: len(crew.lines("end")) >= _JOBS // 2, within_s=60, every_s=0.1)
    victim = crew.processes[0]
    victim.kill()
    victim.wait()
    ids = set(await enqueue)

    async def all_done() -> bool:
        return await count_jobs(database, JobState.SUCCEEDED) == _JOBS

    await until(all_done, within_s=60, every_s=0.2)
    await _check(crew, database, ids, victim.pid)
    await _check_stream(redis_url)
    for process in crew.processes[1:]:
        process.send_signal(signal.SIGTERM)
    assert [await asyncio.to_thread(process.wait, 20) for process in crew.processes[1:]] == [0, 0]
    await queue.close()
    await database.close()


async def _check(crew: Crew, database: Database, ids: set[str], victim: int) -> None:
    starts, ends = Counter(line[1] for line in crew.lines("start")), Counter(line[1] for line in crew.lines("end"))
    assert starts.keys() == ends.keys() == ids
    # Finished once each, as the ledger has it: one that the dead worker had begun may have been begun twice.
    assert await _events_per_job(database, "succeeded") == {1: _JOBS}
    lost = await _events_per_job(database, "lease_lost")
    assert set(lost) <= {1}
    assert lost[1] <= _CONCURRENCY
    twice = [job_id for job_id, count in starts.items() if count > 1]
    assert len(twice) <= lost[1]
    by_victim = {line[1] for line in crew.lines("start") if int(line[3]) == victim}
    assert set(twice) <= by_victim
    assert max(starts.values()) <= 2
    assert len({line[3] for line in crew.lines("end")}) == _WORKERS  # the work was shared
    async with database.read_scope() as session:
        assert set(await session.scalars(select(Job.attempts).distinct())) == {1}


async def _check_stream(redis_url: str) -> None:
    async with Redis.from_url(redis_url) as redis:

        async def is_empty() -> bool:
            return int(await redis.xlen("ettametta:doorbell")) == 0

        await until(is_empty, within_s=30, every_s=0.1)  # also what died with the worker between hearing and taking
        assert (await redis.xpending("ettametta:doorbell", "workers"))["pending"] == 0
