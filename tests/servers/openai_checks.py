"""What the documented API demands of a request; the test server answers 400 to anything else, in OpenAI's form."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from openai.types.audio.speech_create_params import SpeechCreateParams
from openai.types.chat.completion_create_params import CompletionCreateParamsBase

_CHAT_FIELDS = frozenset(CompletionCreateParamsBase.__annotations__) | {"stream"}
_SPEECH_FIELDS = frozenset(SpeechCreateParams.__annotations__)
_ROLES = frozenset({"developer", "system", "user", "assistant", "tool", "function"})
_FORMATS = frozenset({"mp3", "opus", "aac", "flac", "wav", "pcm"})
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_NOT_STRICT = frozenset({"oneOf", "default", "allOf", "not", "if", "patternProperties", "discriminator", "uniqueItems"})


@dataclass(frozen=True)
class Fault:
    """What is wrong with a request, as the API says it."""

    message: str
    param: str | None = None
    code: str | None = None


def chat_fault(body: Any) -> Fault | None:
    """The first thing wrong with a chat completion request."""
    return next(_chat_faults(body), None)


def _chat_faults(body: Any) -> Iterator[Fault]:
    if not isinstance(body, dict):
        yield Fault("We could not parse the JSON body of your request.")
        return
    yield from _unknown(body, _CHAT_FIELDS)
    yield from _typed(body, "model", str, required=True)
    if not isinstance(body.get("messages"), list) or not body["messages"]:
        yield Fault("Missing required parameter: 'messages'.", "messages", "missing_required_parameter")
        return
    for index, message in enumerate(body["messages"]):
        yield from _message_faults(message, f"messages[{index}]")
    yield from _order_faults(body["messages"])
    yield from _number_faults(body)
    yield from _stream_faults(body)
    yield from _tool_faults(body)
    yield from _format_faults(body)


def _unknown(body: Mapping[str, Any], known: frozenset[str]) -> Iterator[Fault]:
    for name in body.keys() - known:
        yield Fault(f"Unrecognized request argument supplied: {name}", name, "unknown_parameter")


def _typed(body: Mapping[str, Any], name: str, kind: type, *, required: bool = False) -> Iterator[Fault]:
    if name not in body:
        if required:
            yield Fault(f"Missing required parameter: '{name}'.", name, "missing_required_parameter")
    elif not isinstance(body[name], kind) or (kind is str and not body[name]):
        yield Fault(f"Invalid type for '{name}': expected a {kind.__name__}.", name, "invalid_type")


def _message_faults(message: Any, where: str) -> Iterator[Fault]:
    if not isinstance(message, dict) or message.get("role") not in _ROLES:
        yield Fault(f"Invalid value for '{where}.role'.", f"{where}.role", "invalid_value")
        return
    content = message.get("content")
    if content is None and not (message["role"] == "assistant" and (message.get("tool_calls") or "refusal" in message)):
        yield Fault("Invalid value for 'content': expected a string, got null.", f"{where}.content", "invalid_type")
    elif isinstance(content, list):
        if not all(isinstance(part, dict) and isinstance(part.get("type"), str) for part in content):
            yield Fault("Invalid content part.", f"{where}.content", "invalid_type")
    elif content is not None and not isinstance(content, str):
        yield Fault("Invalid type for 'content'.", f"{where}.content", "invalid_type")
    if message["role"] == "tool" and not isinstance(message.get("tool_call_id"), str):
        yield Fault(
            f"Missing parameter 'tool_call_id': {where}.", f"{where}.tool_call_id", "missing_required_parameter"
        )
    for tool_call in message.get("tool_calls") or ():
        yield from _tool_call_faults(tool_call, where)


def _tool_call_faults(tool_call: Any, where: str) -> Iterator[Fault]:
    function = tool_call.get("function") if isinstance(tool_call, dict) else None
    if not isinstance(function, dict) or tool_call.get("type") != "function":
        yield Fault("Invalid tool call.", f"{where}.tool_calls", "invalid_type")
        return
    if not all(
        isinstance(text, str) for text in (tool_call.get("id"), function.get("name"), function.get("arguments"))
    ):
        yield Fault("Invalid tool call.", f"{where}.tool_calls", "invalid_type")


def _order_faults(messages: list[Any]) -> Iterator[Fault]:
    """Every tool call is answered at once, and nothing else is."""
    open_calls: set[str] = set()
    for index, message in enumerate(messages):
        where = f"messages[{index}]"
        if message.get("role") == "tool":
            if message.get("tool_call_id") not in open_calls:
                yield Fault(
                    "Invalid parameter: messages with role 'tool' must be a response to a preceding message with "
                    "'tool_calls'.", f"{where}.role",
                )  # fmt: skip
            open_calls.discard(message.get("tool_call_id", ""))
        elif open_calls:
            yield _unanswered(open_calls, where)
        else:
            open_calls = {tool_call["id"] for tool_call in message.get("tool_calls") or ()}
    if open_calls:
        yield _unanswered(open_calls, f"messages[{len(messages) - 1}]")


def _unanswered(open_calls: set[str], where: str) -> Fault:
    return Fault(
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. "
        f"The following tool_call_ids did not have response messages: {', '.join(sorted(open_calls))}",
        where,
    )


def _number_faults(body: Mapping[str, Any]) -> Iterator[Fault]:
    ranges = {"temperature": (0, 2), "top_p": (0, 1), "presence_penalty": (-2, 2), "frequency_penalty": (-2, 2)}
    for name, (least, most) in ranges.items():
        value = body.get(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            yield Fault(f"Invalid type for '{name}'.", name, "invalid_type")
        elif value is not None and not least <= value <= most:
            yield Fault(f"Invalid '{name}': expected a value from {least} to {most}.", name, "invalid_value")
    for name in ("max_tokens", "max_completion_tokens", "n"):
        value = body.get(name)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 1):
            yield Fault(f"Invalid '{name}': expected an integer above 0.", name, "integer_below_min_value")
    if "max_tokens" in body and "max_completion_tokens" in body:
        yield Fault("Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.", "max_tokens")


def _stream_faults(body: Mapping[str, Any]) -> Iterator[Fault]:
    if body.get("stream") is not None and not isinstance(body["stream"], bool):
        yield Fault("Invalid type for 'stream'.", "stream", "invalid_type")
    if body.get("stream_options") is not None and not body.get("stream"):
        yield Fault("The 'stream_options' parameter is only allowed when 'stream' is enabled.", "stream_options")


def _tool_faults(body: Mapping[str, Any]) -> Iterator[Fault]:
    names: list[str] = []
    if "tools" in body and (not isinstance(body["tools"], list) or not body["tools"]):
        yield Fault("Invalid 'tools': empty array.", "tools", "empty_array")
        return
    for index, tool in enumerate(body.get("tools", ())):
        where = f"tools[{index}]"
        function = tool.get("function") if isinstance(tool, dict) else None
        if not isinstance(function, dict) or tool.get("type") != "function":
            yield Fault(f"Missing required parameter: '{where}.function'.", where, "missing_required_parameter")
            continue
        if not isinstance(function.get("name"), str) or not _NAME.fullmatch(function["name"]):
            yield Fault(f"Invalid '{where}.function.name'.", f"{where}.function.name", "invalid_value")
            continue
        names.append(function["name"])
        if function.get("parameters") is not None and function["parameters"].get("type") != "object":
            yield Fault(f"Invalid schema for function '{function['name']}'.", f"{where}.function.parameters")
        elif function.get("strict"):
            yield from _strict_faults(function["parameters"], f"{where}.function.parameters")
    if len(set(names)) != len(names):
        yield Fault("Tool names must be unique.", "tools")
    yield from _choice_faults(body, names)


def _choice_faults(body: Mapping[str, Any], names: list[str]) -> Iterator[Fault]:
    choice = body.get("tool_choice")
    if choice is not None and not names:
        yield Fault("'tool_choice' is only allowed when 'tools' are specified.", "tool_choice")
    elif isinstance(choice, str) and choice not in ("none", "auto", "required"):
        yield Fault("Invalid value for 'tool_choice'.", "tool_choice", "invalid_value")
    elif isinstance(choice, dict) and choice.get("function", {}).get("name") not in names:
        yield Fault("Tool choice names no tool.", "tool_choice")
    if "parallel_tool_calls" in body and not names:
        yield Fault("'parallel_tool_calls' is only allowed when 'tools' are specified.", "parallel_tool_calls")


def _format_faults(body: Mapping[str, Any]) -> Iterator[Fault]:
    form = body.get("response_format")
    if form is None:
        return
    kind = form.get("type") if isinstance(form, dict) else None
    if kind not in ("text", "json_object", "json_schema"):
        yield Fault("Invalid value for 'response_format.type'.", "response_format.type", "invalid_value")
    elif kind == "json_object" and "json" not in str(body["messages"]).lower():
        yield Fault(
            "'messages' must contain the word 'json' to use 'response_format' of type 'json_object'.", "messages"
        )
    elif kind == "json_schema":
        yield from _schema_faults(form.get("json_schema"))


def _schema_faults(named: Any) -> Iterator[Fault]:
    where = "response_format.json_schema"
    if not isinstance(named, dict) or not _NAME.fullmatch(str(named.get("name", ""))):
        yield Fault(f"Missing required parameter: '{where}.name'.", f"{where}.name", "missing_required_parameter")
    elif not isinstance(named.get("schema"), dict):
        yield Fault(f"Missing required parameter: '{where}.schema'.", f"{where}.schema", "missing_required_parameter")
    elif named.get("strict"):
        yield from _strict_faults(named["schema"], where)


def _strict_faults(node: Any, where: str) -> Iterator[Fault]:
    if isinstance(node, list):
        for item in node:
            yield from _strict_faults(item, where)
    if not isinstance(node, dict):
        return
    for name in sorted(node.keys() & _NOT_STRICT):
        yield Fault(f"Invalid schema for response_format: '{name}' is not permitted.", where)
    if node.get("type") == "object":
        yield from _closed_faults(node, where)
    for name, inner in node.items():
        if name not in ("enum", "const", "required"):
            named = name in ("properties", "$defs") and isinstance(inner, dict)
            yield from _strict_faults(list(inner.values()) if named else inner, where)


def _closed_faults(node: Mapping[str, Any], where: str) -> Iterator[Fault]:
    if node.get("additionalProperties") is not False:
        yield Fault("Invalid schema: 'additionalProperties' is required to be supplied and to be false.", where)
    if set(node.get("required", ())) != set(node.get("properties", {})):
        yield Fault("Invalid schema: 'required' must include every key in properties.", where)


def speech_fault(body: Any, voices: tuple[str, ...]) -> Fault | None:
    """The first thing wrong with a speech request."""
    return next(_speech_faults(body, voices), None)


def _speech_faults(body: Any, voices: tuple[str, ...]) -> Iterator[Fault]:
    if not isinstance(body, dict):
        yield Fault("We could not parse the JSON body of your request.")
        return
    yield from _unknown(body, _SPEECH_FIELDS)
    for name in ("model", "input", "voice"):
        yield from _typed(body, name, str, required=True)
    if len(body.get("input", "")) > 4_096:
        yield Fault("Invalid 'input': string too long. Expected at most 4096.", "input", "string_above_max_length")
    if body.get("voice") not in voices:
        yield Fault(f"Invalid value: '{body.get('voice')}'. Supported values are: {voices}.", "voice", "invalid_value")
    if body.get("response_format", "mp3") not in _FORMATS:
        yield Fault("Invalid value for 'response_format'.", "response_format", "invalid_value")
    speed = body.get("speed", 1.0)
    if isinstance(speed, bool) or not isinstance(speed, int | float) or not 0.25 <= speed <= 4.0:
        yield Fault("Invalid 'speed': expected a number from 0.25 to 4.0.", "speed", "invalid_value")


_IMAGE_FIELDS = frozenset(
    ["model", "prompt", "n", "size", "quality", "background", "output_format", "output_compression", "user"]
)
_IMAGE_SIZES = ("auto", "1024x1024", "1536x1024", "1024x1536", "1792x1024", "1024x1792")


def image_fault(body: Any) -> Fault | None:
    """The first thing wrong with an image request. Newer models know no `response_format`."""
    return next(_image_faults(body), None)


def _image_faults(body: Any) -> Iterator[Fault]:
    if not isinstance(body, dict):
        yield Fault("We could not parse the JSON body of your request.")
        return
    yield from _unknown(body, _IMAGE_FIELDS)
    for name in ("model", "prompt"):
        yield from _typed(body, name, str, required=True)
    if body.get("size", "auto") not in _IMAGE_SIZES:
        yield Fault(f"Invalid value: '{body.get('size')}'.", "size", "invalid_value")
