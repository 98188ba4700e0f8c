"""Productions and the proposals that wait in them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Query, Response
from pydantic import BaseModel

from admin_api.dependencies import OwnerDep, ResourcesDep
from admin_api.problems import responses
from ettametta.productions.brief import Brief
from ettametta.productions.values import ProductionView

router = APIRouter()
_CHANNEL = "api"


class ProductionList(BaseModel):
    """Productions, newest first."""

    items: list[ProductionView]


@router.post("/productions", status_code=202, tags=["productions"], responses=responses(400, 404, 413))
async def start_production(
    resources: ResourcesDep,
    owner: OwnerDep,
    brief: Brief,
    response: Response,
    idempotency_key: Annotated[
        str | None, Header(min_length=1, max_length=150, description="the same key gives the same production")
    ] = None,
) -> ProductionView:
    """Begin to make a video."""
    key = None if idempotency_key is None else f"api:{owner.user_id}:{idempotency_key}"
    production = await resources.productions.start(owner, brief, key=key)
    response.headers["Location"] = f"/api/v1/productions/{production.id}"
    return production


@router.get("/productions", tags=["productions"])
async def list_productions(
    resources: ResourcesDep,
    limit: Annotated[int, Query(ge=1, le=200)] = 20,
    unfinished: Annotated[bool, Query(description="only those at work or waiting for an answer")] = False,
) -> ProductionList:
    """Productions, newest first."""
    found = await resources.productions.recent(user_id=None, limit=limit, unfinished_only=unfinished)
    return ProductionList(items=found)


@router.get("/productions/{production_id}", tags=["productions"], responses=responses(404))
async def get_production(resources: ResourcesDep, production_id: str) -> ProductionView:
    """One production as it stands."""
    return await resources.productions.get(production_id, user_id=None)


@router.post(
    "/productions/{production_id}/cancel", status_code=202, tags=["productions"], responses=responses(404, 409)
)
async def cancel_production(resources: ResourcesDep, production_id: str) -> ProductionView:
    """Stop a production: what waits ends at once, a running render within a second."""
    return await resources.productions.cancel(production_id, user_id=None, channel=_CHANNEL)


@router.post("/productions/{production_id}/retry", status_code=202, tags=["productions"], responses=responses(404, 409))
async def retry_production(resources: ResourcesDep, production_id: str) -> ProductionView:
    """Take up a failed or cancelled production where it ended."""
    return await resources.productions.retry(production_id, user_id=None, channel=_CHANNEL)


@router.post("/proposals/{proposal_id}/accept", tags=["proposals"], responses=responses(404, 409))
async def accept_proposal(resources: ResourcesDep, owner: OwnerDep, proposal_id: str) -> ProductionView:
    """Say yes to what a production asks."""
    return await resources.productions.answer(proposal_id, user_id=owner.user_id, accept=True, channel=_CHANNEL)


@router.post("/proposals/{proposal_id}/decline", tags=["proposals"], responses=responses(404, 409))
async def decline_proposal(resources: ResourcesDep, owner: OwnerDep, proposal_id: str) -> ProductionView:
    """Say no; the production is cancelled."""
    return await resources.productions.answer(proposal_id, user_id=owner.user_id, accept=False, channel=_CHANNEL)
