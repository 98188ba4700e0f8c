"""LangChain's OpenAI client, made strict where it guesses: tool arguments cut off half-way, and refusals."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from typing import Any

from langchain_core.messages import AIMessageChunk
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGenerationChunk
from langchain_openai import ChatOpenAI
from pydantic import PrivateAttr


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

    #: tools as the API takes them, by the tools they were made from
    _bound: dict[tuple[object, ...], Any] = PrivateAttr(default_factory=dict)

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Any:
        """As ChatOpenAI does, but not anew for every answer: turning our schemas into its form takes longest of all."""
        key = (*map(id, tools), repr(sorted(kwargs.items())))
        if key not in self._bound:
            self._bound[key] = super().bind_tools(tools, **kwargs)
        return self._bound[key]

    async def _astream(self, *args: Any, **kwargs: Any) -> AsyncIterator[ChatGenerationChunk]:
        if tools := kwargs.pop("tools", None):  # the client walks through every schema in a field that it knows
            kwargs["extra_body"] = {**(kwargs.get("extra_body") or {}), "tools": tools}
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
