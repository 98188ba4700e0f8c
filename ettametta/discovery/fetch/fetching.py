"""One fetch from its address to its answer: cache, robots.txt, the host's turn, redirects, another try."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

from yarl import URL

from ettametta.discovery.fetch.base import Answer
from ettametta.discovery.fetch.cache import AnswerCache, Entry, pack
from ettametta.discovery.fetch.caching import Kept, cache_key, fresh_until, may_keep, validators
from ettametta.discovery.fetch.hosts import Hosts
from ettametta.discovery.fetch.limits import Sleep
from ettametta.discovery.fetch.requests import FetchRequest
from ettametta.discovery.fetch.robots import MAX_ROBOTS_BYTES, Robots
from ettametta.errors import EttamettaError, NotFound, TransientError
from ettametta.kit.http import problems
from ettametta.kit.http.wire import REDIRECTS, SECRET_HEADERS, Exchange, Wire, forwarded, parse_url, redirected

MAX_REDIRECTS = 5
MAX_TRIES = 3
#: Full jitter: a try waits between nothing and this, doubled with each try (Brooker, AWS Architecture Blog, 2015).
_BACKOFF_S = 0.5
_WORTH_ANOTHER_TRY = frozenset({"http.unreachable", "http.server", "http.busy", "http.truncated", "http.timeout"})
_KEPT_HEADERS = (
    "Content-Language", "Date", "ETag", "Last-Modified", "Link", "Retry-After",
    "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset",
)  # fmt: skip
#: The first hop was looked up together with others, and nothing was found.
NOTHING_KEPT = Kept("", "", None, None, "", None, None)


@dataclass
class Fetcher:
    """Does single fetches. `Crawler` is its public face.

    Args:
        wire: sends requests.
        hosts: says when.
        cache: what is kept.
        clock: the time.
        sleep: waits.
        max_connections: most requests at once.
        jitter: of waits before another try, 0..1.
    """

    wire: Wire
    hosts: Hosts
    cache: AnswerCache
    clock: Callable[[], datetime]
    sleep: Sleep
    max_connections: int
    jitter: Callable[[], float] = random.random
    _places: asyncio.Semaphore = field(init=False)
    _robots: Robots = field(init=False)

    def __post_init__(self) -> None:
        self._places = asyncio.Semaphore(self.max_connections)
        self._robots = Robots(self.wire.user_agent, self._load_robots, clock=self.clock)

    def key(self, request: FetchRequest, target: URL) -> str | None:
        """Under which an answer may be kept; None: it may not."""
        if (
            not self.cache.is_on
            or request.is_private
            or any(name.lower() in SECRET_HEADERS for name in request.headers)
        ):
            return None
        return cache_key(str(target), ",".join(request.accept), self.wire.user_agent, request.headers)

    async def fetch(
        self, request: FetchRequest, deadline: float, target: URL | None = None, kept: Kept | None = None
    ) -> Answer:
        """Fetch, with up to three tries, until a moment of the loop's clock.

        Args:
            request: what.
            deadline: the moment at which `http.timeout` is raised.
            target: its address, when that was read already.
            kept: what is kept for the address, when that was looked up already (or `NOTHING_KEPT`).

        Raises:
            EttamettaError: see `Fetch.get`.
        """
        target = target or parse_url(request.url)
        try:
            async with asyncio.timeout_at(deadline):
                return await self._tried(request, target, deadline, kept)
        except TimeoutError:
            raise problems.timed_out(target.host or "") from None

    async def _tried(self, request: FetchRequest, target: URL, deadline: float, kept: Kept | None) -> Answer:
        tries = 1
        while True:
            try:
                return await self._follow(request, target, deadline, kept)
            except TransientError as error:
                if tries == MAX_TRIES or error.code not in _WORTH_ANOTHER_TRY:
                    raise
                wait_s = self.jitter() * _BACKOFF_S * 2**tries
                if asyncio.get_running_loop().time() + max(wait_s, error.retry_after_s or 0.0) >= deadline:
                    raise
                await self.sleep(wait_s)  # what Retry-After asks for is waited for at the host's gate
            tries += 1

    async def _follow(self, request: FetchRequest, target: URL, deadline: float, kept: Kept | None) -> Answer:
        headers: Mapping[str, str] = {"Accept": ", ".join(request.accept) or "*/*", **request.headers}
        for _ in range(MAX_REDIRECTS + 1):
            answer = await self._hop(request, target, headers, deadline, kept)
            if isinstance(answer, Answer):
                return answer
            headers, target, kept = forwarded(headers, target, answer), answer, None
        raise problems.too_many_redirects(target.host or "")

    async def _hop(
        self, request: FetchRequest, target: URL, headers: Mapping[str, str], deadline: float, kept: Kept | None
    ) -> Answer | URL:
        """One address: the answer, or where it has gone."""
        key = self.key(request, target)
        if key is not None and kept is None:
            kept = (await self.cache.look_up([key])).get(key)
        if kept is not None and kept.key and kept.is_fresh(self.clock()):
            body = await self._kept_body(kept, request)
            if body is not None:
                await self.cache.used(kept)
                return _unchanged(kept, body)
        delay_s = 0.0 if request.is_api else await self._robots.delay(target)
        asked_at = self.clock()
        sent = headers if kept is None or not kept.key else {**headers, **kept.conditions()}
        exchange = await self.exchange("GET", request, target, sent, deadline, delay_s)
        if exchange.status in REDIRECTS and "Location" in exchange.headers:
            return redirected(target, exchange.headers["Location"])
        if exchange.status == 304 and kept is not None and kept.key:
            return await self._revalidated(request, target, headers, deadline, kept, exchange, asked_at)
        if key is not None and exchange.status == 200 and not request.is_cut:
            await self._keep(key, target, exchange, asked_at)
        return to_answer(target, exchange)

    async def exchange(
        self,
        method: str,
        request: FetchRequest,
        target: URL,
        headers: Mapping[str, str],
        deadline: float,
        delay_s: float,
        data: bytes | None = None,
    ) -> Exchange:
        """One request in the host's turn; its outcome is noted for the host.

        Raises:
            TransientError: the host failed or is left alone.
            EttamettaError: 4xx, and as `Wire.exchange`.
        """
        name = f"{target.raw_host}:{target.port}"
        wait_s = deadline - asyncio.get_running_loop().time()
        host = await self.hosts.enter(name, delay_s=delay_s, wait_s=wait_s)
        try:
            async with self._places:
                exchange = await self.wire.exchange(
                    method, target, headers=headers, accept=request.accept, max_bytes=request.max_bytes, data=data,
                    is_cut=request.is_cut,
                )  # fmt: skip
            problem = self._problem(exchange, target)
            if problem is None or not isinstance(problem, TransientError):
                await self.hosts.answered(host, delay_s=delay_s)
        except (TransientError, NotFound) as error:
            await self.hosts.failed(host, error)
            raise
        finally:
            self.hosts.leave(host)
        if problem is not None:
            if isinstance(problem, TransientError):
                await self.hosts.failed(host, problem)
            raise problem
        return exchange

    def _problem(self, exchange: Exchange, target: URL) -> EttamettaError | None:
        if exchange.status == 304 or (exchange.status in REDIRECTS and "Location" in exchange.headers):
            return None
        return problems.from_status(
            exchange.status, target.host or "", exchange.headers.get("Retry-After", ""), self.clock()
        )

    async def _revalidated(
        self,
        request: FetchRequest,
        target: URL,
        headers: Mapping[str, str],
        deadline: float,
        kept: Kept,
        exchange: Exchange,
        asked_at: datetime,
    ) -> Answer | URL:
        """The kept answer is still true (RFC 9111, 4.3.4); asked for anew when its body is here no more."""
        body = await self._kept_body(kept, request)
        if body is None:
            return await self._hop(request, target, headers, deadline, NOTHING_KEPT)
        etag, modified = validators(exchange.headers)
        fresh = fresh_until(exchange.headers, asked_at=asked_at, now=self.clock())
        now_kept = replace(
            kept, etag=etag or kept.etag, last_modified=modified or kept.last_modified, fresh_until=fresh
        )
        await self.cache.used(now_kept)
        return _unchanged(now_kept, body)

    async def _kept_body(self, kept: Kept, request: FetchRequest) -> bytes | None:
        body = await self.cache.body(kept.key)
        return body if body is not None and len(body) <= request.max_bytes else None

    async def _keep(self, key: str, target: URL, exchange: Exchange, asked_at: datetime) -> None:
        if not may_keep(exchange.headers):
            return
        etag, modified = validators(exchange.headers)
        fresh = fresh_until(exchange.headers, asked_at=asked_at, now=self.clock())
        if etag or modified or fresh:
            kept = Kept(key, str(target), etag, modified, exchange.content_type, exchange.charset, fresh)
            await self.cache.keep(Entry(kept, await pack(exchange.body, exchange.gzipped)))

    async def _load_robots(self, target: URL) -> bytes:
        request = FetchRequest(str(target), max_bytes=MAX_ROBOTS_BYTES, is_api=True, is_cut=True)
        deadline = asyncio.get_running_loop().time() + 20.0
        return (await self._follow(request, target, deadline, None)).body


def to_answer(target: URL, exchange: Exchange) -> Answer:
    """An exchange as callers see it."""
    headers = exchange.headers
    kept = {name.lower(): headers[name] for name in _KEPT_HEADERS if name in headers}
    return Answer(
        str(target),
        exchange.status,
        exchange.content_type,
        exchange.charset,
        exchange.body,
        MappingProxyType(kept),
    )


def _unchanged(kept: Kept, body: bytes) -> Answer:
    known = {"etag": kept.etag, "last-modified": kept.last_modified}
    headers = MappingProxyType({name: value for name, value in known.items() if value})
    return Answer(kept.url, 200, kept.content_type, kept.charset, body, headers, is_unchanged=True)
