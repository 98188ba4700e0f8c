"""Sitemaps: the newest pages of a site, with titles where it is a news sitemap.

Wire format: https://www.sitemaps.org/protocol.html (`urlset`, `sitemapindex`, gzip) and
https://developers.google.com/search/docs/crawling-indexing/sitemaps/news-sitemap (`news:`).
"""

from __future__ import annotations

import asyncio
import re
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote, urlsplit

from lxml import etree  # type: ignore[import-untyped]  # lxml ships no types

from ettametta.discovery.feeds.dates import parse_date
from ettametta.discovery.feeds.markup import read_xml
from ettametta.discovery.feeds.names import name_of
from ettametta.discovery.feeds.nodes import children_of, first_text
from ettametta.discovery.fetch.base import Answer, Fetch
from ettametta.discovery.items import FoundItem
from ettametta.discovery.sources.base import SourceInfo, Takes, Wanted
from ettametta.discovery.sources.building import Sieve, build_item, web_address
from ettametta.discovery.sources.wire import bad_address, translated, unreadable
from ettametta.kit.clock import utc_now

MAX_PAGES = 50_000
_MAX_BYTES = 20_000_000
_MAX_CHILDREN = 5
_MAX_ADDRESS_CHARS = 500
_TYPES = (
    "application/xml",
    "text/xml",
    "text/plain",
    "application/gzip",
    "application/x-gzip",
    "application/octet-stream",
)
_PLACE = re.compile(r"/[\w./-]*sitemap[\w./-]*\.(?:xml|xml\.gz|php)$", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{2,}")

INFO = SourceInfo(
    name="sitemap",
    title="Sitemaps",
    gives="The newest pages of a site; titles come from a news sitemap, else from the words in the address.",
    takes=Takes.ADDRESS,
    documentation_url="https://www.sitemaps.org/protocol.html",
    licence="The pages belong to their publisher; a sitemap states no licence.",
    terms="Sitemaps are published for crawlers; robots.txt and the delays it asks for are honoured.",
    requests_per_minute=30,
    address_hint="the address of a sitemap, or of a site that has one at /sitemap.xml",
)


@dataclass(frozen=True, slots=True)
class _Place:
    """A page, or another sitemap."""

    url: str
    changed_at: datetime | None
    title: str = ""
    language: str = ""
    image_url: str = ""


class Sitemap:
    """Pages of a site."""

    info = INFO

    async def find(self, wanted: Wanted, fetch: Fetch) -> AsyncIterator[FoundItem]:
        """See Source. Of an index, the newest sitemaps are read; of each, the newest pages come first."""
        whole = web_address(wanted.address)
        if whole is None:
            raise bad_address(INFO)
        sieve = Sieve(wanted)
        pages, children = await _read(
            whole if urlsplit(whole).path.strip("/") else f"{whole.rstrip('/')}/sitemap.xml", fetch
        )
        for item in await sieve.pick_aside(_item(page) for page in pages):
            yield item
        for child in children[:_MAX_CHILDREN]:
            if sieve.is_full:
                return
            pages, _ = await _read(child.url, fetch)
            for item in await sieve.pick_aside(_item(page) for page in pages):
                yield item

    def owns(self, address: str) -> str | None:
        """See Source."""
        whole = web_address(address)
        if whole is None or len(whole) > _MAX_ADDRESS_CHARS:
            return None
        try:
            return whole if _PLACE.search(urlsplit(whole).path) else None
        except ValueError:
            return None


async def _read(url: str, fetch: Fetch) -> tuple[list[_Place], list[_Place]]:
    """The pages and the further sitemaps that one sitemap names, each newest first."""
    async with translated(INFO):
        answer = await fetch.get(url, accept=_TYPES, max_bytes=_MAX_BYTES)
    found = await asyncio.to_thread(_places, answer)
    if found is None:
        raise unreadable(INFO)
    return found


def _places(answer: Answer) -> tuple[list[_Place], list[_Place]] | None:
    body = _unpacked(answer.body)
    root = read_xml(body, answer.charset) if body else None
    if root is None or not isinstance(root.tag, str) or name_of(root.tag) not in ("urlset", "sitemapindex"):
        return None
    now = utc_now()
    pages = [_place(node, now) for node, _ in zip(root.iter("{*}url"), range(MAX_PAGES), strict=False)]
    children = [_place(node, now) for node, _ in zip(root.iter("{*}sitemap"), range(MAX_PAGES), strict=False)]
    return _newest_first(pages), _newest_first(children)


def _newest_first(places: list[_Place | None]) -> list[_Place]:
    """Those without a date keep their order behind the others."""
    known = [place for place in places if place is not None]
    return sorted(known, key=lambda place: -(place.changed_at.timestamp() if place.changed_at else 0.0))


def _unpacked(body: bytes) -> bytes | None:
    """A `.gz` file's content; None: damaged, or more than twenty million bytes."""
    if not body.startswith(b"\x1f\x8b"):
        return body
    unpacker = zlib.decompressobj(wbits=31)
    try:
        data = unpacker.decompress(body, _MAX_BYTES)
    except zlib.error:
        return None
    return None if unpacker.unconsumed_tail else data


def _place(node: etree._Element, now: datetime) -> _Place | None:  # lxml names its element class so
    fields = children_of(node)
    url = web_address(first_text(fields, "loc"))
    if url is None:
        return None
    news = children_of(fields["news:news"][0]) if "news:news" in fields else {}
    about = children_of(news["news:publication"][0]) if "news:publication" in news else {}
    picture = children_of(fields["image:image"][0]) if "image:image" in fields else {}
    return _Place(
        url,
        parse_date(first_text(news, "news:publication_date") or first_text(fields, "lastmod"), now=now),
        first_text(news, "news:title"),
        first_text(about, "news:language").strip(),
        first_text(picture, "image:loc"),
    )


def _item(page: _Place) -> FoundItem | None:
    return build_item(
        INFO,
        page.url,
        url=page.url,
        title=page.title or _title_in(page.url),
        language=page.language,
        published_at=page.changed_at,
        image_url=page.image_url,
    )


def _title_in(url: str) -> str:
    """The words of an address ("/2026/how-bees-fly" is "How bees fly"); empty: fewer than three."""
    last = unquote(urlsplit(url).path.rstrip("/").rpartition("/")[2])
    words = re.split(r"[-_+ ]+", re.sub(r"\.[a-z]{2,5}$", "", last))
    if len([word for word in words if _WORD.fullmatch(word)]) < 3:
        return ""
    title = " ".join(word for word in words if word)
    return title[:1].upper() + title[1:]
