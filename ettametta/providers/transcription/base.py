"""The transcription port: sound in, the words that are heard out, with their times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from ettametta.providers.speech.audio import Sound
from ettametta.providers.speech.base import Word


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was heard. Words carry their punctuation; times are seconds from the start of the sound."""

    words: tuple[Word, ...]
    #: ISO 639-1, as asked or as recognised.
    language: str
    duration_s: float

    @property
    def text(self) -> str:
        """The words as one text."""
        return " ".join(word.text for word in self.words)


@runtime_checkable
class Transcriber(Protocol):
    """A recogniser."""

    name: str
    languages: tuple[str, ...]

    async def transcribe(self, sound: Sound, language: str | None = None) -> Transcript:
        """Listen; `language` None lets the engine find out.

        Raises:
            InvalidInput: nothing can be heard, or a language the engine does not know.
            MissingPart: its model is not installed.
        """
        ...

    async def close(self) -> None:
        """Let go of the models."""
        ...
