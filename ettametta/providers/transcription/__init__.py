"""Listening: speech to words with times. An engine is a name here and a file beside it that loads when it is built."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from ettametta.errors import ConfigError, MissingPart
from ettametta.providers.transcription.base import Transcriber


def _whisper() -> Transcriber:
    try:
        from ettametta.providers.transcription.whisper import WhisperTranscriber  # noqa: PLC0415 - loads the engine
    except ImportError as error:
        raise MissingPart(
            f"The recogniser is not installed ({error.name} is missing).",
            hint="Install it: pip install 'ettametta[transcription]'.",
            code="transcription.engine_missing",
        ) from error
    return WhisperTranscriber()


#: All engines by name.
REGISTRY: Mapping[str, Callable[[], Transcriber]] = MappingProxyType({"whisper": _whisper})


def build_transcriber(name: str = "whisper") -> Transcriber:
    """Build an engine by name.

    Raises:
        ConfigError: there is none of that name.
        MissingPart: it is not installed.
    """
    if name not in REGISTRY:
        raise ConfigError(
            f"There is no recogniser '{name}'.",
            hint=f"Choose one of: {', '.join(REGISTRY)}.",
            code="transcription.provider",
        )
    return REGISTRY[name]()
