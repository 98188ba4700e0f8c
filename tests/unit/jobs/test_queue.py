"""The doorbell inside one process."""

from __future__ import annotations

import asyncio
import logging

import pytest

from ettametta.queue import JobQueue


async def test_a_ring_is_answered_under_the_kinds_name() -> None:
    queue, heard, both = JobQueue(), [], asyncio.Event()

    async def on_ring(job_id: str) -> None:
        heard.append(job_id)
        if len(heard) == 2:
            both.set()

    queue.answer(["a.b", "c.d"], on_ring)
    await queue.start()
    queue.listen(concurrency=2)
    await queue.ring("a.b", "1")
    await queue.ring("c.d", "2")
    await queue.ring("nobody.knows", "3")
    async with asyncio.timeout(5):
        await both.wait()
    assert (sorted(heard), queue.is_distributed) == (["1", "2"], False)
    await queue.close()


async def test_an_answer_that_raises_hurts_nobody(caplog: pytest.LogCaptureFixture) -> None:
    queue, raised = JobQueue(), asyncio.Event()

    async def on_ring(_job_id: str) -> None:
        raised.set()
        raise KeyError("x")

    queue.answer(["a.b"], on_ring)
    await queue.start()
    await queue.ring("a.b", "1")
    async with asyncio.timeout(5):
        await raised.wait()
    await queue.close()
    assert "Exception found while executing function" in caplog.text


async def test_taskiq_does_not_log_every_ring(caplog: pytest.LogCaptureFixture) -> None:
    queue, rung = JobQueue(), asyncio.Event()

    async def on_ring(_job_id: str) -> None:
        rung.set()

    with caplog.at_level(logging.INFO):
        queue.answer(["a.b"], on_ring)
        await queue.start()
        await queue.ring("a.b", "1")
        async with asyncio.timeout(5):
            await rung.wait()
    await queue.close()
    assert "Executing task" not in caplog.text


async def test_a_broker_that_fails_does_not_fail_whoever_rings(free_port: int) -> None:
    queue = JobQueue(f"redis://127.0.0.1:{free_port}/0")
    await queue.start()
    await queue.ring("a.b", "1")
    assert queue.is_distributed
    await queue.close()
