"""Word times for voices that give none: their narration is listened to where a recogniser is installed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from ettametta.errors import EttamettaError
from ettametta.providers.speech.audio import decode_wav, speech_spans
from ettametta.providers.speech.base import Speech, Word
from ettametta.providers.speech.reading import read
from ettametta.providers.speech.words import key
from ettametta.providers.transcription.aligning import align
from ettametta.providers.transcription.base import Transcriber

#: When less of the text than this was heard, the recogniser heard something else: what it says is not used.
_LEAST_ALIKE = 0.6


class Hearing:
    """Listens to narration.

    Args:
        ears: builds the recogniser at first use.
    """

    def __init__(self, ears: Callable[[], Transcriber]) -> None:
        self._ears = ears

    async def timed(self, speech: Speech, language: str) -> Speech:
        """The speech with the times at which its words are heard.

        Unchanged when the voice gave its own times, or no recogniser here can give better ones: none is installed, it
        does not know the language (ISO 639-1), or it did not hear the text.
        """
        if speech.words_from != "estimated":
            return speech
        sound = await asyncio.to_thread(decode_wav, speech.wav)
        if not speech_spans(sound):
            return speech
        try:
            ears = await asyncio.to_thread(self._ears)
            if language not in ears.languages:
                return speech
            heard = (await ears.transcribe(sound, language)).words
        except EttamettaError:  # not installed, or nothing heard: the times that are there are good enough
            return speech
        texts = [word.text for word in speech.words]
        if _alike(texts, heard, language) < _LEAST_ALIKE:
            return speech
        words = await asyncio.to_thread(align, texts, heard, sound, language)
        return replace(speech, words=words, words_from="aligned")


def _alike(words: Sequence[str], heard: Sequence[Word], language: str) -> float:
    """How much two readings have in common, 0 to 1."""
    text, found = _said(words, language), _said([word.text for word in heard], language)
    return SequenceMatcher(None, text, found, autojunk=False).ratio()


def _said(words: Sequence[str], language: str) -> list[str]:
    return [key(said) for reading in read(words, language) for said in reading.said]
