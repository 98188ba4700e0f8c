"""Hacker News: stories found by words (the search API), or the top stories (the official API).

Wire formats: https://hn.algolia.com/api (search, tags=story, numericFilters) and https://github.com/HackerNews/API
(topstories.json, item/{id}.json).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from itertools import islice
from typing import Any

from pydantic import RootModel

from ettametta.discovery.fetch.base import Fetch
from ettametta.discovery.items import FoundItem
from ettametta.discovery.sources.base import SourceInfo, Takes, Wanted
from ettametta.discovery.sources.building import Sieve, build_item, moment
from ettametta.discovery.sources.wire import Shape, ask, phrases, readable, share
from ettametta.errors import EttamettaError

_SEARCH_URL = "https://hn.algolia.com/api/v1/search"
_API_URL = "https://hacker-news.firebaseio.com/v0"
_PAGE_URL = "https://news.ycombinator.com/item?id="
#: Single stories asked for at once.
_AT_ONCE = 8

INFO = SourceInfo(
    name="hacker_news",
    title="Hacker News",
    gives="Stories with points and comments: those that match the words, or the top stories.",
    takes=Takes.WORDS,
    documentation_url="https://github.com/HackerNews/API",
    licence="Titles and texts belong to their authors; linked pages have their own terms.",
    terms="No key; the official interface states no limit, the search allows 10,000 requests an hour.",
    requests_per_minute=600,
    metrics=("points", "comments"),
)


class _Hits(Shape):
    hits: list[Any]


class _Hit(Shape):
    objectID: str  # noqa: N815  # the name on the wire
    title: str
    url: str | None = None
    story_text: str | None = None
    author: str | None = None
    created_at_i: int | None = None
    points: Any = None
    num_comments: Any = None


class _Numbers(RootModel[list[Any]]):
    """Ids, best first."""


class _Story(Shape):
    id: int
    title: str
    type: str = "story"
    url: str | None = None
    text: str | None = None
    by: str | None = None
    time: int | None = None
    score: Any = None
    descendants: Any = None
    dead: bool = False
    deleted: bool = False


class HackerNews:
    """Stories of Hacker News."""

    info = INFO

    async def find(self, wanted: Wanted, fetch: Fetch) -> AsyncIterator[FoundItem]:
        """See Source."""
        sieve = Sieve(wanted)
        for phrase in phrases(wanted):
            for item in sieve.pick(await _search(phrase, wanted, fetch)):
                yield item
        if not wanted.words:
            async for item in _top(sieve, fetch):
                yield item

    def owns(self, address: str) -> str | None:  # noqa: ARG002  # it has no addresses of its own
        """See Source."""
        return None


async def _search(phrase: str, wanted: Wanted, fetch: Fetch) -> list[FoundItem | None]:
    asked: list[tuple[str, str | int]] = [("query", phrase), ("tags", "story"), ("hitsPerPage", share(wanted, 100))]
    if wanted.since is not None:
        asked.append(("numericFilters", f"created_at_i>={int(wanted.since.timestamp())}"))
    found = await ask(fetch, INFO, _SEARCH_URL, _Hits, asked)
    return [_from_search(hit) for hit in readable(found.hits, _Hit)]


def _from_search(hit: _Hit) -> FoundItem | None:
    if not re.fullmatch(r"\d{1,12}", hit.objectID):
        return None
    return build_item(
        INFO,
        hit.objectID,
        url=hit.url or _PAGE_URL + hit.objectID,
        title=hit.title,
        text=hit.story_text,
        author=hit.author,
        published_at=moment(hit.created_at_i),
        metrics={"points": hit.points, "comments": hit.num_comments},
        discussion_url=_PAGE_URL + hit.objectID,
    )


async def _top(sieve: Sieve, fetch: Fetch) -> AsyncIterator[FoundItem]:
    """The top stories in their order; a story that cannot be had costs only itself, unless none can."""
    listed = await ask(fetch, INFO, f"{_API_URL}/topstories.json", _Numbers)
    numbers = iter([number for number in listed.root if isinstance(number, int) and 0 < number < 10**12])
    while not sieve.is_full and (some := list(islice(numbers, min(_AT_ONCE, sieve.room)))):
        answers = await asyncio.gather(*(_story(number, fetch) for number in some), return_exceptions=True)
        failures = [answer for answer in answers if isinstance(answer, BaseException)]
        for failure in failures:
            if len(failures) == len(answers) or not isinstance(failure, EttamettaError):
                raise failure
        for item in sieve.pick(answer for answer in answers if isinstance(answer, FoundItem)):
            yield item


async def _story(number: int, fetch: Fetch) -> FoundItem | None:
    found = await ask(fetch, INFO, f"{_API_URL}/item/{number}.json", RootModel[dict[str, Any] | None])
    for story in readable([found.root], _Story):
        if story.dead or story.deleted or story.type != "story":
            return None
        return build_item(
            INFO,
            story.id,
            url=story.url or f"{_PAGE_URL}{story.id}",
            title=story.title,
            text=story.text,
            author=story.by,
            published_at=moment(story.time),
            metrics={"points": story.score, "comments": story.descendants},
            discussion_url=f"{_PAGE_URL}{story.id}",
        )
    return None
