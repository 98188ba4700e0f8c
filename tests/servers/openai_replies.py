"""What the OpenAI test server may answer: values, their JSON form for script files, and the rules of a script."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias

from tests.servers.openai_schema import fill, sentences_of

Request: TypeAlias = Mapping[str, Any]
Brain: TypeAlias = "Callable[[Request], Reply]"


@dataclass(frozen=True)
class ToolCall:
    """A call of a function. `raw_arguments` stands instead of `arguments` (to send broken JSON)."""

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    id: str = ""
    raw_arguments: str | None = None

    @property
    def json_arguments(self) -> str:
        """The arguments as the wire has them."""
        return self.raw_arguments if self.raw_arguments is not None else json.dumps(self.arguments, ensure_ascii=False)


@dataclass(frozen=True)
class Reply:
    """One answer. The default is an empty text with status 200."""

    text: str | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    refusal: str | None = None
    #: Filled by the schema of the request, with sentences of its material.
    structured: bool = False
    finish_reason: str | None = None
    #: Prompt and completion tokens; None: counted by length.
    usage: tuple[int, int] | None = None
    #: of the prompt tokens, those that were cached
    cached_tokens: int = 0
    send_usage: bool = True
    status: int = 200
    error_message: str = ""
    error_code: str | None = None
    error_param: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    #: Sent as they are instead of anything else.
    raw: bytes | None = None
    content_type: str | None = None
    #: The connection is cut half-way through the body.
    truncated: bool = False


def say(text: str, **more: Any) -> Reply:
    """A text."""
    return Reply(text=text, **more)


def call(name: str, /, **arguments: Any) -> Reply:
    """One tool call."""
    return Reply(tool_calls=(ToolCall(name, arguments),))


def fail(status: int, *, code: str | None = None, retry_after: float | str | None = None, message: str = "") -> Reply:
    """An error of the API."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return Reply(status=status, error_code=code, headers=headers, error_message=message)


def structured(**more: Any) -> Reply:
    """Whatever fits the schema asked for."""
    return Reply(structured=True, **more)


def refuse(words: str = "I can't help with that.") -> Reply:
    """A refusal."""
    return Reply(refusal=words)


def default_brain(request: Request) -> Reply:
    """Structured where a schema is asked for, an echo elsewhere."""
    if request.get("response_format", {}).get("type") in ("json_schema", "json_object"):
        return structured()
    return say(f"You said: {last_text(request)}")


def completed(reply: Reply, request: Request) -> Reply:
    """The reply with its structured text filled in."""
    if not reply.structured:
        return reply
    form = request.get("response_format", {})
    schema = form.get("json_schema", {}).get("schema") or _schema_in(request)
    material = "\n".join(text_of(message) for message in request["messages"] if message["role"] == "user")
    return replace(reply, text=json.dumps(fill(schema, sentences_of(material)), ensure_ascii=False))


def _schema_in(request: Request) -> dict[str, Any]:
    """The schema that was put into the instructions, where the endpoint knows only json_object."""
    text = text_of(request["messages"][0])
    start = text.find('{"')
    try:
        found = json.JSONDecoder().raw_decode(text, start)[0] if start >= 0 else {}
    except ValueError:
        found = {}
    return found if isinstance(found, dict) else {}


def text_of(message: Mapping[str, Any]) -> str:
    """A message's text, whether a string or parts."""
    content = message.get("content")
    if isinstance(content, list):
        return " ".join(part.get("text", "") for part in content if isinstance(part, dict))
    return content or ""


def last_text(request: Request) -> str:
    """The text of the last message."""
    return text_of(request["messages"][-1]) if request.get("messages") else ""


@dataclass(frozen=True)
class Rule:
    """When the last message has this role and its text matches, this is the answer (`$0`, `$1`... are filled in)."""

    match: str
    reply: Mapping[str, Any]
    role: str = "user"

    def answer(self, request: Request) -> Reply | None:
        """The reply, when the rule fits."""
        message = request["messages"][-1]
        found = re.search(self.match, text_of(message), re.IGNORECASE | re.DOTALL)
        if message["role"] != self.role or found is None:
            return None
        return reply_from_json(_filled(self.reply, found))


def _filled(value: Any, found: re.Match[str]) -> Any:
    if isinstance(value, str):
        return re.sub(r"\$(\d)", lambda mark: found.group(int(mark.group(1))) or "", value)
    if isinstance(value, Mapping):
        return {name: _filled(inner, found) for name, inner in value.items()}
    return [_filled(inner, found) for inner in value] if isinstance(value, list) else value


def rules_brain(rules: list[Rule], otherwise: Brain = default_brain) -> Brain:
    """A brain of rules, tried in order."""

    def brain(request: Request) -> Reply:
        answers = (rule.answer(request) for rule in rules)
        return next((answer for answer in answers if answer is not None), None) or otherwise(request)

    return brain


def reply_from_json(data: Mapping[str, Any]) -> Reply:
    """A reply from a script file: the fields of `Reply`; `raw` as text."""
    known = dict(data)
    calls = tuple(ToolCall(**tool_call) for tool_call in known.pop("tool_calls", ()))
    raw = known.pop("raw", None)
    usage = known.pop("usage", None)
    return Reply(
        tool_calls=calls,
        raw=raw.encode() if isinstance(raw, str) else None,
        usage=(usage[0], usage[1]) if usage else None,
        **known,
    )


def load_script(path: Path) -> tuple[list[Reply], Brain]:
    """A script file: `{"replies": [...], "rules": [{"match", "reply", "role"}]}`; a bare list is replies."""
    data = json.loads(path.read_text())
    if isinstance(data, list):
        data = {"replies": data}
    replies = [reply_from_json(reply) for reply in data.get("replies", [])]
    return replies, rules_brain([Rule(**rule) for rule in data.get("rules", [])])
