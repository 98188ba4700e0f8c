"""What the ledger's tests share: a clock that is moved by hand, a bell that counts, and waiting with a deadline."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from ettametta.db import Database
from ettametta.events import LocalBus
from ettametta.jobs import JobContext, JobError, JobKind, JobState, JobView, Ledger, NewJob, Runner, repository
from ettametta.jobs.values import view
from ettametta.models import Job, User
from ettametta.queue import JobQueue

KIND = "test.work"
WRONG = JobError("test.wrong", "It went wrong.", "Mend it.")


class Clock:
    """A time that stands still until it is moved."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 5, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


class CountingQueue(JobQueue):
    """A bell that nobody answers; it remembers for which jobs it rang."""

    def __init__(self) -> None:
        super().__init__()
        self.rung: list[str] = []

    async def ring(self, kind: str, job_id: str) -> None:
        assert kind == KIND
        self.rung.append(job_id)


@dataclass
class Books:
    """A ledger with everything around it."""

    database: Database
    queue: CountingQueue
    bus: LocalBus
    clock: Clock
    ledger: Ledger

    async def add(self, **fields: Any) -> JobView:
        """Enqueue one job of the test's kind in a transaction of its own."""
        return await add(self.ledger, **fields)

    async def claim(self, owner: str = "ann") -> JobView | None:
        return await self.ledger.claim(owner, [KIND])

    async def claimed(self, owner: str = "ann") -> JobView:
        job = await self.claim(owner)
        assert job is not None
        return job

    async def see(self, job_id: str) -> JobView:
        return await see(self.database, job_id)

    async def names(self, job_id: str) -> list[str]:
        """The names of a job's events, in order."""
        async with self.database.read_scope() as session:
            return [row.name for row in await repository.history(session, job_id)]

    async def cancel(self, job_id: str) -> JobView:
        async with self.database.session_scope() as session:
            return await self.ledger.request_cancel(session, job_id, user_id=None)

    async def retry_dead(self, job_id: str) -> JobView:
        async with self.database.session_scope() as session:
            return await self.ledger.retry_dead(session, job_id, user_id=None)


def books(database: Database, *, per_user: int = 2) -> Books:
    clock, queue, bus = Clock(), CountingQueue(), LocalBus()
    return Books(database, queue, bus, clock, Ledger(database, queue, bus, per_user=per_user, clock=clock))


async def add(ledger: Ledger, **fields: Any) -> JobView:
    async with ledger.database.session_scope() as session:
        return await ledger.enqueue(session, replace(NewJob(KIND), **fields))


async def see(database: Database, job_id: str) -> JobView:
    async with database.read_scope() as session:
        row = await session.get_one(Job, job_id)
        return view(row)


async def add_user(database: Database, name: str = "Ada") -> str:
    async with database.session_scope() as session:
        user = User(name=name)
        session.add(user)
        await session.flush()
        return user.id


async def count_jobs(database: Database, state: JobState | None = None) -> int:
    wanted = select(func.count()).select_from(Job)
    async with database.read_scope() as session:
        return await session.scalar(wanted if state is None else wanted.where(Job.state == state)) or 0


async def until(
    condition: Callable[[], Awaitable[bool]] | Callable[[], bool], *, within_s: float = 20.0, every_s: float = 0.01
) -> float:
    """Wait until `condition` holds; returns how many seconds that took."""
    began = time.monotonic()
    while True:
        answer = condition()
        if answer if isinstance(answer, bool) else await answer:
            return time.monotonic() - began
        assert time.monotonic() - began < within_s, f"not within {within_s} s"
        await asyncio.sleep(every_s)


async def until_state(database: Database, job_id: str, state: JobState, *, within_s: float = 20.0) -> JobView:
    """Wait until a job has reached `state`."""

    async def reached() -> bool:
        return (await see(database, job_id)).state is state

    await until(reached, within_s=within_s)
    return await see(database, job_id)


class Works:
    """Workers that run bodies of the test's choosing, over one database and whichever broker."""

    def __init__(self, database: Database, redis_url: str | None) -> None:
        self.database = database
        self.redis_url = redis_url
        self.bus = LocalBus()
        self.queue = JobQueue(redis_url)
        self.ledger = Ledger(database, self.queue, self.bus, lease_s=3.0)
        self.runners: list[Runner[None]] = []
        self.queues = [self.queue]

    async def worker(self, *bodies: JobKind[None], concurrency: int = 2, **options: Any) -> Runner[None]:
        """Start a worker. With Redis each has a connection of its own, as in a process of its own."""
        runner = await self.idle_worker(*bodies, concurrency=concurrency, **options)
        await runner.start()
        return runner

    async def idle_worker(
        self, *bodies: JobKind[None], concurrency: int = 2, lease_s: float = 3.0, sweep_s: float = 0.2
    ) -> Runner[None]:
        queue = self.queue
        if self.redis_url is not None:
            queue = JobQueue(self.redis_url)
            self.queues.append(queue)
        await queue.start()
        ledger = Ledger(self.database, queue, self.bus, lease_s=lease_s)
        kinds = {kind.name: kind for kind in bodies}
        runner = Runner(ledger, queue, kinds, None, concurrency=concurrency, sweep_s=sweep_s)
        self.runners.append(runner)
        return runner

    async def add(self, **fields: Any) -> JobView:
        return await add(self.ledger, **fields)

    async def reach(self, job_id: str, state: JobState, *, within_s: float = 20.0) -> JobView:
        return await until_state(self.database, job_id, state, within_s=within_s)

    async def cancel(self, job_id: str) -> JobView:
        async with self.database.session_scope() as session:
            return await self.ledger.request_cancel(session, job_id, user_id=None)

    async def close(self) -> None:
        for runner in self.runners:
            await runner.stop(drain_s=0)
        for queue in self.queues:
            await queue.close()


class Gate:
    """A body that says when it began and goes on when it is let."""

    def __init__(self) -> None:
        self.began = asyncio.Event()
        self.open = asyncio.Event()
        self.starts: list[str] = []
        self.interrupted: list[str] = []

    async def __call__(self, context: JobContext[None]) -> dict[str, Any] | None:
        self.starts.append(context.job.id)
        self.began.set()
        try:
            await self.open.wait()
        except asyncio.CancelledError:
            self.interrupted.append(context.job.id)
            raise
        return {"attempt": context.job.attempts}

    @property
    def kind(self) -> JobKind[None]:
        return JobKind(KIND, self)
