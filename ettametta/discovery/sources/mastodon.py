"""Mastodon: the links, posts and tags that trend on an instance.

Wire format: https://docs.joinmastodon.org/methods/trends/ with PreviewCard, Status and Tag. Uses of links and tags come
by day for the last seven days, as text; the item has their sum.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import quote, urlsplit

from pydantic import RootModel

from ettametta.discovery.fetch.base import Fetch
from ettametta.discovery.items import FoundItem
from ettametta.discovery.sources.base import SourceInfo, Takes, Wanted
from ettametta.discovery.sources.building import Sieve, build_item, moment, one_line, whole_number
from ettametta.discovery.sources.wire import Shape, ask, bad_address, readable

INSTANCE = "mastodon.social"
_HOST = re.compile(r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}(?::\d{1,5})?")
_MAX_TITLE_CHARS = 160

INFO = SourceInfo(
    name="mastodon",
    title="Mastodon",
    gives="Links and tags that trend on an instance, with their uses in seven days, and posts with likes and boosts.",
    takes=Takes.NOTHING,
    documentation_url="https://docs.joinmastodon.org/methods/trends/",
    licence="Posts belong to their authors; linked pages have their own terms.",
    terms="No key; an instance allows 300 requests in five minutes, and may shut its trends to strangers.",
    requests_per_minute=30,
    metrics=("uses", "likes", "shares", "comments"),
    address_hint="the host name of an instance, such as mastodon.social",
)


class _List(RootModel[list[Any]]):
    """Trends, best first."""


class _Author(Shape):
    name: str | None = None


class _Link(Shape):
    url: str
    title: str
    description: str | None = None
    author_name: str | None = None
    provider_name: str | None = None
    language: str | None = None
    published_at: str | None = None
    image: str | None = None
    history: Any = None


class _Account(Shape):
    acct: str
    display_name: str | None = None


class _Status(Shape):
    id: str
    uri: str | None = None
    url: str | None = None
    content: str
    created_at: str | None = None
    language: str | None = None
    account: _Account
    favourites_count: Any = None
    reblogs_count: Any = None
    replies_count: Any = None


class _Tag(Shape):
    name: str
    history: Any = None


class Mastodon:
    """Trends of one instance.

    Args:
        instance: its host name, when no address is given.
    """

    info = INFO

    def __init__(self, instance: str = "") -> None:
        self._instance = instance or INSTANCE

    async def find(self, wanted: Wanted, fetch: Fetch) -> AsyncIterator[FoundItem]:
        """See Source."""
        host = (wanted.address or self._instance).lower()
        if not _HOST.fullmatch(host):
            raise bad_address(INFO)
        sieve = Sieve(wanted)
        parts: tuple[tuple[str, int, Callable[[list[Any], str], list[FoundItem | None]]], ...] = (
            ("links", 20, _links),
            ("statuses", 40, _statuses),
            ("tags", 20, _tags),
        )
        for name, most, items_of in parts:
            if sieve.is_full:
                return
            url = f"https://{host}/api/v1/trends/{name}"
            found = await ask(fetch, INFO, url, _List, [("limit", min(most, sieve.room))])
            for item in sieve.pick(items_of(found.root, host)):
                yield item

    def owns(self, address: str) -> str | None:
        """See Source. Only a page of trends (`https://instance/explore`) tells that a host is an instance."""
        try:
            parts = urlsplit(address)
        except ValueError:
            return None
        is_trends = parts.path.rstrip("/").split("/")[1:2] == ["explore"]
        host = parts.netloc.lower()
        return host if parts.scheme in ("http", "https") and is_trends and _HOST.fullmatch(host) else None


def _links(found: list[Any], host: str) -> list[FoundItem | None]:
    return [
        build_item(
            INFO,
            f"{host}/link/{one.url}",
            url=one.url,
            title=one.title,
            text=one.description,
            author=one.author_name or one.provider_name,
            language=one.language,
            published_at=moment(one.published_at),
            image_url=one.image,
            metrics={"uses": _uses(one.history)},
        )
        for one in readable(found, _Link)
    ]


def _statuses(found: list[Any], host: str) -> list[FoundItem | None]:
    return [
        build_item(
            INFO,
            one.uri or f"{host}/{one.id}",
            url=one.url or one.uri,
            title=one_line(one.content, _MAX_TITLE_CHARS),
            text=one.content,
            author=one.account.display_name or one.account.acct,
            language=one.language,
            published_at=moment(one.created_at),
            metrics={"likes": one.favourites_count, "shares": one.reblogs_count, "comments": one.replies_count},
        )
        for one in readable(found, _Status)
    ]


def _tags(found: list[Any], host: str) -> list[FoundItem | None]:
    return [
        build_item(
            INFO,
            f"{host}/tag/{one.name}",
            url=f"https://{host}/tags/{quote(one.name, safe='', errors='replace')}",
            title=f"#{one.name}",
            metrics={"uses": _uses(one.history)},
            tags=[one.name],
        )
        for one in readable(found, _Tag)
        if one.name
    ]


def _uses(history: Any) -> int | None:
    """The sum over the days that were sent; None when a day is no number."""
    days = [whole_number(day.get("uses")) if isinstance(day, dict) else None for day in _listed(history)]
    known = [uses for uses in days if uses is not None]
    return sum(known) if known and len(known) == len(days) else None


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
