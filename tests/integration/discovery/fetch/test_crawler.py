"""The crawler against real local servers that behave and misbehave."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from ettametta.db import Database
from ettametta.discovery.fetch import Crawled, Crawler, FetchRequest
from ettametta.errors import EttamettaError, InvalidInput, NotFound, Refused, TransientError
from ettametta.kit.http.wire import Wire
from tests.integration.discovery.fetch.clocks import FakeTime
from tests.servers.pages import PageServer, Reply, Request, page_server


@pytest.fixture
async def server() -> AsyncIterator[PageServer]:
    async with page_server() as pages:
        yield pages


@pytest.fixture
async def database(sqlite_url: str) -> AsyncIterator[Database]:
    database = Database(sqlite_url)
    yield database
    await database.close()


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
async def crawler(database: Database, time: FakeTime) -> AsyncIterator[Crawler]:
    made = build(database, time)
    yield made
    await made.close()


def build(database: Database, time: FakeTime, *, read_timeout_s: float = 10.0, **options: Any) -> Crawler:
    wire = Wire(user_agent="Ettametta/test", allow_private=True, read_timeout_s=read_timeout_s)
    return Crawler(database, wire, clock=time.now, sleep=time.sleep, jitter=lambda: 0.5, **options)


async def failing(crawler: Crawler, url: str, kind: type[EttamettaError], code: str, **options: Any) -> EttamettaError:
    with pytest.raises(kind) as caught:
        await crawler.get(url, **options)
    assert caught.value.code == code, f"{caught.value.code}: {caught.value}"
    return caught.value


async def crawled(crawler: Crawler, urls: list[str], deadline_s: float = 20.0, **options: Any) -> dict[str, Crawled]:
    requests = [FetchRequest(url) for url in urls]
    return {result.request.url: result async for result in crawler.crawl(requests, deadline_s, **options)}


def paths(server: PageServer) -> list[str]:
    return [request.path for request in server.requests if request.path != "/robots.txt"]


def scripted(*replies: Reply) -> Any:
    """Answers with one reply after the other; the last one stays."""
    left = list(replies)

    def answer(_request: Request) -> Reply:
        return left.pop(0) if len(left) > 1 else left[0]

    return answer


async def test_a_page_comes_back_with_its_facts(crawler: Crawler, server: PageServer) -> None:
    server.routes["/page"] = Reply(
        b"<p>hi</p>", 'Text/HTML; Charset="UTF-8"', headers=(("X-Other", "1"), ("ETag", "e"))
    )
    answer = await crawler.get(f"{server.url}/page#part", accept=("text/html",))
    assert (answer.url, answer.status, answer.content_type, answer.charset, answer.body, answer.is_unchanged) == (
        f"{server.url}/page", 200, "text/html", "utf-8", b"<p>hi</p>", False
    )  # fmt: skip
    assert dict(answer.headers) == {"etag": "e"}
    assert [request.path for request in server.requests] == ["/robots.txt", "/page"]
    sent = server.requests[1].headers
    assert (sent["user-agent"], sent["accept"], "cookie" in sent) == ("Ettametta/test", "text/html", False)


async def test_robots_are_asked_once_and_obeyed(crawler: Crawler, server: PageServer) -> None:
    rules = "User-agent: *\nDisallow: /\n\nUser-agent: Ettametta\nDisallow: /no\nAllow: /no/but\nDisallow: /*.pdf$\n"
    server.page("/robots.txt", rules, "text/plain")
    server.page("/yes", "ok")
    server.page("/no/but", "ok")
    server.page("/x.pdf.html", "ok")
    for path in ("/yes", "/no/but", "/x.pdf.html"):
        await crawler.get(server.url + path)
    for path in ("/no/way", "/x.pdf"):
        await failing(crawler, server.url + path, Refused, "fetch.robots")
    assert paths(server) == ["/yes", "/no/but", "/x.pdf.html"]
    assert [request.path for request in server.requests].count("/robots.txt") == 1


async def test_a_redirect_does_not_lead_round_robots(crawler: Crawler, server: PageServer) -> None:
    server.page("/robots.txt", "User-agent: *\nDisallow: /no\n", "text/plain")
    server.routes["/yes"] = Reply(status=302, headers=(("Location", "/no"),))
    await failing(crawler, f"{server.url}/yes", Refused, "fetch.robots")
    assert paths(server) == ["/yes"]


async def test_machine_interfaces_need_no_robots(crawler: Crawler, server: PageServer) -> None:
    server.page("/robots.txt", "User-agent: *\nDisallow: /\n", "text/plain")
    server.page("/api", "{}")
    assert (await crawler.get(f"{server.url}/api", is_api=True)).body == b"{}"
    assert [request.path for request in server.requests] == ["/api"]


@pytest.mark.parametrize("status", [401, 403, 404, 410])
async def test_without_robots_all_is_allowed(crawler: Crawler, server: PageServer, status: int) -> None:
    server.routes["/robots.txt"] = Reply(b"no", status=status)
    server.page("/", "ok")
    assert (await crawler.get(server.url)).body == b"ok"


async def test_robots_in_trouble_forbid_for_a_while(crawler: Crawler, server: PageServer, time: FakeTime) -> None:
    server.routes["/robots.txt"] = scripted(Reply(status=503), Reply(b"", "text/plain"))
    server.page("/", "ok")
    for _ in range(3):
        await failing(crawler, server.url, TransientError, "fetch.robots_unknown")
    assert [request.path for request in server.requests] == ["/robots.txt"]
    time.advance(301)
    assert (await crawler.get(server.url)).body == b"ok"


async def test_robots_are_read_up_to_half_a_megabyte(crawler: Crawler, server: PageServer) -> None:
    head = b"User-agent: *\nDisallow: /early\n"
    server.routes["/robots.txt"] = Reply(head + b"#" * 520_000 + b"\nDisallow: /late\n", "text/plain")
    server.page("/late", "ok")
    await failing(crawler, f"{server.url}/early", Refused, "fetch.robots")
    assert (await crawler.get(f"{server.url}/late")).body == b"ok"


async def test_robots_are_read_anew_after_a_day(crawler: Crawler, server: PageServer, time: FakeTime) -> None:
    server.routes["/robots.txt"] = scripted(
        Reply(b"", "text/plain"), Reply(b"User-agent: *\nDisallow: /", "text/plain")
    )
    server.page("/", "ok")
    await crawler.get(server.url)
    time.advance(23 * 3600)
    await crawler.get(server.url)
    time.advance(2 * 3600)
    await failing(crawler, server.url, Refused, "fetch.robots")


async def test_another_try_mends_a_passing_failure(crawler: Crawler, server: PageServer, time: FakeTime) -> None:
    server.routes["/"] = scripted(Reply(status=500), Reply(b"x" * 50, close_after=10), Reply(b"ok"))
    assert (await crawler.get(server.url)).body == b"ok"
    assert paths(server) == ["/", "/", "/"]
    assert time.slept == [0.5, 1.0]  # half of what the tries may wait: the jitter of this test


@pytest.mark.parametrize(
    ("status", "kind", "code"), [(404, NotFound, "http.not_found"), (403, Refused, "http.forbidden")]
)
async def test_a_clear_no_is_not_asked_again(
    crawler: Crawler, server: PageServer, status: int, kind: type[EttamettaError], code: str
) -> None:
    server.routes["/"] = Reply(status=status)
    await failing(crawler, server.url, kind, code)
    assert paths(server) == ["/"]


async def test_retry_after_is_waited_for(crawler: Crawler, server: PageServer, time: FakeTime) -> None:
    server.routes["/"] = scripted(Reply(status=429, headers=(("Retry-After", "7"),)), Reply(b"ok"))
    assert (await crawler.get(server.url)).body == b"ok"
    assert sum(time.slept) == pytest.approx(7.0)


async def test_retry_after_past_the_deadline_ends_at_once(crawler: Crawler, server: PageServer, time: FakeTime) -> None:
    server.routes["/"] = Reply(status=429, headers=(("Retry-After", "3600"),))
    error = await failing(crawler, server.url, TransientError, "http.busy")
    assert isinstance(error, TransientError)
    assert error.retry_after_s == 3600
    await failing(crawler, f"{server.url}/other", TransientError, "fetch.waiting")
    assert (paths(server), time.slept) == (["/"], [])


async def test_the_circuit_opens_and_closes(crawler: Crawler, server: PageServer, time: FakeTime) -> None:
    server.page("/robots.txt", "", "text/plain")
    server.routes["/"] = Reply(status=500)
    await failing(crawler, server.url, TransientError, "http.server")
    await failing(crawler, server.url, TransientError, "fetch.resting")
    assert len(paths(server)) == 5
    await failing(crawler, server.url, TransientError, "fetch.resting")
    assert len(paths(server)) == 5
    time.advance(40)
    await failing(crawler, server.url, TransientError, "fetch.resting")  # one try, which fails: a longer rest
    assert len(paths(server)) == 6
    time.advance(40)
    await failing(crawler, server.url, TransientError, "fetch.resting")
    assert len(paths(server)) == 6
    server.page("/", "ok")
    time.advance(40)
    assert (await crawler.get(server.url)).body == b"ok"
    assert (await crawler.get(server.url)).body == b"ok"


async def test_another_process_sees_the_open_circuit(
    crawler: Crawler, server: PageServer, database: Database, time: FakeTime
) -> None:
    server.routes["/"] = Reply(status=500)
    for _ in range(2):
        with pytest.raises(TransientError):
            await crawler.get(server.url, is_api=True)
    other = build(database, time)
    await failing(other, server.url, TransientError, "fetch.resting", is_api=True)
    await other.close()


async def test_many_come_as_they_are_ready(crawler: Crawler, server: PageServer) -> None:
    for number in range(150):
        server.page(f"/{number}", str(number))
    server.routes["/7"] = Reply(b"", status=404)
    urls = [f"{server.url}/{number}" for number in range(150)]
    results = await crawled(crawler, [*urls, "file:///etc/passwd", "gopher://x/", "nonsense"])
    assert len(results) == 153
    codes = {result.error.code for result in results.values() if result.error}
    assert codes == {"http.not_found", "http.scheme", "http.url"}
    assert {result.answer.body.decode() for result in results.values() if result.answer} == {
        str(number) for number in range(150) if number != 7
    }


async def test_many_addresses_that_are_none_do_not_end_it(crawler: Crawler, server: PageServer) -> None:
    server.page("/good", "ok")
    odd = [f"gopher://h/{number}" for number in range(1_200)]
    results = await crawled(crawler, [*odd, f"{server.url}/good"])
    assert len(results) == 1_201
    assert results[f"{server.url}/good"].answer is not None


async def test_without_its_database_a_crawl_goes_on(time: FakeTime, server: PageServer, tmp_path: Path) -> None:
    """Hosts and kept answers cannot be read: pages are fetched whole, and nothing is kept."""
    server.routes["/"] = Reply(b"ok", headers=(("ETag", '"1"'),))
    empty = Database(f"sqlite+aiosqlite:///{tmp_path / 'no-tables.db'}")
    crawler = build(empty, time)
    assert [result.answer is not None for result in (await crawled(crawler, [server.url])).values()] == [True]
    await crawler.close()
    await empty.close()


async def test_a_crawl_ends_by_its_deadline_with_what_it_has(crawler: Crawler, server: PageServer) -> None:
    async def stall(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    async def cut(writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    async def endless(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
        while True:
            writer.write(b"x" * 16_384)
            await writer.drain()

    server.page("/good", "ok")
    server.routes |= {"/stall": stall, "/cut": cut, "/endless": endless}
    began = asyncio.get_running_loop().time()
    results = await crawled(crawler, [server.url + path for path in ("/stall", "/cut", "/endless", "/good")], 1.0)
    assert asyncio.get_running_loop().time() - began < 8
    codes = {url.rpartition("/")[2]: result.error.code if result.error else "ok" for url, result in results.items()}
    assert codes.pop("stall") in ("fetch.deadline", "http.timeout")  # both clocks end at the same moment
    assert codes == {"good": "ok", "cut": "http.unreachable", "endless": "http.too_large"}


async def test_requests_are_taken_as_there_is_room(crawler: Crawler, server: PageServer) -> None:
    """The stream may be endless, and a reader that stops leaves nothing running."""
    taken = 0

    def endless() -> Iterator[FetchRequest]:
        nonlocal taken
        while True:
            taken += 1
            yield FetchRequest(f"{server.url}/{taken}", is_api=True)

    results = crawler.crawl(endless(), 20.0, concurrency=4)
    seen = [await anext(results) for _ in range(10)]
    await results.aclose()
    assert len(seen) == 10
    assert taken <= 128
    assert len(server.requests) <= 14
    assert not [task for task in asyncio.all_tasks() if "Crawl._fetch" in repr(task)]


async def test_one_slow_host_does_not_hold_up_the_others(
    database: Database, time: FakeTime, server: PageServer
) -> None:
    crawler = build(database, time, per_host=2, max_connections=4)
    async with page_server() as slow:
        gate = asyncio.Event()

        async def wait(writer: asyncio.StreamWriter) -> None:
            await gate.wait()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nslow")

        for number in range(20):
            slow.routes[f"/{number}"] = wait
            server.page(f"/{number}", "quick")
        urls = [f"{one.url}/{number}" for one in (slow, server) for number in range(20)]
        bodies = []
        async for result in crawler.crawl([FetchRequest(url, is_api=True) for url in urls], 20.0):
            assert result.answer, result.error
            bodies.append(result.answer.body)
            if len(bodies) == 20:
                gate.set()
    assert bodies == [b"quick"] * 20 + [b"slow"] * 20
    await crawler.close()


async def test_bombs_and_endless_answers_are_refused(crawler: Crawler, server: PageServer) -> None:
    server.routes["/bomb"] = Reply(gzip.compress(bytes(40_000_000), 9), headers=(("Content-Encoding", "gzip"),))
    server.routes["/huge"] = Reply(b"x" * 3000)
    server.routes["/odd"] = Reply(b"x", headers=(("Content-Encoding", "br"),))
    await failing(crawler, f"{server.url}/bomb", InvalidInput, "http.bomb", max_bytes=100_000_000)
    await failing(crawler, f"{server.url}/bomb", InvalidInput, "http.too_large", max_bytes=200_000)
    await failing(crawler, f"{server.url}/huge", InvalidInput, "http.too_large", max_bytes=2_000)
    await failing(crawler, f"{server.url}/odd", InvalidInput, "http.encoding")


async def test_a_form_and_json_are_sent_once(crawler: Crawler, server: PageServer) -> None:
    server.page("/form", "ok")
    server.routes["/busy"] = Reply(status=503)
    server.routes["/moved"] = Reply(status=302, headers=(("Location", "/form"),))
    assert (await crawler.post(f"{server.url}/form", form={"a": "ü b"})).body == b"ok"
    assert (await crawler.post(f"{server.url}/form", json={"a": 1})).body == b"ok"
    with pytest.raises(TransientError):
        await crawler.post(f"{server.url}/busy", json={})
    with pytest.raises(InvalidInput):
        await crawler.post(f"{server.url}/moved", json={})
    kinds = [request.headers["content-type"] for request in server.requests]
    assert kinds == ["application/x-www-form-urlencoded"] + ["application/json"] * 3
    assert paths(server) == ["/form", "/form", "/busy", "/moved"]


async def test_a_source_keeps_its_own_rate(crawler: Crawler, server: PageServer) -> None:
    server.page("/", "ok")
    one, same = (crawler.limited("source", 6, deadline_s=5.0) for _ in range(2))
    assert (await one.get(server.url)).body == b"ok"
    with pytest.raises(TransientError) as caught:
        await same.get(server.url)
    assert caught.value.code == "fetch.rate"
    assert (await crawler.limited("other", 6, deadline_s=5.0).get(server.url)).body == b"ok"
