"""A web page with an article and what pages say of themselves (OpenGraph, JSON-LD)."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence

from ettametta.discovery.sources.base import Wanted
from tests.servers.source_payloads.base import Call, Replay, Served, Story

_PAGE = """<!doctype html><html lang="{language}"><head><title>{title}</title>
<meta property="og:title" content="{title}">
<meta property="og:image" content="https://pictures.example/a.jpg">
<meta name="author" content="{author}">
<meta name="keywords" content="rockets, dawn">
<link rel="canonical" href="/story">
<script type="application/ld+json">{data}</script></head>
<body><article><h1>{title}</h1>{paragraphs}</article></body></html>"""


def _answer(call: Call, stories: Sequence[Story]) -> Served | None:
    if not stories:
        return None
    one = stories[0]
    about = {"@type": "NewsArticle", "headline": one.number, "datePublished": one.iso, "license": "CC BY 4.0"}
    page = _PAGE.format(
        language=one.language,
        title=html.escape(one.title),
        author=html.escape(one.author),
        data=json.dumps({"@context": "https://schema.org", **about}),
        paragraphs="" if call.path == "/bare" else f"<p>{html.escape(one.text)}</p>" * 8,
    )
    return Served(page, content_type="text/html; charset=utf-8")


REPLAY = Replay(
    _answer,
    ("stories.example",),
    Wanted(address="https://stories.example/today"),
    also=(Wanted(address="https://stories.example/bare"),),
    addresses={"https://stories.example/x?y=1": "https://stories.example/x?y=1", "stories.example": None},
    is_one_to_one=False,
)
