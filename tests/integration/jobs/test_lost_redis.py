"""Redis is only the doorbell: absent, killed, emptied, hanging or full of rubbish, it loses no job."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, MutableMapping
from typing import Any

import pytest
from redis.asyncio import Redis

from ettametta.db import Database
from ettametta.jobs import JobContext, JobKind, JobState
from ettametta.queue import JobQueue
from tests.integration.jobs.harness import KIND, Works, add_user, until
from tests.servers.redis_server import RedisServer

_STREAM = "ettametta:doorbell"


async def _trivial(_context: JobContext[None]) -> dict[str, Any]:
    return {"done": True}


_WORK: JobKind[None] = JobKind(KIND, _trivial)


@pytest.fixture
async def works(database: Database, redis_server: RedisServer) -> AsyncIterator[Works]:
    works = Works(database, redis_server.url)
    await works.queue.start()
    yield works
    await works.close()


async def _entries(redis_server: RedisServer) -> int:
    async with Redis.from_url(redis_server.url) as redis:
        return int(await redis.xlen(_STREAM))


async def test_killed_and_emptied_between_enqueue_and_claim(works: Works, redis_server: RedisServer) -> None:
    jobs = [await works.add() for _ in range(3)]
    assert await _entries(redis_server) == 3
    redis_server.kill()
    redis_server.start()
    assert await _entries(redis_server) == 0
    await works.worker(_WORK)
    for job in jobs:
        await works.reach(job.id, JobState.SUCCEEDED)


async def test_killed_under_a_listening_worker_and_gone_for_good(works: Works, redis_server: RedisServer) -> None:
    await works.worker(_WORK)
    await works.reach((await works.add()).id, JobState.SUCCEEDED)
    redis_server.kill()
    began = time.monotonic()
    job = await works.add()
    assert time.monotonic() - began < 1.0  # a dead Redis does not hold up who enqueues
    await works.reach(job.id, JobState.SUCCEEDED)


async def test_killed_under_a_listening_worker_and_back_empty(works: Works, redis_server: RedisServer) -> None:
    await works.worker(_WORK, sweep_s=60)
    await works.reach((await works.add()).id, JobState.SUCCEEDED)
    redis_server.kill()
    redis_server.start()
    job = await works.add()  # rung before the worker has made the group again: it is heard all the same
    await works.reach(job.id, JobState.SUCCEEDED)
    await until(lambda: _is_empty(redis_server))


async def _is_empty(redis_server: RedisServer) -> bool:
    return await _entries(redis_server) == 0


async def test_flushed_under_a_listening_worker(works: Works, redis_server: RedisServer) -> None:
    await works.worker(_WORK, sweep_s=60)
    for _ in range(3):
        await works.reach((await works.add()).id, JobState.SUCCEEDED)
        redis_server.flush()
    await works.reach((await works.add()).id, JobState.SUCCEEDED)


async def test_not_there_at_the_start_and_there_later(works: Works, redis_server: RedisServer) -> None:
    redis_server.kill()
    late = Works(works.database, redis_server.url)
    try:
        began = time.monotonic()
        await late.queue.start()
        await late.worker(_WORK, sweep_s=0.2)
        job = await late.add()
        assert time.monotonic() - began < 2.0
        await late.reach(job.id, JobState.SUCCEEDED)
        redis_server.start()
        await until(lambda: _hears(redis_server))
        await late.reach((await late.add()).id, JobState.SUCCEEDED)
    finally:
        await late.close()


async def _hears(redis_server: RedisServer) -> bool:
    async with Redis.from_url(redis_server.url) as redis:
        return bool(await redis.exists(_STREAM)) and len(await redis.xinfo_consumers(_STREAM, "workers")) > 0


async def test_one_that_hangs_holds_up_nobody_for_long(works: Works, redis_server: RedisServer) -> None:
    await works.worker(_WORK)
    pid = redis_server._server._process.pid
    os.kill(pid, signal.SIGSTOP)
    try:
        began = time.monotonic()
        jobs = [await works.add() for _ in range(20)]
        assert time.monotonic() - began < 10.0  # twenty rings that each waited would take forty
        for job in jobs:
            await works.reach(job.id, JobState.SUCCEEDED)
    finally:
        os.kill(pid, signal.SIGCONT)


async def test_rubbish_in_the_stream_is_taken_out_and_does_no_harm(works: Works, redis_server: RedisServer) -> None:
    async with Redis.from_url(redis_server.url) as redis:
        await redis.xadd(_STREAM, {"x": "1"})
        for data in (b"\xff\xfe", b"{}", b'{"task_name": "no.such"}'):
            await redis.xadd(_STREAM, {"data": data})
    await works.worker(_WORK, sweep_s=60)
    await works.reach((await works.add()).id, JobState.SUCCEEDED)
    await until(lambda: _is_empty(redis_server))


async def test_a_key_of_another_type_does_not_make_it_spin(
    works: Works, redis_server: RedisServer, logs: list[MutableMapping[str, Any]]
) -> None:
    redis_server.flush()
    async with Redis.from_url(redis_server.url) as redis:
        await redis.set(_STREAM, "taken")
        await works.worker(_WORK)
        await works.reach((await works.add()).id, JobState.SUCCEEDED)
        await asyncio.sleep(1.2)
        assert sum(entry["event"] == "queue.group_lost" for entry in logs) < 6
        await redis.delete(_STREAM)
    await until(lambda: _hears(redis_server))


async def test_a_ring_that_died_with_its_worker_is_rung_again_and_leaves_nothing(
    works: Works, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ettametta.queue._ABANDONED_MS", 100)
    job = await works.add()
    async with Redis.from_url(redis_server.url) as redis:
        await redis.xreadgroup("workers", "dead", {_STREAM: ">"}, count=1)  # received, and never taken
        await works.worker(_WORK, sweep_s=60)
        await works.reach(job.id, JobState.SUCCEEDED)
        await until(lambda: _is_empty(redis_server))
        assert (await redis.xpending(_STREAM, "workers"))["pending"] == 0


async def test_workers_long_gone_are_forgotten(
    works: Works, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Redis.from_url(redis_server.url) as redis:
        await redis.xgroup_createconsumer(_STREAM, "workers", "gone")
        monkeypatch.setattr("ettametta.queue._GONE_MS", -1)
        await works.worker(_WORK)

        async def is_forgotten() -> bool:
            names = [consumer["name"] for consumer in await redis.xinfo_consumers(_STREAM, "workers")]
            return b"gone" not in names

        await until(is_forgotten)


async def test_rings_nobody_hears_do_not_fill_the_memory(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ettametta.queue._MAX_RINGS", 100)
    queue = JobQueue(redis_server.url)
    await queue.start()
    for number in range(500):
        await queue.ring(KIND, str(number))
    assert await _entries(redis_server) <= 300  # Redis trims by whole blocks
    await queue.close()


async def test_many_rings_to_several_workers_are_each_heard_once(works: Works, redis_server: RedisServer) -> None:
    for _ in range(3):
        await works.worker(_WORK, sweep_s=60)
    user_id = await add_user(works.database)
    jobs = [await works.add(user_id=user_id if number % 2 else None) for number in range(60)]
    for job in jobs:
        assert (await works.reach(job.id, JobState.SUCCEEDED)).attempts == 1
    await until(lambda: _is_empty(redis_server))
