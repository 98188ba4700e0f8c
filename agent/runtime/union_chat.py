"""For models that cannot call tools: every answer is one JSON object, a call of a tool or the words to say.

The tools are offered as one JSON schema, a union of them all; an endpoint that knows no schemas reads it in the
instructions. Small models choose well among alternatives that they are held to, and badly without.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, ClassVar, Literal

from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.messages.tool import tool_call_chunk
from langchain_core.outputs import ChatGenerationChunk

import prompts
from agent.runtime.context import data_block
from agent.runtime.strict_chat import BrokenCallError, StrictChat
from ettametta.providers.llm.json_text import find_json

#: How an endpoint is held to the union: by its schema, or by the instructions alone.
Form = Literal["schema", "words"]

_SAY = "say"
#: An answer is short; a model that does not find its end is cut off.
MAX_ANSWER_TOKENS = 1_500


class UnionChat(StrictChat):
    """Answers as a model that calls tools would, one call at a time."""

    #: how the endpoint is held to the union
    form: Form = "schema"
    _BOUND: ClassVar[tuple[str, ...]] = ("tools", "tool_choice", "parallel_tool_calls")

    async def _astream(self, *args: Any, **kwargs: Any) -> AsyncIterator[ChatGenerationChunk]:
        messages, *rest = args
        bound = {name: kwargs.pop(name, None) for name in self._BOUND}
        tools = bound["tools"] or ()
        kwargs["extra_body"] = {**(kwargs.get("extra_body") or {}), **self._asked_for(tools)}
        text, usage = "", None
        async for chunk in super()._astream(self._shown(messages, tools), *rest, **kwargs):
            text += str(chunk.message.text)
            if isinstance(chunk.message, AIMessageChunk) and chunk.message.usage_metadata:
                usage = chunk.message.usage_metadata
        try:
            message = _message(text, [one["function"]["name"] for one in tools])
        except BrokenCallError:
            raise BrokenCallError(usage) from None
        yield ChatGenerationChunk(message=message)
        if usage is not None:
            yield ChatGenerationChunk(message=AIMessageChunk(content="", usage_metadata=usage))

    def _asked_for(self, tools: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        asked: dict[str, Any] = {"max_tokens": MAX_ANSWER_TOKENS}
        if self.form == "schema":
            schema = union_schema(tools)
            asked["response_format"] = {"type": "json_schema", "json_schema": {"name": "step", "schema": schema}}
        return asked

    @staticmethod
    def _shown(messages: Sequence[BaseMessage], tools: Sequence[Mapping[str, Any]]) -> list[BaseMessage]:
        """The conversation without calls, and instructions that say how to answer."""
        return _merged([_plain(message, tools) for message in messages])


def union_schema(tools: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """One JSON schema for "call one of these, or say something".

    Args:
        tools: as the API takes them: `{"type": "function", "function": {name, description, parameters}}`.
    """
    definitions: dict[str, Any] = {}
    options = [_option(_SAY, "Say this to the person.", {"type": "string"}, field="text")]
    for tool in tools:
        function = tool["function"]
        parameters = dict(function.get("parameters") or {"type": "object", "properties": {}})
        definitions.update(parameters.pop("$defs", {}))
        options.append(_option(function["name"], function.get("description", ""), parameters, field="arguments"))
    return {"oneOf": options, **({"$defs": definitions} if definitions else {})}


def _option(name: str, description: str, value: dict[str, Any], *, field: str) -> dict[str, Any]:
    return {
        "type": "object",
        "description": description,
        "properties": {"do": {"const": name}, field: value},
        "required": ["do", field],
        "additionalProperties": False,
    }


def signatures(tools: Sequence[Mapping[str, Any]]) -> str:
    """The tools as short type declarations: a fifth of the length of their schemas, and models know the notation."""
    lines: list[str] = []
    named: dict[str, str] = {}
    for tool in tools:
        function = tool["function"]
        parameters = function.get("parameters") or {}
        named |= {name: _type(one) for name, one in parameters.get("$defs", {}).items()}
        lines.append(f"- {function['name']} {_type(parameters)}\n  {function.get('description', '')}")
    return "\n".join([*lines, *(["", "Where:"] if named else []), *(f"{name} = {one}" for name, one in named.items())])


def _type(schema: Mapping[str, Any]) -> str:
    """A JSON schema in the notation of TypeScript's types."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if "const" in schema or "enum" in schema:
        return " | ".join(json.dumps(one, ensure_ascii=False) for one in schema.get("enum", [schema.get("const")]))
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            return " | ".join(_type(one) for one in schema[choice])
    kind = schema.get("type")
    if kind == "array":
        return f"({_type(schema.get('items', {}))})[]"
    if kind == "object" or "properties" in schema:
        return _object_type(schema)
    return {"integer": "whole number"}.get(str(kind), str(kind or "any"))


def _object_type(schema: Mapping[str, Any]) -> str:
    required = schema.get("required", ())
    fields = (
        f"{name}{'' if name in required else '?'}: {_type(one)}" for name, one in schema.get("properties", {}).items()
    )
    return f"{{{', '.join(fields)}}}"


def _plain(message: BaseMessage, tools: Sequence[Mapping[str, Any]]) -> BaseMessage:
    if isinstance(message, SystemMessage):
        how = prompts.load("openclaw_steps", tools=signatures(tools))
        return SystemMessage(f"{message.text}\n\n{how}")
    if isinstance(message, ToolMessage):
        return HumanMessage(data_block("result of the tool", str(message.text)))
    if isinstance(message, AIMessage):
        steps = [{"do": call["name"], "arguments": call["args"]} for call in message.tool_calls]
        steps = steps or [{"do": _SAY, "text": str(message.text)}]
        return AIMessage("\n".join(json.dumps(step, ensure_ascii=False) for step in steps))
    return message


def _merged(messages: Sequence[BaseMessage]) -> list[BaseMessage]:
    """Two messages of one side in a row become one: templates of small models want the sides to take turns."""
    merged: list[BaseMessage] = []
    for message in messages:
        if merged and type(merged[-1]) is type(message):
            merged[-1] = type(message)(f"{merged[-1].text}\n\n{message.text}")
        else:
            merged.append(message)
    return merged


def _message(text: str, names: Sequence[str]) -> AIMessageChunk:
    """The answer as a model that calls tools would give it.

    Raises:
        BrokenCallError: it begins like a step and is none.
    """
    found = find_json(text)
    if found is None:
        if "{" in text:
            raise BrokenCallError
        return AIMessageChunk(content=text)  # the endpoint did not hold the model to the form: these are its words
    step = json.loads(found)
    do = step.get("do")
    if do == _SAY or (do is None and isinstance(step.get("text"), str)):
        return AIMessageChunk(content=str(step.get("text", "")))
    arguments = step.get("arguments", {})
    if not isinstance(do, str) or not isinstance(arguments, dict):
        raise BrokenCallError
    known = do if do in names else do[:64]
    call = tool_call_chunk(name=known, args=json.dumps(arguments, ensure_ascii=False), id="step", index=0)
    return AIMessageChunk(content="", tool_call_chunks=[call])
