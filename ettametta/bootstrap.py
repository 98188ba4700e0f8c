"""Builds the resources of a process, once, for every face: the object graph of Ettametta."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from ettametta import migrations
from ettametta.conversation import Conversation
from ettametta.db import Database
from ettametta.delivery.outbox import Outbox
from ettametta.discovery.evidence import EvidenceGatherer
from ettametta.errors import ConfigError
from ettametta.events import EventBus, LocalBus, RedisBus
from ettametta.jobs import Ledger
from ettametta.kit.http import HttpClient
from ettametta.productions.progress import ProductionFollower
from ettametta.productions.service import Productions
from ettametta.productions.studio import Studio
from ettametta.productions.uploads import Uploads
from ettametta.providers.llm import LLMConfig, build_llm
from ettametta.providers.speech import SpeechConfig, SpeechDesk
from ettametta.queue import JobQueue
from ettametta.settings import Settings
from ettametta.storage import Storage, build_storage
from ettametta.users import Users
from ettametta.video.render import EncoderSettings, VideoTools


@dataclass(frozen=True)
class Resources:
    """What a process works with. Heavy parts (voices, fonts, models) load at first use."""

    settings: Settings
    database: Database
    events: EventBus
    queue: JobQueue
    storage: Storage
    ledger: Ledger
    outbox: Outbox
    users: Users
    conversation: Conversation
    uploads: Uploads
    productions: Productions
    studio: Studio


@asynccontextmanager
async def build(settings: Settings, *, migrate: bool = True) -> AsyncIterator[Resources]:
    """Open everything, migrate the database if asked, and close it all in the end.

    Raises:
        ConfigError: a setting does not fit, or the database cannot be reached.
    """
    async with AsyncExitStack() as stack:
        database = Database(settings.resolved_database_url)
        stack.push_async_callback(database.close)
        if migrate:
            await migrations.upgrade(database)
        redis_url = settings.redis_url.get_secret_value() if settings.redis_url else None
        events: EventBus = LocalBus() if redis_url is None else RedisBus(redis_url)
        await events.start()
        stack.push_async_callback(events.close)
        queue = JobQueue(redis_url)
        await queue.start()
        stack.push_async_callback(queue.close)
        yield await _compose(settings, database, events, queue, stack)
