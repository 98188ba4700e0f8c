"""Estimated word times made better by listening; and when they stay as they are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ettametta.errors import EttamettaError, InvalidInput, MissingPart
from ettametta.productions.hearing import Hearing
from ettametta.providers.speech.audio import Sound, encode_wav
from ettametta.providers.speech.base import Speech, Word
from ettametta.providers.transcription.base import Transcript
from ettametta.testing import tones

TEXT = "In 1822 a single lamp in Paris was seen from far away."
HEARD = "In eighteen twenty two a single lamp in Harris was seen from far away."


class Ears:
    """A recogniser that hears `words`, or fails."""

    name = "ears"
    languages: tuple[str, ...] = ("en",)

    def __init__(self, words: tuple[Word, ...] = (), fault: EttamettaError | None = None) -> None:
        self._words = words
        self._fault = fault
        self.listened = 0

    async def transcribe(self, sound: Sound, language: str | None = None) -> Transcript:
        self.listened += 1
        if self._fault:
            raise self._fault
        return Transcript(self._words, language or "en", sound.duration_s)

    async def close(self) -> None:
        """Nothing to let go of."""


def estimated(text: str = TEXT) -> Speech:
    """Speech whose words are said to be all over the place."""
    sound, words = tones(text)
    even = np.linspace(0, sound.duration_s, len(words) + 1)
    spread = tuple(Word(word.text, float(even[n]), float(even[n + 1])) for n, word in enumerate(words))
    return Speech(encode_wav(sound), sound.sample_rate, sound.duration_s, spread, "estimated", 0.5)


def heard() -> tuple[Word, ...]:
    """What a recogniser makes of it: the number in words, a name misheard, the times right."""
    _, words = tones(TEXT)
    year = words[1]
    third = (year.end_s - year.start_s) / 3
    parts = [Word(text, year.start_s + n * third, year.start_s + (n + 1) * third)
             for n, text in enumerate(("eighteen", "twenty", "two"))]  # fmt: skip
    rest = [replace(word, text="Harris") if word.text == "Paris" else word for word in words[2:]]
    return (words[0], *parts, *rest)


async def test_words_are_where_they_are_heard() -> None:
    assert " ".join(word.text for word in heard()) == HEARD
    speech = await Hearing(lambda: Ears(heard())).timed(estimated(), "en")
    assert speech.words_from == "aligned"
    assert speech.cost_usd == 0.5
    _, true = tones(TEXT)
    assert [word.text for word in speech.words] == TEXT.split()
    assert max(abs(a.start_s - b.start_s) for a, b in zip(speech.words, true, strict=True)) < 0.03


async def test_a_voice_that_knows_its_times_is_not_listened_to() -> None:
    ears = Ears(heard())
    own = replace(estimated(), words_from="engine")
    assert await Hearing(lambda: ears).timed(own, "en") is own
    silent = replace(estimated(), wav=encode_wav(Sound(np.zeros(8_000, np.float32), 8_000)))
    assert await Hearing(lambda: ears).timed(silent, "en") is silent
    assert ears.listened == 0


@pytest.mark.parametrize(
    ("ears", "language"),
    [
        (Ears(heard()), "sw"),
        (Ears(()), "en"),
        (Ears(tones("Thank you for watching this and see you next time.")[1]), "en"),
        (Ears(fault=InvalidInput("Nothing.", hint="Speak.", code="transcription.silent")), "en"),
    ],
)
async def test_what_it_cannot_hear_stays_estimated(ears: Ears, language: str) -> None:
    speech = estimated()
    assert await Hearing(lambda: ears).timed(speech, language) is speech


async def test_without_a_recogniser_it_stays_estimated() -> None:
    def missing() -> Ears:
        raise MissingPart("None.", hint="Install it.", code="transcription.engine_missing")

    speech = estimated()
    assert await Hearing(missing).timed(speech, "en") is speech
