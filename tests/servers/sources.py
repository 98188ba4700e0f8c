"""The outside world in small: replays any source's documented answers over HTTP, and fails on demand.

In a test::

    async with SourceServer("hacker_news", [Story(1001)]) as server:
        server.fail(Fault(429, retry_after="7"))
        items = [item async for item in source.find(wanted, server.fetch)]

Sources keep their real addresses: `server.fetch` sends them here, so that a test sees every host that was asked.
"""

# ruff: noqa: ARG002  # the port names what the doubles do not look at
from __future__ import annotations

import asyncio
import json as json_module
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
from aiohttp import web

from ettametta.discovery.fetch.base import Answer
from ettametta.kit.clock import utc_now
from ettametta.kit.http import HttpClient, problems
from ettametta.kit.http.bodies import too_large
from tests.servers.source_payloads import REPLAYS
from tests.servers.source_payloads.base import Call, Served, Story

__all__ = ["DirectFetch", "Fault", "SourceServer"]


@dataclass(frozen=True)
class Fault:
    """How to answer instead of well."""

    status: int = 200
    retry_after: str | None = None
    #: announce more than is sent
    truncated: bool = False
    #: None: the good answer
    raw: bytes | None = b""
    #: None: that of the good answer
    content_type: str | None = "application/json"
    #: turns the good answer into another one
    bent: Callable[[bytes], bytes] | None = None


class SourceServer:
    """Replays one source; an async context manager. `calls` lists what was asked."""

    def __init__(self, source: str, stories: Sequence[Story] = ()) -> None:
        self.replay = REPLAYS[source]
        self.stories = list(stories)
        self.calls: list[Call] = []
        self._fault: Fault | None = None
        self._from_call = 1
        self._runner: web.AppRunner | None = None
        self._port = 0
        self._http = HttpClient(user_agent="tests", allow_private=True)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def fetch(self) -> _ReplayFetch:
        """Asks this server in place of the whole internet."""
        return _ReplayFetch(self.url, self._http)

    def fail(self, fault: Fault | None, *, from_call: int = 1) -> None:
        """Answer every request from now on so, or from a later one; None: well again."""
        self._fault, self._from_call = fault, from_call
        self.calls.clear()

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=10_000_000)
        app.router.add_route("*", "/{scheme}/{host}/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.close()
        if self._runner:
            await self._runner.cleanup()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        scheme, host = request.match_info["scheme"], request.match_info["host"]
        path = request.rel_url.raw_path.removeprefix(f"/{scheme}/{host}")
        query = dict(parse_qsl(request.rel_url.raw_query_string, keep_blank_values=True))
        headers = {name.lower(): value for name, value in request.headers.items()}
        call = Call(request.method, host, path, query, headers, (await request.read()).decode())
        self.calls.append(call)
        served = self.replay.answer(call, self.stories) or Served({"error": "not found"}, status=404)
        if self._fault is None or len(self.calls) < self._from_call:
            return _response(served)
        return await _faulty(self._fault, served, request)


def _response(served: Served) -> web.Response:
    return web.Response(
        body=served.body, status=served.status, headers={"Content-Type": served.content_type, **served.headers}
    )


async def _faulty(fault: Fault, served: Served, request: web.Request) -> web.StreamResponse:
    body = served.body if fault.raw is None else fault.raw
    if fault.bent is not None:
        body = fault.bent(served.body)
    headers = {"Content-Type": fault.content_type or served.content_type}
    if fault.retry_after is not None:
        headers["Retry-After"] = fault.retry_after
    if not fault.truncated:
        return web.Response(status=fault.status, body=body, headers=headers)
    response = web.StreamResponse(headers={**headers, "Content-Length": str(len(body) + 5_000)})
    await response.prepare(request)
    await response.write(body)
    assert request.transport is not None
    request.transport.close()
    return response


class _ReplayFetch:
    """A Fetch (see there) whose every request goes to the server, the real host in the path."""

    def __init__(self, base: str, http: HttpClient) -> None:
        self._base = base
        self._http = http

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
        found = await self._http.get(self._there(url), accept=accept, headers=headers, max_bytes=max_bytes)
        return Answer(url, found.status, found.content_type, found.charset, found.body, found.headers)

    async def post(
        self,
        url: str,
        *,
        form: Mapping[str, str] | None = None,
        json: object = None,
        headers: Mapping[str, str] | None = None,
        max_bytes: int = 5_000_000,
    ) -> Answer:
        host = urlsplit(url).hostname or ""
        # The server speaks plain HTTP: to load the certificate authorities would be most of the time of these tests.
        plain = httpx.AsyncHTTPTransport(verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
        async with httpx.AsyncClient(transport=plain, trust_env=False) as client:
            try:
                got = await client.post(self._there(url), data=dict(form) if form else None, json=json, headers=headers)
            except httpx.HTTPError as error:
                raise problems.from_exception(error, host) from error
        problem = problems.from_status(got.status_code, host, got.headers.get("retry-after", ""), utc_now())
        if problem is not None:
            raise problem
        if len(got.content) > max_bytes:
            raise too_large(host, max_bytes)
        media = got.headers.get("content-type", "").partition(";")[0]
        return Answer(url, got.status_code, media, got.charset_encoding, got.content)

    def _there(self, url: str) -> str:
        parts = urlsplit(url)
        query = f"?{parts.query}" if parts.query else ""
        return f"{self._base}/{parts.scheme}/{parts.netloc}{parts.path or '/'}{query}"


class DirectFetch:
    """A Fetch without network: the replay's answers, each changed by `bend` first. `calls` lists what was asked."""

    def __init__(
        self, source: str, stories: Sequence[Story], bend: Callable[[bytes], bytes] = lambda body: body
    ) -> None:
        self._replay = REPLAYS[source]
        self._stories = stories
        self._bend = bend
        self.calls: list[Call] = []

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
        await asyncio.sleep(0)  # as a real one does: others have their turn
        return self._answer("GET", url, headers, "")

    async def post(
        self,
        url: str,
        *,
        form: Mapping[str, str] | None = None,
        json: object = None,
        headers: Mapping[str, str] | None = None,
        max_bytes: int = 5_000_000,
    ) -> Answer:
        return self._answer("POST", url, headers, urlencode(form) if form else json_module.dumps(json))

    def _answer(self, method: str, url: str, headers: Mapping[str, str] | None, body: str) -> Answer:
        parts = urlsplit(url)
        lower = {name.lower(): value for name, value in (headers or {}).items()}
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        call = Call(method, parts.netloc, parts.path or "/", query, lower, body)
        self.calls.append(call)
        served = self._replay.answer(call, self._stories) or Served({}, status=404)
        problem = problems.from_status(served.status, parts.netloc, "", utc_now())
        if problem is not None:
            raise problem
        return Answer(url, 200, served.content_type.partition(";")[0], "utf-8", self._bend(served.body))
