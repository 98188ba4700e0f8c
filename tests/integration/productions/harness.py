"""What the tests of productions share: an installation with a voice of tones, run job by job or by a worker."""

from __future__ import annotations

import asyncio
import time
import wave
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import av
import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import DeclarativeBase

from ettametta.bootstrap import Resources, SourcesBuilder, build
from ettametta.jobs import JobContext, JobView, Runner
from ettametta.jobs.values import view
from ettametta.models import Asset, Job, OutboxMessage, Production, Revision, User, Video
from ettametta.productions import repository
from ettametta.productions.brief import Brief
from ettametta.productions.course import render_job
from ettametta.productions.state import ProductionState
from ettametta.productions.values import ProductionView
from ettametta.providers.speech.base import Speech, SpeechFacts, SpeechProvider, SpeechRequest
from ettametta.settings import Settings
from ettametta.storyboard import CardVisual, Scene, Storyboard, Visual
from ettametta.testing import ToneSpeech
from ettametta.users import Person
from tasks.registry import KINDS

TEXT = (
    "The lamp that reached the sea. In 1822 a single lamp in Paris was seen from 32 kilometres away. "
    "A ring of glass prisms bent its light into one beam. Fresnel had thrown the thick middle of the glass away. "
    "His first lens was lit at Cordouan in 1823."
)
#: A picture small enough that encoding it takes no time worth waiting for.
WIDTH, HEIGHT = 144, 256
PRICE_USD = 1000.0


def settings_for(data_dir: Path, database_url: str = "", **others: Any) -> Settings:
    """Settings of an installation that reaches nothing outside and encodes fast."""
    own: dict[str, Any] = {
        "wikipedia_api_url": "",
        "news_feed_url": "",
        "pictures": "designed",
        "video_preset": "ultrafast",
        "job_sweep_s": 0.1,
    }
    return Settings(data_dir=data_dir, database_url=database_url, **{**own, **others})


class PricedTones(ToneSpeech):
    """The voice of tones, for money."""

    def __init__(self) -> None:
        super().__init__()
        self.facts = SpeechFacts("paid", self.facts.voices, self.facts.languages, PRICE_USD, 150.0, needs_network=True)

    async def speak(self, request: SpeechRequest) -> Speech:
        speech = await super().speak(request)
        cost = PRICE_USD * len(request.text) / 1e6
        return Speech(speech.wav, speech.sample_rate, speech.duration_s, speech.words, "engine", cost)


class FaultyTones(ToneSpeech):
    """The voice of tones; before each word it speaks it takes an error from `faults`, when there is one to raise."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[Exception | None] = []

    async def speak(self, request: SpeechRequest) -> Speech:
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None:
            raise fault
        return await super().speak(request)


@dataclass
class House:
    """An installation with one person in it."""

    resources: Resources
    person: Person
    voice: ToneSpeech = field(default_factory=ToneSpeech)

    async def start(self, text: str = TEXT, *, key: str | None = None, **fields: Any) -> ProductionView:
        """Ask for a video about a text."""
        brief = Brief(**{"kind": "text", "text": text, "duration_s": 15.0, **fields})
        return await self.resources.productions.start(self.person, brief, key=key)

    async def see(self, production_id: str) -> ProductionView:
        return await self.resources.productions.get(production_id, user_id=None)

    async def claim(self) -> JobContext[Resources]:
        """The next job as a worker is given it."""
        job = await self.resources.ledger.claim("ann", list(KINDS))
        assert job is not None, "no job waits"
        return JobContext(job, self.resources, self.resources.ledger)

    async def run_next(self) -> dict[str, Any]:
        """Run the next job to its good end, and give its result."""
        context = await self.claim()
        result = await run(context)
        assert await self.resources.ledger.succeed(context.job, result)
        return result

    async def no_job_waits(self) -> bool:
        return await self.resources.ledger.claim("ann", list(KINDS)) is None

    async def planned(self, scenes: int = 3, **fields: Any) -> ProductionView:
        """A production of a small storyboard of our own whose render waits, as if it had just been drafted."""
        return await self.with_storyboard(small_storyboard(scenes, **fields))

    async def with_storyboard(self, storyboard: Storyboard) -> ProductionView:
        async with self.resources.database.session_scope() as session:
            row = Production(
                user_id=self.person.user_id,
                chat_id=self.person.chat_id,
                title=storyboard.title,
                brief=Brief(kind="text", text=TEXT).model_dump(mode="json"),
                state=ProductionState.RENDERING,
            )
            session.add(row)
            await session.flush()
            await repository.add_revision(session, row, storyboard, "")
            await self.resources.ledger.enqueue(session, render_job(row))
            return await repository.view(session, row)

    async def revise(self, production_id: str, change: Callable[[Storyboard], Storyboard]) -> None:
        """Put a changed storyboard in the current one's place and queue its render."""
        async with self.resources.database.session_scope() as session:
            row = await session.get_one(Production, production_id)
            old = await repository.current_revision(session, row)
            await repository.add_revision(session, row, change(Storyboard.model_validate(old.storyboard)), "edited")
            row.state = ProductionState.RENDERING
            await self.resources.ledger.enqueue(session, render_job(row))

    async def count(self, table: type[DeclarativeBase], *conditions: Any) -> int:
        async with self.resources.database.read_scope() as session:
            return await session.scalar(select(func.count()).select_from(table).where(*conditions)) or 0

    async def narrations(self, production_id: str) -> int:
        """How many narration assets a production has."""
        return await self.count(Asset, Asset.production_id == production_id, Asset.kind == "narration")

    async def jobs(self, production_id: str) -> list[JobView]:
        async with self.resources.database.read_scope() as session:
            rows = await session.scalars(select(Job).where(Job.production_id == production_id).order_by(Job.id))
            return [view(row) for row in rows]

    async def parcels(self) -> list[OutboxMessage]:
        """What waits for the chat, in order."""
        async with self.resources.database.read_scope() as session:
            ordered = select(OutboxMessage).order_by(OutboxMessage.created_at, OutboxMessage.id)
            return list(await session.scalars(ordered))

    async def videos(self, production_id: str) -> list[Video]:
        async with self.resources.database.read_scope() as session:
            return list(await session.scalars(select(Video).where(Video.production_id == production_id)))

    async def revision(self, production_id: str) -> Revision:
        async with self.resources.database.read_scope() as session:
            return await repository.current_revision(session, await session.get_one(Production, production_id))

    async def stranger(self) -> Person:
        """Another user of the same installation."""
        async with self.resources.database.session_scope() as session:
            user = User(name="Bob")
            session.add(user)
            await session.flush()
            return Person(user.id, self.person.chat_id, "Bob", "owner", "en", "UTC")

    @asynccontextmanager
    async def worker(self, *, concurrency: int = 2) -> AsyncIterator[Runner[Resources]]:
        """A worker that runs whatever waits."""
        found = self.resources
        runner = Runner(found.ledger, found.queue, KINDS, found, concurrency=concurrency, sweep_s=0.1)
        await runner.start()
        try:
            yield runner
        finally:
            await runner.stop(drain_s=0)

    async def ended(self, production_id: str, *, within_s: float = 90.0) -> ProductionView:
        """Wait until nothing more is done for a production."""

        async def over() -> bool:
            state = (await self.see(production_id)).state
            return state.is_final or state is ProductionState.RENDERED

        await until(over, within_s=within_s)
        return await self.see(production_id)


async def run(context: JobContext[Resources]) -> dict[str, Any]:
    """The body of a claimed job, without what a worker does around it."""
    result = await KINDS[context.job.kind].body(context)
    assert result is not None
    return result


@asynccontextmanager
async def open_house(
    settings: Settings,
    *,
    voice: ToneSpeech | None = None,
    speech: Mapping[str, Callable[[], SpeechProvider]] | None = None,
    sources: SourcesBuilder | None = None,
) -> AsyncIterator[House]:
    """An installation with these settings and a voice of tones (or those given)."""
    spoken = voice or ToneSpeech()
    name = spoken.facts.name
    async with build(
        settings, migrate=settings.database_url == "", speech=speech or {name: lambda: spoken}, sources=sources
    ) as resources:
        yield House(resources, await resources.users.local(), spoken)


def small_storyboard(
    scenes: int = 3, *, provider: str = "tone", visuals: Mapping[int, Visual] | None = None
) -> Storyboard:
    """A storyboard of short scenes in a small picture; `visuals` replaces the cards of some, by number from 0."""
    lines = (
        "A lamp in Paris.",
        "Rings of glass bend light.",
        "One beam goes out.",
        "Ships are safe.",
        "It still burns.",
    )
    return Storyboard(
        title="The lamp",
        language="en",
        width=WIDTH,
        height=HEIGHT,
        speech_provider=provider,
        scenes=tuple(
            Scene(
                id=f"s{number:02d}",
                narration=lines[number % len(lines)] + " Again." * (number // len(lines)),
                visual=(visuals or {}).get(number) or CardVisual(kind="statement", text=f"Number {number}"),
            )
            for number in range(scenes)
        ),
        made_by="offline writer",
    )


def with_words(storyboard: Storyboard, scene: int, narration: str) -> Storyboard:
    """The same storyboard with other words in one scene."""
    scenes = list(storyboard.scenes)
    scenes[scene] = scenes[scene].model_copy(update={"narration": narration})
    return storyboard.model_copy(update={"scenes": tuple(scenes)})


async def until(condition: Callable[[], Awaitable[bool]], *, within_s: float = 30.0) -> float:
    """Wait until `condition` holds; returns how many seconds that took."""
    began = time.monotonic()
    while not await condition():
        assert time.monotonic() - began < within_s, f"not within {within_s} s"
        await asyncio.sleep(0.02)
    return time.monotonic() - began


def make_clip(path: Path, *, seconds: float = 1.0) -> Path:
    """A small H.264 film in which something moves."""
    with av.open(str(path), "w", format="mp4") as file:
        stream = file.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = 128, 96, "yuv420p"
        for number in range(round(seconds * 30)):
            picture = np.full((96, 128, 3), 40, np.uint8)
            picture[20:60, number % 96 : number % 96 + 32] = (230, 120, 40)
            file.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        file.mux(stream.encode())
    return path


def make_sound(path: Path, *, seconds: float = 1.0) -> Path:
    """A tone as a WAV file."""
    tone = 0.3 * np.sin(2 * np.pi * 330 * np.arange(round(seconds * 24_000)) / 24_000)
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 24_000, 0, "NONE", ""))
        file.writeframes(np.round(tone * 32767).astype("<i2").tobytes())
    return path


class MovedClock:
    """The time, moved by hand."""

    def __init__(self) -> None:
        self.moment = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.moment
