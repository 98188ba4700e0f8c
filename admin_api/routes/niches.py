"""Niches that are followed, and scans that repeat."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from admin_api.dependencies import OwnerDep, ResourcesDep
from admin_api.problems import responses
from ettametta.discovery.agenda import ScheduledScan
from ettametta.discovery.niches import NicheChange, NicheView

router = APIRouter(tags=["niches"])

_Words = list[str] | None


class NicheList(BaseModel):
    """Niches by name."""

    items: list[NicheView]


class NicheEdit(BaseModel):
    """What is set anew; null or absent: left as it is."""

    name: str | None = Field(default=None, max_length=200)
    keywords: _Words = Field(default=None, max_length=40)
    excluded: _Words = Field(default=None, max_length=40)
    languages: _Words = Field(default=None, max_length=40)
    sources: _Words = Field(default=None, max_length=40)

    @property
    def change(self) -> NicheChange:
        """All but the name."""
        return NicheChange(self.keywords, self.excluded, self.languages, self.sources)


class NicheWanted(NicheEdit):
    """A subject to follow; following it again changes only what is given."""

    name: str = Field(min_length=1, max_length=200)


class Unfollowed(BaseModel):
    """The niche that is followed no longer, and how many schedules of it ended."""

    niche: NicheView
    ended_schedules: int


class ScheduleWanted(BaseModel):
    """A niche, by name or id, and when it is scanned. A new name is followed."""

    niche: str = Field(min_length=1, max_length=200)
    cron: str = Field(max_length=100, description='minute, hour, day, month, weekday: "0 8 * * *"')
    timezone: str | None = Field(default=None, max_length=64, description="IANA name; null: the owner's")


class ScheduleList(BaseModel):
    """Scheduled scans, the next to come first and the paused last."""

    items: tuple[ScheduledScan, ...]


@router.get("/niches")
async def list_niches(resources: ResourcesDep, owner: OwnerDep, *, with_passing: bool = False) -> NicheList:
    """What the owner follows; on request also what single searches left."""
    return NicheList(items=await resources.discovery.niches.all(owner.user_id, with_passing=with_passing))


@router.post("/niches", status_code=201, responses=responses(400))
async def follow_niche(resources: ResourcesDep, owner: OwnerDep, wanted: NicheWanted) -> NicheView:
    """Follow a subject."""
    return await resources.discovery.niches.follow(owner.user_id, wanted.name, wanted.change)


@router.get("/niches/{niche_id}", responses=responses(404))
async def get_niche(resources: ResourcesDep, owner: OwnerDep, niche_id: str) -> NicheView:
    """One niche, by id or name."""
    return await resources.discovery.niches.get(owner.user_id, niche_id)


@router.patch("/niches/{niche_id}", responses=responses(400, 404, 409))
async def change_niche(resources: ResourcesDep, owner: OwnerDep, niche_id: str, edit: NicheEdit) -> NicheView:
    """Set its name, words, exclusions, languages or sources."""
    niches, user_id = resources.discovery.niches, owner.user_id
    changed = await niches.change(user_id, niche_id, edit.change)
    return changed if edit.name is None else await niches.rename(user_id, changed.id, edit.name)


@router.delete("/niches/{niche_id}", responses=responses(404))
async def unfollow_niche(resources: ResourcesDep, owner: OwnerDep, niche_id: str) -> Unfollowed:
    """Follow it no longer; its schedules end."""
    niche, ended = await resources.agenda.unfollow(owner.user_id, niche_id)
    return Unfollowed(niche=niche, ended_schedules=ended)


@router.get("/schedules")
async def list_schedules(resources: ResourcesDep, owner: OwnerDep) -> ScheduleList:
    """Scans that repeat."""
    return ScheduleList(items=await resources.agenda.all(owner.user_id))


@router.post("/schedules", status_code=201, responses=responses(400, 404, 409))
async def add_schedule(resources: ResourcesDep, owner: OwnerDep, wanted: ScheduleWanted) -> ScheduledScan:
    """Scan a niche again and again; the same again gives the one there is."""
    return await resources.agenda.add(
        owner.user_id, wanted.niche, cron=wanted.cron, timezone=wanted.timezone or owner.timezone
    )


@router.post("/schedules/{schedule_id}/pause", responses=responses(404))
async def pause_schedule(resources: ResourcesDep, owner: OwnerDep, schedule_id: str) -> ScheduledScan:
    """Let it rest."""
    return await resources.agenda.pause(owner.user_id, schedule_id)


@router.post("/schedules/{schedule_id}/resume", responses=responses(404))
async def resume_schedule(resources: ResourcesDep, owner: OwnerDep, schedule_id: str) -> ScheduledScan:
    """Go on; what was missed is not made up for."""
    return await resources.agenda.pause(owner.user_id, schedule_id, paused=False)


@router.delete("/schedules/{schedule_id}", status_code=204, responses=responses(404))
async def remove_schedule(resources: ResourcesDep, owner: OwnerDep, schedule_id: str) -> None:
    """End it."""
    await resources.agenda.remove(owner.user_id, schedule_id)
