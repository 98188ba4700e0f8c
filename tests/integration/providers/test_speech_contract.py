"""What every voice must do, whoever makes it."""

from __future__ import annotations

import asyncio
import io
import wave
from itertools import pairwise

import pytest

from ettametta.errors import InvalidInput
from ettametta.providers.speech import REGISTRY, build_speech
from ettametta.providers.speech.audio import decode_wav, speech_spans
from ettametta.providers.speech.base import Speech, SpeechProvider, SpeechRequest

SHORT = "Hello there, this is a test."
NUMBERS = "Dr. Smith paid $3.2 billion at 9:30am on 10/12/2019, about 50% more, for 5km in 3 hrs."
SYMBOLS = "Wait — really? Yes… “Rock'n'roll” (live) & more 🎉 at example.org!"
PARAGRAPHS = "The first line ends here.\n\nThe second one follows. And a third."
LONG = " ".join(f"Sentence number {n} is here to make the text long, so that it is split." for n in range(90))


def check(speech: Speech, text: str) -> None:
    with wave.open(io.BytesIO(speech.wav)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, speech.sample_rate)
        assert file.getnframes() / file.getframerate() == pytest.approx(speech.duration_s, abs=1e-3)
    assert [word.text for word in speech.words] == text.split()
    assert all(0 <= word.start_s <= word.end_s <= speech.duration_s + 1e-3 for word in speech.words)
    assert all(a.start_s <= b.start_s and a.end_s <= b.start_s + 1e-3 for a, b in pairwise(speech.words))
    assert sum(word.end_s > word.start_s for word in speech.words) > 0.9 * len(text.split()) - 2


@pytest.mark.parametrize("text", [SHORT, NUMBERS, SYMBOLS, PARAGRAPHS, LONG, "Yes."])
async def test_every_word_in_order_within_the_sound(voice: SpeechProvider, text: str) -> None:
    speech = await voice.speak(SpeechRequest(text, "en"))
    check(speech, text)
    assert speech.words_from in ("engine", "aligned", "estimated")
    assert speech.cost_usd == pytest.approx(len(text) * voice.facts.usd_per_million_chars / 1e6)


async def test_silence_at_the_ends_is_small_and_words_begin_with_the_sound(voice: SpeechProvider) -> None:
    speech = await voice.speak(SpeechRequest(SHORT, "en"))
    spans = speech_spans(decode_wav(speech.wav))
    assert spans[0].start_s < 0.08
    assert speech.duration_s - spans[-1].end_s < 0.16
    assert speech.words[0].start_s == pytest.approx(spans[0].start_s, abs=0.12)
    assert speech.words[-1].end_s == pytest.approx(spans[-1].end_s, abs=0.2)


async def test_words_begin_where_somebody_speaks(voice: SpeechProvider) -> None:
    speech = await voice.speak(SpeechRequest(NUMBERS + " " + PARAGRAPHS, "en"))
    spans = speech_spans(decode_wav(speech.wav))
    for word in speech.words:
        distance = min(max(span.start_s - word.start_s, word.start_s - span.end_s, 0.0) for span in spans)
        assert distance <= 0.12, f"{word} is {distance:.3f} s from speech"


@pytest.mark.parametrize("pace", [0.5, 0.8, 1.25, 2.0])
async def test_pace_changes_the_length(voice: SpeechProvider, pace: float) -> None:
    plain = await voice.speak(SpeechRequest(SHORT, "en"))
    paced = await voice.speak(SpeechRequest(SHORT, "en", pace=pace))
    check(paced, SHORT)
    assert paced.duration_s == pytest.approx(plain.duration_s / pace, rel=0.2)


async def test_same_request_same_sound(voice: SpeechProvider) -> None:
    request = SpeechRequest(SHORT, "en")
    assert await voice.speak(request) == await voice.speak(request)


@pytest.mark.parametrize("text", ["", "   \n ", "… — !!", "\x00\x01", "🎉🎉"])
async def test_nothing_to_say(voice: SpeechProvider, text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        await voice.speak(SpeechRequest(text, "en"))
    assert caught.value.code == "speech.empty"


async def test_unknown_voice_lists_voices(voice: SpeechProvider) -> None:
    with pytest.raises(InvalidInput) as caught:
        await voice.speak(SpeechRequest(SHORT, "en", voice="nobody"))
    assert voice.facts.voices[0] in str(caught.value)


async def test_every_named_voice_speaks(voice: SpeechProvider) -> None:
    for name in voice.facts.voices:
        check(await voice.speak(SpeechRequest("Good day to you.", "en", voice=name)), "Good day to you.")


@pytest.mark.parametrize("language", ["xx", "", "klingon", "en; DROP"])
async def test_unknown_language(voice: SpeechProvider, language: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        await voice.speak(SpeechRequest(SHORT, language))
    assert caught.value.code == "speech.language"
    assert "en" in caught.value.hint


@pytest.mark.parametrize("pace", [0.49, 2.01, 0.0, -1.0, float("nan"), float("inf")])
async def test_pace_out_of_range(voice: SpeechProvider, pace: float) -> None:
    with pytest.raises(InvalidInput) as caught:
        await voice.speak(SpeechRequest(SHORT, "en", pace=pace))
    assert caught.value.code == "speech.pace"


@pytest.mark.parametrize("text", ["word " * 5_000, "a" * 2_000])
async def test_too_long(voice: SpeechProvider, text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        await voice.speak(SpeechRequest(text, "en"))
    assert caught.value.code == "speech.too_long"


async def test_many_at_once(voice: SpeechProvider) -> None:
    texts = [f"This is text number {number}." for number in range(6)]
    for text, speech in zip(
        texts, await asyncio.gather(*(voice.speak(SpeechRequest(text, "en")) for text in texts)), strict=True
    ):
        check(speech, text)


async def test_cancelled_and_usable_afterwards(voice: SpeechProvider) -> None:
    task = asyncio.create_task(voice.speak(SpeechRequest(LONG, "en")))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    check(await voice.speak(SpeechRequest(SHORT, "en")), SHORT)


async def test_facts(voice: SpeechProvider) -> None:
    assert isinstance(voice, SpeechProvider)
    assert voice.facts.voices
    assert "en" in voice.facts.languages
    assert 100 < voice.facts.words_per_minute < 250


def test_registry_names_are_provider_names() -> None:
    assert build_speech("hibari").facts.name == "hibari"
    assert set(REGISTRY) == {"elevenlabs", "hibari", "kokoro", "openai", "silent"}
