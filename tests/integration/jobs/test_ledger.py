"""Every move of a job, who may make it, and what two that want the same move at once leave behind."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, update

from ettametta.errors import Conflict, NotFound
from ettametta.jobs import JobError, JobState, JobView
from ettametta.jobs.ledger import MAX_CRASHES
from ettametta.models import Job, User
from tests.integration.jobs.harness import KIND, WRONG, Books, add_user, count_jobs
from tests.integration.jobs.harness import books as make_books


async def test_claimed_then_succeeded(books: Books) -> None:
    await books.add()
    job = await books.claimed("ann")
    assert (job.state, job.attempts, job.started_at) == (JobState.RUNNING, 1, books.clock())
    assert str(job.lease_owner).startswith("ann/")
    assert await books.ledger.succeed(job, {"answer": 42})
    seen = await books.see(job.id)
    assert (seen.state, seen.result, seen.progress, seen.lease_owner) == (JobState.SUCCEEDED, {"answer": 42}, 1.0, None)
    assert seen.finished_at == books.clock()
    assert await books.names(job.id) == ["queued", "claimed", "succeeded"]
    assert await books.claim() is None


async def test_failed_with_its_reason(books: Books) -> None:
    await books.add()
    job = await books.claimed()
    assert await books.ledger.fail(job, WRONG)
    seen = await books.see(job.id)
    assert (seen.state, seen.error, seen.message) == (JobState.FAILED, WRONG, WRONG.message)
    assert await books.names(job.id) == ["queued", "claimed", "failed"]


async def test_a_reason_no_database_would_take_is_cleaned(books: Books) -> None:
    await books.add()
    job = await books.claimed()
    assert await books.ledger.record_progress(job, 0.5, "s\x00" + "t" * 100, "half \ud83d \x00pair", got_further=False)
    assert (await books.see(job.id)).message == "half ? pair"
    assert await books.ledger.fail(job, JobError("c" * 100, "NUL \x00.", "Surrogate \udc00."))
    error = (await books.see(job.id)).error
    assert error == JobError("c" * 64, "NUL .", "Surrogate ?.")


async def test_cancelled_while_running(books: Books) -> None:
    await books.add()
    job = await books.claimed("ann")
    assert await books.ledger.cancel_requests("ann") == set()
    assert (await books.cancel(job.id)).state is JobState.RUNNING
    assert await books.ledger.cancel_requests("ann") == {job.id}
    assert await books.ledger.cancel_requests("an") == set()
    assert await books.ledger.mark_cancelled(job)
    assert (await books.see(job.id)).state is JobState.CANCELLED
    assert await books.names(job.id) == ["queued", "claimed", "cancel_requested", "cancelled"]


async def test_cancelled_while_queued_is_never_run(books: Books) -> None:
    job = await books.add()
    cancelled = await books.cancel(job.id)
    assert (cancelled.state, cancelled.finished_at) == (JobState.CANCELLED, books.clock())
    assert await books.claim() is None
    with pytest.raises(Conflict):
        await books.cancel(job.id)


async def test_a_job_that_ends_well_before_its_cancel_is_seen_has_succeeded(books: Books) -> None:
    await books.add()
    job = await books.claimed()
    await books.cancel(job.id)
    assert await books.ledger.succeed(job, None)
    assert not await books.ledger.mark_cancelled(job)
    assert (await books.see(job.id)).state is JobState.SUCCEEDED


async def test_cancel_and_success_at_once_leave_one_end(books: Books) -> None:
    for _ in range(5):
        await books.add()
        job = await books.claimed()
        answers = await asyncio.gather(books.ledger.succeed(job, None), books.cancel(job.id), return_exceptions=True)
        seen = await books.see(job.id)
        assert (answers[0], seen.state) == (True, JobState.SUCCEEDED)
        assert (await books.names(job.id)).count("succeeded") == 1
        assert isinstance(answers[1], JobView | Conflict)


async def test_a_cancelled_job_is_not_queued_again_by_a_retry_or_a_release(books: Books) -> None:
    for put_back in ("retry", "release"):
        await books.add()
        job = await books.claimed()
        await books.cancel(job.id)
        books.queue.rung.clear()
        done = books.ledger.retry_later(job, WRONG, 1) if put_back == "retry" else books.ledger.release(job)
        assert await done
        assert (await books.see(job.id)).state is JobState.CANCELLED
        assert books.queue.rung == []


async def test_retried_later_with_the_reason_readable_meanwhile(books: Books) -> None:
    await books.add()
    job = await books.claimed()
    books.queue.rung.clear()
    assert await books.ledger.retry_later(job, WRONG, 7.4)
    waiting = await books.see(job.id)
    assert (waiting.state, waiting.attempts, waiting.error) == (JobState.QUEUED, 1, WRONG)
    assert waiting.message == "It went wrong. Trying again in 7 s."
    assert waiting.not_before == books.clock() + timedelta(seconds=7.4)
    assert books.queue.rung == []  # the sweep finds it when its time has come
    assert await books.claim() is None
    books.clock.advance(7.4)
    again = await books.claimed()
    assert again.attempts == 2
    assert await books.ledger.succeed(again, None)
    assert (await books.see(job.id)).error is None


async def test_released_the_attempt_does_not_count_and_the_bell_rings(books: Books) -> None:
    await books.add()
    job = await books.claimed()
    books.queue.rung.clear()
    assert await books.ledger.release(job)
    seen = await books.see(job.id)
    assert (seen.state, seen.attempts, seen.crashes, seen.lease_owner) == (JobState.QUEUED, 0, 0, None)
    assert books.queue.rung == [job.id]
    assert await books.names(job.id) == ["queued", "claimed", "released"]


async def test_finished_is_finished(books: Books) -> None:
    ends: list[Any] = [books.ledger.succeed, books.ledger.fail, books.ledger.mark_cancelled]
    for end in ends:
        await books.add()
        job = await books.claimed()
        assert await end(job, *{"succeed": (None,), "fail": (WRONG,)}.get(end.__name__, ()))
        before = await books.see(job.id)
        books.clock.advance(1_000)
        assert not await books.ledger.succeed(job, {"late": True})
        assert not await books.ledger.fail(job, WRONG)
        assert not await books.ledger.mark_cancelled(job)
        assert not await books.ledger.release(job)
        assert not await books.ledger.retry_later(job, WRONG, 1)
        assert not await books.ledger.record_progress(job, 0.5, "late", "", got_further=True)
        assert await books.ledger.renew("ann", [job.id]) == set()
        assert await books.ledger.reap() == 0
        assert await books.see(job.id) == before


# -- leases ------------------------------------------------------------------------------------------------------------


async def test_a_lease_that_ran_out_queues_the_job_again(books: Books) -> None:
    await books.add()
    job = await books.claimed("ann")
    books.clock.advance(books.ledger.lease_s)
    assert await books.ledger.reap() == 0  # not a moment too early
    books.queue.rung.clear()
    books.clock.advance(0.001)
    assert await books.ledger.reap() == 1
    seen = await books.see(job.id)
    assert (seen.state, seen.attempts, seen.crashes, seen.lease_owner) == (JobState.QUEUED, 0, 1, None)
    assert books.queue.rung == [job.id]
    assert await books.names(job.id) == ["queued", "claimed", "lease_lost"]
    assert (await books.claimed("bob")).id == job.id


async def test_who_lost_the_lease_writes_nothing(books: Books) -> None:
    await books.add()
    stale = await books.claimed("ann")
    books.clock.advance(60)
    await books.ledger.reap()
    # even when the same worker claims it again
    for owner in ("bob", "ann"):
        current = await books.claimed(owner)
        before = await books.see(current.id)
        assert not await books.ledger.succeed(stale, {"stale": True})
        assert not await books.ledger.fail(stale, WRONG)
        assert not await books.ledger.release(stale)
        assert not await books.ledger.retry_later(stale, WRONG, 1)
        assert not await books.ledger.mark_cancelled(stale)
        assert not await books.ledger.record_progress(stale, 0.9, "stale", "", got_further=True)
        assert await books.see(current.id) == before
        assert await books.ledger.release(current)


async def test_a_renewed_lease_holds(books: Books) -> None:
    await books.add()
    job = await books.claimed("ann")
    for _ in range(10):
        books.clock.advance(books.ledger.lease_s * 0.9)
        assert await books.ledger.renew("ann", [job.id]) == {job.id}
        assert await books.ledger.reap() == 0
    assert await books.ledger.renew("bob", [job.id]) == set()
    assert await books.ledger.renew("an", [job.id]) == set()
    assert await books.ledger.renew("ann", []) == set()


async def test_a_job_that_keeps_killing_its_workers_is_given_up_with_the_reason(books: Books) -> None:
    job = await books.add(max_attempts=3)
    for crash in range(1, MAX_CRASHES + 1):
        job = await books.claimed()
        assert (job.attempts, job.crashes) == (1, crash - 1)
        books.clock.advance(60)
        await books.ledger.reap()
    seen = await books.see(job.id)
    assert seen.state is JobState.FAILED
    assert seen.error is not None
    assert (seen.error.code, str(MAX_CRASHES) in seen.error.message) == ("job.crashed", True)
    assert await books.claim() is None


async def test_getting_further_forgives_crashes_and_plain_progress_does_not(books: Books) -> None:
    await books.add()
    for further, crashes in ((False, 1), (False, 2), (True, 1), (False, 2)):
        job = await books.claimed()
        assert await books.ledger.record_progress(job, 0.5, "work", "", got_further=further)
        books.clock.advance(60)
        await books.ledger.reap()
        assert (await books.see(job.id)).crashes == crashes


async def test_a_cancelled_job_whose_worker_died_is_cancelled(books: Books) -> None:
    await books.add()
    job = await books.claimed()
    await books.cancel(job.id)
    books.clock.advance(60)
    assert await books.ledger.reap() == 1
    assert (await books.see(job.id)).state is JobState.CANCELLED


async def test_two_sweepers_reap_each_lease_once(books: Books) -> None:
    for _ in range(6):
        await books.add()
        await books.claimed()
    books.clock.advance(60)
    reaped = await asyncio.gather(*(books.ledger.reap() for _ in range(4)))
    assert sum(reaped) == 6
    assert await count_jobs(books.database, JobState.QUEUED) == 6


async def test_a_job_that_cannot_move_holds_up_no_other(books: Books) -> None:
    """A listener that always fails for one job: it is neither claimed nor reaped, all others are."""
    poisoned: set[str] = set()

    async def refuse(_session: object, job: JobView) -> None:
        if job.id in poisoned:
            raise KeyError(job.id)

    books.ledger.when_moved(refuse)
    first, second = await books.add(priority=9), await books.add()
    poisoned.add(first.id)
    assert (await books.claimed()).id == second.id
    assert (await books.see(first.id)).state is JobState.QUEUED
    poisoned.clear()
    books.clock.advance(60)
    await books.ledger.reap()
    running = [await books.claimed(), await books.claimed()]
    poisoned.add(running[0].id)
    books.clock.advance(60)
    assert await books.ledger.reap() == 1
    assert (await books.see(running[0].id)).state is JobState.RUNNING
    assert (await books.see(running[1].id)).state is JobState.QUEUED


# -- progress ----------------------------------------------------------------------------------------------------------


async def test_progress_is_shown_bounded_and_its_stages_are_kept(books: Books) -> None:
    await books.add()
    job = await books.claimed()
    async with books.bus.subscribe() as events:
        for fraction, stage in ((-1.0, "script"), (0.3, "script"), (float("nan"), "voice"), (7.0, "voice")):
            assert await books.ledger.record_progress(job, fraction, stage, "Working.", got_further=False)
        heard = [await events.wait(1) for _ in range(4)]
    assert [item and (item.name, item.data["progress"]) for item in heard] == [
        ("job.stage", 0.0), ("job.progress", 0.3), ("job.stage", 0.0), ("job.progress", 1.0),
    ]  # fmt: skip
    assert await books.names(job.id) == ["queued", "claimed", "stage", "stage"]


async def test_a_listener_that_raises_takes_a_move_back(books: Books) -> None:
    await books.add()
    job = await books.claimed()
    before = await books.see(job.id)

    async def refuse(_session: object, _job: JobView) -> None:
        raise ValueError("no")

    books.ledger.when_moved(refuse)
    for move in (
        books.ledger.succeed(job, None), books.ledger.fail(job, WRONG), books.ledger.mark_cancelled(job),
        books.ledger.release(job), books.ledger.retry_later(job, WRONG, 1), books.cancel(job.id),
        books.ledger.record_progress(job, 0.5, "x", "", got_further=True),
    ):  # fmt: skip
        with pytest.raises(ValueError, match="no"):
            await move
    assert await books.see(job.id) == before
    assert await books.names(job.id) == ["queued", "claimed"]


# -- crowds ------------------------------------------------------------------------------------------------------------


async def test_many_claimers_get_each_job_once(books: Books) -> None:
    ids = [(await books.add()).id for _ in range(40)]

    async def claim_all(owner: str) -> list[str]:
        mine = []
        while job := await books.claim(owner):
            mine.append(job.id)
        return mine

    lists = await asyncio.gather(*(claim_all(f"worker{number}") for number in range(8)))
    assert Counter(job_id for mine in lists for job_id in mine) == Counter(ids)
    assert {(await books.see(job_id)).attempts for job_id in ids} == {1}


async def test_a_user_never_has_more_running_than_allowed(books: Books, user_id: str) -> None:
    other = await add_user(books.database, "Bob")
    for _ in range(10):
        await books.add(user_id=user_id, priority=9)
    await books.add(user_id=other)
    await books.add()
    claims = await asyncio.gather(*(books.claim(f"worker{number}") for number in range(12)))
    taken = Counter(job.user_id for job in claims if job is not None)
    assert taken == {user_id: 2, other: 1, None: 1}
    assert await books.claim() is None
    done = next(job for job in claims if job is not None and job.user_id == user_id)
    assert await books.ledger.succeed(done, None)
    assert (await books.claimed()).user_id == user_id


async def test_a_claim_that_found_no_room_goes_on_to_other_users(books: Books, user_id: str) -> None:
    """Two claims see the user's last free place; the slower one takes somebody else's job instead of nothing."""
    books = make_books(books.database, per_user=1)
    other = await add_user(books.database, "Bob")
    await books.add(user_id=user_id, priority=9)
    await books.add(user_id=user_id, priority=9)
    await books.add(user_id=other)
    claims = await asyncio.gather(books.claim("ann"), books.claim("bob"))
    assert Counter(job.user_id for job in claims if job is not None) == {user_id: 1, other: 1}


# -- by people ---------------------------------------------------------------------------------------------------------


async def test_a_dead_job_may_be_tried_again_from_the_start(books: Books) -> None:
    await books.add(max_attempts=1)
    job = await books.claimed()
    await books.ledger.fail(job, WRONG)
    books.queue.rung.clear()
    again = await books.retry_dead(job.id)
    assert (again.state, again.attempts, again.crashes, again.error) == (JobState.QUEUED, 0, 0, None)
    assert (again.finished_at, again.cancel_requested, books.queue.rung) == (None, False, [job.id])
    assert (await books.claimed()).id == job.id
    with pytest.raises(Conflict):
        await books.retry_dead(job.id)


async def test_a_dead_job_asked_for_twice_at_once_is_queued_once(books: Books) -> None:
    job = await books.add()
    await books.cancel(job.id)
    answers = await asyncio.gather(*(books.retry_dead(job.id) for _ in range(5)), return_exceptions=True)
    assert sum(isinstance(answer, JobView) for answer in answers) == 1
    assert sum(isinstance(answer, Conflict) for answer in answers) == 4


async def test_nobody_sees_or_cancels_the_job_of_another(books: Books, user_id: str) -> None:
    other = await add_user(books.database, "Eve")
    job = await books.add(user_id=user_id)
    for wrong in (job.id, job.id[:12], "", "%", "_" * 32, "nothing"):
        async with books.database.session_scope() as session:
            with pytest.raises(NotFound):
                await books.ledger.request_cancel(session, wrong, user_id=other)
            with pytest.raises(NotFound):
                await books.ledger.retry_dead(session, wrong, user_id=other)
    async with books.database.session_scope() as session:
        assert (await books.ledger.request_cancel(session, job.id, user_id=user_id)).state is JobState.CANCELLED


async def test_a_job_whose_user_was_deleted_is_no_longer_its_workers(books: Books, user_id: str) -> None:
    await books.add(user_id=user_id)
    job = await books.claimed()
    async with books.database.session_scope() as session:
        await session.delete(await session.get_one(User, user_id))
    assert not await books.ledger.succeed(job, None)
    assert await books.ledger.renew("ann", [job.id]) == set()


async def test_old_histories_are_forgotten_and_jobs_are_not(books: Books) -> None:
    await books.add()
    job = await books.claimed()
    await books.ledger.succeed(job, None)
    waiting = await books.add()
    books.clock.advance(3_600)
    assert await books.ledger.forget(older_than=timedelta(hours=2)) == 0
    assert await books.ledger.forget(older_than=timedelta(minutes=30)) == 3
    assert (await books.see(job.id)).state is JobState.SUCCEEDED
    assert await books.names(waiting.id) == ["queued"]


async def test_how_many_statements_a_job_costs(books: Books, user_id: str) -> None:
    """A guard against a query too many in the path of every job."""
    said: list[str] = []
    event.listen(
        books.database.engine.sync_engine, "before_cursor_execute", lambda _c, _cur, text, *_rest: said.append(text)
    )
    await books.add(user_id=user_id)
    enqueued = len(said)
    job = await books.claimed()
    claimed = len(said) - enqueued
    await books.ledger.succeed(job, None)
    finished = len(said) - enqueued - claimed
    assert enqueued <= 3, said  # BEGIN (SQLite), the job, its event
    assert claimed <= 6, said  # BEGIN, the best job, the user's row, their running jobs, the job, its event
    assert finished <= 4, said


async def test_a_clock_that_was_wrong_for_a_while_only_costs_time(books: Books) -> None:
    """A lease written while the clock was ahead is still ended once it is corrected and the lease's time has come."""
    books.clock.advance(3_600)
    await books.add()
    job = await books.claimed()
    books.clock.advance(-3_600)
    assert await books.ledger.renew("ann", [job.id]) == {job.id}
    books.clock.advance(books.ledger.lease_s + 1)
    assert await books.ledger.reap() == 1
    async with books.database.session_scope() as session:
        await session.execute(update(Job).values(created_at=books.clock()))
    assert (await books.claimed()).kind == KIND
