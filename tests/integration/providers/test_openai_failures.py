"""All OpenAI providers against an endpoint that fails in every way: one clear error by who must act, no key in it."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from pydantic import BaseModel, SecretStr

from ettametta.errors import ConfigError, EttamettaError, InvalidInput, OperatorError, TransientError
from ettametta.kit.http import HttpClient
from ettametta.providers.images import ImageConfig, build_images
from ettametta.providers.images.base import ImageRequest
from ettametta.providers.llm import LLMConfig, build_llm
from ettametta.providers.llm.base import LLMRequest
from ettametta.providers.speech import build_speech
from ettametta.providers.speech.base import SpeechRequest
from tests.integration.providers.conftest import KEY, speech_config
from tests.servers.openai_replies import Reply, fail
from tests.servers.openai_server import OpenAIServer


class Colour(BaseModel):
    name: str


Ask = Callable[[], Awaitable[object]]


async def _asker(kind: str, server: OpenAIServer, timeout_s: float = 20.0) -> AsyncIterator[Ask]:
    if kind == "speech":
        voice = build_speech("openai", speech_config(server, timeout_s=timeout_s))
        yield lambda: voice.speak(SpeechRequest("Hello there, friends.", "en"))
        await voice.close()
        return
    if kind == "images":
        http = HttpClient(user_agent="tests", allow_private=True)
        maker = build_images(
            "openai", ImageConfig(http, "gpt-image-1", SecretStr(KEY), server.base_url, timeout_s=timeout_s)
        )
        yield lambda: maker.make(ImageRequest("A lamp.", 90, 160))
        await maker.close()
        await http.close()
        return
    config = LLMConfig("gpt-5-mini", SecretStr(KEY), server.base_url, timeout_s)
    model = build_llm("openai", config)
    yield lambda: model.answer(LLMRequest("Name a colour.", "green", Colour))
    await model.close()


@pytest.fixture(params=["speech", "llm", "images"])
async def ask(request: pytest.FixtureRequest, openai_server: OpenAIServer) -> AsyncIterator[Ask]:
    async for asker in _asker(request.param, openai_server):
        yield asker


async def failure(ask: Ask) -> EttamettaError:
    with pytest.raises(EttamettaError) as caught:
        await ask()
    error = caught.value
    shown = "".join(traceback.format_exception(error)) + repr(error) + str(error.__dict__)
    assert KEY not in shown
    assert "SECRET" not in shown
    assert error.message.endswith(".")
    assert error.hint
    return error


@pytest.mark.parametrize(
    ("reply", "kind", "code", "named"),
    [
        (fail(401, message=f"Incorrect API key provided: {KEY}"), ConfigError, "openai.key", "OPENAI_API_KEY"),
        (fail(403), ConfigError, "openai.key", "OPENAI_API_KEY"),
        (fail(402), OperatorError, "openai.quota", "OPENAI_API_KEY"),
        (fail(429, code="insufficient_quota"), OperatorError, "openai.quota", "credit"),
        (fail(404, code="model_not_found"), ConfigError, "openai.model", "OPENAI_BASE_URL"),
        (fail(408), TransientError, "openai.unavailable", ""),
        (fail(429), TransientError, "openai.rate", ""),
        (fail(500), TransientError, "openai.unavailable", ""),
        (fail(502), TransientError, "openai.unavailable", ""),
        (fail(503), TransientError, "openai.unavailable", ""),
        (Reply(raw=b"<html>bad gateway</html>", status=502), TransientError, "openai.unavailable", ""),
        (
            Reply(raw=b"", status=302, headers={"Location": "http://127.0.0.1:9/"}),
            ConfigError,
            "openai.base_url",
            "URL",
        ),
        (Reply(truncated=True), TransientError, "openai.connection", ""),
    ],
)
async def test_statuses(
    ask: Ask, openai_server: OpenAIServer, reply: Reply, kind: type[EttamettaError], code: str, named: str
) -> None:
    openai_server.queue(reply)
    error = await failure(ask)
    assert (type(error), error.code) == (kind, code)
    assert named in str(error)
    assert len(openai_server.requests) == 1, "the SDK must not retry by itself"


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("1.5", 1.5),
        ("soon", None),
        ("nan", None),
        ("-3", 0.0),
        ("999999", 3600.0),
        (None, None),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
async def test_retry_after(
    ask: Ask, openai_server: OpenAIServer, status: int, said: str | None, seconds: float | None
) -> None:
    openai_server.queue(fail(status, retry_after=said))
    error = await failure(ask)
    assert isinstance(error, TransientError)
    assert error.retry_after_s == seconds


async def test_rejected_says_why_without_the_key(ask: Ask, openai_server: OpenAIServer) -> None:
    for _ in range(6):
        openai_server.queue(fail(400, message=f"Bad input\nwith {KEY} and sk-proj-other1234 {'x' * 900}"))
    error = await failure(ask)
    assert isinstance(error, InvalidInput)
    assert error.code == "openai.rejected"
    assert "Bad input with ***" in error.message
    assert "other1234" not in error.message
    assert len(error.message) < 320


@pytest.mark.parametrize("kind", ["speech", "llm", "images"])
async def test_slow_endpoint(openai_server: OpenAIServer, kind: str) -> None:
    openai_server.queue(Reply(text="late", delay_s=30))
    async for ask in _asker(kind, openai_server, timeout_s=0.3):
        assert (await failure(ask)).code == "openai.timeout"


@pytest.mark.parametrize("kind", ["speech", "llm", "images"])
async def test_nobody_listens(kind: str) -> None:
    async with OpenAIServer() as server:
        pass
    async for ask in _asker(kind, server):
        assert (await failure(ask)).code == "openai.connection"


async def test_cancelled_at_once(ask: Ask, openai_server: OpenAIServer) -> None:
    openai_server.queue(Reply(text="late", delay_s=30))
    task = asyncio.ensure_future(ask())
    await openai_server.wait_for_request()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_key_is_not_logged(ask: Ask, openai_server: OpenAIServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    openai_server.queue(fail(401, message=f"Incorrect API key provided: {KEY}"))
    await failure(ask)
    assert KEY not in caplog.text


async def test_a_failure_heals(ask: Ask, openai_server: OpenAIServer) -> None:
    openai_server.queue(fail(500))
    await failure(ask)
    assert await ask()


@pytest.mark.parametrize("kind", ["speech", "llm"])
async def test_wrong_key_against_the_real_check(openai_server: OpenAIServer, kind: str) -> None:
    wrong = SecretStr("sk-wrong-SECRET")
    if kind == "speech":
        voice = build_speech("openai", speech_config(openai_server, api_key=wrong))
        error = await failure(lambda: voice.speak(SpeechRequest("Hello there.", "en")))
        await voice.close()
    else:
        model = build_llm("openai", LLMConfig("m", wrong, openai_server.base_url))
        error = await failure(lambda: model.answer(LLMRequest("Name a colour.", "green", Colour)))
        await model.close()
    assert error.code == "openai.key"


@pytest.mark.parametrize("url", ["", "localhost:8000", "ftp://example.org/v1", "https://"])
def test_bad_base_url(url: str) -> None:
    with pytest.raises(ConfigError, match="OPENAI_BASE_URL"):
        build_llm("openai", LLMConfig("m", None, url))


@pytest.mark.parametrize("build", [lambda: build_llm("openai", LLMConfig("m")), lambda: build_speech("openai")])
def test_openai_itself_needs_a_key(build: Callable[[], object]) -> None:
    with pytest.raises(ConfigError, match="OPENAI_API_KEY"):
        build()


async def test_no_key_for_a_local_endpoint() -> None:
    async with OpenAIServer() as server:
        model = build_llm("openai", LLMConfig("local", None, server.base_url))
        answer = await model.answer(LLMRequest("Name a colour.", "A green thing stands here.", Colour))
        assert answer.value.name
        await model.close()


def test_unknown_providers() -> None:
    with pytest.raises(ConfigError, match="hibari"):
        build_speech("nobody")
    with pytest.raises(ConfigError, match="openai"):
        build_llm("nobody", LLMConfig("m"))
