"""No voice: silence as long as the text takes to read, with word times by length, for videos of captions alone."""

from __future__ import annotations

import asyncio

from ettametta.errors import InvalidInput
from ettametta.providers.speech.audio import Sound, encode_wav, silence
from ettametta.providers.speech.base import Speech, SpeechFacts, SpeechRequest, Word
from ettametta.providers.speech.requests import checked_text, checked_voice
from ettametta.providers.speech.script import lines
from ettametta.providers.speech.words import weight

_RATE = 24_000
_LEAD_S, _TRAIL_S, _SENTENCE_PAUSE_S = 0.05, 0.10, 0.25
#: Readers of captions want a little more time than listeners: 150 words a minute for English text.
_SLOWER = 1.15
#: Scripts that write whole words or syllables in one letter take this long for each, in seconds.
_DENSE_S = 0.19


class SilentSpeech:
    """Implements `SpeechProvider` without a sound, in any language ("*")."""

    def __init__(self) -> None:
        self.facts = SpeechFacts("silent", ("silent",), ("*",), 0.0, 150.0, needs_network=False)

    async def speak(self, request: SpeechRequest) -> Speech:
        """Give each word its time to be read.

        Raises:
            InvalidInput: empty or endless text, a pace out of range, no language code.
        """
        text = checked_text(request, self.facts)
        checked_voice(request.voice, self.facts.voices, "silent")
        return await asyncio.to_thread(_read, request, text)

    async def close(self) -> None:
        """Nothing to let go of."""


def _read(request: SpeechRequest, text: str) -> Speech:
    words: list[Word] = []
    place = _LEAD_S
    for line in lines(request, text=text, rules=False):
        for word in line.words:
            length = _seconds(word) / request.pace
            words.append(Word(word, round(place, 4), round(place + length, 4)))
            place += length
        place += line.pause_s if line.pause_s is not None else _SENTENCE_PAUSE_S / request.pace
    if not words:
        raise InvalidInput(
            "There is nothing to read in this text.", hint="Give a text with words.", code="speech.empty"
        )
    sound = Sound(silence(words[-1].end_s + _TRAIL_S, _RATE), _RATE)
    return Speech(encode_wav(sound), _RATE, sound.duration_s, tuple(words), "estimated")


def _seconds(word: str) -> float:
    dense = sum(_is_dense(letter) for letter in word)
    return _SLOWER * (weight(word) if not dense else _DENSE_S * dense)


def _is_dense(letter: str) -> bool:
    return "\u3040" <= letter <= "\u30ff" or "\u3400" <= letter <= "\u9fff" or "\uac00" <= letter <= "\ud7af"
