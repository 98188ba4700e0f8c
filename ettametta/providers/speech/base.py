"""The speech port: text in, narration with word times out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Word:
    """One spoken word as the script writes it (with its punctuation), in seconds from the start of the audio."""

    text: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class SpeechRequest:
    """What to say. `language` is ISO 639-1; `pace` 1.0 is the voice's own speed, 1.2 is a fifth faster.

    `[pause]` and `[pause 1.5s]` in the text are silence and no words.
    """

    text: str
    language: str
    voice: str = "default"
    pace: float = 1.0
    #: Words and phrases that are said otherwise than they are written: (written, said).
    pronunciations: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Speech:
    """Narration: `wav` is a RIFF file, mono, 16-bit PCM. `words` hold every word of the text in order."""

    wav: bytes
    sample_rate: int
    duration_s: float
    words: tuple[Word, ...]
    #: Where the word times come from: the engine itself, an aligner, or spread by length.
    words_from: Literal["engine", "aligned", "estimated"]
    cost_usd: float = 0.0


@dataclass(frozen=True, slots=True)
class SpeechFacts:
    """What a provider can do, before it is asked.

    `words_per_minute`, at pace 1.0, is measured for offline voices (docs/voices.md) and assumed for those of APIs.
    """

    name: str
    voices: tuple[str, ...]
    languages: tuple[str, ...]
    #: US dollars for a million characters; 0 for local engines.
    usd_per_million_chars: float
    words_per_minute: float
    needs_network: bool
    #: What else the sound of a text depends on, such as the model: another value, another narration.
    manner: str = ""


@runtime_checkable
class SpeechProvider(Protocol):
    """A voice."""

    facts: SpeechFacts

    async def speak(self, request: SpeechRequest) -> Speech:
        """Speak the text.

        Raises:
            InvalidInput: empty text, or a language or voice this provider does not have.
            ConfigError: a key is missing or was refused.
            MissingPart: the engine is not installed.
            TransientError: worth another try.
        """
        ...

    async def close(self) -> None:
        """Let go of models and connections."""
        ...
