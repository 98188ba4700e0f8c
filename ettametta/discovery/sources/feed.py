"""Any feed: RSS, RDF, Atom or JSON Feed by its address, or by that of a site, whose feed is then looked for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urljoin

from ettametta.discovery.feeds import COMMON_PATHS, Entry, Feed, find_feed_links
from ettametta.discovery.feeds.autodiscovery import looks_like_feed
from ettametta.discovery.feeds.known_sites import feed_of_known_site
from ettametta.discovery.fetch.base import Answer, Fetch
from ettametta.discovery.items import FoundItem
from ettametta.discovery.sources.base import SourceInfo, Takes, Wanted
from ettametta.discovery.sources.building import Sieve, web_address
from ettametta.discovery.sources.feed_reading import FEED_TYPES, MAX_FEED_BYTES, entry_item, parsed
from ettametta.discovery.sources.wire import bad_address, translated
from ettametta.errors import EttamettaError, InvalidInput
from ettametta.kit.text import decode

_TYPES = (*FEED_TYPES, "application/xhtml+xml", "application/octet-stream")
_MAX_ADDRESS_CHARS = 500
#: Feeds that a page names, and usual places, that are tried.
_MAX_NAMED = 3
_MAX_USUAL = 5

INFO = SourceInfo(
    name="feed",
    title="Feeds",
    gives="Entries of any RSS, Atom or JSON Feed, with the number of comments where the feed says it.",
    takes=Takes.ADDRESS,
    documentation_url="https://www.rssboard.org/rss-specification",
    licence="Entries belong to their publisher; a rights statement of the feed is kept.",
    terms="robots.txt and the delays it asks for are honoured; the publisher's own terms apply.",
    requests_per_minute=60,
    metrics=("comments",),
    address_hint="the address of a feed, or of a site that has one",
)


class AnyFeed:
    """A feed that a person named."""

    info = INFO

    async def find(self, wanted: Wanted, fetch: Fetch) -> AsyncIterator[FoundItem]:
        """See Source."""
        address = self.owns(wanted.address) or web_address(wanted.address)
        if address is None:
            raise bad_address(INFO)
        feed = await _feed_at(address, fetch)
        for item in await Sieve(wanted).pick_aside(_item(entry, feed) for entry in feed.entries):
            yield item

    def owns(self, address: str) -> str | None:
        """See Source. Addresses that look like feeds', and sites whose feed's place is known."""
        whole = web_address(address)
        if whole is None or len(whole) > _MAX_ADDRESS_CHARS:
            return None
        return whole if looks_like_feed(whole) else feed_of_known_site(whole)


async def _feed_at(address: str, fetch: Fetch) -> Feed:
    """The feed at an address; else one the page there names; else one in a usual place.

    Raises:
        EttamettaError: see Source.
    """
    answer = await _get(address, fetch)
    try:
        return await parsed(answer)
    except InvalidInput:
        pass
    named = await asyncio.to_thread(_named, answer)
    usual = [urljoin(answer.url, path) for path in COMMON_PATHS[:_MAX_USUAL]] if _is_page(answer) else []
    for place in named or usual:
        try:
            return await parsed(await _get(place, fetch))
        except InvalidInput:
            continue
    raise InvalidInput(
        "There is no feed at that address, and the page there names none.",
        hint="Give the address of the feed itself.",
        code="feed.none_found",
    )


async def _get(url: str, fetch: Fetch) -> Answer:
    async with translated(INFO):
        return await fetch.get(url, accept=_TYPES, max_bytes=MAX_FEED_BYTES)


def _is_page(answer: Answer) -> bool:
    return b"<html" in answer.body[:5_000].lower() or b"<!doctype html" in answer.body[:5_000].lower()


def _named(answer: Answer) -> list[str]:
    if not _is_page(answer):
        return []
    try:
        links = find_feed_links(decode(answer.body, charset=answer.charset), answer.url)
    except EttamettaError:
        return []
    return [link.url for link in links][:_MAX_NAMED]


def _item(entry: Entry, feed: Feed) -> FoundItem | None:
    return entry_item(
        INFO,
        entry,
        author=entry.author or entry.publisher or feed.author,
        licence=feed.rights,
        metrics={"comments": entry.comment_count},
    )
