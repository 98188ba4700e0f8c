"""What only a person's own words or button may do: written down and run as tools are, but no model has them."""

from __future__ import annotations

from agent.runtime.proposals import ANSWER_PROPOSAL
from ettametta.memory import FactView
from tools import AnyTool, Permission, Tool, ToolContext, ToolOutput
from tools.memory import ForgetFactInput


class ForgottenOutput(ToolOutput):
    """A fact that is gone."""

    forgotten: FactView


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

PERSON_ACTS: tuple[AnyTool, ...] = (ANSWER_PROPOSAL, ERASE_FACT)
PERSON_ACT_NAMES = frozenset(act.name for act in PERSON_ACTS)
