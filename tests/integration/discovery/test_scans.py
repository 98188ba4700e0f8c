"""Scans through everything that is real: ledger, crawler, sources, store, ranking; a local site is the world."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from sqlalchemy import func, select

from ettametta.bootstrap import Resources
from ettametta.discovery.candidates.values import Verdict
from ettametta.discovery.scanning.request import ScanReport
from ettametta.discovery.scanning.scanner import SOURCE_EVENT
from ettametta.errors import InvalidInput, NotFound
from ettametta.jobs import JobContext, JobState, JobView
from ettametta.models import Candidate, Job, Sighting, SourceState
from tasks.registry import KINDS

_TEXT = "Coral reefs bleach when the water is too warm for weeks. " * 12


@dataclass
class Site:
    """Pages that answer, stall or break off."""

    url: str = ""
    asked: Counter[str] = field(default_factory=Counter)
    unchanged: int = 0
    freed: asyncio.Event = field(default_factory=asyncio.Event)

    async def page(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        self.asked[name] += 1
        if name.startswith("stall"):
            await self.freed.wait()
        if name.startswith("dead"):
            return web.Response(status=410)
        if request.headers.get("If-None-Match") == f'"{name}"':
            self.unchanged += 1
            return web.Response(status=304, headers={"ETag": f'"{name}"'})
        body = (
            f"<html lang=en><title>Coral reefs {name}</title><article><h1>Coral reefs {name}</h1><p>{_TEXT}{name}</p>"
        )
        return web.Response(text=body, content_type="text/html", headers={"ETag": f'"{name}"'})


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    site = Site()
    app = web.Application()
    app.router.add_get("/robots.txt", _not_found)
    app.router.add_get("/{name}", site.page)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    site.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield site
    site.freed.set()
    await runner.cleanup()


async def _not_found(_request: web.Request) -> web.Response:
    return web.Response(status=404)


async def follow(resources: Resources, owner: str, site: Site, *names: str) -> str:
    niche = await resources.discovery.niches.follow(owner, "coral reefs")
    for name in names:
        await resources.discovery.niches.add_source(owner, f"{site.url}/{name}", source="page")
    return niche.id


async def scan(resources: Resources, owner: str, niche_id: str, *, deadline_s: float = 20.0) -> ScanReport:
    begun = await resources.discovery.scan(owner, niche_id, sources=("page",), deadline_s=deadline_s)
    job = await run(resources, begun.job.id)
    assert job.state == JobState.SUCCEEDED, job.error
    return ScanReport.model_validate(job.result)


async def run(resources: Resources, job_id: str) -> JobView:
    """Do the job here, as a worker would."""
    claimed = await resources.ledger.claim("tests", list(KINDS))
    assert claimed is not None
    assert claimed.id == job_id
    result = await KINDS[claimed.kind].body(JobContext(claimed, resources, resources.ledger))
    await resources.ledger.succeed(claimed, result)
    return replace(claimed, state=JobState.SUCCEEDED, result=result)


def outcomes(report: ScanReport) -> dict[str, str]:
    return {one.address.rsplit("/", 1)[-1]: one.outcome for one in report.sources}


async def count(resources: Resources, table: Any) -> int:
    async with resources.database.read_scope() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def test_what_answers_is_kept_and_ranked_and_what_does_not_is_told(
    resources: Resources, owner: str, site: Site
) -> None:
    niche_id = await follow(resources, owner, site, "one")
    await scan(resources, owner, niche_id)  # what reads pages is loaded by the first one
    await follow(resources, owner, site, "two", "dead-1", "dead-2", "stall")
    async with resources.events.subscribe() as events:
        report = await scan(resources, owner, niche_id, deadline_s=6.0)
        told = []
        while (event := await events.wait(0.01)) is not None:
            told += [event.data["outcome"]] if event.name == SOURCE_EVENT else []
    assert sorted(told) == ["failing", "failing", "late", "ok", "ok"]
    assert outcomes(report) == {
        "one": "ok", "two": "ok", "dead-1": "failing", "dead-2": "failing", "stall": "late"
    }  # fmt: skip
    assert (report.items, report.new, report.matched, report.is_cut_short) == (2, 1, 2, True)
    assert report.sentence == "2 items from 2 sources, 1 new; 3 sources did not answer."
    best = await resources.discovery.best(owner, niche_id)
    assert {one.title for one in best.items} == {"Coral reefs one", "Coral reefs two"}
    assert all(one.match is not None and 0 < one.match.score <= 1 for one in best.items)
    (page,) = [one for one in await resources.discovery.sources(owner) if one.info.name == "page"]
    states = {health.address.rsplit("/", 1)[-1]: health.state.value for health in page.health}
    assert states == {"one": "ok", "two": "ok", "dead-1": "failing", "dead-2": "failing", "stall": "failing"}


async def test_the_next_scan_asks_whether_anything_changed_and_stores_nothing_twice(
    resources: Resources, owner: str, site: Site
) -> None:
    niche_id = await follow(resources, owner, site, "one", "two")
    first, second = await scan(resources, owner, niche_id), await scan(resources, owner, niche_id)
    assert (first.new, second.items, second.new) == (2, 2, 0)
    assert site.unchanged == 2
    assert (await count(resources, Candidate), await count(resources, Sighting)) == (2, 2)


async def test_a_scan_that_was_killed_goes_on_with_those_it_had_not_heard(
    resources: Resources, owner: str, site: Site
) -> None:
    niche_id = await follow(resources, owner, site, "one", "two", "stall")
    begun = await resources.discovery.scan(owner, niche_id, sources=("page",), deadline_s=60.0)
    claimed = await resources.ledger.claim("dies", list(KINDS))
    assert claimed is not None
    body = asyncio.ensure_future(KINDS[claimed.kind].body(JobContext(claimed, resources, resources.ledger)))
    async with asyncio.timeout(30):
        while await count(resources, SourceState) < 2:  # noqa: ASYNC110 -- rows tell, as to another process
            await asyncio.sleep(0.01)
    body.cancel()
    await asyncio.gather(body, return_exceptions=True)
    asked = dict(site.asked)
    site.freed.set()
    await _give_up_lease(resources, claimed.id)
    job = await run(resources, begun.job.id)
    report = ScanReport.model_validate(job.result)
    assert outcomes(report) == {"one": "ok", "two": "ok", "stall": "ok"}
    assert (report.items, report.new) == (1, 1)
    assert {name: site.asked[name] for name in ("one", "two")} == {name: asked[name] for name in ("one", "two")}
    assert (await count(resources, Candidate), await count(resources, Sighting)) == (3, 3)


async def test_what_answered_another_scan_meanwhile_is_asked_all_the_same(
    resources: Resources, owner: str, site: Site
) -> None:
    """Its items for that one say nothing about this one's words."""
    niche_id = await follow(resources, owner, site, "one")
    other = await resources.discovery.niches.follow(owner, "moss")
    begun = await resources.discovery.scan(owner, niche_id, sources=("page",))
    assert await resources.ledger.claim("dies", list(KINDS)) is not None
    await scan(resources, owner, other.id)
    await _give_up_lease(resources, begun.job.id)
    report = ScanReport.model_validate((await run(resources, begun.job.id)).result)
    assert (report.items, report.matched) == (1, 1)


async def _give_up_lease(resources: Resources, job_id: str) -> None:
    async with resources.database.session_scope() as session:
        row = await session.get_one(Job, job_id)
        assert row.lease_expires_at is not None
        row.lease_expires_at -= timedelta(hours=1)
    assert await resources.ledger.reap() == 1


async def test_the_same_scan_asked_twice_is_one_job(resources: Resources, owner: str, site: Site) -> None:
    niche_id = await follow(resources, owner, site, "one")
    first = await resources.discovery.scan(owner, niche_id)
    assert (await resources.discovery.scan(owner, niche_id)).job.id == first.job.id
    other = await resources.discovery.scan(owner, niche_id, sources=("page",))
    assert other.job.id != first.job.id


async def test_a_search_in_passing_follows_nothing(resources: Resources, owner: str, site: Site) -> None:
    begun = await resources.discovery.search(owner, "  coral   reefs ", address=f"{site.url}/one")
    await run(resources, begun.job.id)
    assert await resources.discovery.niches.all(owner) == []
    (found,) = (await resources.discovery.best(owner, begun.niche_id)).items
    assert found.title == "Coral reefs one"
    again = await resources.discovery.search(owner, "coral reefs", address=f"{site.url}/one")
    assert again.niche_id == begun.niche_id


async def test_a_verdict_is_kept_learned_from_and_taken_back(resources: Resources, owner: str, site: Site) -> None:
    niche_id = await follow(resources, owner, site, "one", "two")
    await scan(resources, owner, niche_id)
    first, second = (await resources.discovery.best(owner, niche_id)).items
    await resources.discovery.judge(owner, first.id, Verdict.SAVED)
    await resources.discovery.judge(owner, second.id[:30], Verdict.DISMISSED)
    assert [one.id for one in (await resources.discovery.best(owner, niche_id)).items] == [first.id]
    await resources.discovery.judge(owner, second.id, Verdict.OPEN)
    assert len((await resources.discovery.best(owner, niche_id)).items) == 2


async def test_what_cannot_be_scanned_is_said(resources: Resources, owner: str) -> None:
    discovery = resources.discovery
    for words, more in (("", {}), ("?!", {}), ("x", {"sources": ("nosuch",)}), ("x", {"address": "no address"})):
        with pytest.raises(InvalidInput):
            await discovery.search(owner, words, **more)
    with pytest.raises(NotFound):
        await discovery.scan(owner, "f" * 32)
    with pytest.raises(NotFound):
        await discovery.best(owner, "f" * 32)
    with pytest.raises(NotFound):
        await discovery.candidate(owner, "")
