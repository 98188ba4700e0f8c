"""What only a person's own words or button may do: written down and run as tools are, but no model has them."""

from __future__ import annotations

from agent.runtime.proposals import ANSWER_PROPOSAL
from ettametta.memory import Erased, FactView
from tools import AnyTool, Permission, Tool, ToolContext, ToolOutput
from tools.memory import ForgetFactInput, ForgetScopeInput


class ForgottenOutput(ToolOutput):
    """A fact that is gone."""

    forgotten: FactView


class ErasedOutput(ToolOutput):
    """How much is gone."""

    erased: Erased


async def _forget(context: ToolContext, args: ForgetFactInput) -> ForgottenOutput:
    fact = await context.resources.facts.forget(context.person.user_id, args.which, channel=context.channel)
    return ForgottenOutput(forgotten=fact)


def _never(_args: ForgetFactInput) -> bool:
    # By number it would be another fact the second time.
    return False


ERASE_FACT: AnyTool = Tool(
    name="erase_fact",
    label="Forgetting it",
    description="The person erases a fact about them.",
    input=ForgetFactInput,
    output=ForgottenOutput,
    permission=Permission.EDITOR,
    example=ForgetFactInput(which="2"),
    run=_forget,
    repeatable=_never,
)


async def _erase(context: ToolContext, args: ForgetScopeInput) -> ErasedOutput:
    erasure, person = context.resources.erasure, context.person
    if args.scope == "chat":
        erased = await erasure.chat(person.user_id, person.chat_id, channel=context.channel, but_turn=context.turn_id)
    else:
        erased = await erasure.everything(person.user_id, channel=context.channel, but_turn=context.turn_id)
    return ErasedOutput(erased=erased)


ERASE_MEMORY: AnyTool = Tool(
    name="erase_memory",
    label="Forgetting",
    description="The person erases what was said in this chat, or all that is kept of them.",
    input=ForgetScopeInput,
    output=ErasedOutput,
    permission=Permission.EDITOR,
    example=ForgetScopeInput(scope="chat"),
    run=_erase,
)

PERSON_ACTS: tuple[AnyTool, ...] = (ANSWER_PROPOSAL, ERASE_FACT, ERASE_MEMORY)
PERSON_ACT_NAMES = frozenset(act.name for act in PERSON_ACTS)
