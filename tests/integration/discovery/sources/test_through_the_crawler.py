"""Sources through the real crawler: what it answers suits them, and what fails there is told of the source."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from ettametta.db import Database
from ettametta.discovery.fetch import Crawler
from ettametta.discovery.fetch.base import Answer
from ettametta.discovery.sources import REGISTRY, SourceConfig
from ettametta.errors import EttamettaError, TransientError
from ettametta.kit.http.wire import Wire
from tests.integration.discovery.fetch.clocks import FakeTime
from tests.servers.source_payloads import REPLAYS
from tests.servers.source_payloads.base import Story, story_number
from tests.servers.sources import Fault, SourceServer

STORIES = [Story(1001 + number, age=timedelta(hours=number + 1)) for number in range(3)]


class _ThroughCrawler:
    """A Fetch whose every request goes by the crawler to the replay server, the real host in the path."""

    def __init__(self, crawler: Crawler, base: str) -> None:
        self._crawler = crawler
        self._base = base

    async def get(
        self,
        url: str,
        *,
        accept: Sequence[str] = (),
        headers: Mapping[str, str] | None = None,
        max_bytes: int = 5_000_000,
        is_api: bool = False,
        is_private: bool = False,
    ) -> Answer:
        return await self._crawler.get(
            self._there(url),
            accept=accept,
            headers=headers,
            max_bytes=max_bytes,
            is_api=is_api,
            is_private=is_private,
        )

    async def post(
        self,
        url: str,
        *,
        form: Mapping[str, str] | None = None,
        json: object = None,
        headers: Mapping[str, str] | None = None,
        max_bytes: int = 5_000_000,
    ) -> Answer:
        return await self._crawler.post(self._there(url), form=form, json=json, headers=headers, max_bytes=max_bytes)

    def _there(self, url: str) -> str:
        parts = urlsplit(url)
        query = f"?{parts.query}" if parts.query else ""
        return f"{self._base}/{parts.scheme}/{parts.netloc}{parts.path or '/'}{query}"


@pytest.fixture
async def crawler(sqlite_url: str) -> AsyncIterator[Crawler]:
    database, time = Database(sqlite_url), FakeTime()
    wire = Wire(user_agent="Ettametta/test", allow_private=True)
    made = Crawler(database, wire, clock=time.now, sleep=time.sleep, jitter=lambda: 0.5)
    yield made
    await made.close()
    await database.close()


async def test_every_source_finds_its_stories(crawler: Crawler) -> None:
    for name, replay in REPLAYS.items():
        async with SourceServer(name, STORIES) as server:
            source = REGISTRY[name](SourceConfig(replay.keys, replay.places))
            fetch = _ThroughCrawler(crawler, server.url)
            items = [item async for item in source.find(replay.wanted, fetch)]
            assert {story_number(item.title) for item in items} & {one.number for one in STORIES}, name


@pytest.mark.parametrize("fault", [Fault(500), Fault(raw=b"{", truncated=True), Fault(429, retry_after="90")])
async def test_failures_are_told_of_the_source(crawler: Crawler, fault: Fault) -> None:
    """Also when the crawler leaves the host alone by itself: the first scans opened its circuit."""
    async with SourceServer("gdelt", STORIES) as server:
        server.fail(fault)
        source, fetch = REGISTRY["gdelt"](SourceConfig()), _ThroughCrawler(crawler, server.url)
        for _ in range(6):
            with pytest.raises(EttamettaError) as caught:
                [item async for item in source.find(REPLAYS["gdelt"].wanted, fetch)]
            assert isinstance(caught.value, TransientError)
            assert caught.value.message.startswith("GDELT ")
            assert caught.value.code.startswith("source.")
