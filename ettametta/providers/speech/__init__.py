"""Voices: narration with word times. A provider is a name here and a file beside it that loads when it is built."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from pydantic import SecretStr

from ettametta.errors import ConfigError, MissingPart
from ettametta.providers.speech.base import SpeechProvider


@dataclass(frozen=True, slots=True)
class SpeechConfig:
    """What a speech provider may need to be built; local ones need nothing of it."""

    api_key: SecretStr | None = None
    base_url: str = "https://api.openai.com/v1"
    model: str = ""
    usd_per_million_chars: float = 0.0
    timeout_s: float = 60.0
    #: Voices of the endpoint; empty: the documented ones.
    voices: tuple[str, ...] = ()
    sound_format: Literal["wav", "mp3", "opus", "flac", "pcm"] = "wav"
    #: Tone and style in words; empty: none.
    instructions: str = ""
    #: Send numbers and units to the endpoint as words.
    reads_numbers: bool = False
    #: Where the Kokoro voices lie.
    voices_folder: Path | None = None
    elevenlabs_key: SecretStr | None = None
    elevenlabs_voices: tuple[str, ...] = ()
    elevenlabs_usd_per_million_chars: float = 0.0


def _hibari(_: SpeechConfig) -> SpeechProvider:
    try:
        from ettametta.providers.speech.hibari import HibariSpeech  # noqa: PLC0415 - loads the voice's libraries
    except ImportError as error:
        raise MissingPart(
            f"The offline voice is not installed ({error.name} is missing).",
            hint="Install it: pip install 'hibari-tts[fast]'.",
            code="speech.engine_missing",
        ) from error
    return HibariSpeech()


def _openai(config: SpeechConfig) -> SpeechProvider:
    from ettametta.providers.speech.openai import Manner, OpenAISpeech  # noqa: PLC0415 - loads the SDK

    return OpenAISpeech(
        api_key=config.api_key,
        base_url=config.base_url,
        model=config.model,
        usd_per_million_chars=config.usd_per_million_chars,
        timeout_s=config.timeout_s,
        voices=config.voices or None,
        manner=Manner(config.sound_format, config.instructions, config.reads_numbers),
    )


def _elevenlabs(config: SpeechConfig) -> SpeechProvider:
    from ettametta.providers.speech.elevenlabs import DEFAULT_VOICES, ElevenLabsSpeech  # noqa: PLC0415 - as the others

    return ElevenLabsSpeech(
        api_key=config.elevenlabs_key,
        voices=config.elevenlabs_voices or DEFAULT_VOICES,
        usd_per_million_chars=config.elevenlabs_usd_per_million_chars,
        timeout_s=config.timeout_s,
    )


def _kokoro(config: SpeechConfig) -> SpeechProvider:
    from ettametta.providers.speech.kokoro import KokoroSpeech  # noqa: PLC0415 - loads the engine

    return KokoroSpeech(config.voices_folder or Path())


def _silent(_: SpeechConfig) -> SpeechProvider:
    from ettametta.providers.speech.silent import SilentSpeech  # noqa: PLC0415 - as the others

    return SilentSpeech()


#: All speech providers by name.
REGISTRY: Mapping[str, Callable[[SpeechConfig], SpeechProvider]] = MappingProxyType(
    {"elevenlabs": _elevenlabs, "hibari": _hibari, "kokoro": _kokoro, "openai": _openai, "silent": _silent}
)


def build_speech(name: str, config: SpeechConfig | None = None) -> SpeechProvider:
    """Build a provider by name.

    Raises:
        ConfigError: no such provider, or it cannot be built like this.
        MissingPart: its engine is not installed.
    """
    if name not in REGISTRY:
        raise ConfigError(
            f"There is no speech provider '{name}'.",
            hint=f"Set ETTAMETTA_SPEECH to one of: auto, {', '.join(REGISTRY)}.",
            code="speech.provider",
        )
    return REGISTRY[name](config or SpeechConfig())
