"""Sitemaps (https://www.sitemaps.org/protocol.html): a news sitemap, an index, a packed one."""

from __future__ import annotations

import gzip
from collections.abc import Sequence

from ettametta.discovery.sources.base import Wanted
from tests.servers.source_payloads.base import Call, Replay, Served, Story
from tests.servers.source_payloads.feed_texts import xml_text

_SPACES = (
    'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" '
    'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'
)


def _news(one: Story) -> str:
    return (
        f"<url><loc>{one.url}</loc><news:news><news:publication><news:name>Courier</news:name><news:language>{one.language}"
        f"</news:language></news:publication><news:publication_date>{one.iso}</news:publication_date>"
        f"<news:title>{xml_text(one.title)}</news:title></news:news>"
        "<image:image><image:loc>https://pictures.example/a.jpg</image:loc></image:image></url>"
    )


def _plain(one: Story) -> str:
    return f"<url><loc>https://stories.example/2026/rockets-at-dawn-{one.number}.html</loc><lastmod>{one.iso}</lastmod></url>"


def _answer(call: Call, stories: Sequence[Story]) -> Served | None:
    if call.path == "/sitemap.xml":
        pages = "".join(_news(one) for one in stories)
        return Served(f'<?xml version="1.0"?><urlset {_SPACES}>{pages}</urlset>', content_type="application/xml")
    if call.path == "/sitemap_index.xml":
        inner = "<sitemap><loc>https://stories.example/sitemap-1.xml.gz</loc><lastmod>2026-10-03</lastmod></sitemap>"
        return Served(f"<sitemapindex {_SPACES}>{inner}</sitemapindex>", content_type="text/xml; charset=utf-8")
    if call.path == "/sitemap-1.xml.gz":
        pages = "".join(_plain(one) for one in stories)
        return Served(gzip.compress(f"<urlset {_SPACES}>{pages}</urlset>".encode()), content_type="application/gzip")
    return None


REPLAY = Replay(
    _answer,
    ("stories.example",),
    Wanted(address="https://stories.example/"),
    also=(Wanted(address="https://stories.example/sitemap_index.xml"),),
    addresses={
        "https://stories.example/news-sitemap.xml": "https://stories.example/news-sitemap.xml",
        "https://stories.example/sitemap-1.xml.gz": "https://stories.example/sitemap-1.xml.gz",
        "https://stories.example/": None,
    },
)
