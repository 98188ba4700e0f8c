"""The worker, with both databases and both brokers: running, ends, cancels, leases, stopping."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from ettametta.errors import InvalidInput, TransientError
from ettametta.jobs import JobContext, JobKind, JobState, repository
from ettametta.jobs import runner as runner_module
from ettametta.kit.clock import utc_now
from tests.integration.jobs.harness import KIND, Gate, Works, add_user, until


async def _names(works: Works, job_id: str) -> list[str]:
    async with works.database.read_scope() as session:
        return [row.name for row in await repository.history(session, job_id)]


def _kind(body: Any, **options: Any) -> JobKind[None]:
    return JobKind(KIND, body, **options)


async def _trivial(_context: JobContext[None]) -> dict[str, Any]:
    return {"done": True}


async def test_a_job_runs_at_once_when_the_bell_rings(works: Works) -> None:
    await works.worker(_kind(_trivial), sweep_s=60)  # the sweep cannot have found it
    await asyncio.sleep(0)
    job = await works.add()
    done = await works.reach(job.id, JobState.SUCCEEDED)
    assert (done.result, done.attempts) == ({"done": True}, 1)
    assert await _names(works, job.id) == ["queued", "claimed", "succeeded"]


async def test_jobs_that_came_before_the_worker_are_found(works: Works) -> None:
    jobs = [await works.add() for _ in range(5)]
    await works.worker(_kind(_trivial))
    for job in jobs:
        await works.reach(job.id, JobState.SUCCEEDED)


async def test_a_second_delivery_of_the_same_job_does_nothing(works: Works) -> None:
    gate = Gate()
    await works.worker(gate.kind, sweep_s=0.05)
    job = await works.add()
    await gate.began.wait()
    for _ in range(3):
        await works.queue.ring(KIND, job.id)
    await asyncio.sleep(0.3)  # long enough for three rings and several sweeps
    gate.open.set()
    await works.reach(job.id, JobState.SUCCEEDED)
    assert gate.starts == [job.id]


async def test_no_more_than_its_concurrency_and_all_in_the_end(works: Works) -> None:
    running, most, three = 0, 0, asyncio.Barrier(3)

    async def body(_context: JobContext[None]) -> None:
        nonlocal running, most
        running, most = running + 1, max(most, running + 1)
        await three.wait()
        running -= 1

    await works.worker(_kind(body), concurrency=3)
    jobs = [await works.add() for _ in range(12)]
    for job in jobs:
        await works.reach(job.id, JobState.SUCCEEDED)
    assert most == 3


async def test_a_users_next_job_starts_when_one_of_theirs_ends_and_not_at_the_next_sweep(works: Works) -> None:
    await works.worker(_kind(_trivial), concurrency=4, sweep_s=60)
    user_id = await add_user(works.database)
    jobs = [await works.add(user_id=user_id) for _ in range(10)]
    for job in jobs:
        await works.reach(job.id, JobState.SUCCEEDED)


# -- ends --------------------------------------------------------------------------------------------------------------


async def test_a_users_mistake_fails_at_once_with_its_sentence(works: Works) -> None:
    async def body(_context: JobContext[None]) -> None:
        raise InvalidInput("The topic is empty.", hint="Say what the video is about.", code="brief.empty")

    await works.worker(_kind(body))
    job = await works.reach((await works.add()).id, JobState.FAILED)
    assert job.error is not None
    assert (job.error.code, job.error.message, job.attempts) == ("brief.empty", "The topic is empty.", 1)


async def test_a_bug_fails_at_once_and_shows_only_its_reference(works: Works) -> None:
    async def body(_context: JobContext[None]) -> None:
        raise KeyError("/home/secret")

    await works.worker(_kind(body))
    job = await works.reach((await works.add()).id, JobState.FAILED)
    assert job.error is not None
    assert job.error.code == "bug"
    assert job.trace_id in job.error.hint
    assert "secret" not in f"{job.error} {job.message}"


async def test_a_passing_failure_is_retried_until_the_attempts_are_used_up(
    works: Works, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[tuple[int, float | None]] = []

    def delay(attempt: int, *, retry_after_s: float | None) -> float:
        waits.append((attempt, retry_after_s))
        return 0.0

    async def body(_context: JobContext[None]) -> None:
        raise TransientError("The service is busy.", hint="Wait.", code="llm.busy", retry_after_s=30)

    monkeypatch.setattr(runner_module, "delay_s", delay)
    await works.worker(_kind(body))
    job = await works.reach((await works.add(max_attempts=3)).id, JobState.FAILED)
    assert job.error is not None
    assert (job.error.code, job.attempts, waits) == ("llm.busy", 3, [(1, 30), (2, 30)])
    assert await _names(works, job.id) == ["queued", "claimed", "retried", "claimed", "retried", "claimed", "failed"]


async def test_a_body_that_takes_too_long_is_ended_with_the_reason(local: Works) -> None:
    await local.worker(_kind(Gate(), timeout_s=0.05))
    job = await local.reach((await local.add()).id, JobState.FAILED)
    assert job.error is not None
    assert (job.error.code, job.attempts) == ("job.timeout", 1)


async def test_somebody_elses_time_out_is_not_ours(local: Works) -> None:
    async def body(_context: JobContext[None]) -> None:
        raise TimeoutError("connect")

    await local.worker(_kind(body))
    job = await local.reach((await local.add(max_attempts=1)).id, JobState.FAILED)
    assert job.error is not None
    assert job.error.code == "transient"


@pytest.mark.parametrize("failure", [asyncio.CancelledError, SystemExit])
async def test_a_body_that_ends_itself_in_odd_ways_is_a_bug_and_runs_once(
    local: Works, failure: type[BaseException]
) -> None:
    starts = 0

    async def body(_context: JobContext[None]) -> None:
        nonlocal starts
        starts += 1
        raise failure

    await local.worker(_kind(body))
    job = await local.reach((await local.add()).id, JobState.FAILED)
    assert job.error is not None
    assert (job.error.code, starts) == ("bug", 1)


async def test_a_result_that_cannot_be_kept_is_a_bug_and_not_a_dead_worker(local: Works) -> None:
    async def body(_context: JobContext[None]) -> dict[str, Any]:
        return {"object": object()}

    await local.worker(_kind(body))
    job = await local.reach((await local.add()).id, JobState.FAILED)
    assert job.error is not None
    assert job.error.code == "bug"


# -- cancel ------------------------------------------------------------------------------------------------------------


async def test_a_running_job_is_cancelled_within_a_second(works: Works) -> None:
    gate = Gate()
    await works.worker(gate.kind)
    job = await works.add()
    await gate.began.wait()
    began = time.monotonic()
    await works.cancel(job.id)
    await works.reach(job.id, JobState.CANCELLED)
    assert time.monotonic() - began < 1.0
    assert gate.interrupted == [job.id]


async def test_a_body_whose_clean_up_fails_is_cancelled_all_the_same(local: Works) -> None:
    began = asyncio.Event()

    async def body(_context: JobContext[None]) -> None:
        try:
            began.set()
            await asyncio.Event().wait()
        finally:
            raise OSError("ffmpeg ended with 255")

    await local.worker(_kind(body))
    job = await local.add()
    await began.wait()
    await local.cancel(job.id)
    await local.reach(job.id, JobState.CANCELLED)


async def test_a_body_that_finishes_in_spite_of_the_cancel_has_succeeded(local: Works) -> None:
    began = asyncio.Event()

    async def body(_context: JobContext[None]) -> dict[str, Any]:
        try:
            began.set()
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            pass
        return {"late": True}

    await local.worker(_kind(body))
    job = await local.add()
    await began.wait()
    await local.cancel(job.id)
    assert (await local.reach(job.id, JobState.SUCCEEDED)).result == {"late": True}


async def test_cancels_in_the_middle_of_progress_leave_no_lock_behind(local: Works) -> None:
    """The cancel often strikes while a body is inside the database; nothing may stay open there."""

    async def body(context: JobContext[None]) -> None:
        for step in range(10_000):
            await context.got_further(step / 10_000, "work")

    await local.worker(_kind(body), concurrency=4)
    jobs = [await local.add() for _ in range(12)]
    for job in jobs:
        await until(partial(_has_begun, local, job.id))
        await local.cancel(job.id)
    for job in jobs:
        await local.reach(job.id, JobState.CANCELLED)
    async with asyncio.timeout(5):
        await local.add()


async def _has_begun(works: Works, job_id: str) -> bool:
    async with works.database.read_scope() as session:
        row = await repository.find(session, job_id, user_id=None)
        return row.stage == "work"


# -- stopping ----------------------------------------------------------------------------------------------------------


async def test_stopping_hands_back_what_runs_and_the_attempt_does_not_count(works: Works) -> None:
    gate, second = Gate(), Gate()
    second.open.set()
    worker = await works.worker(gate.kind)
    job = await works.add()
    await gate.began.wait()
    await worker.stop(drain_s=0)
    assert gate.interrupted == [job.id]
    await works.worker(second.kind)
    done = await works.reach(job.id, JobState.SUCCEEDED)
    assert (done.attempts, done.crashes, done.result) == (1, 0, {"attempt": 1})
    assert await _names(works, job.id) == ["queued", "claimed", "released", "claimed", "succeeded"]


async def test_stopping_lets_a_job_finish_that_is_quick_enough(works: Works) -> None:
    gate = Gate()
    worker = await works.worker(gate.kind)
    job, waiting = await works.add(), None
    await gate.began.wait()
    stop = asyncio.create_task(worker.stop(drain_s=10))
    await asyncio.sleep(0)
    waiting = await works.add()
    gate.open.set()
    await stop
    await works.reach(job.id, JobState.SUCCEEDED)
    await works.reach(waiting.id, JobState.QUEUED)
    assert gate.starts == [job.id]


async def test_stopping_at_any_moment_loses_no_job_and_starts_none_anew(works: Works) -> None:
    gates = []
    jobs = [await works.add() for _ in range(4)]
    for pause in (0.0, 0.002, 0.005, 0.01, 0.02, 0.05):
        gate = Gate()
        gates.append(gate)
        worker = await works.worker(gate.kind, concurrency=4)
        await asyncio.sleep(pause)
        async with asyncio.timeout(8):
            await worker.stop(drain_s=0)
        assert worker.running == 0
        assert sorted(gate.starts) == sorted(gate.interrupted)
    await works.worker(_kind(_trivial))
    for job in jobs:
        assert (await works.reach(job.id, JobState.SUCCEEDED)).attempts == 1


async def test_a_loop_that_comes_down_hands_jobs_back(local: Works) -> None:
    gate = Gate()
    worker = await local.worker(gate.kind, sweep_s=60)
    job = await local.add()
    await gate.began.wait()
    worker._stopping = True
    for pull in list(worker._pulls):
        pull.cancel()
    await local.reach(job.id, JobState.QUEUED)
    assert gate.interrupted == [job.id]


async def test_a_body_that_will_not_stop_does_not_hold_up_the_end_for_ever(
    local: Works, monkeypatch: pytest.MonkeyPatch
) -> None:
    began, may_end = asyncio.Event(), asyncio.Event()

    async def body(_context: JobContext[None]) -> None:
        began.set()
        while not may_end.is_set():
            try:
                await may_end.wait()
            except asyncio.CancelledError:
                continue

    monkeypatch.setattr(runner_module, "_STOP_GRACE_S", 0.1)
    worker = await local.worker(_kind(body))
    await local.add()
    await began.wait()
    async with asyncio.timeout(5):
        await worker.stop(drain_s=0)
    may_end.set()
    await until(lambda: worker.running == 0)


# -- leases ------------------------------------------------------------------------------------------------------------


async def test_a_heartbeat_keeps_a_job_that_runs_for_many_leases(works: Works) -> None:
    gate = Gate()
    await works.worker(gate.kind, lease_s=0.6, sweep_s=0.05)
    await works.worker(gate.kind, lease_s=0.6, sweep_s=0.05)
    job = await works.add()
    await gate.began.wait()
    await asyncio.sleep(2.0)  # more than three leases
    gate.open.set()
    done = await works.reach(job.id, JobState.SUCCEEDED)
    assert (done.attempts, done.crashes, gate.starts) == (1, 0, [job.id])


async def test_a_dead_workers_job_is_resumed_by_another(works: Works) -> None:
    gate, second = Gate(), Gate()
    second.open.set()
    dead = await works.worker(gate.kind, lease_s=0.5)
    job = await works.add()
    await gate.began.wait()
    _silence(dead)
    await works.worker(second.kind, lease_s=0.5, sweep_s=0.05)
    done = await works.reach(job.id, JobState.SUCCEEDED)
    assert (done.attempts, second.starts) == (1, [job.id])
    assert await _names(works, job.id) == ["queued", "claimed", "lease_lost", "claimed", "succeeded"]
    gate.open.set()  # the dead one comes to its end after all: nothing of it is written
    await until(lambda: dead.running == 0)
    assert (await works.reach(job.id, JobState.SUCCEEDED)) == done


async def test_a_worker_that_lost_its_lease_stops_the_job_and_writes_nothing(local: Works) -> None:
    gate, second = Gate(), Gate()
    slow = await local.worker(gate.kind, lease_s=0.5)
    job = await local.add()
    await gate.began.wait()
    heartbeat = slow._helpers[0]
    _silence(slow)
    await local.worker(second.kind, lease_s=0.5, sweep_s=0.05)
    await second.began.wait()
    assert heartbeat.cancelled() or heartbeat.done() or heartbeat.cancelling()
    await slow._renew()  # it wakes up
    await until(lambda: slow.running == 0)
    assert gate.interrupted == [job.id]
    second.open.set()
    await local.reach(job.id, JobState.SUCCEEDED)
    assert await _names(local, job.id) == ["queued", "claimed", "lease_lost", "claimed", "succeeded"]


async def test_a_worker_that_gets_its_own_lost_job_back_ends_the_earlier_run_first(local: Works) -> None:
    at_once, most, starts = 0, 0, 0

    async def body(_context: JobContext[None]) -> dict[str, Any]:
        nonlocal at_once, most, starts
        at_once, most, starts = at_once + 1, max(most, at_once + 1), starts + 1
        try:
            if starts == 1:
                await asyncio.Event().wait()
            return {"start": starts}
        finally:
            await asyncio.sleep(0.05)  # its clean-up takes a moment
            at_once -= 1

    worker = await local.worker(_kind(body), lease_s=0.5, sweep_s=0.05)
    job = await local.add()
    await until(lambda: starts == 1)
    worker._helpers[0].cancel()  # no heartbeat
    worker._ledger.lease_s = 1_000  # ... and no worry about the age of its own lease
    assert (await local.reach(job.id, JobState.SUCCEEDED)).result == {"start": 2}
    assert most == 1


async def test_a_process_that_was_held_up_renews_its_own_leases_before_it_reaps(local: Works) -> None:
    gate = Gate()
    worker = await local.idle_worker(gate.kind, lease_s=0.5)
    job = await local.add()
    worker._start_pull("test")
    await gate.began.wait()
    time.sleep(0.7)  # noqa: ASYNC251 -- the whole process stands still, longer than its lease
    await worker._reap()
    gate.open.set()
    done = await local.reach(job.id, JobState.SUCCEEDED)
    assert (done.crashes, gate.starts) == (0, [job.id])


async def test_a_clock_that_jumps_ahead_does_not_end_leases(local: Works) -> None:
    """A machine that slept: every lease looks old, and its owners get the time to renew it."""
    gate = Gate()
    await local.worker(gate.kind, sweep_s=60)
    job = await local.add()
    await gate.began.wait()
    other = await local.idle_worker(gate.kind)
    await other._reap()
    other._ledger.now = lambda: utc_now() + timedelta(hours=8)
    await other._reap()
    assert (await local.reach(job.id, JobState.RUNNING)).crashes == 0
    other._no_reaping_until = 0.0  # a lease later: now it counts
    await other._reap()
    assert (await local.reach(job.id, JobState.QUEUED)).crashes == 1


def _silence(runner: Any) -> None:
    """What a dead or frozen worker does: nothing. Its body cannot be stopped from here, and goes on."""
    for helper in runner._helpers:
        helper.cancel()
    runner._stopping = True
