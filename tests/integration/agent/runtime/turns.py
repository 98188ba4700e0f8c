"""Helpers for tests of turns: one turn's events, and a process that dies between two writes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from agent.runtime.chat_model import ChatModel
from agent.runtime.turn import OpenClaw
from agent.runtime.values import Answer, Incoming, TurnEvent
from ettametta.bootstrap import Resources
from ettametta.conversation import Conversation, Line
from ettametta.kit.ids import new_id
from ettametta.users import Person


async def turn(openclaw: OpenClaw, person: Person, text: str, **more: Any) -> list[TurnEvent]:
    """All events of one turn."""
    incoming = Incoming(person, "terminal", text, more.pop("turn_id", "") or new_id(), **more)
    return [event async for event in openclaw.turn(incoming)]


async def answer(openclaw: OpenClaw, person: Person, text: str, **more: Any) -> Answer:
    """The answer, which is the last event and the only one of its kind."""
    events = await turn(openclaw, person, text, **more)
    answers = [event for event in events if isinstance(event, Answer)]
    assert answers == events[-1:]
    return answers[0]


class KilledError(BaseException):
    """The process is gone."""


class MortalConversation(Conversation):
    """Dies at its nth write: `after` the row was committed, or before."""

    def __init__(self, inner: Conversation, *, at: int, after: bool) -> None:
        self._inner = inner
        self._left = at
        self._after = after

    async def append(self, chat_id: str, user_id: str, line: Line) -> None:
        self._left -= 1
        if self._left == 0 and not self._after:
            raise KilledError
        await self._inner.append(chat_id, user_id, line)
        if self._left == 0:
            raise KilledError

    async def recent(self, chat_id: str, *, limit: int = 40, after: datetime | None = None) -> list[Line]:
        return await self._inner.recent(chat_id, limit=limit, after=after)

    async def of_turn(self, turn_id: str) -> list[Line]:
        return await self._inner.of_turn(turn_id)


async def die_in_turn(
    resources: Resources, model: ChatModel | None, incoming: Incoming, *, at: int, after: bool
) -> bool:
    """Run a turn in a process that dies at its nth write; False when the turn has fewer writes."""
    mortal = replace(resources, conversation=MortalConversation(resources.conversation, at=at, after=after))
    try:
        async for _ in OpenClaw(mortal, model).turn(incoming):
            pass
    except KilledError:
        return True
    return False
