"""Where a page keeps its feed: what it names, what sites of a known kind have, what is usual."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from ettametta.discovery.feeds.addresses import web_address
from ettametta.kit.markup import bounded
from ettametta.kit.text import clean

#: Tried in this order when a page names no feed.
COMMON_PATHS = ("/feed", "/rss.xml", "/atom.xml", "/feed.xml", "/index.xml", "/rss", "/feed.json")
_MAX_MARKUP_CHARS = 1_000_000
_MAX_LINKS = 20
_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")
_LOOSE_TYPES = ("application/json", "application/xml", "text/xml")
_FEED_PATH = re.compile(
    r"(?:/(?:feed|feeds|rss|atom|rdf)(?:/|$)|\.(?:rss|atom|rdf)$|/(?:feed|rss|atom|index|news)\d?\.(?:xml|json|rdf)$)",
    re.IGNORECASE,
)
_FEED_QUERY = re.compile(
    r"(?:^|&)(?:feed|format|type|output|alt)=(?:rss2?|atom|rdf|feed|rss_200)(?:&|$)", re.IGNORECASE
)
_FEED_HOST = re.compile(r"(?:^|\.)(?:feeds?|rss|feeds\d|feedburner)\.", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FeedLink:
    """A feed that a page names."""

    url: str
    title: str = ""


def find_feed_links(markup: str, url: str) -> tuple[FeedLink, ...]:
    """The feeds a page names, the one of the whole site first, those of comments last; at most twenty.

    Args:
        markup: HTML as text.
        url: where it came from.
    """
    tree = LexborHTMLParser(bounded(markup[:_MAX_MARKUP_CHARS].encode("utf-8", "replace")), scripting=True)
    base_node = tree.css_first("base[href]")
    base = _base(url, base_node.attributes.get("href") if base_node is not None else None)
    found = _named(tree, base) or _linked(tree, base)
    once = tuple({link.url: link for link in reversed(found)}.values())[::-1]
    return tuple(sorted(once, key=_is_of_comments))[:_MAX_LINKS]


def _base(url: str, href: str | None) -> str:
    try:
        return urljoin(url, href or "")
    except ValueError:
        return url


def _named(tree: LexborHTMLParser, base: str) -> list[FeedLink]:
    """By <link rel=alternate>; plain JSON and XML only when the address looks like a feed."""
    found: list[FeedLink] = []
    for node in tree.css("link[href][type]")[:200]:
        rel = (node.attributes.get("rel") or "").lower().split()
        kind = (node.attributes.get("type") or "").split(";")[0].strip().lower()
        address = web_address(node.attributes.get("href"), base)
        if address is None or not {"alternate", "feed"} & set(rel):
            continue
        if kind in _TYPES or (kind in _LOOSE_TYPES and looks_like_feed(address)):
            found.append(FeedLink(address, clean(node.attributes.get("title") or "")[:200]))
    return found


def _linked(tree: LexborHTMLParser, base: str) -> list[FeedLink]:
    """By links in the text that look like feeds of the same site."""
    found: list[FeedLink] = []
    site = site_of(base)
    for node in tree.css("a[href]")[:3_000]:
        address = web_address(node.attributes.get("href"), base)
        if address is not None and looks_like_feed(address) and site_of(address) == site:
            found.append(FeedLink(address, clean(node.text())[:200]))
    return found


def _is_of_comments(link: FeedLink) -> bool:
    return "comment" in link.url.lower() or "comment" in link.title.lower()


def site_of(url: str) -> str:
    """The host without `www.`; empty: none."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def looks_like_feed(url: str) -> bool:
    """Whether an address is written as feeds' addresses are."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    if _FEED_PATH.search(parts.path) or _FEED_QUERY.search(parts.query):
        return True
    return bool(_FEED_HOST.search(f"{host}.")) and len(parts.path) > 1
