"""Structured answers from an OpenAI-compatible `/chat/completions`, also from endpoints that know only part of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Literal, cast

import openai
import structlog
from openai.types.chat import ChatCompletionMessageParam
from openai.types.chat.completion_create_params import ResponseFormat
from pydantic import BaseModel, SecretStr, ValidationError

from ettametta.errors import ConfigError, EttamettaError, ModelError, TransientError
from ettametta.providers.llm.base import AnswerT, LLMAnswer, LLMFacts, LLMRequest
from ettametta.providers.llm.json_text import find_json
from ettametta.providers.llm.prices import NO_PRICES, Exchange, Meter, Prices, Tokens, unmetered
from ettametta.providers.llm.schema import schema_name, strict_schema
from ettametta.providers.openai_api import Body, Endpoint, asking, build_client, complaint, read_body, status_failure

log = structlog.get_logger(__name__)

_MAX_ANSWER_BYTES = 8_000_000
_MOST_ADAPTIONS = 5
_MOST_FAULTS = 10
#: Ways to fail in which the model may have worked all the same.
_MAYBE_BILLED = frozenset({"openai.timeout", "openai.too_large", "openai.malformed"})


@dataclass(frozen=True, slots=True)
class _Dialect:
    """What an endpoint understands; found out by its refusals and kept."""

    shape: Literal["json_schema", "json_object", "text"] = "json_schema"
    tokens: Literal["max_completion_tokens", "max_tokens", "none"] = "max_completion_tokens"
    temperature: bool = True
    refused: frozenset[str] = frozenset()


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message = _Message()
    finish_reason: str | None = None


class _PromptDetails(BaseModel):
    cached_tokens: int | None = None


class _Usage(BaseModel):
    prompt_tokens: int
    completion_tokens: int
    prompt_tokens_details: _PromptDetails | None = None

    def tokens(self) -> Tokens:
        details = self.prompt_tokens_details or _PromptDetails()
        return Tokens.counted(self.prompt_tokens, self.completion_tokens, details.cached_tokens or 0)


class _Completion(BaseModel):
    model: str | None = None
    choices: list[_Choice] = []
    usage: _Usage | None = None
    error: object = None


class OpenAILanguageModel:
    """A model behind `/chat/completions`.

    Args:
        api_key: None for endpoints that need none.
        timeout_s: longest wait for one request, in seconds.
        prices: what the endpoint charges, as far as it is known.

    Raises:
        ConfigError: a bad address, or no key for OpenAI's own endpoint.
    """

    def __init__(
        self,
        *,
        api_key: SecretStr | None,
        base_url: str,
        model: str,
        timeout_s: float = 60.0,
        prices: Prices = NO_PRICES,
    ) -> None:
        self._endpoint = Endpoint(base_url, api_key, model, "ETTAMETTA_MODEL", timeout_s)
        self._client = build_client(self._endpoint)
        self._price = prices.of(model)
        # Local servers know `max_tokens`; some ignore the newer name, and then an answer may never end.
        self._dialect = _Dialect() if self._endpoint.is_openai else _Dialect(tokens="max_tokens")
        self.facts = LLMFacts(name="openai", model=model)

    async def answer(self, request: LLMRequest[AnswerT], *, meter: Meter = unmetered) -> LLMAnswer[AnswerT]:
        """Ask; an answer of the wrong shape is sent back once with what is wrong.

        Raises:
            ConfigError, OperatorError, InvalidInput, TransientError: see `openai_api.asking`.
            ModelError: `llm.refused`, `llm.empty`, `llm.cut`, `llm.filtered` or `llm.shape`.
        """
        completion = await self._ask(request, [], meter)
        text = _text(completion)
        try:
            value = _parsed(text, request.answer)
        except ValidationError as error:
            faults = _faults(error)
            log.info("llm.repair", model=self.facts.model, faults=faults)
            completion = await self._ask(request, _repair(text, faults), meter)
            value = self._last_chance(completion, request.answer)
        return LLMAnswer(value=value, model=completion.model or self.facts.model)

    async def close(self) -> None:
        """Close connections."""
        await self._client.close()

    def __repr__(self) -> str:
        return f"OpenAILanguageModel(model={self.facts.model!r})"

    def _last_chance(self, completion: _Completion, answer: type[AnswerT]) -> AnswerT:
        try:
            return _parsed(_text(completion), answer)
        except ValidationError as error:
            raise ModelError(
                f"The model {self.facts.model} twice gave an answer of the wrong shape: {_faults(error)[0]}.",
                hint="Try again, or set ETTAMETTA_MODEL to a more capable model.",
                code="llm.shape",
            ) from None

    async def _ask(
        self, request: LLMRequest[AnswerT], more: list[ChatCompletionMessageParam], meter: Meter
    ) -> _Completion:
        """One answer, metered; of one that was cut off or cannot be read, nobody knows what it took."""
        try:
            completion = await self._answered(request, more)
        except EttamettaError as error:
            if error.code in _MAYBE_BILLED:
                meter(self._exchange(None))
            raise
        meter(self._exchange(completion.usage))
        return completion

    def _exchange(self, usage: _Usage | None) -> Exchange:
        return Exchange(self.facts.model, usage.tokens() if usage else None, self._price)

    async def _answered(self, request: LLMRequest[AnswerT], more: list[ChatCompletionMessageParam]) -> _Completion:
        """One answer; where the endpoint refuses a parameter, again without it, and so from then on."""
        dialect = self._dialect
        for _ in range(_MOST_ADAPTIONS):
            try:
                body = await self._send(request, more, dialect)
            except _NotUnderstoodError as refusal:
                simpler = _simpler(dialect, refusal.said)
                if simpler is None:
                    raise status_failure(refusal.error, self._endpoint) from None
                dialect = simpler
            else:
                self._dialect = dialect
                return _completion(body)
        raise ModelError(
            f"The endpoint of {self.facts.model} refuses every form of the request.",
            hint="Check OPENAI_BASE_URL and ETTAMETTA_MODEL.",
            code="llm.dialect",
        )

    async def _send(
        self, request: LLMRequest[AnswerT], more: list[ChatCompletionMessageParam], dialect: _Dialect
    ) -> Body:
        async with asking(self._endpoint):
            try:
                async with self._client.chat.completions.with_streaming_response.create(
                    model=self._endpoint.model,
                    messages=[*_messages(request, dialect), *more],
                    response_format=_response_format(request, dialect),
                    temperature=request.temperature if dialect.temperature else openai.omit,
                    max_tokens=request.max_output_tokens if dialect.tokens == "max_tokens" else openai.omit,
                    max_completion_tokens=(
                        request.max_output_tokens if dialect.tokens == "max_completion_tokens" else openai.omit
                    ),
                ) as response:
                    content_type = response.headers.get("content-type", "")
                    return await read_body(response.iter_bytes(), content_type, _MAX_ANSWER_BYTES)
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                raise _NotUnderstoodError(error, self._endpoint) from None


class _NotUnderstoodError(Exception):
    """The endpoint refused the form of a request (400, 422)."""

    def __init__(self, error: openai.APIStatusError, endpoint: Endpoint) -> None:
        super().__init__()
        self.error = error
        self.said = f"{error.param or ''} {error.code or ''} {complaint(error, endpoint)}".lower()


def _simpler(dialect: _Dialect, said: str) -> _Dialect | None:
    """What to try after this complaint; None when nothing is left to leave out."""
    if "max_tokens" in said or "max_completion_tokens" in said:
        return _other_tokens(dialect)
    if "temperature" in said:
        return replace(dialect, temperature=False) if dialect.temperature else None
    if dialect.shape == "json_schema":
        return replace(dialect, shape="json_object")
    mentioned = any(name in said for name in ("response_format", "json", "schema", "grammar"))
    return replace(dialect, shape="text") if dialect.shape == "json_object" and mentioned else None


def _other_tokens(dialect: _Dialect) -> _Dialect | None:
    """The other name of the limit, then none."""
    if dialect.tokens == "none":
        return None
    refused = dialect.refused | {dialect.tokens}
    other: Literal["max_completion_tokens", "max_tokens"] = (
        "max_tokens" if dialect.tokens == "max_completion_tokens" else "max_completion_tokens"
    )
    return replace(dialect, tokens="none" if other in refused else other, refused=refused)


def _messages(request: LLMRequest[AnswerT], dialect: _Dialect) -> list[ChatCompletionMessageParam]:
    instructions = request.instructions
    if dialect.shape != "json_schema":
        schema = json.dumps(strict_schema(request.answer), ensure_ascii=False, separators=(",", ":"))
        instructions += f"\n\nAnswer with one JSON object that fits this JSON Schema, and nothing else:\n{schema}"
    return [{"role": "system", "content": instructions}, {"role": "user", "content": request.material}]


def _response_format(request: LLMRequest[AnswerT], dialect: _Dialect) -> ResponseFormat | openai.Omit:
    if dialect.shape == "json_schema":
        schema = cast("dict[str, object]", strict_schema(request.answer))
        named = {"name": schema_name(request.answer), "schema": schema, "strict": True}
        return cast("ResponseFormat", {"type": "json_schema", "json_schema": named})
    return {"type": "json_object"} if dialect.shape == "json_object" else openai.omit


def _completion(body: Body) -> _Completion:
    """Read an answer's body.

    Raises:
        ConfigError: `openai.not_api`, a web page.
        TransientError: `openai.malformed`.
    """
    if body.content_type == "text/html":
        raise ConfigError(
            "A web page answers where the model's API should be.",
            hint="Correct OPENAI_BASE_URL; it usually ends in /v1.",
            code="openai.not_api",
        )
    try:
        completion = _Completion.model_validate_json(body.content)
    except ValidationError:
        completion = _Completion(error="unreadable")
    if completion.error is not None:
        raise TransientError(
            "The endpoint's answer is not what the API says it is.",
            hint="It is tried again by itself; if it stays so, check OPENAI_BASE_URL.",
            code="openai.malformed",
        )
    return completion


def _text(completion: _Completion) -> str:
    """What the model wrote.

    Raises:
        ModelError: `llm.refused`, `llm.empty`, `llm.cut` or `llm.filtered`.
    """
    choice = completion.choices[0] if completion.choices else _Choice()
    if choice.message.refusal:
        raise ModelError("The model refused to answer.", hint="Change the topic or the wording.", code="llm.refused")
    if choice.finish_reason == "content_filter":
        raise ModelError(
            "The endpoint's content filter stopped the answer.", hint="Change the topic or the wording.",
            code="llm.filtered",
        )  # fmt: skip
    if choice.finish_reason == "length":
        raise ModelError(
            "The model's answer was cut off at the length limit.",
            hint="Ask for a shorter video, or set ETTAMETTA_MODEL to a model that reasons less.",
            code="llm.cut",
        )
    if not (choice.message.content or "").strip():
        raise ModelError("The model gave an empty answer.", hint="Try again.", code="llm.empty")
    return choice.message.content or ""


def _parsed(text: str, answer: type[AnswerT]) -> AnswerT:
    return answer.model_validate_json(find_json(text) or text)


def _faults(error: ValidationError) -> list[str]:
    """What is wrong, one line each, without the input."""
    found = error.errors(include_url=False, include_input=False, include_context=False)[:_MOST_FAULTS]
    return [f"{'.'.join(map(str, fault['loc'])) or 'answer'}: {fault['msg']}"[:200] for fault in found]


def _repair(text: str, faults: list[str]) -> list[ChatCompletionMessageParam]:
    listed = "\n".join(f"- {fault}" for fault in faults)
    return [
        {"role": "assistant", "content": text},
        {"role": "user", "content": f"That does not fit the schema:\n{listed}\nAnswer again: only the JSON object."},
    ]
