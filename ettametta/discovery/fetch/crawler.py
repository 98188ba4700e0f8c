"""The crawler: the one `Fetch` of discovery, for single requests and for many."""

from __future__ import annotations

import asyncio
import json as json_module
import random
import time
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from urllib.parse import urlencode

from ettametta.db import Database
from ettametta.discovery.fetch.base import Answer
from ettametta.discovery.fetch.cache import AnswerCache
from ettametta.discovery.fetch.crawling import Crawl
from ettametta.discovery.fetch.fetching import Fetcher, to_answer
from ettametta.discovery.fetch.host_rows import HostRows
from ettametta.discovery.fetch.hosts import Hosts
from ettametta.discovery.fetch.limits import RateLimit, Sleep
from ettametta.discovery.fetch.requests import Crawled, FetchRequest
from ettametta.errors import TransientError
from ettametta.kit.clock import utc_now
from ettametta.kit.http import problems
from ettametta.kit.http.wire import Wire, parse_url

#: For one fetch with all its tries and waits, when no deadline is given.
DEFAULT_TIMEOUT_S = 30.0
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class Crawler:
    """Fetches under the rules: guard, robots.txt, limits per host, cache, retries, deadlines. Implements `Fetch`.

    Hosts' moments and kept answers are rows, so any number of processes keep them together.

    Args:
        database: where hosts and kept answers are.
        wire: the guarded pool; closed with the crawler.
        cache_bytes: most bytes of kept answers; 0: none are kept.
        max_connections: most requests at once, over all hosts.
        per_host: most requests to one host at once.
        clock: the time.
        sleep: waits.
        jitter: 0..1, of waits.
    """

    def __init__(
        self,
        database: Database,
        wire: Wire,
        *,
        cache_bytes: int = 200_000_000,
        max_connections: int = 64,
        per_host: int = 8,
        clock: Callable[[], datetime] = utc_now,
        sleep: Sleep = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._wire = wire
        self._cache = AnswerCache(database, max_bytes=cache_bytes, clock=clock)
        hosts = Hosts(HostRows(database), clock, per_host=per_host, sleep=sleep, jitter=jitter)
        self._fetcher = Fetcher(wire, hosts, self._cache, clock, sleep, max_connections, jitter=jitter)
        self._max_connections = max_connections
        self._per_host = per_host
        self._rates: dict[str, RateLimit] = {}

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
        """Fetch one address within 30 seconds; see `Fetch.get`."""
        request = FetchRequest(url, tuple(accept), headers or _NO_HEADERS, max_bytes, is_api, is_private)
        return await self.fetch(request)

    async def post(
        self,
        url: str,
        *,
        form: Mapping[str, str] | None = None,
        json: object = None,
        headers: Mapping[str, str] | None = None,
        max_bytes: int = 5_000_000,
    ) -> Answer:
        """Send a form or JSON within 30 seconds; see `Fetch.post`."""
        return await self._post(url, form, json, headers, max_bytes, DEFAULT_TIMEOUT_S)

    async def fetch(self, request: FetchRequest, *, timeout_s: float = DEFAULT_TIMEOUT_S) -> Answer:
        """Fetch one address with all its tries and waits within a time, in seconds; see `Fetch.get`."""
        return await self._fetcher.fetch(request, asyncio.get_running_loop().time() + timeout_s)

    async def crawl(
        self, requests: Iterable[FetchRequest], deadline_s: float, *, concurrency: int | None = None
    ) -> AsyncGenerator[Crawled, None]:
        """Fetch many: results as they come, in no order, until a deadline.

        Requests are taken as there is room, so the iterable may be endless. What was taken and has not ended by the
        deadline is given as errors (`fetch.deadline`); what was not taken is not touched.

        Args:
            requests: what to fetch; looked at lazily.
            deadline_s: seconds from now.
            concurrency: most at once; default: `max_connections`.
        """
        deadline = asyncio.get_running_loop().time() + deadline_s
        crawl = Crawl(self._fetcher, concurrency or self._max_connections, self._per_host, deadline)
        try:
            async with aclosing(crawl.run(requests)) as results:
                async for result in results:
                    yield result
        finally:
            await self._cache.flush()

    def limited(self, name: str, per_minute: int, *, deadline_s: float | None = None) -> LimitedFetch:
        """This crawler at a source's own rate.

        Args:
            name: of the source: all who ask under it share its rate, in this process.
            per_minute: most requests in a minute.
            deadline_s: seconds from now after which no request is waited for; default: 30 s for each request.
        """
        rate = self._rates.get(name)
        if rate is None or rate.per_minute != per_minute:
            rate = self._rates[name] = RateLimit(per_minute, monotonic=time.monotonic)
        deadline = None if deadline_s is None else asyncio.get_running_loop().time() + deadline_s
        return LimitedFetch(self, name, rate, deadline)

    async def close(self) -> None:
        """Write what is to be kept, close all connections."""
        await self._cache.close()
        await self._wire.close()

    async def _post(
        self,
        url: str,
        form: Mapping[str, str] | None,
        json: object,
        headers: Mapping[str, str] | None,
        max_bytes: int,
        timeout_s: float,
    ) -> Answer:
        target = parse_url(url)
        kind, data = _encoded(form, json)
        sent = {"Accept": "*/*", "Content-Type": kind, **(headers or {})}
        request = FetchRequest(url, max_bytes=max_bytes, is_api=True, is_private=True)
        deadline = asyncio.get_running_loop().time() + timeout_s
        try:
            async with asyncio.timeout_at(deadline):
                exchange = await self._fetcher.exchange("POST", request, target, sent, deadline, 0.0, data)
        except TimeoutError:
            raise problems.timed_out(target.host or "") from None
        if not 200 <= exchange.status < 300:
            raise problems.moved(target.host or "", exchange.status)
        return to_answer(target, exchange)


@dataclass(frozen=True)
class LimitedFetch:
    """A crawler at a source's own rate and, if wanted, until a moment. Implements `Fetch`."""

    _crawler: Crawler
    _name: str
    _rate: RateLimit
    _deadline: float | None

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
        """Fetch one address when its moment has come; see `Fetch.get`."""
        left_s = await self._turn()
        request = FetchRequest(url, tuple(accept), headers or _NO_HEADERS, max_bytes, is_api, is_private)
        return await self._crawler.fetch(request, timeout_s=left_s)

    async def post(
        self,
        url: str,
        *,
        form: Mapping[str, str] | None = None,
        json: object = None,
        headers: Mapping[str, str] | None = None,
        max_bytes: int = 5_000_000,
    ) -> Answer:
        """Send a form or JSON when its moment has come; see `Fetch.post`."""
        left_s = await self._turn()
        return await self._crawler._post(url, form, json, headers, max_bytes, left_s)  # noqa: SLF001 -- of one module

    async def _turn(self) -> float:
        """Wait for the next moment; the seconds left afterwards.

        Raises:
            TransientError: it comes too late.
        """
        left_s = self._left_s()
        if self._rate.wait_s() >= left_s:
            raise TransientError(
                f"{self._name} may only be asked again after the time there is.",
                hint="Try again later.",
                code="fetch.rate",
                retry_after_s=self._rate.wait_s(),
            )
        await self._rate.take()
        return self._left_s()

    def _left_s(self) -> float:
        return DEFAULT_TIMEOUT_S if self._deadline is None else self._deadline - asyncio.get_running_loop().time()


def _encoded(form: Mapping[str, str] | None, json: object) -> tuple[str, bytes]:
    if form is not None:
        return "application/x-www-form-urlencoded", urlencode(form).encode("ascii")
    return "application/json", json_module.dumps(json).encode("utf-8")
