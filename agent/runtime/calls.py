"""The acts of one turn: every call is written down before it runs and its outcome before the next step is taken.

Ids are made from the turn, so that the same turn after a crash finds its outcomes and does nothing twice.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from pydantic import BaseModel, ValidationError

from agent.runtime.person_acts import PERSON_ACTS
from agent.runtime.purse import Purse
from agent.runtime.reins import Reins
from agent.runtime.values import Incoming
from ettametta.bootstrap import Resources
from ettametta.conversation import Line
from ettametta.errors import Bug, Conflict, EttamettaError, InvalidInput, NotFound
from ettametta.kit.ids import new_id
from ettametta.kit.text import clean_paragraphs
from tools import TOOLS, AnyTool, ToolContext

_log = structlog.get_logger(__name__)

#: What may be called in a turn: the model's tools, and what only a person's own words or button may do.
_ACTS: dict[str, AnyTool] = {tool.name: tool for tool in (*TOOLS, *PERSON_ACTS)}
#: What a model may call. Nothing else it names is ever written down, so a resumed turn cannot run it either.
_MODEL_NAMES = frozenset(tool.name for tool in TOOLS)
UNKNOWN_TOOL = "unknown_tool"


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a tool."""

    id: str
    name: str
    args: Mapping[str, Any]

    @property
    def label(self) -> str:
        """What people see while it runs."""
        return _ACTS[self.name].label if self.name in _ACTS else self.name


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a call ended: an output, or an error."""

    call: Call
    output: BaseModel | None = None
    error: EttamettaError | None = None

    @property
    def ok(self) -> bool:
        """Whether it was done."""
        return self.error is None

    @property
    def summary(self) -> str:
        """One line for people."""
        return "done" if self.error is None else self.error.message

    @property
    def production_id(self) -> str | None:
        """The production it was about, if it was about one."""
        production = getattr(self.output, "production", None)
        return getattr(production, "id", None)

    def as_json(self) -> str:
        """For the row and for the model; no angle brackets, so that it stays inside its marks."""
        if self.error is not None:
            error = {"code": self.error.code, "message": self.error.message, "hint": self.error.hint}
            data: dict[str, Any] = {"ok": False, "error": error}
        else:
            data = {"ok": True, "result": self.output.model_dump(mode="json") if self.output else None}
        return json.dumps(data, ensure_ascii=False).replace("<", "\\u003c").replace(">", "\\u003e")


class Calls:
    """Runs the calls of one turn and keeps their outcomes; `lines` is what the turn has written so far."""

    def __init__(
        self,
        resources: Resources,
        incoming: Incoming,
        lines: Sequence[Line],
        *,
        message_text: str = "",
        said: str = "",
        reins: Reins | None = None,
    ) -> None:
        self._resources = resources
        self._incoming = incoming
        self._message_text = message_text
        self._said = said
        self._writing = asyncio.Lock()
        self._count = 0
        self.purse = Purse(
            resources.spending, resources.prices, user_id=incoming.person.user_id, turn_id=incoming.turn_id
        )
        self.reins = reins or Reins()
        self.additions: list[Line] = []
        self.outcomes: dict[str, Outcome] = {}
        self.interrupted: list[Call] = []
        self._read(lines)

    def _read(self, lines: Sequence[Line]) -> None:
        answers = {line.tool_call_id: line.text for line in lines if line.role == "tool"}
        for written in (call for line in lines for call in line.tool_calls):
            call = Call(written["id"], written["name"], written["args"])
            self._count += 1
            if call.id in answers:
                self.outcomes[call.id] = _read_outcome(call, answers[call.id])
            else:
                self.interrupted.append(call)

    async def announce_for_model(self, wanted: Sequence[tuple[str, Mapping[str, Any]]], *, text: str) -> list[Call]:
        """Write down calls that a model wants made; a name that is not one of its tools becomes `unknown_tool`."""
        return await self.announce(
            [(name if name in _MODEL_NAMES else UNKNOWN_TOOL, args) for name, args in wanted], text=text
        )

    async def announce(self, wanted: Sequence[tuple[str, Mapping[str, Any]]], *, text: str = "") -> list[Call]:
        """Write down calls that are about to be made, as one message of the assistant."""
        calls = [Call(self._next_id(), name, _storable(args)) for name, args in wanted]
        written = tuple({"id": call.id, "name": call.name, "args": dict(call.args)} for call in calls)
        await self._append(Line("assistant", text, self._incoming.turn_id, tool_calls=written))
        return calls

    def _next_id(self) -> str:
        self._count += 1
        return f"{self._incoming.turn_id}-{self._count}"

    async def take_additions(self) -> list[Line]:
        """Write down what the person has added since the last step; it belongs to this turn from now on."""
        lines: list[Line] = []
        for added in self.reins.take():
            turn_id = self._incoming.turn_id
            line = Line("user", clean_paragraphs(added.text), added.turn_id, joins_turn_id=turn_id)
            await self._append(line)
            lines.append(line)
        self.additions += lines
        return lines

    async def resume(self, call: Call) -> Outcome:
        """Finish a call that a crash interrupted: again where that is safe, else say that its end is not known."""
        if _may_repeat(call):
            return await self.run(call)
        error = Conflict(
            "I was interrupted while doing that, and do not know how it ended.",
            hint="Look at the status.",
            code="tool.interrupted",
        )
        return await self._finish(Outcome(call, error=error))

    async def run(self, call: Call) -> Outcome:
        """Make a call and write its outcome down. Errors become outcomes; a bug is logged and shown as a reference."""
        known = self.outcomes.get(call.id)
        return known if known is not None else await self._finish(await self._perform(call))

    async def _perform(self, call: Call) -> Outcome:
        try:
            tool = _find(call.name)
            output = await tool.call(self._context(call), _parse(tool, call.args))
        except EttamettaError as error:
            return Outcome(call, error=error)
        except Exception as error:  # noqa: BLE001 -- a bug in a tool ends as a reference, not as a dead turn
            return Outcome(call, error=report_bug(error, call=call.name))
        return Outcome(call, output=output)

    def _context(self, call: Call) -> ToolContext:
        incoming = self._incoming
        return ToolContext(
            person=incoming.person,
            channel=incoming.channel,
            resources=self._resources,
            call_id=call.id,
            attachments=incoming.attachments,
            message_text=self._message_text,
            said=self._said,
            turn_id=incoming.turn_id,
            is_forwarded=incoming.is_forwarded,
        )

    async def _finish(self, outcome: Outcome) -> Outcome:
        await self._append(Line("tool", outcome.as_json(), self._incoming.turn_id, tool_call_id=outcome.call.id))
        self.outcomes[outcome.call.id] = outcome
        return outcome

    async def _append(self, line: Line) -> None:
        person = self._incoming.person
        async with self._writing:
            await self._resources.conversation.append(person.chat_id, person.user_id, line)


def _may_repeat(call: Call) -> bool:
    tool = _ACTS.get(call.name)
    try:
        return tool is None or tool.repeatable(_parse(tool, call.args))
    except InvalidInput:
        return True


def report_bug(error: Exception, **facts: str) -> Bug:
    """Log an exception whole under a reference, and give the error that names it."""
    reference = new_id()[-12:]
    _log.error("turn.bug", reference=reference, exc_info=error, **facts)
    return Bug("Something went wrong on our side.", hint=f"Look for reference {reference} in the log, or report it.")


def _find(name: str) -> AnyTool:
    if name not in _ACTS:
        there_are = ", ".join(tool.name for tool in TOOLS)
        raise NotFound("There is no such tool.", hint=f"There are: {there_are}.", code="tool.unknown")
    return _ACTS[name]


def _parse(tool: AnyTool, args: Mapping[str, Any]) -> BaseModel:
    """The typed input.

    Raises:
        InvalidInput: the arguments do not fit; the sentence says which and why.
    """
    try:
        parsed: BaseModel = tool.input.model_validate(dict(args))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "arguments"
        raise InvalidInput(
            f"The argument {where[:60]} of {tool.name} does not fit: {first['msg']}.",
            hint=f"Its arguments are: {', '.join(tool.input.model_fields)}.",
            code="tool.bad_arguments",
        ) from None
    return parsed


def _storable(args: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments without what a database cannot keep: NUL and halves of surrogate pairs."""
    text = json.dumps(args, default=str, ensure_ascii=False).replace("\\u0000", "")
    stored: dict[str, Any] = json.loads(text.encode("utf-8", "replace"))
    return stored


def _read_outcome(call: Call, text: str) -> Outcome:
    data = json.loads(text)
    if not data["ok"]:
        error = data["error"]
        return Outcome(call, error=EttamettaError(error["message"], hint=error["hint"], code=error["code"]))
    tool = _ACTS.get(call.name)
    return Outcome(call, output=tool.output.model_validate(data["result"]) if tool else None)
