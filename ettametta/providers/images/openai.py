"""Pictures by an OpenAI-compatible `/images/generations`.

Wire format: https://platform.openai.com/docs/api-reference/images/create. Newer models always answer with base64 and
know no `response_format`, older ones and other endpoints may answer with an address: either is taken.
"""

from __future__ import annotations

import base64
import binascii

import openai
from pydantic import BaseModel, ValidationError

from ettametta.errors import EttamettaError, ModelError, TransientError
from ettametta.kit.http import HttpClient
from ettametta.providers.images import ImageConfig
from ettametta.providers.images.base import ImageFacts, ImageRequest, MadeImage
from ettametta.providers.openai_api import Body, Endpoint, asking, build_client, read_body

_MAX_ANSWER_BYTES = 60_000_000
_MAX_IMAGE_BYTES = 40_000_000
_MAX_PROMPT_CHARS = 4_000
#: Sizes by shape: what dall-e-3 takes, and what all later models and most other endpoints do.
_DALL_E_3 = {"tall": "1024x1792", "wide": "1792x1024", "square": "1024x1024"}
_OTHERS = {"tall": "1024x1536", "wide": "1536x1024", "square": "1024x1024"}
_REFUSALS = ("content_policy_violation", "moderation_blocked", "content_filter")
#: First bytes of the kinds that are taken.
_KINDS = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"))


class _Entry(BaseModel):
    b64_json: str | None = None
    url: str | None = None


class _Answer(BaseModel):
    data: list[_Entry]


class OpenAIImages:
    """An image model behind `/images/generations`.

    Raises:
        ConfigError: a bad address, or no key for OpenAI's own endpoint.
    """

    def __init__(self, config: ImageConfig) -> None:
        self._endpoint = Endpoint(
            config.base_url,
            config.api_key,
            config.model,
            "ETTAMETTA_IMAGE_MODEL",
            config.timeout_s,
            key_setting=config.key_setting,
            url_setting=config.url_setting,
        )
        self._client = build_client(self._endpoint)
        self._http: HttpClient = config.http
        self.facts = ImageFacts("openai", config.model, config.usd_per_image)

    async def make(self, request: ImageRequest) -> MadeImage:
        """See ImageMaker."""
        async with asking(self._endpoint):
            try:
                body = await self._ask(request)
            except openai.BadRequestError as error:
                if error.code in _REFUSALS:
                    raise _refused(self._endpoint.model) from None
                raise
        data = await self._picture(body)
        return MadeImage(data, _kind_of(data), self._endpoint.model, self.facts.usd_per_image)

    async def close(self) -> None:
        """Close connections."""
        await self._client.close()

    def __repr__(self) -> str:
        return f"OpenAIImages(model={self._endpoint.model!r})"

    async def _ask(self, request: ImageRequest) -> Body:
        sizes = _DALL_E_3 if self._endpoint.model.startswith("dall-e-3") else _OTHERS
        async with self._client.images.with_streaming_response.generate(
            prompt=request.prompt[:_MAX_PROMPT_CHARS], model=self._endpoint.model, n=1, size=sizes[_shape(request)]
        ) as response:
            return await read_body(response.iter_bytes(), response.headers.get("content-type", ""), _MAX_ANSWER_BYTES)

    async def _picture(self, body: Body) -> bytes:
        """The picture in an answer, or at the address it names.

        Raises:
            TransientError: the answer cannot be read, or the address does not answer now.
            ModelError: the address does not give it.
        """
        entry = _entry(body.content)
        if entry.b64_json:
            try:
                return base64.b64decode(entry.b64_json, validate=True)
            except binascii.Error:
                raise _malformed() from None
        if not entry.url:
            raise _malformed()
        try:
            return (await self._http.get(entry.url, max_bytes=_MAX_IMAGE_BYTES, timeout_s=60.0)).body
        except TransientError:
            raise
        except EttamettaError as error:
            # not tried again by itself: each try would be paid for
            raise ModelError(
                f"The picture that was made could not be fetched: {error.message}",
                hint="Retry the production to have it made again, or give that scene another picture.",
                code="images.not_fetched",
            ) from None


def _entry(content: bytes) -> _Entry:
    try:
        return _Answer.model_validate_json(content).data[0]
    except (ValidationError, IndexError):
        raise _malformed() from None


def _shape(request: ImageRequest) -> str:
    if request.width == request.height:
        return "square"
    return "tall" if request.height > request.width else "wide"


def _kind_of(data: bytes) -> str:
    """The media type by the first bytes.

    Raises:
        ModelError: `images.not_image`.
    """
    for head, kind in _KINDS:
        if data.startswith(head):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    raise ModelError(
        "The image endpoint sent no picture that can be read.",
        hint="Check ETTAMETTA_IMAGE_MODEL: it must give PNG, JPEG or WebP.",
        code="images.not_image",
    )


def _malformed() -> TransientError:
    return TransientError(
        "The image endpoint's answer is not what the API says it is.",
        hint="It is tried again by itself; check what ETTAMETTA_IMAGE_MODEL names.",
        code="images.malformed",
    )


def _refused(model: str) -> ModelError:
    return ModelError(
        f"The image model {model} refuses to make this picture.",
        hint="Describe the scene in other words, or choose a picture for it.",
        code="images.refused",
    )
