"""What is special to the offline voice: language, loading, threads, fall-back, true word times."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from itertools import pairwise

import numpy as np
import pytest
from hibari.voices import VOICES

from ettametta.errors import InvalidInput, MissingPart, TransientError
from ettametta.providers.speech import hibari
from ettametta.providers.speech.audio import decode_wav, speech_spans
from ettametta.providers.speech.base import SpeechRequest
from ettametta.providers.speech.hibari import HibariSpeech
from ettametta.providers.speech.onnx_output import GraphEditError
from ettametta.providers.speech.words import spread

TEXT = (
    "In March 1969, Margaret Hamilton stood beside a stack of paper taller than she was. "
    "It held the code that would guide Apollo 11 to the Moon. Her team at MIT had written 145,000 lines by hand, "
    "and every line was checked twice. Today, engineers at SpaceX, Airbus and Toyota study the same idea."
)


@pytest.fixture
async def voice() -> AsyncIterator[HibariSpeech]:
    provider = HibariSpeech()
    yield provider
    await provider.close()


@pytest.mark.parametrize(
    "text",
    ["Bonjour, je m'appelle Pierre et j'habite à Paris.", "Привет, мир! Как дела?", "你好，世界", "नमस्ते दुनिया"],
)
async def test_other_languages_are_refused_with_a_way_out(voice: HibariSpeech, text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        await voice.speak(SpeechRequest(text, "en"))
    assert caught.value.code == "speech.language"
    assert "ETTAMETTA_SPEECH=openai" in caught.value.hint


async def test_language_of_the_request(voice: HibariSpeech) -> None:
    with pytest.raises(InvalidInput) as caught:
        await voice.speak(SpeechRequest("Bonjour.", "fr"))
    assert caught.value.code == "speech.language"


async def test_known_voice_that_is_not_here(voice: HibariSpeech) -> None:
    missing = [name for name in VOICES if name not in voice.facts.voices]
    for name in missing:
        with pytest.raises(MissingPart, match=f"hibari --voice {name}"):
            await voice.speak(SpeechRequest("Hello.", "en", voice=name))


async def test_the_event_loop_goes_on_while_it_speaks(voice: HibariSpeech) -> None:
    await voice.speak(SpeechRequest("Hello.", "en"))  # loading parses word lists, which holds the interpreter longer
    longest, last = 0.0, time.monotonic()
    task = asyncio.create_task(voice.speak(SpeechRequest(TEXT, "en")))
    while not task.done():
        await asyncio.sleep(0.005)
        longest, last = max(longest, time.monotonic() - last), time.monotonic()
    assert longest < 0.3
    assert (await task).words_from == "engine"


async def test_one_thread_however_many_ask(voice: HibariSpeech) -> None:
    await asyncio.gather(*(voice.speak(SpeechRequest(f"Number {n}.", "en")) for n in range(8)))
    assert sum(thread.name.startswith("hibari") for thread in threading.enumerate()) == 1


async def test_cancelling_stops_the_work(voice: HibariSpeech, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    first = asyncio.Event()
    loop, say = asyncio.get_running_loop(), hibari._Engine.say

    def counted(*arguments: object) -> object:
        said.append("sentence")
        loop.call_soon_threadsafe(first.set)
        return say(*arguments)  # type: ignore[arg-type]  # passed through

    monkeypatch.setattr(hibari._Engine, "say", counted)
    task = asyncio.create_task(voice.speak(SpeechRequest("This is a sentence. " * 200, "en")))
    await first.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await voice.speak(SpeechRequest("Hello.", "en"))
    assert len(said) < 50


async def test_estimated_when_the_graph_cannot_be_edited(voice: HibariSpeech, monkeypatch: pytest.MonkeyPatch) -> None:
    exact = await voice.speak(SpeechRequest(TEXT, "en"))

    def broken(*_: object) -> tuple[bytes, str]:
        raise GraphEditError("another version")

    monkeypatch.setattr(hibari, "expose_output", broken)
    other = HibariSpeech()
    speech = await other.speak(SpeechRequest(TEXT, "en"))
    await other.close()
    assert speech.words_from == "estimated"
    assert [word.text for word in speech.words] == TEXT.split()
    assert speech.duration_s == pytest.approx(exact.duration_s, abs=0.05)
    off = [abs(a.start_s - b.start_s) for a, b in zip(speech.words, exact.words, strict=True)]
    assert np.median(off) < 0.15


async def test_words_after_pauses_begin_with_the_sound(voice: HibariSpeech) -> None:
    speech = await voice.speak(SpeechRequest(TEXT, "en"))
    starts = [span.start_s for span in speech_spans(decode_wav(speech.wav))]
    off = [min(abs(word.start_s - start) for word in speech.words) for start in starts]
    assert max(off) <= 0.12


async def test_the_cheap_aligner_on_real_speech(voice: HibariSpeech) -> None:
    speech = await voice.speak(SpeechRequest(TEXT, "en"))
    guessed = spread(TEXT.split(), speech_spans(decode_wav(speech.wav)))
    off = np.array([abs(a.start_s - b.start_s) for a, b in zip(guessed, speech.words, strict=True)])
    assert np.median(off) < 0.1
    assert off.max() < 0.6


async def test_long_sentence_without_punctuation(voice: HibariSpeech) -> None:
    text = "and then we went on and on without a stop " * 25
    speech = await voice.speak(SpeechRequest(text, "en"))
    assert [word.text for word in speech.words] == text.split()
    gaps = [b.start_s - a.end_s for a, b in pairwise(speech.words)]
    assert max(gaps) < 1.0


async def test_pauses_between_sentences_are_natural(voice: HibariSpeech) -> None:
    speech = await voice.speak(SpeechRequest("The first one ends. The second begins.\nA new line.", "en"))
    spans = speech_spans(decode_wav(speech.wav), shortest_pause_s=0.25)
    pauses = [b.start_s - a.end_s for a, b in pairwise(spans)]
    assert pauses[0] == pytest.approx(0.37, abs=0.06)
    assert pauses[-1] == pytest.approx(0.60, abs=0.06)


async def test_closing_stops_the_work() -> None:
    voice = HibariSpeech()
    task = asyncio.create_task(voice.speak(SpeechRequest("This is a sentence. " * 300, "en")))
    await asyncio.sleep(0)
    await voice.close()
    with pytest.raises(TransientError) as caught:
        await asyncio.wait_for(task, 10)
    assert caught.value.code == "speech.closed"
