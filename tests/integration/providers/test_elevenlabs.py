"""ElevenLabs against a local server that speaks its documented wire format, and misbehaves."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from aiohttp import web
from pydantic import SecretStr

from ettametta.errors import ConfigError, EttamettaError, InvalidInput, OperatorError, TransientError
from ettametta.providers.speech.base import SpeechRequest
from ettametta.providers.speech.elevenlabs import ElevenLabsSpeech
from ettametta.testing import tones

KEY = "xi-test-SECRET"
TEXT = "Hello there, this is a test."


def good(text: str) -> dict[str, Any]:
    """A documented answer: PCM at 24 kHz, a start and an end for every character."""
    sound, words = tones(text)
    starts: list[float] = []
    ends: list[float] = []
    for place, word in enumerate(words):
        step = (word.end_s - word.start_s) / len(word.text)
        starts += [word.start_s + step * n for n in range(len(word.text))]
        ends += [word.start_s + step * (n + 1) for n in range(len(word.text))]
        if place + 1 < len(words):
            starts.append(word.end_s)
            ends.append(words[place + 1].start_s)
    data = (np.clip(sound.samples, -1, 1) * 32767).astype("<i2").tobytes()
    alignment = {
        "characters": list(" ".join(word.text for word in words)),
        "character_start_times_seconds": starts,
        "character_end_times_seconds": ends,
    }
    return {"audio_base64": base64.b64encode(data).decode(), "alignment": alignment, "normalized_alignment": alignment}


class Server:
    """One route, as documented, unless told otherwise."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any], dict[str, str]]] = []
        self.status = 200
        self.headers: dict[str, str] = {}
        self.body: bytes | None = None
        self.delay_s = 0.0
        self.cut = False
        self.url = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.asked.append((request.path_qs, body, dict(request.headers)))
        await asyncio.sleep(self.delay_s)
        if self.cut:
            response = web.StreamResponse(headers={"Content-Length": "5000"})
            await response.prepare(request)
            await response.write(b'{"audio_base64": "AAAA')
            assert request.transport is not None
            request.transport.close()
            return response
        if self.status != 200 or self.body is not None:
            return web.Response(body=self.body or b"{}", status=self.status, headers=self.headers)
        return web.json_response(good(body["text"]))


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    found = Server()
    app = web.Application()
    app.router.add_post("/v1/text-to-speech/{voice}/with-timestamps", found.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield found
    await runner.cleanup()


@pytest.fixture
async def voice(server: Server) -> AsyncIterator[ElevenLabsSpeech]:
    provider = ElevenLabsSpeech(
        api_key=SecretStr(KEY), base_url=server.url, voices=("v1", "v2"), usd_per_million_chars=100.0, timeout_s=20.0
    )
    yield provider
    await provider.close()


async def test_words_have_the_times_of_their_characters(server: Server, voice: ElevenLabsSpeech) -> None:
    speech = await voice.speak(SpeechRequest(TEXT, "en", "v2", pace=1.1))
    path, body, headers = server.asked[0]
    assert path == "/v1/text-to-speech/v2/with-timestamps?output_format=pcm_24000"
    assert body == {"text": TEXT, "model_id": "eleven_multilingual_v2", "voice_settings": {"speed": 1.1}}
    assert headers["xi-api-key"] == KEY
    assert [word.text for word in speech.words] == TEXT.split()
    expected = [word.start_s for word in tones(TEXT)[1]]
    assert [word.start_s for word in speech.words] == pytest.approx(expected, abs=0.02)
    assert speech.cost_usd == pytest.approx(len(TEXT) * 100.0 / 1e6)


async def test_pauses_pronunciations_and_long_texts(server: Server, voice: ElevenLabsSpeech) -> None:
    text = "The GIF 🎉 came. [pause 2s] " + "And so it went on. " * 150
    speech = await voice.speak(SpeechRequest(text, "en", pronunciations=(("GIF", "jiff"),)))
    assert server.asked[0][1]["text"] == "The jiff came."
    assert all(len(body["text"]) <= 2_500 for _, body, _ in server.asked)
    assert [word.text for word in speech.words][:4] == ["The", "GIF", "🎉", "came."]
    assert speech.words[4].start_s - speech.words[3].end_s > 1.9
    assert all(a.end_s <= b.start_s + 1e-3 for a, b in pairwise(speech.words))


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (401, ConfigError, "elevenlabs.key"),
        (402, OperatorError, "elevenlabs.quota"),
        (403, ConfigError, "elevenlabs.key"),
        (422, InvalidInput, "elevenlabs.rejected"),
        (302, InvalidInput, "elevenlabs.rejected"),
        (429, TransientError, "elevenlabs.busy"),
        (500, TransientError, "elevenlabs.busy"),
    ],
)
async def test_refusals(
    server: Server, voice: ElevenLabsSpeech, status: int, kind: type[EttamettaError], code: str
) -> None:
    server.status, server.headers, server.body = status, {"Retry-After": "7"}, KEY.encode()
    with pytest.raises(kind) as caught:
        await voice.speak(SpeechRequest(TEXT, "en"))
    assert caught.value.code == code
    assert KEY not in str(caught.value) + caught.value.hint
    if isinstance(caught.value, TransientError):
        assert caught.value.retry_after_s == 7.0


def wrong_times() -> bytes:
    return json.dumps({**good(TEXT), "alignment": good("Other words.")["alignment"]}).encode()


@pytest.mark.parametrize("body", [b"<html>no</html>", b"{}", b'{"audio_base64": "!!!", "alignment": null}', b"[1, 2]"])
async def test_answers_of_the_wrong_type(server: Server, voice: ElevenLabsSpeech, body: bytes) -> None:
    server.body = body
    with pytest.raises(TransientError) as caught:
        await voice.speak(SpeechRequest(TEXT, "en"))
    assert caught.value.code == "elevenlabs.unreadable"


async def test_times_of_another_text_are_not_taken(server: Server, voice: ElevenLabsSpeech) -> None:
    server.body = wrong_times()
    with pytest.raises(TransientError) as caught:
        await voice.speak(SpeechRequest(TEXT, "en"))
    assert caught.value.code == "elevenlabs.unreadable"


async def test_slow_and_cut_short(server: Server, voice: ElevenLabsSpeech) -> None:
    server.cut = True
    with pytest.raises(TransientError) as caught:
        await voice.speak(SpeechRequest(TEXT, "en"))
    assert caught.value.code == "elevenlabs.connection"
    server.cut, server.delay_s = False, 1.0
    hasty = ElevenLabsSpeech(api_key=SecretStr(KEY), base_url=server.url, timeout_s=0.2)
    with pytest.raises(TransientError) as late:
        await hasty.speak(SpeechRequest(TEXT, "en"))
    assert late.value.code == "elevenlabs.timeout"
    await hasty.close()


async def test_what_cannot_be_asked(voice: ElevenLabsSpeech) -> None:
    with pytest.raises(ConfigError):
        ElevenLabsSpeech(api_key=None)
    for request in (
        SpeechRequest(TEXT, "xx"),
        SpeechRequest(TEXT, "en", "nobody"),
        SpeechRequest(TEXT, "en", pace=2.0),
    ):
        with pytest.raises(InvalidInput):
            await voice.speak(request)
