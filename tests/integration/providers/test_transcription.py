"""The offline recogniser listens to the offline voice."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import jiwer
import numpy as np
import pytest

from ettametta.errors import ConfigError, InvalidInput, MissingPart
from ettametta.providers.speech.audio import Sound, decode_wav
from ettametta.providers.speech.base import SpeechRequest
from ettametta.providers.speech.hibari import HibariSpeech
from ettametta.providers.transcription import build_transcriber
from ettametta.providers.transcription.aligning import align
from ettametta.providers.transcription.base import Transcriber

TEXT = "The lamp stood in Paris, on top of the tower."


@pytest.fixture(scope="module")
def ears() -> Iterator[Transcriber]:
    transcriber = build_transcriber()
    yield transcriber
    asyncio.run(transcriber.close())


async def test_words_are_heard_where_they_are_spoken(ears: Transcriber) -> None:
    voice = HibariSpeech()
    speech = await voice.speak(SpeechRequest(TEXT, "en"))
    await voice.close()
    sound = decode_wav(speech.wav)
    transcript = await ears.transcribe(sound, "en")
    assert jiwer.wer(TEXT.lower(), transcript.text.lower()) < 0.15
    assert transcript.language == "en"
    words = align(TEXT.split(), transcript.words, sound, "en")
    off = np.array([abs(a.start_s - b.start_s) for a, b in zip(words, speech.words, strict=True)])
    assert np.median(off) < 0.12


async def test_silence_and_unknown_languages_are_refused(ears: Transcriber) -> None:
    with pytest.raises(InvalidInput) as caught:
        await ears.transcribe(Sound(np.zeros(16_000, np.float32), 16_000), "en")
    assert caught.value.code == "transcription.silent"
    with pytest.raises(MissingPart) as missing:
        await ears.transcribe(Sound(np.full(16_000, 0.3, np.float32), 16_000), "xx")
    assert "languages" in missing.value.hint


def test_unknown_engine() -> None:
    with pytest.raises(ConfigError):
        build_transcriber("nobody")
