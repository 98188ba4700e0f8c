"""Reddit by its feeds, without a key: a search, a subreddit, or what is popular. Feeds hold no votes.

Wire format: Atom, https://www.reddit.com/wiki/rss/ (any listing with `.rss`). An entry's markup ends with
`submitted by`, `[link]` (what the post is about) and `[comments]`.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

from ettametta.discovery.feeds import Entry
from ettametta.discovery.fetch.base import Fetch
from ettametta.discovery.items import FoundItem
from ettametta.discovery.sources.base import SourceInfo, Takes, Wanted
from ettametta.discovery.sources.building import Sieve
from ettametta.discovery.sources.feed_reading import entry_item, read_feed
from ettametta.discovery.sources.wire import bad_address, phrases, share

_SITE = "https://www.reddit.com"
_MOST = 100
_SUBREDDIT = re.compile(r"r/[A-Za-z0-9][A-Za-z0-9_]{1,30}")
_FOOTER = re.compile(r"\s*submitted by\s+/?u/\S+.*\Z", re.DOTALL)
_OWN_HOSTS = re.compile(r"(?:^|\.)(?:reddit\.com|redd\.it|redditmedia\.com)$", re.IGNORECASE)

INFO = SourceInfo(
    name="reddit",
    title="Reddit (feeds)",
    gives="Posts that match the words, of a subreddit, or popular ones; without votes, which the feeds do not hold.",
    takes=Takes.WORDS,
    documentation_url="https://www.reddit.com/wiki/rss/",
    licence="Posts belong to their authors; linked pages have their own terms.",
    terms="Feeds are for feed readers: the limit is not stated and is low; commercial use needs an agreement.",
    requests_per_minute=6,
    address_hint="a subreddit, as r/name or by its address",
)


class Reddit:
    """Posts of Reddit."""

    info = INFO

    async def find(self, wanted: Wanted, fetch: Fetch) -> AsyncIterator[FoundItem]:
        """See Source. An address stands above the words."""
        sieve = Sieve(wanted)
        for path, asked in _questions(wanted, self):
            if sieve.is_full:
                return
            feed = await read_feed(fetch, INFO, _SITE + path, asked)
            for item in sieve.pick(_item(entry) for entry in feed.entries):
                yield item

    def owns(self, address: str) -> str | None:
        """See Source. Subreddits are kept as `r/name`."""
        if _SUBREDDIT.fullmatch(address):
            return address
        try:
            parts = urlsplit(address)
            host = (parts.hostname or "").removeprefix("www.").removeprefix("old.")
        except ValueError:
            return None
        name = "/".join(parts.path.strip("/").split("/")[:2])
        is_ours = parts.scheme in ("http", "https") and host == "reddit.com" and "/comments/" not in parts.path
        return name if is_ours and _SUBREDDIT.fullmatch(name) else None


def _questions(wanted: Wanted, source: Reddit) -> list[tuple[str, list[tuple[str, str | int]]]]:
    many = max(1, min(_MOST, wanted.limit))
    if wanted.address:
        name = source.owns(wanted.address)
        if name is None:
            raise bad_address(INFO)
        return [(f"/{name}/hot/.rss", [("limit", many)])]
    if not wanted.words:
        return [("/r/popular/.rss", [("limit", many)])]
    few = share(wanted, _MOST)
    return [
        ("/search.rss", [("q", phrase), ("sort", "hot"), ("t", "week"), ("limit", few)]) for phrase in phrases(wanted)
    ]


def _item(entry: Entry) -> FoundItem | None:
    if not entry.id.startswith("t3_"):  # a search also finds subreddits
        return None
    return entry_item(
        INFO,
        entry,
        url=_linked(entry) or entry.url,
        text=_FOOTER.sub("", entry.summary),
        author=(entry.author or "").removeprefix("/u/"),
        discussion_url=entry.url,
    )


def _linked(entry: Entry) -> str | None:
    """The page the post links to: the link right before the one to the comments, unless it is Reddit's own."""
    before = entry.links[: entry.links.index(entry.url)] if entry.url in entry.links else ()
    if not before:
        return None
    try:
        host = urlsplit(before[-1]).hostname or ""
    except ValueError:
        return None
    return None if _OWN_HOSTS.search(host) else before[-1]
