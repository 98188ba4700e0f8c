"""The web of the discovery benchmark: real pages under many hosts, each with a latency; a process of its own."""

from __future__ import annotations

import asyncio
import sys
from functools import partial
from pathlib import Path

HOSTS = 16
_ROBOTS = b"User-agent: *\nAllow: /\nDisallow: /private/\n"


class Server(asyncio.Protocol):
    """Answers requests on one connection in order.

    Args:
        answers: whole answers, head and body.
        latency_s: from a request to its answer.
    """

    def __init__(self, answers: list[bytes], latency_s: float) -> None:
        self._answers = answers
        self._latency_s = latency_s
        self._held = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer whole requests."""
        self._held += data
        while (end := self._held.find(b"\r\n\r\n")) >= 0:
            head, self._held = self._held[:end], self._held[end + 4 :]
            path = head.split(b" ", 2)[1]
            asyncio.get_running_loop().call_later(self._latency_s, self._answer, path)

    def _answer(self, path: bytes) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        if path == b"/robots.txt":
            self._transport.write(answer(_ROBOTS, b"text/plain"))
            return
        number = path[2:].partition(b"/")[0]
        self._transport.write(self._answers[int(number) % len(self._answers)])


def answer(body: bytes, kind: bytes) -> bytes:
    """A whole HTTP answer."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\nContent-Length: %d\r\nCache-Control: no-store\r\n\r\n"
    return head % (kind, len(body)) + body


async def serve(answers: list[bytes], port: int, latency_s: float, slow_hosts: int, slow_latency_s: float) -> None:
    """Listen on 127.0.0.1 to 127.0.0.16 until it is ended; prints a line when it is ready."""
    loop = asyncio.get_running_loop()
    for host in range(HOSTS):
        latency = slow_latency_s if host < slow_hosts else latency_s
        await loop.create_server(partial(Server, answers, latency), f"127.0.0.{host + 1}", port)
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    bodies = [Path(line).read_bytes() for line in Path(sys.argv[1]).read_text().splitlines()]
    whole = [answer(body, b"text/html") for body in bodies]
    asyncio.run(serve(whole, int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5])))
