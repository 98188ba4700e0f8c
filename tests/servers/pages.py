"""A small HTTP server for tests of fetching: scripted replies, misbehaviour byte by byte, connections counted."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import parse_qs, urlsplit

Behaviour = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True)
class Reply:
    """What to answer. With `close_after` the connection ends after so many bytes of the body."""

    body: bytes = b""
    content_type: str = "text/html; charset=utf-8"
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    close_after: int | None = None
    delay_s: float = 0.0


@dataclass(frozen=True)
class Request:
    """What was asked."""

    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]


Answerer = Callable[[Request], Reply]


@dataclass
class PageServer:
    """Answers by path; `/path` may map to a reply, a function of the request, or raw behaviour on the socket."""

    routes: dict[str, Reply | Behaviour | Answerer] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def page(self, path: str, body: str, content_type: str = "text/html; charset=utf-8") -> str:
        """Serve a text; its address."""
        self.routes[path] = Reply(body.encode(), content_type)
        return self.url + path

    def json(self, path: str, data: object) -> None:
        self.routes[path] = Reply(json.dumps(data).encode(), "application/json; charset=utf-8")

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            request = await _read(reader)
            self.requests.append(request)
            await self._answer(request, writer)
        with contextlib.suppress(ConnectionError):
            writer.close()
            await writer.wait_closed()

    async def _answer(self, request: Request, writer: asyncio.StreamWriter) -> None:
        route = self.routes.get(request.path, Reply(b"no such page", status=404))
        if isinstance(route, Reply):
            await _send(route, writer)
        elif asyncio.iscoroutinefunction(route):
            await cast("Behaviour", route)(writer)
        else:
            await _send(cast("Answerer", route)(request), writer)


async def _read(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.split("\r\n")
    target = urlsplit(first.split(" ")[1])
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
    return Request(target.path, parse_qs(target.query), headers)


async def _send(reply: Reply, writer: asyncio.StreamWriter) -> None:
    if reply.delay_s:
        await asyncio.sleep(reply.delay_s)
    lines = [f"HTTP/1.1 {reply.status} Whatever", "Connection: close"]
    names = {name.lower() for name, _ in reply.headers}
    if reply.content_type:
        lines.append(f"Content-Type: {reply.content_type}")
    if "content-length" not in names and "transfer-encoding" not in names:
        lines.append(f"Content-Length: {len(reply.body)}")
    lines += [f"{name}: {value}" for name, value in reply.headers]
    writer.write("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + reply.body[: reply.close_after])
    await writer.drain()


@contextlib.asynccontextmanager
async def page_server() -> AsyncIterator[PageServer]:
    """A running server on a free port of 127.0.0.1."""
    pages = PageServer()
    running: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        running.add(task)
        try:
            await pages.handle(reader, writer)
        except asyncio.CancelledError:
            writer.close()
        finally:
            running.discard(task)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    pages.port = server.sockets[0].getsockname()[1]
    try:
        yield pages
    finally:
        server.close()
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await server.wait_closed()
