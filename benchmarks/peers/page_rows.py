"""The rows that every contestant of the discovery benchmark stores, and reading a page with selectolax alone.

Needs the standard library and selectolax only: it is imported in the peers' environment as well.
"""

from __future__ import annotations

import json
import sqlite3
import time
from array import array
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser

BATCH = 200
_TABLE = "CREATE TABLE pages (url TEXT PRIMARY KEY, title TEXT, text TEXT, metadata TEXT, links INTEGER)"
DROPPED = "script,style,noscript,template,nav,footer,aside"

Row = tuple[str, str | None, str, str, int]


class Rows:
    """A new SQLite file, written in batches.

    Args:
        path: of the file; one that is there is replaced.
    """

    def __init__(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        self._db = sqlite3.connect(path)
        self._db.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; {_TABLE}")
        self._waiting: list[Row] = []
        #: seconds from when a page was asked for until its row was there
        self.latencies_s = array("d")
        self.count = 0

    def add(self, row: Row, asked_at: float) -> None:
        """One row; `asked_at` on the clock of `time.perf_counter`."""
        self._waiting.append(row)
        self.count += 1
        self.latencies_s.append(time.perf_counter() - asked_at)
        if len(self._waiting) >= BATCH:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        self._db.executemany("INSERT OR REPLACE INTO pages VALUES (?, ?, ?, ?, ?)", self._waiting)
        self._db.commit()
        self._waiting.clear()

    def close(self) -> None:
        """Write what waits, close the file."""
        self.flush()
        self._db.close()

    def p95_s(self) -> float:
        """95 of 100 pages came sooner."""
        return sorted(self.latencies_s)[int(len(self.latencies_s) * 0.95)] if self.latencies_s else 0.0


def read_with_selectolax(body: bytes, url: str) -> Row:
    """Title, text, metas, JSON-LD and the joined links of a page, as a plain callback would read them."""
    tree = LexborHTMLParser(body)
    title = tree.css_first("title")
    metadata: dict[str, Any] = {}
    for meta in tree.css("meta"):
        attributes = meta.attributes
        name = attributes.get("property") or attributes.get("name")
        if name and attributes.get("content"):
            metadata[name] = attributes["content"]
    for number, script in enumerate(tree.css("script[type='application/ld+json']")):
        try:
            metadata[f"ld{number}"] = json.loads(script.text())
        except ValueError:
            continue
    links = {urljoin(url, (link.attributes.get("href") or "").partition("#")[0]) for link in tree.css("a[href]")}
    for node in tree.css(DROPPED):
        node.decompose()
    text = " ".join(tree.body.text(separator=" ").split()) if tree.body else ""
    return url, title.text() if title else None, text, json.dumps(metadata), len(links)
