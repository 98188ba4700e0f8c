"""What the model is shown: the newest messages, every tool call closed, foreign text inside marked data blocks."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Sequence
from dataclasses import replace

from agent.runtime.person_acts import PERSON_ACT_NAMES
from agent.runtime.understanding import MAX_TOPIC_CHARS
from agent.runtime.values import Incoming
from ettametta.conversation import Line

#: How much a model is shown: messages, and tokens of the system prompt and the messages together (estimated).
MAX_LINES = 40
CONTEXT_TOKENS = 10_000
#: As much of one message is kept in its row.
MAX_ROW_CHARS = 20_000
#: A message longer than this is shown as data and cut.
_LONG_CHARS = 1_500
_SHOWN_CHARS = 4_000

_MARK = re.compile(r"<(\s*/?\s*data\b)", re.IGNORECASE)

INTERRUPTED = json.dumps(
    {"ok": False, "error": {"code": "tool.interrupted", "message": "This was interrupted; its end is not known."}}
)


def data_block(kind: str, text: str) -> str:
    """Foreign text, marked as such; it cannot close its own marks."""
    return f'<data kind="{html.escape(kind)}">\n{html.escape(text, quote=False)}\n</data>'


def person_line(incoming: Incoming, text: str) -> Line:
    """The row of what the person sent: their words, and the names of the files in a data block."""
    parts = [_words(incoming, text)] if text else []
    if incoming.attachments:
        names = "\n".join(f"{upload.kind}: {upload.name}" for upload in incoming.attachments)
        parts.append(data_block("attached files", names))
    return Line("user", "\n\n".join(parts)[:MAX_ROW_CHARS], incoming.turn_id)


def _words(incoming: Incoming, text: str) -> str:
    if incoming.is_forwarded:
        return data_block("forwarded text of somebody else", _cut(text))
    if len(text) <= _LONG_CHARS:
        return text
    start = text[:MAX_TOPIC_CHARS]
    return f"{start} [...]\n\n{data_block('the whole message', _cut(text))}"


def _cut(text: str) -> str:
    if len(text) <= _SHOWN_CHARS:
        return text
    return f"{text[:_SHOWN_CHARS]}\n[cut; the message has {len(text)} characters; from_message=true uses all of it]"


def tokens_of(text: str) -> int:
    """An estimate that no tokenizer is needed for: four ASCII characters a token, one of any other script."""
    ascii_chars = len(text.encode("ascii", "ignore"))
    return ascii_chars // 4 + len(text) - ascii_chars + 1


def model_lines(lines: Sequence[Line], *, room: int = CONTEXT_TOKENS) -> list[Line]:
    """Lines as a model may see them: each call is followed by its answer, and what it has no tool for is left out."""
    answers = {line.tool_call_id: line for line in lines if line.role == "tool" and line.tool_call_id}
    shown: list[Line] = []
    for line in lines:
        if line.role != "tool":
            shown += _closed(line, answers)
    return _newest(shown, room)


def _without_marks(text: str) -> str:
    """An answer may repeat what a source is titled: no mark of a data block is taken from it."""
    return _MARK.sub("‹\\1", text)


def _closed(line: Line, answers: dict[str, Line]) -> list[Line]:
    calls = tuple(call for call in line.tool_calls if call["name"] not in PERSON_ACT_NAMES)
    if line.tool_calls and not calls:
        return []
    closing = [
        answers.get(call["id"]) or Line("tool", INTERRUPTED, line.turn_id, tool_call_id=call["id"]) for call in calls
    ]
    text = _without_marks(line.text) if line.role == "assistant" else line.text
    return [replace(line, text=text, tool_calls=calls), *closing]


def _newest(lines: list[Line], room: int) -> list[Line]:
    """The newest lines that fit, beginning with a person's message."""
    starts = [index for index, line in enumerate(lines) if line.role == "user"]
    first = len(lines)
    for start in reversed(starts):
        room -= sum(_weight(line) for line in lines[start:first])
        if room < 0 and first < len(lines):
            break
        first = start
    return lines[first:]


def _weight(line: Line) -> int:
    return tokens_of(line.text) + sum(tokens_of(str(call)) for call in line.tool_calls)
