"""Feeds by their address, by a page that names one, and in a usual place."""

from __future__ import annotations

from collections.abc import Sequence

from ettametta.discovery.sources.base import Wanted
from tests.servers.source_payloads.base import Call, Replay, Served, Story
from tests.servers.source_payloads.feed_texts import rfc_date, rss, xml_text

_SPACES = 'xmlns:slash="http://purl.org/rss/1.0/modules/slash/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
_NAMING = '<!doctype html><html><head><link rel="alternate" type="application/rss+xml" href="/feed.xml"></head></html>'


def _item(one: Story) -> str:
    comments = f"<slash:comments>{one.count('comments')}</slash:comments>" if one.has_numbers else ""
    return (
        f"<title>{xml_text(one.title)}</title><link>{one.url}</link><guid>{one.url}</guid><pubDate>{rfc_date(one)}</pubDate>"
        f"<dc:creator>{xml_text(one.author)}</dc:creator><dc:language>{one.language}</dc:language>{comments}"
        f"<description>{xml_text(one.text)}</description>"
    )


def _answer(call: Call, stories: Sequence[Story]) -> Served | None:
    if call.path == "/feed.xml" or (call.host == "bare.example" and call.path == "/atom.xml"):
        return rss(_item, stories, _SPACES)
    if call.path in ("/", "/blog"):
        page = _NAMING if call.host == "stories.example" else "<html><body>No feed is named here</body></html>"
        return Served(page, content_type="text/html; charset=utf-8")
    return None


REPLAY = Replay(
    _answer,
    ("stories.example", "bare.example"),
    Wanted(address="https://stories.example/feed.xml"),
    also=(Wanted(address="https://stories.example/blog"), Wanted(address="https://bare.example/")),
    addresses={
        "https://stories.example/feed.xml": "https://stories.example/feed.xml",
        "https://stories.example/?feed=rss2": "https://stories.example/?feed=rss2",
        "https://feeds.stories.example/all": "https://feeds.stories.example/all",
        "https://medium.com/@ada": "https://medium.com/feed/@ada",
        "https://ada.substack.com": "https://ada.substack.com/feed",
        "https://github.com/ada/rockets/releases": "https://github.com/ada/rockets/releases.atom",
        "https://ada.blogspot.com/": "https://ada.blogspot.com/feeds/posts/default",
        "https://stackoverflow.com/questions/tagged/c++": "https://stackoverflow.com/feeds/tag/c++",
        "https://stories.example/article": None,
    },
)
