"""Coming in: a job exists exactly when its transaction was committed, and the bell rings after that and never else."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from ettametta.errors import TransientError
from ettametta.events import Event
from ettametta.jobs import JobState, JobView, NewJob
from tests.integration.jobs.harness import KIND, Books, count_jobs


async def test_the_bell_rings_after_the_commit_and_not_before(books: Books) -> None:
    async with books.database.session_scope() as session:
        job = await books.ledger.enqueue(session, NewJob(KIND, {"n": 1}))
        assert books.queue.rung == []
    assert books.queue.rung == [job.id]
    seen = await books.see(job.id)
    assert (seen.state, seen.attempts, seen.payload) == (JobState.QUEUED, 0, {"n": 1})
    assert await books.names(job.id) == ["queued"]


async def test_a_roll_back_leaves_no_row_and_no_ring_and_no_event(books: Books) -> None:
    async def enqueue_and_fail() -> None:
        async with books.database.session_scope() as session:
            await books.ledger.enqueue(session, NewJob(KIND))
            raise TransientError("Not now.")

    async with books.bus.subscribe() as events:
        with pytest.raises(TransientError):
            await enqueue_and_fail()
        assert await events.wait(0) is None
    assert (await count_jobs(books.database), books.queue.rung) == (0, [])


async def test_its_event_names_the_owner_and_the_state(books: Books, user_id: str) -> None:
    async with books.bus.subscribe() as events:
        job = await books.add(user_id=user_id)
        event = await events.wait(1)
    assert event == Event(
        "job.queued",
        user_id,
        {"job_id": job.id, "kind": KIND, "state": "queued", "progress": 0.0, "stage": "", "production_id": None},
    )


async def test_a_job_for_later_is_not_rung_for_and_not_claimed_before_its_time(books: Books) -> None:
    job = await books.add(not_before=books.clock() + timedelta(seconds=60))
    assert books.queue.rung == []
    assert await books.claim() is None
    assert not await books.ledger.next_due([KIND])
    books.clock.advance(60)
    assert await books.ledger.next_due([KIND])
    assert (await books.claimed()).id == job.id


async def test_the_same_key_gives_the_same_job(books: Books) -> None:
    first = await books.add(idempotency_key="once", payload={"n": 1})
    second = await books.add(idempotency_key="once", payload={"n": 2})
    assert (second.id, second.payload) == (first.id, {"n": 1})
    assert books.queue.rung == [first.id]


async def test_the_same_key_at_the_same_time_gives_one_job(books: Books) -> None:
    jobs = await asyncio.gather(*(books.add(idempotency_key="once") for _ in range(12)))
    assert len({job.id for job in jobs}) == 1
    assert await count_jobs(books.database) == 1
    assert books.queue.rung == [jobs[0].id]


async def test_a_key_whose_first_writer_rolled_back_is_free(books: Books) -> None:
    written, go_on = asyncio.Event(), asyncio.Event()

    async def write_and_fail() -> None:
        async with books.database.session_scope() as session:
            await books.ledger.enqueue(session, NewJob(KIND, idempotency_key="once"))
            written.set()
            await go_on.wait()
            raise TransientError("Not now.")

    first = asyncio.create_task(write_and_fail())
    await written.wait()
    second = asyncio.create_task(books.add(idempotency_key="once"))
    go_on.set()
    with pytest.raises(TransientError):
        await first
    job = await second
    assert (await books.see(job.id)).state is JobState.QUEUED
    assert books.queue.rung == [job.id]


async def test_a_job_of_nobody_known_is_refused(books: Books) -> None:
    for key in (None, "once"):
        with pytest.raises(IntegrityError):
            await books.add(user_id="nobody", idempotency_key=key)
    assert books.queue.rung == []


async def test_a_listener_that_raises_takes_the_job_back(books: Books) -> None:
    async def refuse(_session: object, _job: JobView) -> None:
        raise ValueError("no")

    books.ledger.when_moved(refuse)
    with pytest.raises(ValueError, match="no"):
        await books.add()
    assert (await count_jobs(books.database), books.queue.rung) == (0, [])


async def test_higher_priority_first_then_the_older(books: Books) -> None:
    wanted: list[tuple[int, int, str]] = []
    for priority in (0, 5, 0, 9, 5):
        wanted.append((-priority, len(wanted), (await books.add(priority=priority)).id))
        books.clock.advance(1)
    claimed = [(await books.claimed()).id for _ in wanted]
    assert claimed == [job_id for *_, job_id in sorted(wanted)]


async def test_only_kinds_a_worker_knows_are_claimed(books: Books) -> None:
    await books.add()
    assert await books.ledger.claim("ann", ["other.kind"]) is None
    assert not await books.ledger.next_due(["other.kind"])
    assert await books.claim() is not None
