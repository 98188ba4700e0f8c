"""The ledger against a model: whatever people, workers, crashes and clocks do, in any order.

Held after every step: no job vanishes, states are legal, a running job has one owner and no other job has any, what is
finished stays finished, attempts and crashes are bounded, and only the newest claim of a job may change it.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import select

from ettametta.db import Database
from ettametta.errors import Conflict
from ettametta.jobs import JobState, JobView
from ettametta.jobs.ledger import MAX_CRASHES
from ettametta.jobs.values import view
from ettametta.models import Job
from tests.integration.jobs.harness import WRONG, Books, add_user
from tests.integration.jobs.harness import books as make_books

T = TypeVar("T")
_PER_USER = 2
_MAX_ATTEMPTS = 3
_OWNERS = st.sampled_from(["ann", "bob", "cid"])
_PICKS = st.integers(0, 10_000)


@dataclass
class _Known:
    """What the model knows of a job."""

    user: str | None
    ended: JobState | None = None
    #: attempts that counted before the present one
    spent: int = 0
    #: the claim that may move it now
    current: JobView | None = None
    #: every claim there ever was
    claims: list[JobView] = field(default_factory=list)


class LedgerMachine(RuleBasedStateMachine):
    """One ledger on a fresh SQLite file, and what must be true of it."""

    def __init__(self, template: Path, folder: Path) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        path = folder / "machine.db"
        for suffix in ("", "-wal", "-shm"):
            Path(f"{path}{suffix}").unlink(missing_ok=True)
        shutil.copyfile(template, path)
        self.books: Books = make_books(Database(f"sqlite+aiosqlite:///{path}"), per_user=_PER_USER)
        self.user = self.run(add_user(self.books.database))
        self.jobs: dict[str, _Known] = {}
        self.keys: dict[str, str] = {}

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    def teardown(self) -> None:
        self.run(self.books.database.close())
        self.loop.close()

    def pick(self, number: int) -> tuple[str, _Known]:
        ids = list(self.jobs)
        job_id = ids[number % len(ids)]
        return job_id, self.jobs[job_id]

    def pick_claim(self, number: int) -> tuple[JobView, _Known] | None:
        """Any claim ever made; most of them are stale."""
        claims = [(claim, known) for known in self.jobs.values() for claim in known.claims]
        return claims[number % len(claims)] if claims else None

    # -- coming in -------------------------------------------------------------------------------------------------

    @rule(
        priority=st.integers(-1, 1),
        key=st.none() | st.sampled_from("abc"),
        wait_s=st.sampled_from([0, 0, 30]),
        owned=st.booleans(),
    )
    def enqueue(self, priority: int, key: str | None, wait_s: int, owned: bool) -> None:
        user = self.user if owned else None
        later = self.books.clock() + timedelta(seconds=wait_s)
        job = self.run(
            self.books.add(
                priority=priority, idempotency_key=key, not_before=later, user_id=user, max_attempts=_MAX_ATTEMPTS
            )
        )
        if key is not None and key in self.keys:
            assert job.id == self.keys[key]
            return
        assert job.id not in self.jobs
        self.jobs[job.id] = _Known(user)
        if key is not None:
            self.keys[key] = job.id

    # -- workers ---------------------------------------------------------------------------------------------------

    @rule(owners=st.lists(_OWNERS, min_size=1, max_size=4))
    def claim(self, owners: list[str]) -> None:
        for job in self.run(_gather([self.books.claim(owner) for owner in owners])):
            if job is not None:
                known = self.jobs[job.id]
                assert (known.ended, known.current) == (None, None)
                known.current = job
                known.claims.append(job)

    @rule(number=_PICKS, end=st.sampled_from(["succeed", "fail", "cancel", "retry", "release", "progress", "further"]))
    def move(self, number: int, end: str) -> None:
        picked = self.pick_claim(number)
        if picked is None:
            return
        claim, known = picked
        if end == "retry" and claim.attempts >= _MAX_ATTEMPTS:
            return  # a worker would fail it
        is_current = known.current is not None and known.current.lease_owner == claim.lease_owner
        before = self.run(self.books.see(claim.id))
        assert self.run(self._move(claim, end)) == is_current
        if not is_current:
            assert self.run(self.books.see(claim.id)) == before
            return
        self._expect(known, end, cancelled=before.cancel_requested)

    def _move(self, claim: JobView, end: str) -> Coroutine[Any, Any, bool]:
        ledger = self.books.ledger
        moves = {
            "succeed": lambda: ledger.succeed(claim, None),
            "fail": lambda: ledger.fail(claim, WRONG),
            "cancel": lambda: ledger.mark_cancelled(claim),
            "retry": lambda: ledger.retry_later(claim, WRONG, 5),
            "release": lambda: ledger.release(claim),
            "progress": lambda: ledger.record_progress(claim, 0.5, "work", "", got_further=False),
            "further": lambda: ledger.record_progress(claim, 0.6, "work", "", got_further=True),
        }
        return moves[end]()

    @staticmethod
    def _expect(known: _Known, end: str, *, cancelled: bool) -> None:
        if end in {"progress", "further"}:
            return
        known.current = None
        if end in {"retry", "release"} and not cancelled:
            known.spent += end == "retry"
            return
        known.ended = {"succeed": JobState.SUCCEEDED, "fail": JobState.FAILED}.get(end, JobState.CANCELLED)

    @rule(owner=_OWNERS)
    def renew(self, owner: str) -> None:
        kept = self.run(self.books.ledger.renew(owner, list(self.jobs)))
        held = {
            job_id
            for job_id, known in self.jobs.items()
            if known.current is not None and str(known.current.lease_owner).startswith(f"{owner}/")
        }
        assert kept == held

    # -- time and crashes ------------------------------------------------------------------------------------------

    @rule(seconds=st.sampled_from([1, 6, 16, 61]))
    def advance(self, seconds: int) -> None:
        self.books.clock.advance(seconds)

    @rule(sweepers=st.integers(1, 3))
    def reap(self, sweepers: int) -> None:
        before = {job_id: self.run(self.books.see(job_id)) for job_id, known in self.jobs.items() if known.current}
        reaped = sum(self.run(_gather([self.books.ledger.reap() for _ in range(sweepers)])))
        lost = 0
        for job_id, earlier in before.items():
            now = self.run(self.books.see(job_id))
            if now.state is JobState.RUNNING:
                continue
            lost += 1
            known = self.jobs[job_id]
            known.current, known.ended = None, now.state if now.state.is_final else None
            assert now.crashes == earlier.crashes + 1
            gave_up = now.state is JobState.FAILED
            assert gave_up == (now.crashes >= MAX_CRASHES and not earlier.cancel_requested)
        assert reaped == lost

    # -- people ----------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.jobs)
    @rule(number=_PICKS)
    def ask_to_cancel(self, number: int) -> None:
        job_id, known = self.pick(number)
        try:
            job = self.run(self.books.cancel(job_id))
        except Conflict:
            assert known.ended is not None
            return
        assert known.ended is None
        assert (job.state is JobState.RUNNING) == (known.current is not None)
        known.ended = None if known.current else JobState.CANCELLED

    @precondition(lambda self: self.jobs)
    @rule(number=_PICKS)
    def ask_to_retry(self, number: int) -> None:
        job_id, known = self.pick(number)
        try:
            job = self.run(self.books.retry_dead(job_id))
        except Conflict:
            assert known.ended not in {JobState.FAILED, JobState.CANCELLED}
            return
        assert known.ended in {JobState.FAILED, JobState.CANCELLED}
        assert (job.attempts, job.crashes) == (0, 0)
        known.ended, known.spent = None, 0

    # -- always ----------------------------------------------------------------------------------------------------

    @invariant()
    def the_books_are_in_order(self) -> None:
        rows = {row.id: row for row in self.run(self._all())}
        assert rows.keys() == self.jobs.keys(), "a job vanished or came from nowhere"
        for job_id, row in rows.items():
            self._check(row, self.jobs[job_id])
        running = [row for row in rows.values() if row.state is JobState.RUNNING and row.user_id is not None]
        assert len(running) <= _PER_USER

    @staticmethod
    def _check(row: JobView, known: _Known) -> None:
        if known.ended is not None:
            assert row.state is known.ended
        else:
            assert row.state is (JobState.RUNNING if known.current else JobState.QUEUED)
            assert row.attempts == known.spent + bool(known.current)  # a release or a crash costs none
        assert row.lease_owner == (known.current.lease_owner if known.current else None)
        assert (row.finished_at is not None) == row.state.is_final
        assert 0 <= row.attempts <= _MAX_ATTEMPTS
        assert 0 <= row.crashes <= MAX_CRASHES
        assert (row.error is None) or row.state is not JobState.SUCCEEDED

    async def _all(self) -> list[JobView]:
        async with self.books.database.read_scope() as session:
            return [view(row) for row in await session.scalars(select(Job))]


async def _gather(work: list[Awaitable[T]]) -> list[T]:
    return list(await asyncio.gather(*work))


def test_the_ledger_keeps_its_promises(sqlite_template: Path, tmp_path: Path) -> None:
    class Machine(LedgerMachine):
        def __init__(self) -> None:
            super().__init__(sqlite_template, tmp_path)

    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=20, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
