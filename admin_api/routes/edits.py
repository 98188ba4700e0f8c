"""Edits of productions: the storyboard, revisions, undo and redo, going on; and presets."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Response
from pydantic import BaseModel, Field

from admin_api.dependencies import OwnerDep, ResourcesDep
from admin_api.problems import responses
from ettametta.edits import Operations
from ettametta.errors import InvalidInput
from ettametta.productions.batch import MAX_BATCH
from ettametta.productions.brief import Brief
from ettametta.productions.changing.siblings import MAX_SIBLINGS, VariantBy
from ettametta.productions.options import VideoOptions
from ettametta.productions.presets import PresetView
from ettametta.productions.values import EditView, ProductionView, RevisionView, StoryboardView

router = APIRouter(tags=["edits"])
_CHANNEL = "api"

IfMatch = Annotated[
    str | None, Header(max_length=40, description="number of the revision the edit builds on; else 409")
]
IdempotencyKey = Annotated[
    str | None, Header(min_length=1, max_length=150, description="the same key makes the same edit once")
]


class EditRequest(BaseModel):
    """What to change, all or nothing (docs/editing.md)."""

    operations: Operations


class RevisionList(BaseModel):
    """Revisions, the first one first."""

    items: list[RevisionView]


class PresetList(BaseModel):
    """Presets by name."""

    items: list[PresetView]


class Batch(BaseModel):
    """Several briefs, each with its own script and wishes."""

    briefs: list[Brief] = Field(min_length=1, max_length=MAX_BATCH)


class DubRequest(BaseModel):
    """Languages as ISO 639-1 codes."""

    languages: list[str] = Field(min_length=1, max_length=MAX_SIBLINGS)


class VariantsRequest(BaseModel):
    """What is to differ, and how many."""

    by: VariantBy = "theme"
    count: int = Field(default=2, ge=1, le=MAX_SIBLINGS)


class BatchStarted(BaseModel):
    """The productions that began, in the order of their briefs."""

    items: list[ProductionView]


@router.post("/productions/batch", status_code=202, responses=responses(400, 404))
async def start_batch(
    resources: ResourcesDep, owner: OwnerDep, batch: Batch, idempotency_key: IdempotencyKey = None
) -> BatchStarted:
    """Begin several videos; every brief is checked before the first one begins."""
    key = None if idempotency_key is None else f"api:{owner.user_id}:{idempotency_key}"
    return BatchStarted(items=await resources.productions.start_many(owner, batch.briefs, key=key))


@router.get("/productions/{production_id}/storyboard", responses=responses(404))
async def get_storyboard(resources: ResourcesDep, production_id: str, response: Response) -> StoryboardView:
    """The storyboard of the current revision; its number is the ETag."""
    view = await resources.editing.storyboard(production_id, user_id=None)
    response.headers["ETag"] = f'"{view.revision}"'
    return view


@router.post("/productions/{production_id}/edits", status_code=202, responses=responses(400, 404, 409))
async def edit_production(
    resources: ResourcesDep,
    production_id: str,
    asked: EditRequest,
    response: Response,
    if_match: IfMatch = None,
    idempotency_key: IdempotencyKey = None,
) -> EditView:
    """Make a new revision and have it rendered; only what changed is made anew."""
    view = await resources.editing.edit(
        production_id,
        asked.operations,
        user_id=None,
        channel=_CHANNEL,
        base=_revision(if_match),
        key=None if idempotency_key is None else f"api:{idempotency_key}",
    )
    response.headers["ETag"] = f'"{view.revision}"'
    return view


def _revision(if_match: str | None) -> int | None:
    if if_match is None or if_match.strip() == "*":
        return None
    number = if_match.strip().removeprefix("W/").strip('"')
    if not number.isdecimal():
        raise InvalidInput(
            "The header If-Match is no revision number.",
            hint='Give the ETag of the storyboard, such as "3".',
            code="api.if_match",
        )
    return int(number)


@router.get("/productions/{production_id}/revisions", responses=responses(404))
async def list_revisions(resources: ResourcesDep, production_id: str) -> RevisionList:
    """All revisions, with what each changed."""
    return RevisionList(items=await resources.editing.revisions(production_id, user_id=None))


@router.post("/productions/{production_id}/undo", responses=responses(404, 409))
async def undo_edit(resources: ResourcesDep, production_id: str) -> EditView:
    """Go back one edit; a finished video is there again without any work."""
    return await resources.editing.undo(production_id, user_id=None, channel=_CHANNEL)


@router.post("/productions/{production_id}/redo", responses=responses(404, 409))
async def redo_edit(resources: ResourcesDep, production_id: str) -> EditView:
    """Go forward again."""
    return await resources.editing.redo(production_id, user_id=None, channel=_CHANNEL)


@router.post("/productions/{production_id}/revisions/{number}/restore", responses=responses(404, 409))
async def restore_revision(resources: ResourcesDep, production_id: str, number: int) -> EditView:
    """Make any revision the current one."""
    return await resources.editing.restore(production_id, number, user_id=None, channel=_CHANNEL)


@router.post("/productions/{production_id}/continue", status_code=202, responses=responses(404, 409))
async def continue_production(resources: ResourcesDep, production_id: str) -> ProductionView:
    """Let a production go on that stopped where it was asked to."""
    return await resources.stops.go_on(production_id, user_id=None, channel=_CHANNEL)


@router.post("/productions/{production_id}/finish", status_code=202, responses=responses(404, 409))
async def finish_production(resources: ResourcesDep, production_id: str) -> ProductionView:
    """Make a draft in full."""
    return await resources.finishing.finish(production_id, user_id=None, channel=_CHANNEL)


@router.post("/productions/{production_id}/dub", status_code=202, responses=responses(400, 404))
async def dub_production(
    resources: ResourcesDep, production_id: str, asked: DubRequest, idempotency_key: IdempotencyKey = None
) -> BatchStarted:
    """The same video in other languages, one production for each."""
    views = await resources.siblings.dub(
        production_id, asked.languages, user_id=None, channel=_CHANNEL, key=idempotency_key or ""
    )
    return BatchStarted(items=views)


@router.post("/productions/{production_id}/variants", status_code=202, responses=responses(400, 404))
async def make_variants(
    resources: ResourcesDep, production_id: str, asked: VariantsRequest, idempotency_key: IdempotencyKey = None
) -> BatchStarted:
    """Versions that differ in their opening, voice, theme or thumbnail, one production for each."""
    views = await resources.siblings.variants(
        production_id, asked.by, asked.count, user_id=None, channel=_CHANNEL, key=idempotency_key or ""
    )
    return BatchStarted(items=views)


@router.get("/presets")
async def list_presets(resources: ResourcesDep, owner: OwnerDep) -> PresetList:
    """The owner's presets."""
    return PresetList(items=await resources.presets.all(owner.user_id))


@router.put("/presets/{name}", responses=responses(400))
async def save_preset(resources: ResourcesDep, owner: OwnerDep, name: str, options: VideoOptions) -> PresetView:
    """Keep wishes under a name; "default" goes for every video."""
    return await resources.presets.save(owner.user_id, name, options)


@router.delete("/presets/{name}", status_code=204, responses=responses(404))
async def delete_preset(resources: ResourcesDep, owner: OwnerDep, name: str) -> None:
    """Forget a preset."""
    await resources.presets.delete(owner.user_id, name, channel=_CHANNEL)
