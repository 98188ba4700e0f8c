"""What OpenClaw says of its memory without a model, and the buttons to it."""

from __future__ import annotations

from pydantic import BaseModel

from agent.runtime.person_acts import ErasedOutput, ForgottenOutput
from agent.runtime.values import Choice
from ettametta.memory import FactView
from tools.memory import FactOutput, FactsOutput, ForgetAskedOutput, ForgetScopeOutput

_NOTHING = (
    "I know nothing about you yet. Say “remember that my channel is called Deep Blue”, or /remember avoid: emojis."
)


def memory_text(output: BaseModel | None) -> str | None:
    """What a deed of memory came to; None: it was another deed."""
    match output:
        case FactOutput(fact=fact):
            return (
                f"I keep that in mind ({fact.kind}): {fact.text}. /memory shows all, /forget {fact.number} erases it."
            )
        case FactsOutput(facts=()):
            return _NOTHING
        case FactsOutput(facts=facts):
            listed = "\n".join(_line(fact) for fact in facts)
            return f"What I know about you:\n{listed}\nErase one with /forget and its number."
        case ForgetAskedOutput(fact=fact):
            return f"Shall I forget this? {fact.text}"
        case ForgottenOutput(forgotten=fact):
            return f"Forgotten: {fact.text}"
        case _:
            return _erasing_text(output)


def _erasing_text(output: BaseModel | None) -> str | None:
    match output:
        case ForgetScopeOutput(scope="chat"):
            return "Shall I erase all that was said in this chat? Facts about you and your videos stay."
        case ForgetScopeOutput(facts=facts):
            return (
                f"Shall I erase all that was said in your chats, and what I know about you ({facts})? Your videos stay."
            )
        case ErasedOutput(erased=gone):
            return f"Erased for good: {gone.messages} messages, {gone.facts} facts, {gone.summaries} summaries."
        case _:
            return None


def memory_choices(output: BaseModel | None) -> tuple[Choice, ...]:
    """What a person may want to press next."""
    match output:
        case ForgetAskedOutput(fact=fact):
            return (Choice("Forget it", f"/forget {fact.id}"),)
        case ForgetScopeOutput(scope=scope):
            return (Choice("Erase it", f"/forget {scope} for good"),)
        case FactOutput(fact=fact):
            return (Choice("Forget it", f"/forget {fact.id}"),)
        case _:
            return ()


def _line(fact: FactView) -> str:
    return f"{fact.number}. ({fact.kind}) {fact.text}"
