"""The whole job of discovery on real pages: `python -m benchmarks.discovery [--pages N] [--many N]`.

Fetch (guard, robots.txt, charset), parse, links, title, text, metadata, rows in SQLite: ours, Scrapy with parsel, and
with selectolax in its callback; and the limit, a bare socket client that only downloads plus selectolax alone on pages
in memory. All fetch the same addresses from one local server of sixteen hosts with latencies (Linux: it listens on
127.0.0.1 to .16), 64 requests at once, eight a host, each contestant in a process of its own, one after another. CPU is
that process's, user and system, from its first request to its last row. p95 is from when a page was asked for until its
row was there. Memory is the process's peak so far. Scrapy needs `make .venv-peers/.stamp`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
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

from benchmarks.peers.corpus import pages
from benchmarks.peers.job import PEERS_PYTHON
from benchmarks.peers.page_rows import Rows, read_with_selectolax
from benchmarks.peers.page_server import HOSTS
from ettametta import migrations
from ettametta.db import Database
from ettametta.discovery.fetch.crawler import Crawler
from ettametta.discovery.fetch.requests import FetchRequest
from ettametta.discovery.pages.facts import PageFacts
from ettametta.discovery.pages.reader import read_page
from ettametta.kit.http.wire import Wire

CONCURRENCY = 64
PER_HOST = 8
LATENCY_S = 0.02
SLOW_LATENCY_S = 0.5
SLOW_HOSTS = 4
#: Peaks of memory are noted at these numbers of pages.
_MARKS = (1_000, 5_000, 50_000)
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
    """Crawler, page reader, rows."""
    folder = Path(job["folder"])
    database = Database(f"sqlite+aiosqlite:///{folder / 'ours.db'}")
    await migrations.upgrade(database)
    wire = Wire(user_agent="bench", allow_networks=["127.0.0.0/8"])
    crawler = Crawler(database, wire, max_connections=CONCURRENCY, per_host=PER_HOST)
    rows, meter = Rows(folder / "ours.sqlite"), Meter()
    async for crawled in crawler.crawl(_requests(job["urls"]), deadline_s=3_600):
        if crawled.answer is None:
            print(crawled.error, file=sys.stderr)
            continue
        answer = crawled.answer
        facts = await read_page(answer.body, url=answer.url, charset=answer.charset)
        asked_at = crawled.request.tag
        rows.add(_row(facts), asked_at if isinstance(asked_at, float) else 0.0)
        meter.note(rows.count)
    rows.close()
    await crawler.close()
    result = meter.result(rows.count, rows.p95_s())
    await database.close()
    return result


def _requests(urls: list[str]) -> Iterator[FetchRequest]:
    for url in urls:
        yield FetchRequest(url, accept=("text/html",), tag=time.perf_counter())


def _row(facts: PageFacts) -> tuple[str, str | None, str, str, int]:
    things = [{"@type": thing.kind, **thing.values} for thing in facts.things]
    return facts.url, facts.title, facts.text, json.dumps({**facts.metadata, "things": things}), len(facts.links)


async def bare(job: Job) -> Job:
    """Sockets that only download."""
    waiting: dict[str, list[bytes]] = {}
    for url in job["urls"]:
        host, _, path = url.removeprefix("http://").partition("/")
        waiting.setdefault(host, []).append(b"GET /%b HTTP/1.1\r\nHost: %b\r\n\r\n" % (path.encode(), host.encode()))
    meter = Meter()
    lanes = [_lane(host, requests) for host, requests in waiting.items() for _ in range(CONCURRENCY // len(waiting))]
    count = sum(await asyncio.gather(*lanes))
    return meter.result(count)


async def _lane(host: str, requests: list[bytes]) -> int:
    name, _, port = host.partition(":")
    done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    await asyncio.get_running_loop().create_connection(lambda: _Download(requests, done), name, int(port))
    return await done


class _Download(asyncio.Protocol):
    """One connection that takes the host's requests until none is left."""

    def __init__(self, requests: list[bytes], done: asyncio.Future[int]) -> None:
        self._requests = requests
        self._done = done
        self._count = 0
        self._missing = 0
        self._held = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        self._held += data
        if not self._missing:
            end = self._held.find(b"\r\n\r\n")
            if end < 0:
                return
            length = self._held.index(b"Content-Length: ")
            self._missing = end + 4 + int(self._held[length + 16 : self._held.index(b"\r", length)])
        if len(self._held) >= self._missing:
            self._held.clear()
            self._missing = 0
            self._count += 1
            self._next()

    def _next(self) -> None:
        assert self._transport is not None
        if self._requests:
            self._transport.write(self._requests.pop())
        else:
            self._transport.close()
            self._done.set_result(self._count)


def parser(job: Job) -> Job:
    """Selectolax alone, on pages in memory."""
    bodies = [Path(path).read_bytes() for path in job["files"]]
    meter = Meter()
    for number, url in enumerate(job["urls"]):
        read_with_selectolax(bodies[number % len(bodies)], url)
    return meter.result(len(job["urls"]))


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
                "form": name.partition("-")[2], "files": list(map(str, files))}  # fmt: skip
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
    print(
        f"{len(files):,} pages, {sum(path.stat().st_size for path in files) / len(files) / 1000:.1f} kB each on average"
    )
    print("| | pages | CPU ms a page | ours = 1 | pages/s | p95 ms | peak MB |\n|---|---|---|---|---|---|---|")
    with served(folder, files) as port:
        result = run("ours", folder, port, count, files)
        ours_ms = result["cpu_s"] / count * 1_000
        line("ours", result, ours_ms)
        for form, title in (("scrapy-parsel", "Scrapy with parsel"), ("scrapy-selectolax", "Scrapy with selectolax")):
            line(title, run(form, folder, port, count, files), ours_ms)
        download = run("bare", folder, port, count, files)
        parse = run("parser", folder, port, count, files)
        line("bare client, downloads only", download, ours_ms)
        line("selectolax alone, in memory", parse, ours_ms)
        limit = {
            **download,
            "cpu_s": download["cpu_s"] + parse["cpu_s"],
            "wall_s": download["wall_s"] + parse["wall_s"],
        }
        line("the limit: both", {**limit, "memory": {}}, ours_ms)
        if many:
            line("ours, many", run("ours", folder, port, many, files), ours_ms)
    with served(folder, files, SLOW_HOSTS) as port:
        few = min(count, 1_000)
        line("ours, 4 of 16 hosts slow", run("ours", folder, port, few, files))
        line("Scrapy with selectolax, the same", run("scrapy-selectolax", folder, port, few, files))


def main() -> None:
    """Run the comparison, or one contestant of it."""
    parsing = argparse.ArgumentParser(description=__doc__)
    parsing.add_argument("--pages", type=int, default=2_210, help="pages for each contestant")
    parsing.add_argument("--many", type=int, default=50_000, help="pages of the long run of ours; 0: none")
    parsing.add_argument("--run", nargs=2, metavar=("NAME", "JOB"), help=argparse.SUPPRESS)
    options = parsing.parse_args()
    if options.run:
        job = json.loads(Path(options.run[1]).read_text(encoding="utf-8"))
        name = options.run[0]
        print(json.dumps(parser(job) if name == "parser" else asyncio.run({"ours": ours, "bare": bare}[name](job))))
        return
    with tempfile.TemporaryDirectory() as folder:
        compare(Path(folder), pages(), options.pages, options.many)


if __name__ == "__main__":
    main()
