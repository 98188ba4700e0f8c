"""Voices and endpoints for the provider contract tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from ettametta.providers.speech import SpeechConfig, build_speech
from ettametta.providers.speech.base import SpeechProvider
from ettametta.testing import ToneSpeech
from tests.servers.openai_server import OpenAIServer

#: A key that must not be seen anywhere.
KEY = "sk-test-0123456789abcdefSECRET"


@pytest.fixture
async def openai_server() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer(api_key=KEY) as server:
        yield server


def speech_config(server: OpenAIServer, **changes: object) -> SpeechConfig:
    values: dict[str, object] = {
        "api_key": SecretStr(KEY),
        "base_url": server.base_url,
        "model": "gpt-4o-mini-tts",
        "usd_per_million_chars": 15.0,
        "timeout_s": 20.0,
    }
    return SpeechConfig(**{**values, **changes})  # type: ignore[arg-type]  # the keys are the class's own


@pytest.fixture(params=["hibari", "openai", "tone"])
async def voice(request: pytest.FixtureRequest, openai_server: OpenAIServer) -> AsyncIterator[SpeechProvider]:
    config = speech_config(openai_server)
    provider: SpeechProvider = ToneSpeech() if request.param == "tone" else build_speech(request.param, config)
    yield provider
    await provider.close()
