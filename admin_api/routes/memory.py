"""What is known about the owner: listed, added to, corrected and erased."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from admin_api.dependencies import OwnerDep, ResourcesDep
from admin_api.problems import responses
from ettametta.memory import Erased, FactKind, FactView

router = APIRouter(tags=["memory"])
_CHANNEL = "api"


class FactRequest(BaseModel):
    """A fact in the owner's own words."""

    kind: FactKind = FactKind.OTHER
    text: str = Field(max_length=2_000)


class FactList(BaseModel):
    """Facts, the oldest first."""

    items: list[FactView]


@router.get("/memory/facts")
async def list_facts(resources: ResourcesDep, owner: OwnerDep) -> FactList:
    """What OpenClaw keeps in mind about the owner."""
    return FactList(items=list(await resources.facts.all(owner.user_id)))


@router.post("/memory/facts", status_code=201, responses=responses(400, 409))
async def remember_fact(resources: ResourcesDep, owner: OwnerDep, fact: FactRequest) -> FactView:
    """Keep a fact in mind; the same words again make no second one."""
    return await resources.facts.remember(owner.user_id, fact.kind, fact.text)


@router.put("/memory/facts/{which}", responses=responses(400, 404))
async def correct_fact(resources: ResourcesDep, owner: OwnerDep, which: str, fact: FactRequest) -> FactView:
    """Put other words in the place of a fact's."""
    return await resources.facts.correct(owner.user_id, which, fact.text, kind=fact.kind)


@router.delete("/memory/facts/{which}", status_code=204, responses=responses(404))
async def forget_fact(resources: ResourcesDep, owner: OwnerDep, which: str) -> None:
    """Erase a fact for good."""
    await resources.facts.forget(owner.user_id, which, channel=_CHANNEL)


@router.delete("/memory", responses=responses())
async def erase_everything(resources: ResourcesDep, owner: OwnerDep) -> Erased:
    """Erase all messages, facts and summaries of the owner; productions stay."""
    return await resources.erasure.everything(owner.user_id, channel=_CHANNEL)


@router.delete("/memory/chats/{chat_id}", responses=responses(404))
async def erase_chat(resources: ResourcesDep, owner: OwnerDep, chat_id: str) -> Erased:
    """Erase the messages and the summary of one of the owner's chats; facts stay."""
    return await resources.erasure.chat(owner.user_id, chat_id, channel=_CHANNEL)
