"""All settings, in one class, read only where things are built (`bootstrap`, `cli`). Documented in docs/settings.md."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from ettametta.errors import ConfigError

#: Telegram's own Bot API server.
TELEGRAM_API_URL = "https://api.telegram.org"

_PREFIX = "ETTAMETTA_"


def _vendor(name: str) -> AliasChoices:
    return AliasChoices(name, f"{_PREFIX}{name}")


class Settings(BaseSettings):
    """Every setting of Ettametta; names in the environment are `ETTAMETTA_` + the upper-case field name.

    Vendor keys go by their usual names (`OPENAI_API_KEY`, `TELEGRAM_BOT_TOKEN`). Empty values count as unset.
    """

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX,
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        populate_by_name=True,
        frozen=True,
    )

    # Where things live
    data_dir: Path = Field(Path("data"), description="Folder for the database, files and work in progress.")
    database_url: str = Field(
        "",
        description="SQLAlchemy URL: postgresql+asyncpg://... or sqlite+aiosqlite:///...; empty: SQLite in data_dir.",
    )
    redis_url: SecretStr | None = Field(
        None, description="redis://... switches the job queue and events to Redis; empty: inside one process."
    )
    storage_url: str = Field("", description="s3://bucket/prefix for files in a bucket; empty: a folder in data_dir.")
    s3_endpoint: str = Field("", description="Endpoint of an S3-compatible store, such as http://127.0.0.1:9000.")
    s3_region: str = Field("us-east-1", description="Region of the bucket.")
    s3_access_key_id: SecretStr | None = Field(
        None, validation_alias=_vendor("AWS_ACCESS_KEY_ID"), description="Access key of the bucket."
    )
    s3_secret_access_key: SecretStr | None = Field(
        None, validation_alias=_vendor("AWS_SECRET_ACCESS_KEY"), description="Secret key of the bucket."
    )

    # The language model
    openai_api_key: SecretStr | None = Field(
        None, validation_alias=_vendor("OPENAI_API_KEY"), description="Key of an OpenAI-compatible endpoint."
    )
    openai_base_url: str = Field(
        "https://api.openai.com/v1",
        validation_alias=_vendor("OPENAI_BASE_URL"),
        description="Base URL of the endpoint; a local one needs no key.",
    )
    model: str = Field("gpt-5-mini", description="Model that talks and writes scripts.")
    model_fallbacks: str = Field(
        "",
        description="Models of the same endpoint that talk where ETTAMETTA_MODEL does not answer, in this order, apart"
        " by commas; a refused key is told and never passed over.",
    )
    local_models: Literal["auto", "off"] = Field(
        "auto",
        description="auto: with no key and no OPENAI_BASE_URL, a model server that answers on this machine (Ollama, LM"
        " Studio at their usual ports) is used; ETTAMETTA_MODEL picks among its models.",
    )
    model_tools: Literal["auto", "native", "schema", "words"] = Field(
        "auto",
        description="How the model calls tools: by the API's tool calls (native), held to a JSON schema (schema) or by"
        " instructions alone (words); auto asks it once.",
    )
    model_timeout_s: Annotated[float, Field(gt=0, le=600)] = Field(
        60.0, description="Longest wait for one model answer, in seconds."
    )
    model_usd_per_million_input: Annotated[float, Field(ge=0)] | None = Field(
        None,
        description="What ETTAMETTA_MODEL charges for a million input tokens, in US dollars, cached ones too; empty: by"
        " the list.",
    )
    model_usd_per_million_output: Annotated[float, Field(ge=0)] | None = Field(
        None, description="Likewise for output tokens; both or none count."
    )
    model_prices: str = Field(
        "",
        description="Prices of models in US dollars for a million tokens, over the built-in list of OpenAI's:"
        " name=input/output or name=input/cached/output, apart by commas.",
    )

    # Narration
    speech: Literal["auto", "hibari", "kokoro", "openai", "elevenlabs", "silent"] = Field(
        "auto",
        description="Narration offline (hibari, kokoro), by API (openai, elevenlabs) or none (silent); auto: offline.",
    )
    kokoro_voices: Path | None = Field(
        None, description="Folder of the Kokoro voices (*.bin), with the extra `voices`: see docs/voices.md."
    )
    elevenlabs_api_key: SecretStr | None = Field(
        None, validation_alias=_vendor("ELEVENLABS_API_KEY"), description="Key of ElevenLabs; empty: it is not used."
    )
    elevenlabs_voices: str = Field("", description="Ids of ElevenLabs voices, apart by commas, the default first.")
    elevenlabs_usd_per_million_chars: Annotated[float, Field(ge=0)] = Field(
        300.0,
        description="What your ElevenLabs plan charges for a million characters, in US dollars; high until you set it.",
    )
    speech_model: str = Field("gpt-4o-mini-tts", description="Model of the speech API.")
    speech_voice: str = Field("default", description="Voice; default: the provider's own.")
    speech_voices: str = Field(
        "", description="Voices of the speech API, apart by commas, the default first; empty: those OpenAI documents."
    )
    speech_format: Literal["wav", "mp3", "opus", "flac", "pcm"] = Field(
        "wav", description="Sound asked of the speech API; wav loses nothing, mp3 and opus are smaller on the way."
    )
    speech_instructions: Annotated[str, Field(max_length=2_000)] = Field(
        "", description="Tone and style for the speech API in words, for models that follow them; empty: not sent."
    )
    speech_reads_numbers: bool = Field(
        default=False,
        description="Send numbers and units to the speech API as words; by default it reads them itself.",
    )
    speech_usd_per_million_chars: Annotated[float, Field(ge=0)] = Field(
        15.0, description="Price of a million characters of API speech in US dollars, for estimates."
    )

    # Pictures
    pictures: Literal["auto", "designed"] = Field(
        "auto", description="auto: scenes may show pictures that are searched for; designed: nothing is searched."
    )
    picture_sources: str = Field(
        "",
        description="Picture sources to search, best first, by commas (pexels, pixabay, openverse, commons, nasa, "
        "archive); empty: all that are set up.",
    )
    picture_timeout_s: Annotated[float, Field(gt=0, le=60)] = Field(
        8.0, description="Longest wait for the picture sources in one search, in seconds."
    )
    pexels_api_key: SecretStr | None = Field(
        None, validation_alias=_vendor("PEXELS_API_KEY"), description="Key of Pexels; empty: it is not searched."
    )
    pixabay_api_key: SecretStr | None = Field(
        None, validation_alias=_vendor("PIXABAY_API_KEY"), description="Key of Pixabay; empty: it is not searched."
    )

    image_model: str = Field(
        "", description="Image model that makes what no source has, for money; empty: nothing is made."
    )
    image_base_url: str = Field(
        "", description="Base URL of the image model's endpoint; empty: OPENAI_BASE_URL, with its key."
    )
    image_api_key: SecretStr | None = Field(None, description="Key of the endpoint at image_base_url.")
    image_usd: Annotated[float, Field(ge=0)] = Field(
        0.04, description="Price of one made picture in US dollars, for estimates."
    )
    image_timeout_s: Annotated[float, Field(gt=0, le=600)] = Field(
        180.0, description="Longest wait for one made picture, in seconds."
    )

    # Money
    auto_approve_usd: Annotated[float, Field(ge=0)] = Field(
        0.0, description="Productions estimated at or under this many US dollars start without asking."
    )

    turn_usd: Annotated[float, Field(gt=0)] = Field(
        0.5, description="The most that one turn of conversation may cost in US dollars, where the prices are known."
    )
    budget_usd: Annotated[float, Field(ge=0)] | None = Field(
        None,
        description="What one person may spend in a calendar month (UTC) before the model is asked nothing more in"
        " chats; empty: no limit.",
    )

    # Video
    ffmpeg: str = Field("", description="Path of an ffmpeg to use; empty: the one from the wheel, else the system's.")
    render_threads: Annotated[int, Field(ge=1, le=128)] | None = Field(
        None, description="Cores one render may use; empty: all."
    )
    video_preset: Literal[
        "ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow"
    ] = Field("veryfast", description="x264 preset of finished videos: slower is smaller.")
    video_crf: Annotated[int, Field(ge=10, le=40)] = Field(20, description="x264 quality: lower is better and larger.")
    video_encoder: Literal[
        "auto", "libx264", "h264_nvenc", "h264_qsv", "h264_vaapi", "h264_videotoolbox", "h264_amf"
    ] = Field("auto", description="Encoder; auto: a hardware one that was proven at the start, else libx264.")

    # Jobs
    worker_concurrency: Annotated[int, Field(ge=1, le=64)] = Field(2, description="Jobs one worker runs at once.")
    jobs_per_user: Annotated[int, Field(ge=1, le=64)] = Field(2, description="Jobs of one user that run at once.")
    job_lease_s: Annotated[float, Field(ge=1, le=600)] = Field(
        15.0, description="Seconds a silent worker keeps its job before another may take it."
    )
    job_sweep_s: Annotated[float, Field(ge=0.1, le=300)] = Field(
        2.0, description="Seconds between two looks for forgotten jobs."
    )
    drain_timeout_s: Annotated[float, Field(ge=0, le=3600)] = Field(
        20.0, description="Seconds a stopping worker lets its jobs go on before it hands them back."
    )

    # Telegram
    telegram_bot_token: SecretStr | None = Field(
        None, validation_alias=_vendor("TELEGRAM_BOT_TOKEN"), description="Token from @BotFather; empty: no bot."
    )
    telegram_api_url: str = Field(TELEGRAM_API_URL, description="Bot API server; an own one lifts limits.")

    # Admin API
    api_host: str = Field("127.0.0.1", description="Address the admin API listens on.")
    api_port: Annotated[int, Field(ge=0, le=65535)] = Field(8321, description="Port of the admin API.")
    internal_api_token: SecretStr | None = Field(
        None,
        validation_alias=_vendor("INTERNAL_API_TOKEN"),
        description="Token for service to service calls, at least 16 characters; empty: made and kept in data_dir.",
    )

    # Outgoing HTTP
    http_allow_private: bool = Field(
        False, description="Let fetches reach private addresses. Only for tests and closed networks."
    )
    user_agent: str = Field(
        "Ettametta/0.1 (+self-hosted video studio)", description="How we name ourselves when we fetch."
    )
    fetch_connections: Annotated[int, Field(ge=1, le=1000)] = Field(
        64, description="Most pages discovery fetches at once, in one process."
    )
    fetch_per_host: Annotated[int, Field(ge=1, le=64)] = Field(
        4, description="Most pages discovery fetches from one host at once, in one process."
    )
    fetch_cache_mb: Annotated[int, Field(ge=0, le=100_000)] = Field(
        200, description="Most megabytes of kept pages, so that unchanged ones are not sent again; 0: keep none."
    )
    wikipedia_api_url: str = Field(
        "https://{language}.wikipedia.org", description="Encyclopaedia for bare topics; {language} is filled in."
    )
    news_feed_url: str = Field(
        "https://news.google.com/rss/search?q={query}&hl={language}",
        description="Feed searched for bare topics; empty: none. {query} and {language} are filled in.",
    )

    # Discovery
    mastodon_instance: str = Field("mastodon.social", description="Instance whose trends the source mastodon shows.")
    bluesky_url: str = Field(
        "https://public.api.bsky.app",
        description="AppView that the source bluesky asks; an own one may be searched freely.",
    )
    youtube_api_key: SecretStr | None = Field(
        None, validation_alias=_vendor("YOUTUBE_API_KEY"), description="Key of the YouTube Data API."
    )
    reddit_client_id: SecretStr | None = Field(
        None, validation_alias=_vendor("REDDIT_CLIENT_ID"), description="Id of an app registered with Reddit."
    )
    reddit_client_secret: SecretStr | None = Field(
        None, validation_alias=_vendor("REDDIT_CLIENT_SECRET"), description="Secret of the same app."
    )
    newsapi_key: SecretStr | None = Field(
        None,
        validation_alias=_vendor("NEWSAPI_KEY"),
        description="Key of NewsAPI or of a service that speaks its format.",
    )
    newsapi_url: str = Field("https://newsapi.org/v2", description="Base URL of that service.")
    x_bearer_token: SecretStr | None = Field(
        None,
        validation_alias=_vendor("X_BEARER_TOKEN"),
        description="Bearer token of an app with X; reading posts costs money there.",
    )
    tiktok_client_key: SecretStr | None = Field(
        None,
        validation_alias=_vendor("TIKTOK_CLIENT_KEY"),
        description="Key of a client approved for TikTok's Research API.",
    )
    tiktok_client_secret: SecretStr | None = Field(
        None, validation_alias=_vendor("TIKTOK_CLIENT_SECRET"), description="Secret of the same client."
    )

    # Logs
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Least level that is logged.")
    log_format: Literal["auto", "text", "json"] = Field("auto", description="auto: text on a terminal, else JSON.")

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("internal_api_token")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < 16:
            message = "must have at least 16 characters"
            raise ValueError(message)
        return value

    @property
    def wanted_sources(self) -> tuple[str, ...]:
        """Names of picture sources to search, best first; empty: all that are set up."""
        return tuple(name for name in self.picture_sources.lower().replace(",", " ").split())

    @property
    def source_keys(self) -> dict[str, SecretStr | None]:
        """Keys of the sources of candidates, by their names in the environment; None: not set."""
        fields = (
            "youtube_api_key", "reddit_client_id", "reddit_client_secret", "newsapi_key", "x_bearer_token",
            "tiktok_client_key", "tiktok_client_secret",
        )  # fmt: skip
        return {setting_name(field): getattr(self, field) for field in fields}

    @property
    def fallback_models(self) -> tuple[str, ...]:
        """Names of models to talk with where the first does not answer."""
        return tuple(filter(None, (name.strip() for name in self.model_fallbacks.split(","))))

    @property
    def resolved_database_url(self) -> str:
        """The database URL with the default filled in."""
        return self.database_url or f"sqlite+aiosqlite:///{self.data_dir / 'ettametta.db'}"

    @property
    def has_model(self) -> bool:
        """Whether a language model is configured: a key, or an endpoint other than OpenAI's own."""
        return self.openai_api_key is not None or "api.openai.com" not in self.openai_base_url


def load_settings() -> Settings:
    """Read settings from the environment and `.env`.

    Raises:
        ConfigError: a value is bad; the sentence names the setting, the hint the fix. Secrets are not repeated.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise ConfigError(
            f"The setting {setting_name(str(first['loc'][0]))} has a bad value: {first['msg']}.",
            hint="Correct it in the environment or in .env; docs/settings.md lists every setting.",
        ) from None


def setting_name(field: str) -> str:
    """The environment name of a field (or of an alias pydantic reports)."""
    if field in Settings.model_fields:
        alias = Settings.model_fields[field].validation_alias
        return str(alias.choices[0]) if isinstance(alias, AliasChoices) else f"{_PREFIX}{field.upper()}"
    return field
