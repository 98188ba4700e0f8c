"""No voice: silence that is long enough to read."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from ettametta.errors import InvalidInput
from ettametta.providers.speech import build_speech
from ettametta.providers.speech.audio import decode_wav
from ettametta.providers.speech.base import SpeechRequest


@pytest.mark.parametrize(
    ("language", "text"), [("en", "One two three, four. Five!"), ("ja", "こんにちは、世界。"), ("ar", "مرحبا بالعالم")]
)
async def test_any_language_is_silence_with_times_for_every_word(language: str, text: str) -> None:
    speech = await build_speech("silent").speak(SpeechRequest(text, language))
    assert not np.any(decode_wav(speech.wav).samples)
    assert [word.text for word in speech.words] == text.split()
    assert all(a.end_s <= b.start_s for a, b in pairwise(speech.words))
    assert speech.words_from == "estimated"
    assert 0.1 * len(text) > speech.words[-1].end_s > 0.03 * len(text) or language == "ja"


async def test_pace_and_pauses_count() -> None:
    voice = build_speech("silent")
    plain, slow, paused = [
        (await voice.speak(SpeechRequest(text, "en", pace=pace))).duration_s
        for text, pace in (("One. Two.", 1.0), ("One. Two.", 0.5), ("One. [pause 2s] Two.", 1.0))
    ]
    assert slow > 1.7 * plain
    assert paused == pytest.approx(plain + 1.75, abs=0.01)


async def test_a_word_that_is_no_language_is_refused() -> None:
    with pytest.raises(InvalidInput):
        await build_speech("silent").speak(SpeechRequest("Hello.", "en; DROP"))
