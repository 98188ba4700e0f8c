"""Doubles for tests, beside their ports: a voice of tones, whose word times are known exactly; instant, no engine."""

from __future__ import annotations

import asyncio
import math

import numpy as np

from ettametta.providers.speech.audio import Samples, Sound, encode_wav, silence
from ettametta.providers.speech.base import Speech, SpeechFacts, SpeechRequest, Word
from ettametta.providers.speech.requests import checked_text, checked_voice

SAMPLE_RATE = 24_000
_LEAD_S = 0.05
_TRAIL_S = 0.1
_PITCHES = {"tone": 220.0, "low": 130.0}


class ToneSpeech:
    """Implements `SpeechProvider` with tones; `spoken` lists what was asked."""

    def __init__(self, *, languages: tuple[str, ...] = ("en", "es", "de", "fr")) -> None:
        self.spoken: list[SpeechRequest] = []
        self.facts = SpeechFacts("tone", tuple(_PITCHES), languages, 0.0, 150.0, needs_network=False)

    async def speak(self, request: SpeechRequest) -> Speech:
        """Give each word its tone."""
        text = checked_text(request, self.facts)
        voice = checked_voice(request.voice, self.facts.voices, "tone")
        self.spoken.append(request)
        await asyncio.sleep(0)  # a place to be cancelled at
        sound, words = tones(text, pitch_hz=_PITCHES[voice], pace=request.pace)
        return Speech(encode_wav(sound), SAMPLE_RATE, sound.duration_s, words, "engine")

    async def close(self) -> None:
        """Nothing to let go of."""


def tones(text: str, *, pitch_hz: float = 220.0, pace: float = 1.0) -> tuple[Sound, tuple[Word, ...]]:
    """A tone for each word, by its letters; 60 ms between words, 200 ms after a comma, 400 ms after a sentence."""
    parts: list[Samples] = [silence(_LEAD_S, SAMPLE_RATE)]
    words: list[Word] = []
    place = len(parts[0])
    for index, word in enumerate(text.split()):
        tone = _tone(pitch_hz * (1.0 + 0.1 * (index % 5)), (0.1 + 0.05 * min(len(word), 16)) / pace)
        words.append(Word(word, place / SAMPLE_RATE, (place + len(tone)) / SAMPLE_RATE))
        gap = silence(_gap_s(word) / pace, SAMPLE_RATE)
        parts.extend((tone, gap))
        place += len(tone) + len(gap)
    parts[-1] = silence(_TRAIL_S, SAMPLE_RATE)
    return Sound(np.concatenate(parts), SAMPLE_RATE), tuple(words)


def _gap_s(word: str) -> float:
    if word.endswith((".", "!", "?")):
        return 0.4
    return 0.2 if word.endswith((",", ";", ":")) else 0.06


def _tone(pitch_hz: float, duration_s: float) -> Samples:
    count = round(duration_s * SAMPLE_RATE)
    wave: Samples = (0.3 * np.sin(2 * math.pi * pitch_hz * np.arange(count) / SAMPLE_RATE)).astype(np.float32)
    ramp = np.linspace(0, 1, min(120, count // 2), dtype=np.float32)
    wave[: len(ramp)] *= ramp
    wave[count - len(ramp) :] *= ramp[::-1]
    return wave
