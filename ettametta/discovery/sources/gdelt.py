"""GDELT: news articles of the whole world by phrase, from the last three months.

Wire format: https://blog.gdeltproject.org/gdelt-doc-2-0-api-debuts/ (mode=artlist, format=json). What it cannot do it
says in a sentence of plain text with status 200.
"""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

from pydantic import Field

from ettametta.discovery.fetch.base import Fetch
from ettametta.discovery.items import FoundItem
from ettametta.discovery.sources.base import SourceInfo, Takes, Wanted
from ettametta.discovery.sources.building import Sieve, build_item, moment
from ettametta.discovery.sources.languages import from_name, name_of
from ettametta.discovery.sources.wire import Shape, ask, phrases, readable
from ettametta.kit.clock import utc_now

_URL = "https://api.gdeltproject.org/api/v2/doc/doc"
_MOST = 250
#: It refuses phrases that are shorter.
_MIN_PHRASE_CHARS = 3
_MAX_HOURS = 24 * 90

INFO = SourceInfo(
    name="gdelt",
    title="GDELT",
    gives="News articles in 65 languages that hold the words, dated by when GDELT first saw them.",
    takes=Takes.WORDS,
    documentation_url="https://blog.gdeltproject.org/gdelt-doc-2-0-api-debuts/",
    licence="GDELT's data are free for any use with a citation; the articles belong to their publishers.",
    terms="No key; GDELT asks for at most one request every five seconds.",
    requests_per_minute=12,
)


class _List(Shape):
    articles: list[Any] = Field(default_factory=list)


class _Article(Shape):
    url: str
    title: str
    seendate: str | None = None
    socialimage: str | None = None
    domain: str | None = None
    language: str | None = None


class Gdelt:
    """Articles that GDELT has seen."""

    info = INFO

    async def find(self, wanted: Wanted, fetch: Fetch) -> AsyncIterator[FoundItem]:
        """See Source."""
        query = _query(wanted)
        if not query or wanted.limit < 1:
            return
        asked: list[tuple[str, str | int]] = [
            ("query", query),
            ("mode", "artlist"),
            ("format", "json"),
            ("maxrecords", min(_MOST, wanted.limit)),
            ("sort", "hybridrel"),
            ("timespan", f"{_hours(wanted)}h"),
        ]
        found = await ask(fetch, INFO, _URL, _List, asked)
        for item in Sieve(wanted).pick(_item(one) for one in readable(found.articles, _Article)):
            yield item

    def owns(self, address: str) -> str | None:  # noqa: ARG002  # it has no addresses of its own
        """See Source."""
        return None


def _query(wanted: Wanted) -> str:
    """Any of the phrases, in any of the languages; only alternatives may stand in brackets."""
    quoted = [f'"{phrase}"' for phrase in phrases(wanted) if len(phrase) >= _MIN_PHRASE_CHARS]
    named = [f"sourcelang:{name}" for code in wanted.languages if (name := name_of(code))]
    parts = [f"({' OR '.join(some)})" if len(some) > 1 else some[0] for some in (quoted, named) if some]
    return " ".join(parts) if quoted else ""


def _hours(wanted: Wanted) -> int:
    since = wanted.since or utc_now() - timedelta(days=7)
    return min(_MAX_HOURS, max(1, math.ceil((utc_now() - since) / timedelta(hours=1))))


def _item(one: _Article) -> FoundItem | None:
    return build_item(
        INFO,
        one.url,
        url=one.url,
        title=one.title,
        author=one.domain,
        language=from_name(one.language),
        published_at=moment(one.seendate),
        image_url=one.socialimage or None,
    )
