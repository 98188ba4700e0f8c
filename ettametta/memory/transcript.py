"""A conversation as a plain record: who said what and what was done. Foreign text is left out, not retold. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from ettametta.conversation import Line
from ettametta.kit.text import truncate

_BLOCK = re.compile(r'<data kind="([^"<>]*)">.*?(?:</data>|\Z)', re.DOTALL)
_MAX_SAID = 400
_MAX_TITLE = 80
#: What a plain extract keeps of the newest deeds and wishes.
_EXTRACT_LINES = 24


def record(lines: Sequence[Line]) -> str:
    """Every message on a line of its own, without marked data blocks and without what tools read elsewhere."""
    return "\n".join(filter(None, (_told(line, lines) for line in lines)))


def extract(lines: Sequence[Line], before: str, *, max_chars: int) -> str:
    """Minutes without a model: what the person wished and what was done, the newest that fit, after earlier ones."""
    kept = [told for line in lines if line.role != "assistant" and (told := _told(line, lines))]
    text = "\n".join([*filter(None, [before]), *kept[-_EXTRACT_LINES:]])
    while len(text) > max_chars and "\n" in text:
        text = text.partition("\n")[2]
    return truncate(text, max_chars)


def _told(line: Line, lines: Sequence[Line]) -> str:
    if line.role == "tool":
        return _outcome(line, _name(line, lines))
    said = _BLOCK.sub(lambda found: f"[{found.group(1)}]", line.text)
    who = "Person" if line.role == "user" else "OpenClaw"
    return f"{who}: {truncate(' '.join(said.split()), _MAX_SAID)}" if said.strip() else ""


def _name(answer: Line, lines: Sequence[Line]) -> str:
    calls = (call for line in lines for call in line.tool_calls)
    return next((str(call["name"]) for call in calls if call["id"] == answer.tool_call_id), "a deed").replace("_", " ")


def _outcome(line: Line, name: str) -> str:
    """That a tool did something, with the production's title; never what it read."""
    try:
        found = json.loads(line.text)
    except ValueError:
        return ""
    if not found.get("ok"):
        return f"{name}: failed"
    result = found.get("result") if isinstance(found.get("result"), dict) else {}
    production = result.get("production")
    title = production.get("title") if isinstance(production, dict) else None
    return f"{name}: done" + (f", “{truncate(' '.join(str(title).split()), _MAX_TITLE)}”" if title else "")
