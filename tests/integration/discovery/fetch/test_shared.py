"""What processes share through the database: hosts' moments and kept answers, on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, select

from ettametta.db import Database
from ettametta.discovery.fetch import Crawled, Crawler, FetchRequest
from ettametta.discovery.fetch.host_rows import HostMoment, HostRows
from ettametta.errors import TransientError
from ettametta.kit.http.wire import Wire
from ettametta.models import CachedAnswer
from tests.integration.discovery.fetch.clocks import FakeTime
from tests.servers.pages import PageServer, Reply, Request, page_server


@pytest.fixture
async def server() -> AsyncIterator[PageServer]:
    async with page_server() as pages:
        yield pages


def build(database: Database, time: FakeTime, **options: Any) -> Crawler:
    wire = Wire(user_agent="Ettametta/test", allow_private=True)
    return Crawler(database, wire, clock=time.now, sleep=time.sleep, jitter=lambda: 0.5, **options)


def noting(moments: list[datetime], time: FakeTime) -> Callable[[Request], Reply]:
    def answer(_request: Request) -> Reply:
        moments.append(time.now())
        return Reply(b"ok")

    return answer


async def test_moments_claimed_at_once_are_apart(database: Database) -> None:
    """Compare-and-set: whoever comes second claims the moment after."""
    rows = HostRows(database)
    now = FakeTime().now()

    async def claim() -> datetime:
        while True:
            seen = await rows.read("h:80")
            at = max(seen.next_at or now, now)
            if await rows.claim("h:80", seen, at + timedelta(seconds=5), now):
                return at

    moments = sorted(await asyncio.gather(*(claim() for _ in range(8))))
    assert moments == [now + timedelta(seconds=5 * number) for number in range(8)]


async def test_a_delay_is_kept_over_processes(database: Database, server: PageServer) -> None:
    time, moments = FakeTime(), list[datetime]()
    server.page("/robots.txt", "User-agent: *\nCrawl-delay: 5\n", "text/plain")
    server.routes["/"] = noting(moments, time)
    one, other = build(database, time), build(database, time)
    began = time.now()
    for crawler in (one, other, one, other):
        await crawler.get(server.url)
    assert [(moment - began).total_seconds() for moment in moments] == [0.0, 5.0, 10.0, 15.0]
    await one.close()
    await other.close()


async def test_a_turn_past_the_deadline_is_not_waited_for(database: Database, server: PageServer) -> None:
    time = FakeTime()
    server.page("/robots.txt", "User-agent: *\nCrawl-delay: 600\n", "text/plain")
    server.page("/", "ok")
    crawler = build(database, time)
    await crawler.get(server.url)
    with pytest.raises(TransientError) as caught:
        await crawler.get(server.url)
    assert (caught.value.code, caught.value.retry_after_s, time.slept) == ("fetch.waiting", 600.0, [])
    await crawler.close()


async def test_retry_after_reaches_the_other_process(database: Database, server: PageServer) -> None:
    time = FakeTime()
    server.routes["/"] = Reply(status=429, headers=(("Retry-After", "900"),))
    one, other = build(database, time), build(database, time)
    codes = []
    for crawler in (one, other):
        with pytest.raises(TransientError) as caught:
            await crawler.get(server.url, is_api=True)
        codes.append(caught.value.code)
    assert codes == ["http.busy", "fetch.waiting"]
    await one.close()
    await other.close()


async def test_rows_of_hosts(database: Database) -> None:
    rows, now = HostRows(database), FakeTime().now()
    in_a_minute = now + timedelta(minutes=1)
    await rows.hold("h:80", in_a_minute, now, failures=6)
    await rows.hold("h:80", now + timedelta(seconds=1), now, failures=6)  # does not shorten what is there
    assert await rows.read("h:80") == HostMoment(in_a_minute, 6, is_stored=True)
    assert set(await rows.held(now, least_failures=5)) == {"h:80"}
    await rows.recovered("h:80", now, now)
    assert await rows.held(now, least_failures=5) == {}
    assert not await rows.claim("h:80", HostMoment(in_a_minute, 6, is_stored=True), in_a_minute, now)
    assert await rows.claim("h:80", await rows.read("h:80"), in_a_minute, now)


def changing(etag: list[str], counts: dict[int, int], packing: bool) -> Callable[[Request], Reply]:
    """A page with a validator, that answers 304 as long as it has not changed."""

    def answer(request: Request) -> Reply:
        known = request.headers.get("if-none-match")
        status = 304 if known == etag[0] else 200
        counts[status] = counts.get(status, 0) + 1
        body = f"page {etag[0]}".encode() * 20
        headers = [("ETag", etag[0])]
        if packing and status == 200:
            body, headers = gzip.compress(body), [*headers, ("Content-Encoding", "gzip")]
        return Reply(b"" if status == 304 else body, "text/html; charset=utf-8", status, tuple(headers))

    return answer


async def crawled(crawler: Crawler, urls: list[str]) -> list[Crawled]:
    return [result async for result in crawler.crawl([FetchRequest(url, is_api=True) for url in urls], 20.0)]


@pytest.mark.parametrize("packing", [True, False])
async def test_the_next_scan_asks_with_conditions(database: Database, server: PageServer, packing: bool) -> None:
    etag, counts, time = ['"1"'], dict[int, int](), FakeTime()
    for number in range(10):
        server.routes[f"/{number}"] = changing(etag, counts, packing)
    urls = [f"{server.url}/{number}" for number in range(10)]
    seen = []
    for change in ('"1"', '"1"', '"2"'):
        etag[0] = change
        crawler = build(database, time)  # another process
        results = await crawled(crawler, urls)
        await crawler.close()
        answers = [result.answer for result in results if result.answer]
        assert {answer.body for answer in answers} == {f"page {change}".encode() * 20}
        assert {answer.charset for answer in answers} == {"utf-8"}
        seen.append((sum(answer.is_unchanged for answer in answers), dict(counts)))
    assert seen == [(0, {200: 10}), (10, {200: 10, 304: 10}), (0, {200: 20, 304: 10})]


async def test_what_is_fresh_is_not_asked_for(database: Database, server: PageServer) -> None:
    time = FakeTime()
    server.routes["/"] = Reply(b"ok", headers=(("Cache-Control", "max-age=60"), ("Age", "10")))
    crawler = build(database, time)
    for wait_s, is_unchanged in ((0, False), (0, True), (40, True), (20, False)):
        time.advance(wait_s)
        answer = await crawler.get(server.url, is_api=True)
        assert (answer.body, answer.is_unchanged) == (b"ok", is_unchanged)
    assert len(server.requests) == 2
    await crawler.close()


@pytest.mark.parametrize(
    "headers",
    [
        {"Cache-Control": "no-store"},
        {"Cache-Control": "private, max-age=9"},
        {"Vary": "Accept, *"},
        {"Cache-Control": "no-cache", "ETag": ""},
    ],
)
async def test_what_may_not_be_kept_is_not(database: Database, server: PageServer, headers: dict[str, str]) -> None:
    server.routes["/"] = Reply(b"ok", headers=tuple(({"ETag": '"1"'} | headers).items()))
    crawler = build(database, FakeTime())
    await crawler.get(server.url, is_api=True)
    await crawler.close()
    assert await _rows(database) == (0, 0)


async def test_answers_to_a_key_are_not_kept_for_others(database: Database, server: PageServer) -> None:
    server.routes["/"] = Reply(b"ok", headers=(("ETag", '"1"'),))
    crawler = build(database, FakeTime())
    await crawler.get(server.url, is_api=True, is_private=True)
    await crawler.get(server.url, is_api=True, headers={"Authorization": "Bearer x"})
    await crawler.close()
    assert await _rows(database) == (0, 0)
    assert [request.headers.get("if-none-match") for request in server.requests] == [None, None]


async def test_the_least_used_go_when_there_is_no_room(database: Database, server: PageServer) -> None:
    time = FakeTime()
    for number in range(40):
        server.routes[f"/{number}"] = Reply(bytes([number]) * 10, headers=(("ETag", f'"{number}"'),))
    crawler = build(database, time, cache_bytes=400)
    for number in range(40):
        await crawler.get(f"{server.url}/{number}", is_api=True)
        time.advance(1)
        await crawler._cache.flush()
    crawler._cache._since_pruning = 10**9
    await crawler.get(f"{server.url}/39", is_api=True)
    await crawler.close()
    count, size = await _rows(database)
    assert 0 < size <= 400
    async with database.read_scope() as session:
        urls = set(await session.scalars(select(CachedAnswer.url)))
    assert urls == {f"{server.url}/{number}" for number in range(40 - count, 40)}


async def test_a_host_without_a_delay_costs_no_query(database: Database, server: PageServer) -> None:
    """Nor does the cache cost one for each page: keys are looked up and rows written together."""
    for number in range(200):
        server.routes[f"/{number}"] = Reply(b"ok", headers=(("ETag", '"1"'),))
    statements: list[str] = []
    event.listen(database.engine.sync_engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    crawler = build(database, FakeTime())
    results = await crawled(crawler, [f"{server.url}/{number}" for number in range(200)])
    await crawler.close()
    assert sum(result.answer is not None for result in results) == 200
    assert sum("fetch_hosts" in statement for statement in statements) <= 3
    assert len([statement for statement in statements if "BEGIN" not in statement]) <= 30
    assert await _rows(database) == (200, 200 * 10)


async def _rows(database: Database) -> tuple[int, int]:
    """How many answers are kept, and their size in bytes."""
    size = func.coalesce(func.sum(func.length(CachedAnswer.body)), 0)
    async with database.read_scope() as session:
        count, total = (await session.execute(select(func.count(), size).select_from(CachedAnswer))).one()
    return int(count), int(total)
