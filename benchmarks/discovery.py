"""The whole job of discovery on real pages: `python -m benchmarks.discovery [--pages N] [--many N]`.

Fetch (guard, robots.txt, charset), parse, links, title, text, metadata, rows in SQLite. The rows of the peers, of
`ours, plain text` and of the limit hold the same: all text but menus and scripts, metadata, the number of different
links. Scrapy makes them with parsel, or with selectolax and urljoin; ours and the limit with selectolax and parts of
our reader. `ours, main text` is what the product does: the whole reader, which bounds hostile markup and finds the
article. The limit is a bare socket client without guard, robots.txt, charset, retries and cache. All fetch the same
addresses from one local server of sixteen hosts with latencies (Linux: it listens on 127.0.0.1 to .16), 64 requests at
once, eight a host (the limit: four), each contestant in a process of its own, one after another. CPU is that
process's, user and system, from its first request to its last row. p95 is from when a page was asked for until its row
was there. Memory is the process's peak so far. Scrapy needs `make .venv-peers/.stamp`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from benchmarks.peers.corpus import pages
from benchmarks.peers.job import PEERS_PYTHON
from benchmarks.peers.page_rows import DROPPED, Row, Rows
from benchmarks.peers.page_server import HOSTS
from ettametta import migrations
from ettametta.db import Database
from ettametta.discovery.fetch.base import Answer
from ettametta.discovery.fetch.crawler import Crawler
from ettametta.discovery.fetch.requests import FetchRequest
from ettametta.discovery.pages.addresses import Joiner
from ettametta.discovery.pages.head import read_head
from ettametta.discovery.pages.reader import as_utf8, read_page
from ettametta.kit.http.wire import Wire

CONCURRENCY = 64
PER_HOST = 8
LATENCY_S = 0.02
SLOW_LATENCY_S = 0.5
SLOW_HOSTS = 4
#: Peaks of memory are noted at these numbers of pages.
_MARKS = (1_000, 5_000, 50_000)
_OTHERS = (
    ("ours-main", "ours, main text"),
    ("scrapy-parsel", "Scrapy with parsel"),
    ("scrapy-selectolax", "Scrapy with selectolax"),
    ("bare", "the limit: bare client, plain text"),
)
Job = dict[str, Any]


class Meter:
    """CPU and wall clock from its making, and peaks of memory on the way."""

    def __init__(self) -> None:
        self._before = resource.getrusage(resource.RUSAGE_SELF)
        self._started = time.perf_counter()
        self.memory: dict[str, int] = {}

    def note(self, count: int) -> None:
        """The peak so far, in KiB, where the number of pages is one to note."""
        if count in _MARKS:
            self.memory[str(count)] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    def result(self, count: int, p95_s: float = 0.0) -> Job:
        """What it took."""
        used = resource.getrusage(resource.RUSAGE_SELF)
        self.memory[str(count)] = used.ru_maxrss
        cpu_s = used.ru_utime + used.ru_stime - self._before.ru_utime - self._before.ru_stime
        wall_s = time.perf_counter() - self._started
        return {"pages": count, "cpu_s": cpu_s, "wall_s": wall_s, "p95_s": p95_s, "memory": self.memory}


# -- the contestants of this environment, each run in a process of its own -------------------------------------------


async def ours(job: Job) -> Job:
    """Crawler, reading, rows."""
    folder = Path(job["folder"])
    database = Database(f"sqlite+aiosqlite:///{folder / 'ours.db'}")
    await migrations.upgrade(database)
    wire = Wire(user_agent="bench", allow_networks=["127.0.0.0/8"])
    crawler = Crawler(database, wire, max_connections=CONCURRENCY, per_host=PER_HOST)
    rows, meter = Rows(folder / "ours.sqlite"), Meter()
    read = _main_text if job["form"] == "main" else _plain_text
    async for crawled in crawler.crawl(_requests(job["urls"]), deadline_s=3_600):
        if crawled.answer is None:
            print(crawled.error, file=sys.stderr)
            continue
        asked_at = crawled.request.tag
        rows.add(await read(crawled.answer), asked_at if isinstance(asked_at, float) else 0.0)
        meter.note(rows.count)
    rows.close()
    await crawler.close()
    result = meter.result(rows.count, rows.p95_s())
    await database.close()
    return result


def _requests(urls: list[str]) -> Iterator[FetchRequest]:
    for url in urls:
        yield FetchRequest(url, accept=("text/html",), tag=time.perf_counter())


async def _plain_text(answer: Answer) -> Row:
    return _plain_row(as_utf8(answer.body, answer.charset), answer.url)


def _plain_row(markup: bytes, url: str) -> Row:
    """The peers' row, by the reader's parts."""
    tree = LexborHTMLParser(markup)
    head = read_head(tree, with_microdata=False, in_body=True)
    links = Joiner(url).all([node.attributes.get("href") for node in tree.tags("a")])
    for node in tree.css(DROPPED):
        node.decompose()
    text = " ".join(tree.body.text(separator=" ").split()) if tree.body else ""
    things = [{"@type": thing.kind, **thing.values} for thing in head.things]
    return url, head.title or None, text, json.dumps({**head.metadata, "things": things}), len(links)


async def _main_text(answer: Answer) -> Row:
    facts = await read_page(answer.body, url=answer.url, charset=answer.charset)
    things = [{"@type": thing.kind, **thing.values} for thing in facts.things]
    return facts.url, facts.title, facts.text, json.dumps({**facts.metadata, "things": things}), len(facts.links)


async def bare(job: Job) -> Job:
    """Sockets that download, and the same reading."""
    waiting: dict[str, list[tuple[str, bytes]]] = {}
    for url in job["urls"]:
        host, _, path = url.removeprefix("http://").partition("/")
        request = b"GET /%b HTTP/1.1\r\nHost: %b\r\n\r\n" % (path.encode(), host.encode())
        waiting.setdefault(host, []).append((url, request))
    rows, meter = Rows(Path(job["folder"]) / "bare.sqlite"), Meter()
    lanes = [_lane(host, left, rows) for host, left in waiting.items() for _ in range(CONCURRENCY // len(waiting))]
    await asyncio.gather(*lanes)
    rows.close()
    return meter.result(rows.count, rows.p95_s())


async def _lane(host: str, requests: list[tuple[str, bytes]], rows: Rows) -> None:
    name, _, port = host.partition(":")
    done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    await asyncio.get_running_loop().create_connection(lambda: _Download(requests, rows, done), name, int(port))
    await done


class _Download(asyncio.Protocol):
    """One connection that takes the host's requests until none is left."""

    def __init__(self, requests: list[tuple[str, bytes]], rows: Rows, done: asyncio.Future[None]) -> None:
        self._requests = requests
        self._rows = rows
        self._done = done
        self._url = ""
        self._asked_at = 0.0
        self._start = self._end = 0
        self._held = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        self._held += data
        if not self._end:
            head = self._held.find(b"\r\n\r\n")
            if head < 0:
                return
            length = self._held.index(b"Content-Length: ")
            self._start = head + 4
            self._end = self._start + int(self._held[length + 16 : self._held.index(b"\r", length)])
        if len(self._held) >= self._end:
            body, url, asked_at = bytes(self._held[self._start : self._end]), self._url, self._asked_at
            self._held.clear()
            self._end = 0
            self._next()
            self._rows.add(_plain_row(body, url), asked_at)

    def _next(self) -> None:
        assert self._transport is not None
        if self._requests:
            self._url, request = self._requests.pop()
            self._asked_at = time.perf_counter()
            self._transport.write(request)
        else:
            self._transport.close()
            asyncio.get_running_loop().call_soon(self._done.set_result, None)


# -- running them ----------------------------------------------------------------------------------------------------


@contextmanager
def served(folder: Path, files: list[Path], slow_hosts: int = 0) -> Iterator[int]:
    """The server, for a while; its port."""
    listing = folder / "pages.txt"
    listing.write_text("\n".join(map(str, files)))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    argv = [sys.executable, "-m", "benchmarks.peers.page_server", listing, port, LATENCY_S, slow_hosts, SLOW_LATENCY_S]
    with subprocess.Popen(list(map(str, argv)), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield port
        finally:
            process.terminate()


def run(name: str, folder: Path, port: int, count: int, files: list[Path]) -> Job:
    """One contestant in a process of its own."""
    urls = [f"http://127.0.0.{number % HOSTS + 1}:{port}/d{number}/{files[number % len(files)].name}"
            for number in range(count)]  # fmt: skip
    job: Job = {"urls": urls, "folder": str(folder), "concurrency": CONCURRENCY, "per_host": PER_HOST,
                "form": name.partition("-")[2]}  # fmt: skip
    path = folder / "job.json"
    path.write_text(json.dumps(job))
    argv = [sys.executable, "-m", "benchmarks.discovery", "--run", name, str(path)]
    if name.startswith("scrapy"):
        argv = [str(PEERS_PYTHON), "benchmarks/peers/scrapy_pages.py", str(path)]
    output = subprocess.run(argv, check=True, stdout=subprocess.PIPE, text=True).stdout
    result: Job = json.loads(output.splitlines()[-1])
    if result["pages"] != count:
        raise SystemExit(f"{name} read {result['pages']} of {count} pages")
    return result


def line(name: str, result: Job, ours_ms: float | None = None) -> None:
    """One row of the table."""
    pages_read, cpu_s = result["pages"], result["cpu_s"]
    ms = cpu_s / pages_read * 1_000
    ratio = f"{ms / ours_ms:.2f}" if ours_ms else ""
    p95 = f"{result['p95_s'] * 1_000:,.0f}" if result["p95_s"] else ""
    memory = ", ".join(f"{int(kib) / 1024:,.0f} at {int(at):,}" for at, kib in result["memory"].items())
    speed = pages_read / result["wall_s"]
    print(f"| {name} | {pages_read:,} | {ms:.2f} | {ratio} | {speed:,.0f} | {p95} | {memory} |", flush=True)


def compare(folder: Path, files: list[Path], count: int, many: int) -> None:
    """The whole table."""
    sizes = sorted(path.stat().st_size for path in files)
    shares = ", ".join(f"p{at} {sizes[len(sizes) * at // 100] / 1000:.1f}" for at in (10, 50, 90, 99))
    print(f"{len(files):,} pages, {sum(sizes) / len(sizes) / 1000:.1f} kB each on average ({shares} kB)")
    print(f"Load before: {os.getloadavg()[0]:.1f}")
    print("| | pages | CPU ms a page | ours = 1 | pages/s | p95 ms | peak MB |\n|---|---|---|---|---|---|---|")
    with served(folder, files) as port:
        result = run("ours-plain", folder, port, count, files)
        ours_ms = result["cpu_s"] / count * 1_000
        line("ours, plain text", result, ours_ms)
        for name, title in _OTHERS:
            line(title, run(name, folder, port, count, files), ours_ms)
        if many:
            line("ours, main text, many", run("ours-main", folder, port, many, files), ours_ms)
    with served(folder, files, SLOW_HOSTS) as port:
        few = min(count, 1_000)
        line("ours, plain text, 4 of 16 hosts slow", run("ours-plain", folder, port, few, files))
        line("Scrapy with selectolax, the same", run("scrapy-selectolax", folder, port, few, files))
    print(f"Load after: {os.getloadavg()[0]:.1f}")


def main() -> None:
    """Run the comparison, or one contestant of it."""
    parsing = argparse.ArgumentParser(description=__doc__)
    parsing.add_argument("--pages", type=int, default=2_017, help="pages for each contestant")
    parsing.add_argument("--many", type=int, default=50_000, help="pages of the long run of ours; 0: none")
    parsing.add_argument("--run", nargs=2, metavar=("NAME", "JOB"), help=argparse.SUPPRESS)
    options = parsing.parse_args()
    if options.run:
        job = json.loads(Path(options.run[1]).read_text(encoding="utf-8"))
        name = options.run[0]
        print(json.dumps(asyncio.run(bare(job) if name == "bare" else ours(job))))
        return
    with tempfile.TemporaryDirectory() as folder:
        compare(Path(folder), pages(), options.pages, options.many)


if __name__ == "__main__":
    main()
