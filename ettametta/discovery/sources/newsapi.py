"""NewsAPI and services that speak its format: news articles by words, or the headlines.

Wire format: https://newsapi.org/docs/endpoints/everything and /top-headlines; the key goes in a header.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from pydantic import SecretStr

from ettametta.discovery.fetch.base import Fetch
from ettametta.discovery.items import FoundItem
from ettametta.discovery.sources.base import SourceInfo, Takes, Wanted
from ettametta.discovery.sources.building import Sieve, build_item, moment
from ettametta.discovery.sources.wire import Shape, ask, phrases, readable, secrets

BASE_URL = "https://newsapi.org/v2"
_MOST = 100

INFO = SourceInfo(
    name="newsapi",
    title="NewsAPI",
    gives="News articles with summaries: the newest that hold the words, or the headlines.",
    takes=Takes.WORDS,
    documentation_url="https://newsapi.org/docs/endpoints/everything",
    licence="Articles belong to their publishers; only headlines and summaries are kept.",
    terms="A free key gives 100 requests a day, articles a day late, and is for development only.",
    requests_per_minute=10,
    keys=("NEWSAPI_KEY",),
)


class _Articles(Shape):
    articles: list[Any]


class _Publisher(Shape):
    name: str | None = None


class _Article(Shape):
    url: str
    title: str
    source: _Publisher = _Publisher()
    author: str | None = None
    description: str | None = None
    urlToImage: str | None = None  # noqa: N815  # the names on the wire
    publishedAt: str | None = None  # noqa: N815


class NewsApi:
    """Articles by a NewsAPI key.

    Args:
        api_key: None: asked, it says what is missing.
        base_url: of a service that speaks the same format, without a slash at the end.
    """

    info = INFO

    def __init__(self, api_key: SecretStr | None, base_url: str = "") -> None:
        self._key = api_key
        self._base = (base_url or BASE_URL).rstrip("/")

    async def find(self, wanted: Wanted, fetch: Fetch) -> AsyncIterator[FoundItem]:
        """See Source."""
        (key,) = secrets(INFO, self._key)
        if wanted.limit < 1:
            return
        kind, asked = _question(wanted)
        found = await ask(
            fetch, INFO, f"{self._base}/{kind}", _Articles, asked, headers={"X-Api-Key": key}, is_private=True
        )
        language = _language(wanted)
        for item in Sieve(wanted).pick(_item(one, language) for one in readable(found.articles, _Article)):
            yield item

    def owns(self, address: str) -> str | None:  # noqa: ARG002  # it has no addresses of its own
        """See Source."""
        return None


def _language(wanted: Wanted) -> str | None:
    """The one it can be narrowed to; articles do not name theirs."""
    return wanted.languages[0] if len(wanted.languages) == 1 else None


def _question(wanted: Wanted) -> tuple[str, list[tuple[str, str | int]]]:
    asked: list[tuple[str, str | int]] = [("pageSize", min(_MOST, wanted.limit))]
    if not wanted.words:
        return "top-headlines", [*asked, ("language", _language(wanted) or "en")]
    asked += [("q", " OR ".join(f'"{phrase}"' for phrase in phrases(wanted))), ("sortBy", "publishedAt")]
    if language := _language(wanted):
        asked.append(("language", language))
    if wanted.since is not None:
        asked.append(("from", f"{wanted.since:%Y-%m-%dT%H:%M:%S}"))
    return "everything", asked


def _item(one: _Article, language: str | None) -> FoundItem | None:
    """Articles that a publisher has taken back come with the title "[Removed]"."""
    if one.title == "[Removed]":
        return None
    return build_item(
        INFO,
        one.url,
        url=one.url,
        title=one.title,
        text=one.description,
        author=one.author or one.source.name,
        language=language,
        published_at=moment(one.publishedAt),
        image_url=one.urlToImage,
    )
