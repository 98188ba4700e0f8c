"""The system prompt, what changes least first, so that an endpoint's prefix cache holds: rules, person, facts."""

from __future__ import annotations

import html
from collections.abc import Sequence

import prompts
from ettametta.kit.text import clean
from ettametta.memory import FactView
from ettametta.users import Person

_MAX_NAME = 60
#: Characters of facts a model is shown; the newest come first into what fits.
MAX_FACTS_CHARS = 4_000
NO_FACTS = "- nothing yet"
NO_SUMMARY = "Nothing but the messages that follow."


def system_prompt(person: Person, facts: Sequence[FactView], *, now: str, summary: str = "") -> str:
    """The rules, which are everybody's; the person and what they said of themselves; older turns; the time last."""
    return prompts.load(
        "openclaw",
        person=clean(person.name)[:_MAX_NAME] or "the person",
        language=person.language,
        timezone=person.timezone,
        facts=facts_block(facts),
        summary=f'<data kind="minutes">\n{html.escape(summary, quote=False)}\n</data>' if summary else NO_SUMMARY,
        now=now,
    )


def facts_block(facts: Sequence[FactView]) -> str:
    """Facts as lines, no more than fit; what is left out is said to be."""
    shown: list[FactView] = []
    room = MAX_FACTS_CHARS
    for fact in sorted(facts, key=lambda one: one.updated_at, reverse=True):
        room -= len(_line(fact)) + 1
        if room < 0:
            break
        shown.append(fact)
    lines = [_line(fact) for fact in sorted(shown, key=lambda one: one.number)]
    if len(shown) < len(facts):
        lines.append(f"- and {len(facts) - len(shown)} more, which list_facts shows")
    return "\n".join(lines) or NO_FACTS


def _line(fact: FactView) -> str:
    return f"- {fact.number}. {fact.kind}: {html.escape(fact.text, quote=False)}"
