"""An installation with as many people as are asked for, and the rows a conversation may find there. No worker runs."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from ettametta.bootstrap import Resources, build
from ettametta.discovery.candidates.values import Filters
from ettametta.discovery.items import FoundItem
from ettametta.kit.clock import utc_now
from ettametta.kit.ids import new_id
from ettametta.models import Chat, Production, Proposal, User
from ettametta.productions import repository
from ettametta.productions.brief import Brief
from ettametta.settings import Settings
from ettametta.storyboard import CardVisual, Scene, Storyboard
from ettametta.users import Person

#: What every storyboard of this world says, scene by scene.
NARRATIONS = ("Tea is an old drink.", "It came from China.", "Now the whole world drinks it.")


@dataclass(frozen=True)
class World:
    """The installation. Its people know nothing of one another."""

    resources: Resources

    async def person(self, name: str = "Ada", role: str = "editor") -> Person:
        """Somebody new, in a chat of their own."""
        user = User(id=new_id(), name=name, role=role)
        chat = Chat(id=new_id(), user_id=user.id, channel="terminal", external_id=user.id)
        async with self.resources.database.session_scope() as session:
            session.add(user)
            await session.flush()
            session.add(chat)
        return Person(user.id, chat.id, name, role, "en", "UTC")

    async def production(self, person: Person, title: str, state: str = "drafting", **columns: Any) -> str:
        """A production without a storyboard; its id."""
        async with self.resources.database.session_scope() as session:
            row = _row(person, title, state, **columns)
            session.add(row)
        return row.id

    async def storyboard(
        self, person: Person, title: str, state: str = "rendering", *, narrations: Sequence[str] = NARRATIONS,
        on_screen: str = "", note: str = "",
    ) -> str:  # fmt: skip
        """A production with a storyboard; its id."""
        scenes = tuple(
            Scene(id=f"s{number}", narration=text, visual=CardVisual(kind="title", text=on_screen or "Tea"))
            for number, text in enumerate(narrations, 1)
        )
        async with self.resources.database.session_scope() as session:
            row = _row(person, title, state)
            session.add(row)
            await session.flush()
            board = Storyboard(title=title[:200], language="en", scenes=scenes)
            await repository.add_revision(session, row, board, note)
        return row.id

    async def proposal(self, person: Person, title: str, *, usd: float = 0.12) -> tuple[str, str]:
        """A production that waits for a yes; the ids of the proposal and the production."""
        production_id = await self.storyboard(person, title, "proposed")
        row = Proposal(
            user_id=person.user_id, chat_id=person.chat_id, production_id=production_id, kind="render",
            summary="A paid voice.", estimate_microusd=round(usd * 1e6), expires_at=utc_now() + timedelta(days=1),
        )  # fmt: skip
        async with self.resources.database.session_scope() as session:
            session.add(row)
        return row.id, production_id

    async def proposal_state(self, proposal_id: str) -> str:
        """pending, accepted, declined."""
        async with self.resources.database.read_scope() as session:
            return (await session.get_one(Proposal, proposal_id)).state

    async def candidates(self, person: Person, niche: str, items: Sequence[FoundItem]) -> list[str]:
        """Candidates of a niche that is followed; their ids in the order of the items."""
        discovery = self.resources.discovery
        followed = await discovery.niches.follow(person.user_id, niche)
        # one person's items are not another's, but a world's refs must differ
        own = [replace(item, ref=f"{item.ref}:{person.user_id}") for item in items]
        await discovery.scanner.shelf.keep(person.user_id, followed.id, own, address="")
        kept = (await discovery.page(person.user_id, Filters(), limit=20)).items
        ids = {one.title: one.id for one in kept}
        return [ids[item.title] for item in items]

    async def productions(self, person: Person) -> list[str]:
        """The titles of all productions of a person, oldest first."""
        views = await self.resources.productions.recent(user_id=person.user_id, limit=50)
        return [view.title for view in reversed(views)]


def _row(person: Person, title: str, state: str, **columns: Any) -> Production:
    brief = Brief(kind="topic", text=title[:200]).model_dump(mode="json")
    return Production(
        id=new_id(), user_id=person.user_id, chat_id=person.chat_id, title=title[:200], brief=brief, state=state,
        **columns,
    )  # fmt: skip


def story(title: str, *, text: str = "", ref: str = "", **more: Any) -> FoundItem:
    """Something that Hacker News showed an hour ago."""
    return FoundItem(
        source="hacker_news", ref=f"hacker_news:{ref or title}", title=title, text=text or f"{title}, told at length.",
        language="en", published_at=utc_now() - timedelta(hours=1), metrics={"points": 120},
        **{"url": f"https://example.org/{zlib.crc32(title.encode())}", **more},
    )  # fmt: skip


@asynccontextmanager
async def open_world(data_dir: Path, database_url: str = "", *, migrate: bool = False) -> AsyncIterator[World]:
    """A world in a folder; the network is not asked for anything."""
    settings = Settings(data_dir=data_dir, database_url=database_url, wikipedia_api_url="", news_feed_url="")
    async with build(settings, migrate=migrate) as resources:
        yield World(resources)
