"""Discovery: scans, candidates and verdicts, and the sources with their health."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Query, Response
from pydantic import AwareDatetime, BaseModel, Field

from admin_api.dependencies import OwnerDep, ResourcesDep
from admin_api.problems import responses
from ettametta.discovery.candidates.values import CandidateView, Filters, Verdict
from ettametta.discovery.niches import SubscriptionView
from ettametta.discovery.scanning.request import ScanReport
from ettametta.discovery.service import Begun
from ettametta.discovery.sources.base import Takes
from ettametta.discovery.sources.states import SourceHealth
from ettametta.jobs import JobState

router = APIRouter(tags=["discovery"])

Limit = Annotated[int, Query(ge=1, le=200)]
Cursor = Annotated[str | None, Query(max_length=400, description="from the page before")]
Niche = Annotated[str | None, Query(max_length=200, description="a niche by name or id")]


# -- scans -------------------------------------------------------------------------------------------------------------


class ScanWanted(BaseModel):
    """What to look for. An address is read alone; `about` may be the name of a niche."""

    about: str = Field(min_length=1, max_length=200)
    sources: tuple[str, ...] = Field(default=(), max_length=40, description="names; empty: all that suit")
    address: str = Field(default="", max_length=2_000)
    deadline_s: float = Field(default=60.0, ge=1.0, le=600.0)
    per_source: int = Field(default=50, ge=1, le=500)


class ScanState(BaseModel):
    """A scan as it stands. What it has found so far is among the niche's candidates already."""

    id: str
    niche_id: str
    niche: str
    state: JobState
    progress: float
    message: str
    report: ScanReport | None = Field(description="what it gave; null: it has not ended well")
    error_code: str | None
    error: str | None
    hint: str | None


def _state(one: Begun) -> ScanState:
    error = one.job.error
    return ScanState(
        id=one.job.id,
        niche_id=one.niche_id,
        niche=one.niche,
        state=one.job.state,
        progress=one.job.progress,
        message=one.job.message,
        report=one.report,
        error_code=error.code if error else None,
        error=error.message if error else None,
        hint=error.hint if error else None,
    )


@router.post("/scans", status_code=202, responses=responses(400))
async def start_scan(
    resources: ResourcesDep,
    owner: OwnerDep,
    wanted: ScanWanted,
    response: Response,
    idempotency_key: Annotated[
        str | None, Header(min_length=1, max_length=150, description="the same key gives the same scan")
    ] = None,
) -> ScanState:
    """Ask the sources. Without a key the same question gives the scan of it that still runs."""
    begun = await resources.discovery.search(
        owner.user_id,
        wanted.about,
        sources=wanted.sources,
        address=wanted.address,
        deadline_s=wanted.deadline_s,
        per_source=wanted.per_source,
        key=idempotency_key,
    )
    response.headers["Location"] = f"/api/v1/scans/{begun.job.id}"
    return _state(begun)


@router.get("/scans/{scan_id}", responses=responses(404))
async def get_scan(resources: ResourcesDep, owner: OwnerDep, scan_id: str) -> ScanState:
    """How a scan stands. To end it early cancel the job of the same id."""
    return _state(await resources.discovery.scan_state(owner.user_id, scan_id))


# -- candidates --------------------------------------------------------------------------------------------------------


class CandidatePage(BaseModel):
    """Candidates: with a niche the best first, else the newest."""

    items: tuple[CandidateView, ...]
    cursor: str | None = Field(description="asks for the next page; null: that was all")


class VerdictWanted(BaseModel):
    """What a person thinks of it; open takes it back. `made` is written by productions."""

    verdict: Verdict
    niche_id: str | None = Field(default=None, max_length=32, description="where it is learned from; null: everywhere")


@router.get("/candidates", responses=responses(400, 404))
async def list_candidates(  # noqa: PLR0913 -- each is a filter of the listing
    resources: ResourcesDep,
    owner: OwnerDep,
    *,
    niche: Niche = None,
    q: Annotated[str | None, Query(max_length=200, description="words that all must be in it")] = None,
    source: Annotated[str | None, Query(max_length=64, description="the source that showed it first")] = None,
    language: Annotated[str | None, Query(max_length=3, description="ISO 639-1")] = None,
    verdict: Verdict | None = None,
    since: Annotated[AwareDatetime | None, Query(description="first seen then or later; with a zone")] = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> CandidatePage:
    """List or search candidates. With a niche and nothing else: its best, without what was dismissed or made."""
    discovery, user_id = resources.discovery, owner.user_id
    niche_id = (await discovery.niches.get(user_id, niche)).id if niche else None
    filters = Filters(niche_id, source, language, verdict, since, q)
    if niche_id is not None and filters == Filters(niche_id):
        page = await discovery.best(user_id, niche_id, limit=limit, cursor=cursor)
    else:
        page = await discovery.page(user_id, filters, limit=limit, cursor=cursor)
    return CandidatePage(items=page.items, cursor=page.cursor)


@router.get("/candidates/{candidate_id}", responses=responses(404))
async def get_candidate(
    resources: ResourcesDep, owner: OwnerDep, candidate_id: str, niche: Niche = None
) -> CandidateView:
    """One candidate with every sighting and the parts of its score; numbers no source sent are absent or null."""
    discovery, user_id = resources.discovery, owner.user_id
    niche_id = (await discovery.niches.get(user_id, niche)).id if niche else None
    return await discovery.candidate(user_id, candidate_id, niche_id=niche_id)


@router.put("/candidates/{candidate_id}/verdict", responses=responses(404))
async def judge_candidate(
    resources: ResourcesDep, owner: OwnerDep, candidate_id: str, wanted: VerdictWanted
) -> CandidateView:
    """Save, dismiss or take back; the same again changes nothing."""
    return await resources.discovery.judge(owner.user_id, candidate_id, wanted.verdict, niche_id=wanted.niche_id)


# -- sources -----------------------------------------------------------------------------------------------------------


class SourceState(BaseModel):
    """A source: its declared facts, the settings it waits for, how it answered."""

    name: str
    title: str
    gives: str
    takes: Takes
    terms: str
    licence: str
    documentation_url: str
    requests_per_minute: int
    metrics: tuple[str, ...]
    address_hint: str
    missing: tuple[str, ...] = Field(description="settings that are not there; it is not asked without them")
    health: tuple[SourceHealth, ...] = Field(description="for each of its addresses that was asked")


class SourceList(BaseModel):
    """Sources by title."""

    items: list[SourceState]


class Subscriptions(BaseModel):
    """Sources that were added, the oldest first."""

    items: list[SubscriptionView]


class SubscriptionWanted(BaseModel):
    """A feed, a channel, a page; adding it again moves it to the niche that is named."""

    address: str = Field(min_length=1, max_length=2_000)
    source: str = Field(default="", max_length=64, description="where several could read it; empty: the first")
    niche: str = Field(default="", max_length=200, description="name or id; empty: all niches")
    title: str = Field(default="", max_length=300)


@router.get("/sources")
async def list_sources(resources: ResourcesDep, owner: OwnerDep) -> SourceList:
    """All sources with their health."""
    found = await resources.discovery.sources(owner.user_id)
    names = SourceState.model_fields.keys() - {"missing", "health"}
    return SourceList(
        items=[
            SourceState(**{name: getattr(one.info, name) for name in names}, missing=one.missing, health=one.health)
            for one in found
        ]
    )


@router.get("/subscriptions", responses=responses(404))
async def list_subscriptions(resources: ResourcesDep, owner: OwnerDep, niche: Niche = None) -> Subscriptions:
    """What was added; with a niche what is read for it."""
    return Subscriptions(items=await resources.discovery.niches.sources(owner.user_id, niche=niche or ""))


@router.post("/subscriptions", status_code=201, responses=responses(400, 404))
async def add_subscription(resources: ResourcesDep, owner: OwnerDep, wanted: SubscriptionWanted) -> SubscriptionView:
    """Add a source by its address."""
    return await resources.discovery.niches.add_source(
        owner.user_id, wanted.address, source=wanted.source, niche=wanted.niche, title=wanted.title
    )


@router.delete("/subscriptions/{subscription_id}", status_code=204, responses=responses(404))
async def remove_subscription(resources: ResourcesDep, owner: OwnerDep, subscription_id: str) -> None:
    """Take it away."""
    await resources.discovery.niches.remove_source(owner.user_id, subscription_id)
