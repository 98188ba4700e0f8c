"""Scrapy over the pages of the discovery benchmark; run in the peers' environment with a job's file.

Two forms: parsel as Scrapy comes, and selectolax in the callback. Robots on, cookies off, no middlewares of ours.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import scrapy
from page_rows import Row, Rows, read_with_selectolax
from scrapy.crawler import CrawlerProcess

_TEXT = (
    "//body//text()[not(ancestor::script or ancestor::style or ancestor::nav or ancestor::footer or ancestor::aside)]"
)


def read_with_parsel(response: Any) -> Row:
    """The same row by parsel's selectors."""
    metadata: dict[str, Any] = {}
    for meta in response.css("meta[content]"):
        name = meta.attrib.get("property") or meta.attrib.get("name")
        if name and meta.attrib["content"]:
            metadata[name] = meta.attrib["content"]
    for number, script in enumerate(response.css("script[type='application/ld+json']::text").getall()):
        try:
            metadata[f"ld{number}"] = json.loads(script)
        except ValueError:
            continue
    links = {urljoin(response.url, href.partition("#")[0]) for href in response.css("a::attr(href)").getall()}
    text = " ".join(" ".join(response.xpath(_TEXT).getall()).split())
    return response.url, response.css("title::text").get(), text, json.dumps(metadata), len(links)


class Pages(scrapy.Spider):  # type: ignore[misc]  # scrapy is in another environment
    """Fetches a list of addresses and stores a row for each."""

    name = "pages"

    def __init__(self, job: dict[str, Any], rows: Rows) -> None:
        super().__init__()
        self._job = job
        self._rows = rows

    async def start(self) -> AsyncIterator[Any]:
        """The requests, lazily."""
        for url in self._job["urls"]:
            yield scrapy.Request(url, callback=self.parse, meta={"asked_at": time.perf_counter()}, dont_filter=True)

    def parse(self, response: Any) -> None:
        """One page to its row."""
        if self._job["form"] == "parsel":
            row = read_with_parsel(response)
        else:
            row = read_with_selectolax(response.body, response.url)
        self._rows.add(row, response.meta["asked_at"])


def main() -> None:
    """Run the job and print what it took."""
    job = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    rows = Rows(Path(job["folder"]) / f"scrapy-{job['form']}.sqlite")
    settings = {
        "ROBOTSTXT_OBEY": True, "COOKIES_ENABLED": False, "TELNETCONSOLE_ENABLED": False, "LOG_LEVEL": "ERROR",
        "CONCURRENT_REQUESTS": job["concurrency"], "CONCURRENT_REQUESTS_PER_DOMAIN": job["per_host"],
        "DOWNLOAD_DELAY": 0, "USER_AGENT": "bench", "LOGSTATS_INTERVAL": 0,
    }  # fmt: skip
    process = CrawlerProcess(settings)
    before, started = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    process.crawl(Pages, job=job, rows=rows)
    process.start()
    rows.close()
    used = resource.getrusage(resource.RUSAGE_SELF)
    cpu_s = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
    print(json.dumps({"pages": rows.count, "cpu_s": cpu_s, "wall_s": time.perf_counter() - started,
                      "p95_s": rows.p95_s(), "memory": {str(rows.count): used.ru_maxrss}}))  # fmt: skip


if __name__ == "__main__":
    main()
