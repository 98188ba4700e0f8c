"""A studio whose jobs take no time: tiny real videos, at the test's command; and a home with worker and bot."""

from __future__ import annotations

import asyncio
import contextlib
import io
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image
from sqlalchemy.ext.asyncio import AsyncSession

from agent.runtime.building import build_openclaw
from agent.telegram import run_bot
from agent.telegram.replies import Talker
from ettametta.bootstrap import Resources, build
from ettametta.errors import EttamettaError
from ettametta.jobs import JobContext, JobKind
from ettametta.jobs.runner import Runner
from ettametta.kit.clock import utc_now
from ettametta.models import Production, Proposal, Revision, Video
from ettametta.productions import repository
from ettametta.productions.course import render_job
from ettametta.productions.progress import show_progress
from ettametta.productions.state import ProductionState
from ettametta.settings import Settings
from ettametta.storyboard import CardVisual, Scene, Storyboard
from tests.servers.bot_api import TOKEN, BotApiServer, ChatMessage, Person

WIDTH, HEIGHT, FPS, FRAMES = 180, 320, 30, 30
ADA = 1001


def tiny_mp4(width: int = WIDTH, height: int = HEIGHT, frames: int = FRAMES) -> bytes:
    """A real H.264 film of one second."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as film:
        stream = film.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number in range(frames):
            picture = np.full((height, width, 3), number * 8 % 256, dtype=np.uint8)
            film.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        film.mux(stream.encode(None))
    return out.getvalue()


def tiny_jpeg(width: int = WIDTH, height: int = HEIGHT) -> bytes:
    """A real picture."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), "navy").save(out, "JPEG")
    return out.getvalue()


@dataclass
class QuickStudio:
    """Bodies for the two jobs of a production. `go` lets renders end; `failure` is raised instead."""

    go: asyncio.Event = field(default_factory=asyncio.Event)
    failure: EttamettaError | None = None
    costs_usd: float = 0.0
    steps: int = 2
    film: bytes = field(default_factory=tiny_mp4)
    rendered: int = 0

    def __post_init__(self) -> None:
        self.go.set()

    def kinds(self) -> dict[str, JobKind[Resources]]:
        """What a worker is given."""
        return {
            "production.draft": JobKind("production.draft", self.draft),
            "production.render": JobKind("production.render", self.render),
        }

    async def draft(self, context: JobContext[Resources]) -> dict[str, Any]:
        await context.progress(0.5, "script", "Writing the script")
        async with context.resources.database.session_scope() as session:
            row = await repository.hold(session, context.job.payload["production_id"], user_id=None)
            if row.current_revision_id is None:
                await repository.add_revision(session, row, _storyboard(row.title), "")
            if self.costs_usd:
                await self._propose(session, context.resources, row)
            else:
                row.state = ProductionState.RENDERING
                await context.resources.ledger.enqueue(session, render_job(row))
        return {}

    async def _propose(self, session: AsyncSession, resources: Resources, row: Production) -> None:
        row.state = ProductionState.PROPOSED
        proposal = Proposal(
            user_id=row.user_id, chat_id=row.chat_id, production_id=row.id, kind="render", summary="A paid voice.",
            estimate_microusd=round(self.costs_usd * 1e6), expires_at=utc_now() + timedelta(days=1),
        )  # fmt: skip
        session.add(proposal)
        await session.flush()
        await show_progress(session, resources.outbox, row, fraction=0.1, stage="proposal", message="Waiting.")
        payload = {"proposal_id": proposal.id, "production_id": row.id, "title": row.title, "summary": "A paid voice.",
                   "estimate_usd": self.costs_usd}  # fmt: skip
        await resources.outbox.put(
            session, user_id=row.user_id, chat_id=row.chat_id, key=f"proposal:{proposal.id}", kind="proposal",
            payload=payload,
        )  # fmt: skip

    async def render(self, context: JobContext[Resources]) -> dict[str, Any]:
        for step in range(self.steps):
            await context.got_further(step / self.steps, "render", f"Scene {step + 1} of {self.steps}")
        await self.go.wait()
        if self.failure is not None:
            raise self.failure
        self.rendered += 1
        stored = await self._store(context.resources)
        async with context.resources.database.session_scope() as session:
            await self._finish(session, context, stored)
        return {}

    async def _store(self, resources: Resources) -> tuple[str, str]:
        film = await resources.storage.put_content("videos", ".mp4", self.film, "video/mp4")
        picture = await resources.storage.put_content("videos", ".jpg", tiny_jpeg(), "image/jpeg")
        return film, picture

    async def _finish(self, session: AsyncSession, context: JobContext[Resources], stored: tuple[str, str]) -> None:
        film, picture = stored
        row = await repository.hold(session, context.job.payload["production_id"], user_id=None)
        revision = await session.get_one(Revision, context.job.payload["revision_id"])
        video = Video(
            production_id=row.id, revision_id=revision.id, user_id=row.user_id, storage_key=film, cover_key=picture,
            thumbnail_key=picture, captions_key=film, credits_key=film, sha256="0" * 64, width=WIDTH, height=HEIGHT,
            duration_s=FRAMES / FPS, size_bytes=len(self.film), checks={"ok": True}, contact_sheet_key=picture,
        )  # fmt: skip
        session.add(video)
        await session.flush()
        row.state = ProductionState.RENDERED
        outbox = context.resources.outbox
        await show_progress(session, outbox, row, fraction=1.0, stage="done", message="Done.")
        payload = {"production_id": row.id, "video_id": video.id, "title": row.title,
                   "description": "Sources:\nhttps://example.org/tea"}  # fmt: skip
        await outbox.put(
            session, user_id=row.user_id, chat_id=row.chat_id, key=f"video:{video.id}", kind="video", payload=payload
        )


def _storyboard(title: str) -> Storyboard:
    scene = Scene(id="one", narration="Tea is old.", visual=CardVisual(kind="title", text="Tea"))
    return Storyboard(title=title[:200] or "Tea", language="en", scenes=(scene,))


@dataclass
class Home:
    """Resources with a worker; the bot is started by `bot()`."""

    resources: Resources
    studio: QuickStudio

    @contextlib.asynccontextmanager
    async def bot(self, openclaw: Talker | None = None) -> AsyncIterator[asyncio.Task[None]]:
        """The bot runs while the block does."""
        stop = asyncio.Event()
        task = asyncio.create_task(run_bot(self.resources, openclaw or build_openclaw(self.resources), stop))
        try:
            yield task
        finally:
            stop.set()
            await asyncio.wait_for(asyncio.gather(task, return_exceptions=True), 30)

    async def states(self) -> list[str]:
        """The states of all productions, oldest first."""
        views = await self.resources.productions.recent(user_id=None, limit=50)
        return [str(view.state) for view in reversed(views)]

    async def until(self, *states: str, timeout_s: float = 20.0) -> None:
        """Wait until the productions are in these states."""
        async with asyncio.timeout(timeout_s), self.resources.events.subscribe() as events:
            while await self.states() != list(states):
                await events.wait(0.1)


@contextlib.asynccontextmanager
async def open_home(
    settings: Settings, studio: QuickStudio, *, kinds: Mapping[str, JobKind[Resources]] | None = None
) -> AsyncIterator[Home]:
    """Resources, and a worker that runs the quick studio's jobs, or those given."""
    async with build(settings, migrate=False) as resources:
        known = studio.kinds() if kinds is None else kinds
        runner = Runner(resources.ledger, resources.queue, known, resources, concurrency=2, sweep_s=0.2)
        await runner.start()
        try:
            yield Home(resources, studio)
        finally:
            await runner.stop(drain_s=0.0)


def settings_for(url: str, database_url: str, data_dir: Path, **more: Any) -> Settings:
    """Settings of a bot on the test server at an address."""
    own: dict[str, Any] = {"telegram_bot_token": TOKEN, "telegram_api_url": url, "pictures": "designed"}
    return Settings(database_url=database_url, data_dir=data_dir, **{**own, **more})


async def pair(server: BotApiServer, resources: Resources, user_id: int = ADA, name: str = "Ada") -> Person:
    """The owner, paired by following the deep link."""
    person = server.person(user_id, name)
    await person.starts(await resources.users.new_pairing_code())
    await server.wait_for(user_id, lambda one: "paired" in one.text)
    return person


def video_of(message: ChatMessage) -> bool:
    """Whether a message is a video now."""
    return message.current.video is not None


def videos_in(server: BotApiServer, chat_id: int = ADA) -> list[ChatMessage]:
    """The videos that stand in a chat."""
    return [one for one in server.chat(chat_id).messages if video_of(one)]
