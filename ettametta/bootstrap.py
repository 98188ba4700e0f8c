"""Builds the resources of a process, once, for every face: the object graph of Ettametta."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import cache

from ettametta import migrations
from ettametta.conversation import Conversation
from ettametta.db import Database
from ettametta.delivery.outbox import Outbox
from ettametta.discovery import sources as discovery_sources
from ettametta.discovery.agenda import ScanAgenda
from ettametta.discovery.evidence import EvidenceGatherer
from ettametta.discovery.fetch import Crawler
from ettametta.discovery.room import furnish
from ettametta.discovery.service import Discovery
from ettametta.events import EventBus, LocalBus, RedisBus
from ettametta.jobs import Ledger
from ettametta.kit.clock import utc_now
from ettametta.kit.http import HttpClient
from ettametta.kit.http.wire import Wire
from ettametta.memory import Erasure, Facts, Summaries
from ettametta.productions.changing.editing import Editing
from ettametta.productions.changing.finishing import Finishing
from ettametta.productions.changing.siblings import Siblings
from ettametta.productions.changing.stops import Stops
from ettametta.productions.costing import Costing
from ettametta.productions.drafting import Drafting
from ettametta.productions.fitting import LengthFitting
from ettametta.productions.ground import Ground
from ettametta.productions.hearing import Hearing
from ettametta.productions.narrating import Narrator
from ettametta.productions.pictures.finding import Picturing
from ettametta.productions.pictures.making import Imaging
from ettametta.productions.pictures.search import Footage
from ettametta.productions.pictures.store import PictureStore
from ettametta.productions.presets import Presets
from ettametta.productions.progress import ProductionFollower
from ettametta.productions.recordings import Recordings
from ettametta.productions.rendering import Rendering
from ettametta.productions.service import Productions
from ettametta.productions.showing import Showing
from ettametta.productions.steps import StepCache, StepHolds
from ettametta.productions.studio import Studio
from ettametta.productions.uploads import Uploads
from ettametta.productions.voices import Voices
from ettametta.productions.writing import ScriptDesk
from ettametta.providers import footage as picture_sources
from ettametta.providers.footage.base import FootageProvider
from ettametta.providers.images import ImageConfig, build_images
from ettametta.providers.images.base import ImageMaker
from ettametta.providers.llm import LLMConfig, build_llm
from ettametta.providers.llm.base import LanguageModel
from ettametta.providers.llm.local import find_local
from ettametta.providers.llm.prices import Prices, build_prices
from ettametta.providers.speech import SpeechConfig, build_speech
from ettametta.providers.speech.base import SpeechProvider
from ettametta.providers.transcription import build_transcriber
from ettametta.providers.transcription.base import Transcriber
from ettametta.queue import JobQueue
from ettametta.schedules import Repeatable, Schedules
from ettametta.scripts.model import ModelWriter
from ettametta.scripts.offline import OfflineWriter
from ettametta.settings import TELEGRAM_API_URL, Settings
from ettametta.spending import Spending
from ettametta.storage import Storage, build_storage
from ettametta.users import Users
from ettametta.video.commands import EncoderSettings
from ettametta.video.encoders import choose_encoder
from ettametta.video.ffmpeg import Ffmpeg
from ettametta.video.lettering.fonts import Fonts
from ettametta.video.render import DEFAULT_MAX_BYTES, LOCAL_MAX_BYTES, Renderer


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
    facts: Facts
    summaries: Summaries
    erasure: Erasure
    uploads: Uploads
    productions: Productions
    editing: Editing
    picturing: Picturing
    stops: Stops
    finishing: Finishing
    showing: Showing
    presets: Presets
    siblings: Siblings
    voices: Voices
    studio: Studio
    sources: discovery_sources.Sources
    schedules: Schedules
    crawler: Crawler
    discovery: Discovery
    agenda: ScanAgenda
    prices: Prices
    spending: Spending


#: What may be scheduled.
_REPEATABLE = {"discovery.scan": Repeatable(jitter_s=120.0, priority=-5)}
#: How to build each voice provider, by name, best first.
SpeechBuilders = Mapping[str, Callable[[], SpeechProvider]]
#: Builds the picture sources by name, best first, on the client they are to use.
SourcesBuilder = Callable[[HttpClient], Mapping[str, FootageProvider]]


@asynccontextmanager
async def build(
    settings: Settings,
    *,
    migrate: bool = True,
    speech: SpeechBuilders | None = None,
    sources: SourcesBuilder | None = None,
) -> AsyncIterator[Resources]:
    """Open everything, migrate the database if asked, and close it all in the end.

    Args:
        settings: all of them.
        migrate: bring the database to the newest revision first.
        speech: voices to use instead of those the settings name.
        sources: picture sources to use instead of those.

    Raises:
        ConfigError: a setting does not fit, or the database cannot be reached.
    """
    settings = await with_local_model(settings)
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
        voices = Voices(_speech_builders(settings) if speech is None else speech, voice=settings.speech_voice)
        stack.push_async_callback(voices.close)
        footage = _footage(settings, sources, database, stack)
        yield _compose(settings, database, events, queue, voices, footage, stack)


async def with_local_model(settings: Settings) -> Settings:
    """The settings with the model that was found on this machine, where none is set and looking is allowed."""
    if settings.has_model or settings.local_models == "off":
        return settings
    found = await find_local(settings.model)
    if found is None:
        return settings
    return settings.model_copy(update={"openai_base_url": found.base_url, "model": found.model})


def _compose(
    settings: Settings,
    database: Database,
    events: EventBus,
    queue: JobQueue,
    voices: Voices,
    footage: Footage,
    stack: AsyncExitStack,
) -> Resources:
    storage = build_storage(
        settings.storage_url,
        folder=settings.data_dir / "files",
        endpoint=settings.s3_endpoint,
        region=settings.s3_region,
        access_key=settings.s3_access_key_id,
        secret_key=settings.s3_secret_access_key,
    )
    ledger = Ledger(
        database, queue, events, per_user=settings.jobs_per_user, lease_s=settings.job_lease_s, clock=utc_now
    )
    outbox = Outbox(database, events)
    follower = ProductionFollower(outbox)
    ledger.when_moved(follower.job_moved)
    outbox.when_sent(follower.parcel_sent)
    ground = Ground(database, storage, ledger, outbox)
    ears = _ears(stack)
    recordings = Recordings(ears, StepCache(database), storage)
    narrator = Narrator(voices, StepCache(database), storage, recordings, Hearing(ears))
    imaging = Imaging(
        _image_maker(settings, stack), StepCache(database), StepHolds(database), storage, settings.data_dir / "work"
    )
    costing = Costing(narrator, imaging)
    store = PictureStore(database, storage, footage, settings.data_dir / "work")
    picturing = Picturing(database, footage, store, StepCache(database))
    places, crawler = _discovery_sources(settings), _crawler(settings, database, stack)
    schedules = Schedules(database, ledger, _REPEATABLE)
    discovery = furnish(database, ledger, events, places, crawler)
    prices = _prices(settings)
    spending = Spending(database, budget_usd=settings.budget_usd)
    writer = _writer(settings, prices, stack)
    desk = ScriptDesk(writer, ModelWriter, OfflineWriter())
    return Resources(
        settings=settings,
        database=database,
        events=events,
        queue=queue,
        storage=storage,
        ledger=ledger,
        outbox=outbox,
        users=Users(database),
        conversation=Conversation(database),
        facts=Facts(database),
        summaries=Summaries(database, ledger, spending, writer),
        erasure=Erasure(database),
        uploads=Uploads(database, storage),
        productions=Productions(database, ledger, outbox),
        editing=Editing(ground, costing, voices, picturing, auto_approve_usd=settings.auto_approve_usd, clock=utc_now),
        showing=Showing(ground),
        finishing=Finishing(ground, costing, auto_approve_usd=settings.auto_approve_usd, clock=utc_now),
        stops=Stops(ground, costing, auto_approve_usd=settings.auto_approve_usd, clock=utc_now),
        presets=Presets(database),
        voices=voices,
        picturing=picturing,
        siblings=Siblings(ground, voices, desk),
        studio=_studio(settings, ground, costing, voices, picturing, desk, crawler, stack),
        sources=places,
        schedules=schedules,
        crawler=crawler,
        discovery=discovery,
        agenda=ScanAgenda(schedules, discovery.niches),
        prices=prices,
        spending=spending,
    )


def _discovery_sources(settings: Settings) -> discovery_sources.Sources:
    """All places candidates come from; those that lack a key say so when asked."""
    return discovery_sources.set_up(
        keys=settings.source_keys,
        places={
            "ETTAMETTA_NEWSAPI_URL": settings.newsapi_url,
            "ETTAMETTA_MASTODON_INSTANCE": settings.mastodon_instance,
            "ETTAMETTA_BLUESKY_URL": settings.bluesky_url,
        },
    )


def _crawler(settings: Settings, database: Database, stack: AsyncExitStack) -> Crawler:
    wire = Wire(user_agent=settings.user_agent, allow_private=settings.http_allow_private)
    crawler = Crawler(
        database,
        wire,
        cache_bytes=settings.fetch_cache_mb * 1_000_000,
        max_connections=settings.fetch_connections,
        per_host=settings.fetch_per_host,
    )
    stack.push_async_callback(crawler.close)
    return crawler


def _footage(settings: Settings, sources: SourcesBuilder | None, database: Database, stack: AsyncExitStack) -> Footage:
    """The picture sources, on a client of their own: who does not answer soon is left out."""
    http = HttpClient(user_agent=settings.user_agent, allow_private=settings.http_allow_private, connect_timeout_s=3.0)
    stack.push_async_callback(http.close)
    return Footage(
        sources(http) if sources is not None else _sources(settings, http),
        http,
        StepCache(database),
        deadline_s=settings.picture_timeout_s,
        is_on=settings.pictures == "auto",
        is_patient=sources is None,
    )


def _sources(settings: Settings, http: HttpClient) -> Mapping[str, FootageProvider]:
    if settings.pictures == "designed":
        return {}
    return picture_sources.set_up(
        http,
        wanted=settings.wanted_sources,
        keys={"pexels": settings.pexels_api_key, "pixabay": settings.pixabay_api_key},
        timeout_s=settings.picture_timeout_s,
    )


def _image_maker(settings: Settings, stack: AsyncExitStack) -> ImageMaker | None:
    """The image model, when one is named. A key goes only to the endpoint it was given for."""
    if not settings.image_model:
        return None
    http = HttpClient(user_agent=settings.user_agent, allow_private=settings.http_allow_private)
    stack.push_async_callback(http.close)
    is_apart = bool(settings.image_base_url)
    config = ImageConfig(
        http,
        settings.image_model,
        api_key=settings.image_api_key if is_apart else settings.openai_api_key,
        base_url=settings.image_base_url or settings.openai_base_url,
        usd_per_image=settings.image_usd,
        timeout_s=settings.image_timeout_s,
        key_setting="ETTAMETTA_IMAGE_API_KEY" if is_apart else "OPENAI_API_KEY",
        url_setting="ETTAMETTA_IMAGE_BASE_URL" if is_apart else "OPENAI_BASE_URL",
    )
    maker = build_images("openai", config)
    stack.push_async_callback(maker.close)
    return maker


def _studio(
    settings: Settings,
    ground: Ground,
    costing: Costing,
    voices: Voices,
    picturing: Picturing,
    desk: ScriptDesk,
    crawler: Crawler,
    stack: AsyncExitStack,
) -> Studio:
    http = HttpClient(user_agent=settings.user_agent, allow_private=settings.http_allow_private)
    stack.push_async_callback(http.close)
    gatherer = EvidenceGatherer(
        http, encyclopaedia_url=settings.wikipedia_api_url, news_url=settings.news_feed_url, fetch=crawler
    )
    drafting = Drafting(
        ground,
        gatherer,
        desk,
        costing,
        voices,
        picturing,
        auto_approve_usd=settings.auto_approve_usd,
        clock=utc_now,
    )
    fitting = LengthFitting(costing.narrator, StepCache(ground.database))
    rendering = Rendering(
        ground, fitting, costing.imaging, _renderer_builder(settings), work_dir=settings.data_dir / "work"
    )
    return Studio(drafting, rendering)


def _ears(stack: AsyncExitStack) -> Callable[[], Transcriber]:
    """Builds the recogniser at first use, once."""

    @cache
    def build() -> Transcriber:
        ears = build_transcriber()
        stack.push_async_callback(ears.close)
        return ears

    return build


def _speech_builders(settings: Settings) -> dict[str, Callable[[], SpeechProvider]]:
    """The voices that are set up, best first: the offline one unless the settings ask for the API."""
    config = SpeechConfig(
        api_key=settings.openai_api_key,
        base_url=settings.openai_base_url,
        model=settings.speech_model,
        usd_per_million_chars=settings.speech_usd_per_million_chars,
        timeout_s=settings.model_timeout_s,
        voices=_listed(settings.speech_voices),
        sound_format=settings.speech_format,
        instructions=settings.speech_instructions.strip(),
        reads_numbers=settings.speech_reads_numbers,
        voices_folder=settings.kokoro_voices,
        elevenlabs_key=settings.elevenlabs_api_key,
        elevenlabs_voices=_listed(settings.elevenlabs_voices),
        elevenlabs_usd_per_million_chars=settings.elevenlabs_usd_per_million_chars,
    )
    names = ["hibari"] if settings.speech == "auto" else [settings.speech]
    if settings.speech == "auto" and settings.openai_api_key is not None:
        names.append("openai")
    if settings.kokoro_voices is not None and "kokoro" not in names:
        names.insert(1, "kokoro")
    if settings.elevenlabs_api_key is not None and "elevenlabs" not in names:
        names.append("elevenlabs")
    if "silent" not in names:
        names.append("silent")
    return {name: lambda name=name: build_speech(name, config) for name in names}  # type: ignore[misc]  # bound early


def _listed(setting: str) -> tuple[str, ...]:
    """What a setting names, apart by commas."""
    return tuple(filter(None, (one.strip() for one in setting.split(","))))


def _renderer_builder(settings: Settings) -> Callable[[], Renderer]:
    # Two scenes at once, each on half the cores, take less time than one on all of them, for the same work.
    cores = settings.render_threads or os.cpu_count() or 1
    parallel = min(2, cores)

    @cache
    def build() -> Renderer:
        ffmpeg = Ffmpeg.locate(settings.ffmpeg)
        encoder = EncoderSettings(
            preset=settings.video_preset,
            crf=settings.video_crf,
            threads=cores // parallel,
            codec=asyncio.run(choose_encoder(ffmpeg, settings.video_encoder)),  # we are in a thread without a loop
        )
        # An own Bot API server takes what Telegram's does not.
        most = DEFAULT_MAX_BYTES if settings.telegram_api_url == TELEGRAM_API_URL else LOCAL_MAX_BYTES
        fonts = Fonts.locate(cache=settings.data_dir / "fonts")
        return Renderer(ffmpeg, encoder, fonts, parallel=parallel, max_bytes=most)

    return build


def _prices(settings: Settings) -> Prices:
    return build_prices(
        base_url=settings.openai_base_url,
        said=settings.model_prices,
        model=settings.model,
        input_usd=settings.model_usd_per_million_input,
        output_usd=settings.model_usd_per_million_output,
    )


def _writer(settings: Settings, prices: Prices, stack: AsyncExitStack) -> LanguageModel | None:
    """The language model for the domain's own writing (scripts, minutes); None: none is set up."""
    if not settings.has_model:
        return None
    config = LLMConfig(
        model=settings.model,
        api_key=settings.openai_api_key,
        base_url=settings.openai_base_url,
        timeout_s=settings.model_timeout_s,
        prices=prices,
    )
    model = build_llm("openai", config)
    stack.push_async_callback(model.close)
    return model
