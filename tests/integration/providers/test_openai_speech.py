"""OpenAI speech: what is sent, what may come back as sound, word times against known ones, cost."""

from __future__ import annotations

import struct
from collections.abc import AsyncIterator

import numpy as np
import pytest

from ettametta.errors import EttamettaError, InvalidInput, ModelError, TransientError
from ettametta.providers.speech import build_speech
from ettametta.providers.speech.audio import Sound, encode_wav, silence
from ettametta.providers.speech.base import SpeechProvider, SpeechRequest
from ettametta.testing import tones
from tests.integration.providers.conftest import speech_config
from tests.servers.openai_server import OpenAIServer, Reply

TEXT = (
    "In March 1969, Margaret Hamilton stood beside a stack of paper taller than she was. "
    "It held the code, written by hand, that would guide Apollo 11 to the Moon. Really? Yes!"
)


@pytest.fixture
async def voice(openai_server: OpenAIServer) -> AsyncIterator[SpeechProvider]:
    provider = build_speech("openai", speech_config(openai_server))
    yield provider
    await provider.close()


async def test_request_on_the_wire(voice: SpeechProvider, openai_server: OpenAIServer) -> None:
    speech = await voice.speak(SpeechRequest("Hello there.", "en", voice="nova", pace=1.25))
    assert openai_server.bodies("/audio/speech") == [
        {"model": "gpt-4o-mini-tts", "input": "Hello there.", "voice": "nova", "response_format": "wav", "speed": 1.25}
    ]
    assert speech.cost_usd == pytest.approx(12 * 15 / 1e6)
    assert speech.words_from == "estimated"


async def test_tone_and_reading_are_sent_when_they_are_set(openai_server: OpenAIServer) -> None:
    config = speech_config(openai_server, instructions="Calm, as to a child.", reads_numbers=True, voices=("sage",))
    voice = build_speech("openai", config)
    speech = await voice.speak(SpeechRequest("It weighs 32 kg.", "en"))
    assert openai_server.bodies("/audio/speech") == [
        {"model": "gpt-4o-mini-tts", "input": "It weighs thirty two kilograms.", "voice": "sage",
         "response_format": "wav", "instructions": "Calm, as to a child."}
    ]  # fmt: skip
    assert [word.text for word in speech.words] == ["It", "weighs", "32", "kg."]
    assert voice.facts.voices == ("sage",)
    with pytest.raises(InvalidInput):
        await voice.speak(SpeechRequest("Hello there.", "en", voice="nova"))
    await voice.close()


@pytest.mark.parametrize("sound_format", ["mp3", "opus", "flac", "pcm"])
async def test_every_format_is_heard(openai_server: OpenAIServer, sound_format: str) -> None:
    voice = build_speech("openai", speech_config(openai_server, sound_format=sound_format))
    speech = await voice.speak(SpeechRequest("Hello there, friends.", "en"))
    assert openai_server.bodies("/audio/speech")[0]["response_format"] == sound_format
    sound, true = tones("Hello there, friends.")
    assert speech.duration_s == pytest.approx(sound.duration_s, abs=0.15)
    assert speech.words[0].start_s == pytest.approx(true[0].start_s, abs=0.06)
    openai_server.queue(Reply(raw=encode_wav(sound), content_type="audio/wav"))  # one that knows wav alone
    assert len((await voice.speak(SpeechRequest("Hello there, friends.", "en"))).words) == 3
    openai_server.queue(Reply(raw=b'{"error": {"message": "no"}}', content_type="application/json"))
    with pytest.raises(ModelError) as caught:
        await voice.speak(SpeechRequest("Hello there, friends.", "en"))
    assert caught.value.code == "speech.not_audio"
    await voice.close()


@pytest.mark.parametrize(
    ("text", "said_to_be"),
    [
        ("La lámpara estaba en París, encima de la torre, y se veía desde el mar.", "de"),
        ("La lámpara estaba en París, encima de la torre, y se veía desde el mar.", "ru"),
        ("Лампа стояла в Париже, на самом верху башни.", "fr"),
        ("Die Lampe stand in Paris, ganz oben auf dem Turm, und leuchtete weit.", "en"),
    ],
)
async def test_another_language_than_declared_is_not_paid_for(
    voice: SpeechProvider, openai_server: OpenAIServer, text: str, said_to_be: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        await voice.speak(SpeechRequest(text, said_to_be))
    assert caught.value.code == "speech.language"
    assert openai_server.bodies("/audio/speech") == []


async def test_words_fall_on_the_right_side_of_pauses(voice: SpeechProvider) -> None:
    speech = await voice.speak(SpeechRequest(TEXT, "en"))
    _, true = tones(TEXT)
    off = np.array([abs(word.start_s - exact.start_s) for word, exact in zip(speech.words, true, strict=True)])
    after_pause = [0, *(place + 1 for place, word in enumerate(TEXT.split()[:-1]) if word[-1] in ".,?!")]
    assert off[after_pause].max() < 0.05
    assert np.median(off) < 0.2


async def test_long_text_in_several_requests(voice: SpeechProvider, openai_server: OpenAIServer) -> None:
    text = " ".join([TEXT] * 40)
    speech = await voice.speak(SpeechRequest(text, "en"))
    bodies = openai_server.bodies("/audio/speech")
    assert len(bodies) == 2
    assert " ".join(body["input"] for body in bodies) == text
    assert bodies[0]["input"].endswith(("Yes!", "was.", "Moon.", "Really?"))
    assert [word.text for word in speech.words] == text.split()


def _streaming_header(wav: bytes) -> bytes:
    place = wav.index(b"data") + 4
    return wav[:4] + b"\xff\xff\xff\xff" + wav[8:place] + b"\xff\xff\xff\xff" + wav[place + 4 :]


async def test_wav_with_a_streaming_writers_sizes(voice: SpeechProvider, openai_server: OpenAIServer) -> None:
    wav = encode_wav(tones("Hello there, friends.")[0])
    openai_server.queue(Reply(raw=_streaming_header(wav), content_type="audio/wav"))
    assert len((await voice.speak(SpeechRequest("Hello there, friends.", "en"))).words) == 3


async def test_stereo_float_at_another_rate(voice: SpeechProvider, openai_server: OpenAIServer) -> None:
    sound, _ = tones("Hello there, friends.")
    both = np.repeat(sound.samples[::2], 2).astype("<f4").tobytes()
    form = struct.pack("<HHIIHH", 3, 2, 12_000, 96_000, 8, 32)
    data = b"fmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", len(both)) + both
    openai_server.queue(Reply(raw=b"RIFF" + struct.pack("<I", len(data) + 4) + b"WAVE" + data))
    speech = await voice.speak(SpeechRequest("Hello there, friends.", "en"))
    assert speech.sample_rate == 12_000
    assert speech.duration_s == pytest.approx(sound.duration_s, abs=0.05)


_WAV = encode_wav(tones("Hello there, friends.")[0])


@pytest.mark.parametrize(
    ("body", "content_type", "kind", "code"),
    [
        (b"", "audio/wav", TransientError, "speech.no_audio"),
        (_WAV[:5_000], "audio/wav", TransientError, "speech.truncated"),
        (_WAV[:30], "audio/wav", TransientError, "speech.truncated"),
        (encode_wav(Sound(silence(2, 24_000), 24_000)), "audio/wav", TransientError, "speech.no_audio"),
        (encode_wav(Sound(silence(0, 24_000), 24_000)), "audio/wav", TransientError, "speech.no_audio"),
        (encode_wav(tones("Hi")[0]), "audio/wav", None, ""),
        (b"ID3\x04" + bytes(4_000), "audio/mpeg", ModelError, "speech.not_audio"),
        (b"<html>Welcome</html>", "text/html", ModelError, "speech.not_audio"),
        (b'{"error": {"message": "no"}}', "application/json", ModelError, "speech.not_audio"),
        (b"RIFF" + bytes(100), "audio/wav", ModelError, "speech.not_audio"),
        (_WAV.replace(b"\x01\x00\x01\x00", b"\x07\x00\x01\x00", 1), "audio/wav", ModelError, "speech.not_audio"),
        (b"RIFF\xff\xff\xff\xffWAVEfmt " + b"\xff" * 60, "audio/wav", ModelError, "speech.not_audio"),
    ],
)
async def test_what_comes_back_is_checked(
    voice: SpeechProvider,
    openai_server: OpenAIServer,
    body: bytes,
    content_type: str,
    kind: type[EttamettaError] | None,
    code: str,
) -> None:
    openai_server.queue(Reply(raw=body, content_type=content_type))
    if kind is None:
        assert (await voice.speak(SpeechRequest("Hi", "en"))).words
        return
    with pytest.raises(EttamettaError) as caught:
        await voice.speak(SpeechRequest("Hello there, friends.", "en"))
    assert (type(caught.value), caught.value.code) == (kind, code)


async def test_speech_far_too_short_for_its_text(voice: SpeechProvider, openai_server: OpenAIServer) -> None:
    openai_server.queue(Reply(raw=encode_wav(tones("Hello")[0])))
    with pytest.raises(TransientError) as caught:
        await voice.speak(SpeechRequest(TEXT, "en"))
    assert caught.value.code == "speech.truncated"


async def test_other_endpoints_have_other_voices() -> None:
    async with OpenAIServer(voices=("af_heart",)) as server:
        voice = build_speech("openai", speech_config(server))
        assert (await voice.speak(SpeechRequest("Hello there.", "en", voice="af_heart"))).words
        with pytest.raises(InvalidInput, match="af_heart"):
            await voice.speak(SpeechRequest("Hello there.", "en", voice="nobody"))
        await voice.close()


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Der schnelle braune Fuchs, er springt.", "de"),
        ("El perro come carne en el parque.", "es"),
        ("Привет, мир! Лампа стояла в Париже, на самом верху башни.", "ru"),
        ("दीपक पेरिस में मीनार के ऊपर खड़ा था और दूर से दिखता था।", "hi"),
        ("كان المصباح في باريس، فوق البرج، وكان يُرى من بعيد.", "ar"),
        ("Lampen stod i Paris, på toppen af tårnet, og kunne ses fra havet.", "da"),
        ("Lampen stod i Paris, på toppen av tårnet, og kunne ses fra havet.", "no"),
        ("Лампа стояла у Парижі, на самому верху вежі.", "uk"),
    ],
)
async def test_other_languages(voice: SpeechProvider, text: str, language: str) -> None:
    speech = await voice.speak(SpeechRequest(text, language))
    assert [word.text for word in speech.words] == text.split()


async def test_repr_shows_no_key(voice: SpeechProvider) -> None:
    assert repr(voice) == "OpenAISpeech(model='gpt-4o-mini-tts')"
