"""Resources of a whole installation and the person at its keyboard, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from ettametta.bootstrap import Resources, build
from ettametta.kit.clock import utc_now
from ettametta.models import Production, Proposal
from ettametta.settings import Settings
from ettametta.users import Person


@pytest.fixture
async def resources(database_url: str, tmp_path: Path) -> AsyncIterator[Resources]:
    """Everything `bootstrap` builds, over a fresh database; no worker runs."""
    settings = Settings(database_url=database_url, data_dir=tmp_path / "data")
    async with build(settings, migrate=False) as built:
        yield built


@pytest.fixture
async def person(resources: Resources) -> Person:
    """The owner at the terminal."""
    return await resources.users.local()


class Studio:
    """Puts productions into the states that workers would bring them to."""

    def __init__(self, resources: Resources, person: Person) -> None:
        self._resources = resources
        self._person = person

    async def production(self, title: str, state: str, **columns: object) -> str:
        """A production in a state; its id."""
        row = Production(
            user_id=self._person.user_id,
            chat_id=self._person.chat_id,
            title=title,
            brief={"kind": "topic", "text": title},
            state=state,
            **columns,
        )
        async with self._resources.database.session_scope() as session:
            session.add(row)
        return row.id

    async def proposal(self, title: str, *, usd: float = 0.12, expires_in: timedelta = timedelta(days=1)) -> str:
        """A production that waits for a yes; the proposal's id."""
        production_id = await self.production(title, "proposed", current_revision_id="0" * 32)
        row = Proposal(
            user_id=self._person.user_id,
            chat_id=self._person.chat_id,
            production_id=production_id,
            kind="render",
            summary="Narration by API",
            estimate_microusd=round(usd * 1e6),
            state="pending",
            expires_at=utc_now() + expires_in,
        )
        async with self._resources.database.session_scope() as session:
            session.add(row)
        return row.id

    async def proposal_state(self, proposal_id: str) -> str:
        """pending, accepted or declined."""
        async with self._resources.database.read_scope() as session:
            return (await session.get_one(Proposal, proposal_id)).state


@pytest.fixture
def studio(resources: Resources, person: Person) -> Studio:
    """A hand for states that workers make."""
    return Studio(resources, person)
