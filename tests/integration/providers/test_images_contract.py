"""Pictures by an OpenAI-compatible endpoint: what it gives, in which shape, and what is refused or no picture."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from PIL import Image
from pydantic import SecretStr

from ettametta.errors import ConfigError, InvalidInput, ModelError, TransientError
from ettametta.kit.http import HttpClient
from ettametta.providers.images import ImageConfig, build_images
from ettametta.providers.images.base import ImageMaker, ImageRequest
from tests.integration.providers.conftest import KEY
from tests.servers.openai_replies import Reply, fail
from tests.servers.openai_server import OpenAIServer

Builder = Callable[..., ImageMaker]
TALL = ImageRequest("A lamp.", 1080, 1920)


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    client = HttpClient(user_agent="tests", allow_private=True)
    yield client
    await client.close()


@pytest.fixture
async def build(openai_server: OpenAIServer, http: HttpClient) -> AsyncIterator[Callable[..., ImageMaker]]:
    built: list[ImageMaker] = []

    def builder(**changes: Any) -> ImageMaker:
        values: dict[str, Any] = {"http": http, "model": "gpt-image-1", "api_key": SecretStr(KEY),
                                  "base_url": openai_server.base_url, "usd_per_image": 0.04}  # fmt: skip
        built.append(build_images("openai", ImageConfig(**{**values, **changes})))
        return built[-1]

    yield builder
    for maker in built:
        await maker.close()


@pytest.mark.parametrize("by_url", [False, True])
async def test_gives_a_picture(openai_server: OpenAIServer, build: Builder, by_url: bool) -> None:
    openai_server.images_by_url = by_url
    maker = build()
    made = await maker.make(TALL)
    assert Image.open(io.BytesIO(made.data)).size == (102, 153)
    assert (made.media_type, made.model, made.cost_usd) == ("image/png", "gpt-image-1", 0.04)
    assert KEY not in repr(maker)


@pytest.mark.parametrize(
    ("model", "width", "height", "size"),
    [
        ("gpt-image-1", 1080, 1920, "1024x1536"),
        ("gpt-image-1", 1920, 1080, "1536x1024"),
        ("gpt-image-1", 1080, 1080, "1024x1024"),
        ("dall-e-3", 1080, 1350, "1024x1792"),
        ("dall-e-3", 1920, 1080, "1792x1024"),
    ],
)
async def test_the_shape_of_the_frame(
    openai_server: OpenAIServer, build: Builder, model: str, width: int, height: int, size: str
) -> None:
    maker = build(model=model)
    await maker.make(ImageRequest("A lamp.", width, height))
    assert openai_server.bodies("/images/generations") == [{"model": model, "prompt": "A lamp.", "n": 1, "size": size}]


@pytest.mark.parametrize("code", ["content_policy_violation", "moderation_blocked"])
async def test_a_refusal_is_the_models(openai_server: OpenAIServer, build: Builder, code: str) -> None:
    openai_server.queue(fail(400, code=code, message="Your request was rejected by our safety system."))
    with pytest.raises(ModelError) as caught:
        await build().make(TALL)
    assert caught.value.code == "images.refused"
    assert "gpt-image-1" in caught.value.message


async def test_another_bad_request_is_not(openai_server: OpenAIServer, build: Builder) -> None:
    openai_server.queue(fail(400, code="invalid_value", message="Invalid size"))
    with pytest.raises(InvalidInput, match="Invalid size"):
        await build().make(TALL)


@pytest.mark.parametrize(
    "raw",
    [b"", b"<html>", b"[]", b'{"data": []}', b'{"data": [{}]}', b'{"data": "x"}', b'{"data": [{"b64_json": "%%"}]}'],
)
async def test_answers_of_the_wrong_shape(openai_server: OpenAIServer, build: Builder, raw: bytes) -> None:
    openai_server.queue(Reply(raw=raw))
    with pytest.raises(TransientError) as caught:
        await build().make(TALL)
    assert caught.value.code == "images.malformed"


async def test_no_picture_in_it(openai_server: OpenAIServer, build: Builder) -> None:
    svg = base64.b64encode(b"<svg onload='x'/>").decode()
    openai_server.queue(Reply(raw=json.dumps({"data": [{"b64_json": svg}]}).encode()))
    with pytest.raises(ModelError) as caught:
        await build().make(TALL)
    assert caught.value.code == "images.not_image"


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/x.png", "file:///etc/passwd", "http://169.254.169.254/latest"])
async def test_addresses_go_through_the_guard(openai_server: OpenAIServer, build: Builder, url: str) -> None:
    """An endpoint that answers with an address must not be able to make us read our own network."""
    openai_server.queue(Reply(raw=json.dumps({"data": [{"url": url}]}).encode()))
    guarded = HttpClient(user_agent="tests")
    with pytest.raises(ModelError) as caught:  # another try would be paid for again
        await build(http=guarded).make(TALL)
    assert caught.value.code == "images.not_fetched"
    await guarded.close()


async def test_the_settings_named_are_the_ones_that_were_set(build: Builder) -> None:
    own = {"key_setting": "ETTAMETTA_IMAGE_API_KEY", "url_setting": "ETTAMETTA_IMAGE_BASE_URL"}
    with pytest.raises(ConfigError, match="ETTAMETTA_IMAGE_API_KEY"):
        await build(api_key=SecretStr("no"), **own).make(TALL)
    with pytest.raises(ConfigError, match="ETTAMETTA_IMAGE_BASE_URL"):
        build(base_url="nowhere", **own)


async def test_there_is_no_other_maker(http: HttpClient) -> None:
    with pytest.raises(ConfigError):
        build_images("other", ImageConfig(http, "m"))
