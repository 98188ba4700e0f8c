"""One scan over every source that needs no key, two of them dead and one too slow: it ends in time, with all told."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from ettametta.bootstrap import Resources
from ettametta.discovery.fetch.base import Answer, Fetch
from ettametta.discovery.scanning.request import ScanReport
from ettametta.discovery.sources import REGISTRY, SourceConfig
from ettametta.discovery.sources.base import SourceInfo, Takes
from ettametta.jobs import JobContext
from tests.servers.source_payloads import REPLAYS
from tests.servers.source_payloads.base import Story
from tests.servers.sources import Fault, SourceServer

KEYLESS = {
    name: source
    for name, source in ((name, build(SourceConfig())) for name, build in REGISTRY.items())
    if not source.info.keys and source.info.takes is not Takes.ADDRESS
}
DEAD = tuple(sorted(KEYLESS))[:2]
SLOW = sorted(KEYLESS)[2]
STORIES = [Story(1001 + number, age=timedelta(hours=1 + number)) for number in range(5)]


class Never:
    """The way out of a source that does not answer within anybody's patience."""

    async def get(self, url: str, **_: Any) -> Answer:
        await asyncio.Event().wait()
        raise AssertionError(url)

    async def post(self, url: str, **_: Any) -> Answer:
        return await self.get(url)


@pytest.fixture
async def servers(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Mapping[str, SourceServer]]:
    # The servers speak plain HTTP: loading the certificate authorities for each would be most of this test's time.
    monkeypatch.setattr(httpx, "create_ssl_context", lambda **_: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    async with AsyncExitStack() as stack:
        yield {name: await stack.enter_async_context(SourceServer(name, STORIES)) for name in KEYLESS}


async def scanned(resources: Resources, niche_id: str, ways: Mapping[str, Fetch]) -> ScanReport:
    def way_out(info: SourceInfo, _deadline_s: float) -> Fetch:
        return ways[info.name]

    scanner = replace(resources.discovery.scanner, fetch_for=way_out)
    claimed = await resources.ledger.claim("tests", ["discovery.scan"])
    assert claimed is not None
    assert claimed.payload["niche_id"] == niche_id
    result = await scanner.run(JobContext(claimed, resources, resources.ledger))
    await resources.ledger.succeed(claimed, result)
    return ScanReport.model_validate(result)


async def test_a_scan_over_all_keyless_sources(
    resources: Resources, owner: str, servers: Mapping[str, SourceServer]
) -> None:
    assert all(name in REPLAYS for name in KEYLESS)
    for name in DEAD:
        servers[name].fail(Fault(503))
    ways: dict[str, Fetch] = {name: server.fetch for name, server in servers.items()}
    ways[SLOW] = Never()
    begun = await resources.discovery.search(owner, "rockets", deadline_s=8.0)
    report = await scanned(resources, begun.niche_id, ways)
    told = {one.source: one.outcome for one in report.sources}
    assert {name for name in KEYLESS if told[name] in {"ok", "slow"}} == KEYLESS.keys() - {*DEAD, SLOW}
    assert {told[name] for name in DEAD} == {"failing"}
    assert told[SLOW] == "late"
    assert {told[name] for name, build in REGISTRY.items() if build(SourceConfig()).info.keys} <= {"needs_key"}
    assert report.duration_s < 20
    assert report.items >= len(KEYLESS) - 3
    views = {view.info.name: view for view in await resources.discovery.sources(owner)}
    assert all(views[name].health for name in KEYLESS)
    assert all(views[name].health[0].state == "failing" for name in (*DEAD, SLOW))
    best = await resources.discovery.best(owner, begun.niche_id, limit=50)
    _check_metrics(best.items)


def _check_metrics(items: Sequence[Any]) -> None:
    """No number that its source did not send, and the same story of several sources is one candidate."""
    assert items
    for one in items:
        for seen in one.sightings:
            assert set(seen.metrics) <= set(KEYLESS[seen.source].info.metrics)
            assert seen.velocity is None
    assert max(one.source_count for one in items) > 1
