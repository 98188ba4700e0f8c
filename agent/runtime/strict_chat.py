"""LangChain's OpenAI client, made strict where it guesses: tool arguments cut off half-way, and refusals."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import AsyncIterator
from typing import Any

from langchain_core.messages import AIMessageChunk
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGenerationChunk
from langchain_openai import ChatOpenAI


class BrokenCallError(Exception):
    """The model's answer holds a tool call whose arguments are no JSON object; `usage` is what it took, if said."""

    def __init__(self, usage: UsageMetadata | None = None) -> None:
        super().__init__()
        self.usage = usage


class StrictChat(ChatOpenAI):
    """Streams answers as ChatOpenAI does.

    LangChain closes the brackets of arguments that were cut off and calls the tool with what there is; half a topic is
    not the topic. And it drops the words with which a model refuses when they come in a stream.
    """

    async def _astream(self, *args: Any, **kwargs: Any) -> AsyncIterator[ChatGenerationChunk]:
        arguments: dict[object, str] = defaultdict(str)
        usage: UsageMetadata | None = None
        async for chunk in super()._astream(*args, **kwargs):
            if isinstance(chunk.message, AIMessageChunk):
                usage = chunk.message.usage_metadata or usage
                for piece in chunk.message.tool_call_chunks:
                    arguments[piece["index"]] += piece["args"] or ""
            yield chunk
        if not all(_is_object(text) for text in arguments.values()):
            raise BrokenCallError(usage)

    def _convert_chunk_to_generation_chunk(
        self, chunk: dict[str, Any], default_chunk_class: type, base_generation_info: dict[str, Any] | None
    ) -> ChatGenerationChunk | None:
        for choice in chunk.get("choices") or ():
            delta = choice.get("delta") or {}
            if delta.get("refusal"):
                delta["content"] = f"{delta.get('content') or ''}{delta['refusal']}"
        return super()._convert_chunk_to_generation_chunk(chunk, default_chunk_class, base_generation_info)


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text or "{}"), dict)
    except ValueError:
        return False
