"""Answering what costs money: done only for a person's own words or button, never for a model."""

from __future__ import annotations

from pydantic import Field

from ettametta.kit.clock import utc_now
from ettametta.productions.service import Productions
from ettametta.productions.values import ProposalView
from ettametta.users import Person
from tools import AnyTool, Permission, Tool, ToolContext, ToolInput
from tools.productions import ProductionOutput, facts

_MAX_OPEN = 20


class AnswerProposalInput(ToolInput):
    """Which proposal, and the person's answer."""

    proposal_id: str = Field(min_length=1, max_length=64)
    accept: bool


async def _answer(context: ToolContext, args: AnswerProposalInput) -> ProductionOutput:
    view = await context.resources.productions.answer(
        args.proposal_id, user_id=context.person.user_id, accept=args.accept, channel=context.channel
    )
    return ProductionOutput(production=facts(view))


#: Written down and run as tools are, but not among those the model has (`tools.TOOLS`).
ANSWER_PROPOSAL: AnyTool = Tool(
    name="answer_proposal",
    label="Passing on your answer",
    description="The person answered a proposal.",
    input=AnswerProposalInput,
    output=ProductionOutput,
    permission=Permission.EDITOR,
    example=AnswerProposalInput(proposal_id="0199f3a2b4c6", accept=True),
    run=_answer,
)


async def open_proposals(productions: Productions, person: Person) -> list[ProposalView]:
    """The person's proposals that wait for an answer, the newest first."""
    views = await productions.recent(user_id=person.user_id, limit=_MAX_OPEN, unfinished_only=True)
    now = utc_now()
    return [view.proposal for view in views if view.proposal is not None and view.proposal.expires_at > now]
