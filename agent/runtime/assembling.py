"""What a model is shown in a turn, within one budget: rules, person, facts, minutes of older turns, newest messages."""

from __future__ import annotations

from dataclasses import dataclass

from agent.runtime.answers import local_time
from agent.runtime.context import CONTEXT_TOKENS, MAX_LINES, model_lines, tokens_of
from agent.runtime.system import system_prompt
from ettametta.bootstrap import Resources
from ettametta.conversation import Line
from ettametta.kit.clock import utc_now
from ettametta.users import Person


@dataclass(frozen=True, slots=True)
class Shown:
    """The system prompt, and the messages after it."""

    system: str
    lines: list[Line]


async def assemble(resources: Resources, person: Person, turn_id: str) -> Shown:
    """Put it together; a conversation that has outgrown its room is given to be summed up for later turns."""
    summary = await resources.summaries.of_chat(person.chat_id)
    after = summary.covers_to if summary else None
    recent = await resources.conversation.recent(person.chat_id, limit=MAX_LINES, after=after)
    before = [line for line in recent if turn_id not in {line.turn_id, line.joins_turn_id}]
    if before:
        await resources.summaries.want(person.chat_id, person.user_id, before)
    system = system_prompt(
        person,
        await resources.facts.all(person.user_id),
        summary=summary.text if summary else "",
        now=local_time(utc_now(), person.timezone, with_day=True),
    )
    lines = [*before, *await resources.conversation.of_turn(turn_id)]
    return Shown(system, model_lines(lines, room=CONTEXT_TOKENS - tokens_of(system)))
