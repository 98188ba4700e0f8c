"""Finds out how a model's endpoint calls tools: by the API's own way, held to a JSON schema, or by instructions.

Asked once for each endpoint and model; the answer is kept in the data folder.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import structlog
from openai import APIStatusError, AsyncOpenAI, OpenAIError
from pydantic import SecretStr

from agent.runtime.union_chat import union_schema
from ettametta.providers.llm.json_text import find_json

_log = structlog.get_logger(__name__)

#: How tools are called: `native`, the API's tool calls; `schema`, one JSON schema; `words`, instructions alone.
ToolMode = Literal["native", "schema", "words"]

#: This endpoint's models all call tools.
_KNOWN_HOST = "api.openai.com"
_WORD = "lighthouse"
_QUESTION = f"Call the tool write_word with the word {_WORD}."
_TOOL: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "write_word",
        "description": "Writes a word on the board.",
        "parameters": {"type": "object", "properties": {"word": {"type": "string"}}, "required": ["word"]},
    },
}
_MAX_TOKENS = 300


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A model behind an OpenAI-compatible address."""

    base_url: str
    model: str
    api_key: SecretStr | None
    timeout_s: float = 60.0


async def tool_mode(endpoint: Endpoint, folder: Path) -> ToolMode:
    """How this endpoint's model calls tools, as it was found out once.

    An endpoint that does not answer now is taken for `native` and asked again the next time.

    Args:
        endpoint: the model.
        folder: where the answer is kept.
    """
    if urlsplit(endpoint.base_url).hostname == _KNOWN_HOST:
        return "native"
    path = folder / f"model-{sha256(f'{endpoint.base_url} {endpoint.model}'.encode()).hexdigest()[:16]}.json"
    kept = await asyncio.to_thread(_read, path)
    if kept is not None:
        return kept
    found = await probe(endpoint)
    if found is None:
        return "native"
    _log.info("model.probed", model=endpoint.model, tools=found)
    await asyncio.to_thread(_write, path, found)
    return found


async def probe(endpoint: Endpoint) -> ToolMode | None:
    """Ask the model to call a tool in one way after the other; None when the endpoint cannot be asked now."""
    key = endpoint.api_key.get_secret_value() if endpoint.api_key else "none"
    async with AsyncOpenAI(base_url=endpoint.base_url, api_key=key, timeout=endpoint.timeout_s, max_retries=1) as api:
        try:
            if await _calls_natively(api, endpoint.model):
                return "native"
            return "schema" if await _keeps_to_a_schema(api, endpoint.model) else "words"
        except (OpenAIError, ValueError, TypeError) as error:
            _log.warning("model.not_probed", error=f"{type(error).__name__}: {str(error)[:200]}")
            return None


async def _calls_natively(api: AsyncOpenAI, model: str) -> bool:
    answer = await _ask(api, model, tools=[_TOOL])
    calls = answer.choices[0].message.tool_calls if answer is not None and answer.choices else None
    if not calls or calls[0].type != "function" or calls[0].function.name != "write_word":
        return False
    return _holds_the_word(calls[0].function.arguments)


async def _keeps_to_a_schema(api: AsyncOpenAI, model: str) -> bool:
    form = {"type": "json_schema", "json_schema": {"name": "step", "schema": union_schema([_TOOL])}}
    answer = await _ask(api, model, response_format=form)
    text = answer.choices[0].message.content if answer is not None and answer.choices else None
    step = _object(text or "")
    return step.get("do") in ("write_word", "say")


async def _ask(api: AsyncOpenAI, model: str, **asked: Any) -> Any:
    """One answer; None when the endpoint does not know what was asked of it.

    Raises:
        OpenAIError: it did not answer, or refused the key.
    """
    messages: Any = [{"role": "user", "content": _QUESTION}]
    try:
        return await api.chat.completions.create(
            model=model, messages=messages, extra_body={"max_tokens": _MAX_TOKENS, **asked}
        )
    except APIStatusError as error:
        if error.status_code in (400, 404, 422, 501):
            return None
        raise


def _holds_the_word(arguments: str) -> bool:
    return _WORD in str(_object(arguments).get("word", "")).lower()


def _object(text: str) -> dict[str, Any]:
    found = find_json(text)
    value = json.loads(found) if found else {}
    return value if isinstance(value, dict) else {}


def _read(path: Path) -> ToolMode | None:
    try:
        mode = json.loads(path.read_text(encoding="utf-8")).get("tools")
    except (OSError, ValueError, AttributeError):
        return None
    return mode if mode in ("native", "schema", "words") else None


def _write(path: Path, mode: ToolMode) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps({"tools": mode}), encoding="utf-8")
    fresh.replace(path)
