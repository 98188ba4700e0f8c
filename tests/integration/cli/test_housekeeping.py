"""One round of housekeeping, on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from cli.processes import keep_house
from ettametta.bootstrap import Resources, build
from ettametta.jobs import JobState, NewJob, repository
from ettametta.kit.clock import utc_now
from ettametta.models import Job, JobEvent, Production, Proposal
from ettametta.settings import Settings


@pytest.fixture
async def resources(database_url: str, tmp_path: Path) -> AsyncIterator[Resources]:
    async with build(Settings(data_dir=tmp_path, database_url=database_url), migrate=False) as built:
        yield built


async def test_dead_workers_jobs_old_history_and_late_proposals(resources: Resources) -> None:
    long_ago = utc_now() - timedelta(days=40)
    owner = await resources.users.owner_id()
    async with resources.database.session_scope() as session:
        dead, old = [await resources.ledger.enqueue(session, NewJob(f"test.{name}")) for name in ("dead", "old")]
        running = {"state": "running", "lease_owner": "gone", "lease_expires_at": long_ago, "attempts": 1}
        await session.execute(update(Job).where(Job.id == dead.id).values(running))
        await session.execute(update(Job).where(Job.id == old.id).values(state="succeeded", finished_at=long_ago))
        production = Production(user_id=owner, title="Late", brief={}, state="proposed")
        session.add(production)
        await session.flush()
        session.add(
            Proposal(user_id=owner, production_id=production.id, kind="render", summary="?", expires_at=long_ago)
        )
    await keep_house(resources)
    async with resources.database.read_scope() as session:
        states = {job.kind: job.state for job in await repository.list_jobs(session)}
        left = await repository.history(session, old.id)
    assert (states["test.dead"], left) == (JobState.QUEUED, [])
    assert (await resources.productions.get(production.id, user_id=None)).proposal is None


async def test_a_round_that_fails_is_logged_and_not_raised(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def explode() -> int:
        raise ConnectionResetError

    monkeypatch.setattr(resources.ledger, "reap", explode)
    await keep_house(resources)
    async with resources.database.read_scope() as session:
        assert await session.get(JobEvent, 1) is None
