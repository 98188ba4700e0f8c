"""Podcasts: episodes of a show by its feed, or by its page on Apple Podcasts, which names the feed.

Wire formats: RSS 2.0 with https://podcasters.apple.com/support/823-podcast-requirements (`itunes:`), and Apple's
look-up https://itunes.apple.com/lookup?id=<number> (JSON with `feedUrl`).
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

from ettametta.discovery.feeds import Entry, Feed
from ettametta.discovery.fetch.base import Fetch
from ettametta.discovery.items import FoundItem
from ettametta.discovery.sources.base import SourceInfo, Takes, Wanted
from ettametta.discovery.sources.building import Sieve, web_address
from ettametta.discovery.sources.feed_reading import entry_item, read_feed
from ettametta.discovery.sources.wire import Shape, ask, bad_address, readable
from ettametta.errors import InvalidInput

_LOOKUP_URL = "https://itunes.apple.com/lookup"
_APPLE_PATH = re.compile(r"/(?:[a-z]{2}/)?podcast/(?:[^/]{1,200}/)?id(\d{4,12})/?")
_MAX_ADDRESS_CHARS = 500
#: Hosts that serve nothing but podcasts' feeds.
_FEED_HOSTS = frozenset(
    {
        "feeds.acast.com", "feeds.buzzsprout.com", "feeds.captivate.fm", "feeds.megaphone.fm", "feeds.npr.org",
        "feeds.simplecast.com", "feeds.soundcloud.com", "feeds.transistor.fm",
        "rss.art19.com",
    }
)  # fmt: skip

INFO = SourceInfo(
    name="podcast",
    title="Podcasts",
    gives="The episodes of a podcast with their notes.",
    takes=Takes.ADDRESS,
    documentation_url="https://podcasters.apple.com/support/823-podcast-requirements",
    licence="Episodes and notes belong to their publisher; a rights statement of the feed is kept.",
    terms="Feeds are for players, under the publisher's terms; Apple's look-up allows about 20 calls a minute.",
    requests_per_minute=20,
    address_hint="the address of a podcast's feed, or of its page on Apple Podcasts",
)


class Podcast:
    """Episodes of a show."""

    info = INFO

    async def find(self, wanted: Wanted, fetch: Fetch) -> AsyncIterator[FoundItem]:
        """See Source."""
        address = web_address(wanted.address)
        if address is None:
            raise bad_address(INFO)
        number = _apple_number(address)
        url = await _looked_up(number, fetch) if number else address
        feed = await read_feed(fetch, INFO, url, is_api=False)
        for item in await Sieve(wanted).pick_aside(_item(entry, feed) for entry in feed.entries):
            yield item

    def owns(self, address: str) -> str | None:
        """See Source. Shows on Apple Podcasts, and feeds of hosts that have only podcasts."""
        whole = web_address(address)
        if whole is None or len(whole) > _MAX_ADDRESS_CHARS:
            return None
        number = _apple_number(whole)
        if number is not None:
            return f"https://podcasts.apple.com/podcast/id{number}"
        try:
            return whole if urlsplit(whole).hostname in _FEED_HOSTS else None
        except ValueError:
            return None


def _apple_number(address: str) -> str | None:
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return None
    found = _APPLE_PATH.fullmatch(parts.path) if host in ("podcasts.apple.com", "itunes.apple.com") else None
    return found[1] if found else None


class _Shows(Shape):
    results: list[Any]


class _Show(Shape):
    feedUrl: str  # noqa: N815  # the name on the wire


async def _looked_up(number: str, fetch: Fetch) -> str:
    found = await ask(fetch, INFO, _LOOKUP_URL, _Shows, [("id", number), ("entity", "podcast")])
    feeds = [web_address(show.feedUrl) for show in readable(found.results, _Show)]
    url = next((one for one in feeds if one), None)
    if url is None:
        raise InvalidInput(
            "Apple Podcasts names no feed for that show.",
            hint="Give the address of the podcast's own feed.",
            code="feed.no_podcast",
        )
    return url


def _item(entry: Entry, feed: Feed) -> FoundItem | None:
    """An episode without a page of its own is its sound file."""
    return entry_item(INFO, entry, author=entry.author or feed.author or feed.title, licence=feed.rights, metrics={})
