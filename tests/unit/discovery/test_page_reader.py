"""One parse of a page: what it says, where it links to, its text; and pages that mean harm."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urljoin

import pytest

from ettametta.discovery.pages.addresses import Joiner
from ettametta.discovery.pages.dates import parse_date
from ettametta.discovery.pages.facts import LeadImage, PageFeed
from ettametta.discovery.pages.reader import LARGE_PAGE_BYTES, read_page, read_page_now
from ettametta.errors import InvalidInput
from ettametta.kit.markup import MAX_DEPTH, MAX_TAGS, bounded

PAGES = Path(__file__).parent / "pages"
URL = "https://site.example/2026/story.html"
PARAGRAPH = "<p>The old lamp on the eastern mole shone again, after forty years, on Saturday night.</p>"
HEAD = """<html lang="en-GB"><head><title>Lamp | Site</title><base href="/news/">
<meta property="og:title" content="The lamp"><meta name="Description" content="Of a  lamp.">
<meta property="og:site_name" content="Site"><meta name="author" content="Mara Lindqvist">
<meta property="article:published_time" content="2026-10-03T08:00:00+02:00">
<meta property="article:modified_time" content="2026-10-04"><meta name="DC.rights" content="CC BY 4.0">
<meta property="og:image" content="lamp.jpg"><meta property="og:image:alt" content="A lamp">
<link rel="canonical" href="https://site.example/lamp"><link rel="alternate" type="application/rss+xml" href="/feed"
title="All"></head>"""


def test_what_the_head_says() -> None:
    facts = read_page_now(f"{HEAD}<body><article>{PARAGRAPH * 3}</article>".encode(), url=URL)
    assert (facts.title, facts.description, facts.site_name) == ("The lamp", "Of a lamp.", "Site")
    assert (facts.author, facts.language, facts.licence) == ("Mara Lindqvist", "en", "CC BY 4.0")
    assert facts.published_at == datetime(2026, 10, 3, 6, tzinfo=UTC)
    assert facts.modified_at == datetime(2026, 10, 4, tzinfo=UTC)
    assert facts.canonical_url == "https://site.example/lamp"
    assert facts.image == LeadImage("https://site.example/news/lamp.jpg", "A lamp", None)
    assert facts.feeds == (PageFeed("https://site.example/feed", "All"),)
    assert facts.metadata["dc.rights"] == "CC BY 4.0"


def test_what_is_not_said_is_unknown() -> None:
    facts = read_page_now(b"<p>Hello.</p>", url=URL)
    assert (facts.title, facts.author, facts.published_at, facts.language, facts.image, facts.licence) == (None,) * 6
    assert (facts.links, facts.things, facts.feeds, facts.text) == ((), (), (), "Hello.")


def test_json_ld_in_the_body_and_microdata() -> None:
    markup = b"""<head><title>T</title><meta name=x content=y></head><body>
    <script type="application/ld+json">{"@graph": [{"@type": "NewsArticle", "headline": "H",
    "datePublished": "2026-01-02",
    "author": [{"@type": "Person", "name": "Ada"}, {"name": "Bo"}], "image": {"url": "/i.png"}}]}</script>
    <script type="application/ld+json">{broken</script>
    <div itemscope itemtype="https://schema.org/Recipe"><span itemprop="name">Soup</span>
    <time itemprop="cookTime" datetime="PT5M">five</time>
    <div itemprop="author" itemscope itemtype="https://schema.org/Person"><b itemprop="name">Cy</b></div></div>"""
    facts = read_page_now(markup, url=URL)
    assert [thing.kind for thing in facts.things] == ["NewsArticle", "Person", "Recipe", "Person"]
    assert dict(facts.things[2].values) == {"name": "Soup", "cookTime": "PT5M", "author": "Cy"}
    assert (facts.title, facts.author) == ("H", "Ada, Bo")
    assert facts.published_at == datetime(2026, 1, 2, tzinfo=UTC)
    assert facts.image == LeadImage("https://site.example/i.png")


def test_the_licence_of_the_picture_itself_is_a_hint() -> None:
    figure = "<figure><img src=/a.jpg alt=Sea><a rel=license href='https://creativecommons.org/licenses/by/4.0/'>x</a></figure>"
    image = read_page_now(f"{HEAD}{figure}".encode(), url=URL).image
    assert image == LeadImage("https://site.example/a.jpg", "Sea", "https://creativecommons.org/licenses/by/4.0/")


@pytest.mark.parametrize(
    ("reference", "whole"),
    [
        ("b.html", "https://h.example/x/b.html"), ("/b#c", "https://h.example/b"), ("//o.example/b", "https://o.example/b"),
        ("../b", "https://h.example/b"), ("?q=1", "https://h.example/x/a?q=1"), ("b?u=http://z/", "https://h.example/x/b?u=http://z/"),
        ("HTTP://O.example/b", "http://O.example/b"), ("./b", "https://h.example/x/b"), ("b/../c", "https://h.example/x/c"),
        ("mailto:a@b.c", None), ("javascript:x()", None), ("#top", None), ("", None), (None, None), ("http:///b", None),
        ("//", None), ("/a b", None), ("https://", None), ("http://[", None), ("data:text/html,x", None),
        ("x" * 3_000, None),
    ],
)  # fmt: skip
def test_addresses_are_made_whole(reference: str | None, whole: str | None) -> None:
    assert Joiner("https://h.example/x/a").whole(reference) == whole


@pytest.mark.parametrize("base", ["https://h.example/a/b/c.html", "https://h.example", "https://h.example/x?q=/y"])
@pytest.mark.parametrize(
    "reference", ["../i.html", "../../i", "../../../../i/j", "../", "..", "../?q", "../a/../b", ".././c"]
)
def test_short_cuts_join_as_the_rule_does(base: str, reference: str) -> None:
    assert Joiner(base).whole(reference) == urljoin(base, reference)


def test_links_come_once_in_order_and_not_without_end() -> None:
    links = "".join(f'<a href="/p{number % 2_500}#x{number}">x</a>' for number in range(6_000))
    facts = read_page_now(f"<a href=/z><a href='/z#t'>{links}".encode(), url=URL)
    assert facts.links[:3] == ("https://site.example/z", "https://site.example/p0", "https://site.example/p1")
    assert len(facts.links) == 2_000


@pytest.mark.parametrize(
    ("text", "expected"),
    [("2026-01-02", (2026, 1, 2)), ("Fri, 02 Jan 2026 10:00:00 GMT", (2026, 1, 2)),
     ("0001-01-01", None), ("2190-01-01", None),
     ("yesterday", None), ("", None), ("9999-12-31T23:59:59-23:00", None)],
)  # fmt: skip
def test_dates(text: str, expected: tuple[int, int, int] | None) -> None:
    found = parse_date(text)
    assert (found and (found.year, found.month, found.day)) == expected


async def test_the_text_of_real_shapes() -> None:
    facts = await read_page((PAGES / "news.html").read_bytes(), url=URL)
    assert "“We thought it would take one summer,” said Ilse Brandt" in facts.text
    for noise in ("cookies", "Ten beaches", "All rights"):
        assert noise not in facts.text
    assert facts.published_at is not None
    assert "Es el único faro romano" in (await read_page((PAGES / "spanish.html").read_bytes(), url=URL)).text


def test_an_article_in_sections_is_one_and_its_neighbours_are_not() -> None:
    sections = f"<div class=part>{PARAGRAPH * 2}</div>" * 4
    links = "<div class=related-posts>" + "<p>Another long headline, about another thing</p>" * 5 + "</div>"
    text = read_page_now(
        f"<body><nav>Home, and more</nav><div id=main>{sections}{links}</div><footer>All rights</footer>".encode(),
        url=URL,
    ).text
    assert text.count("eastern mole") == 8
    assert not [noise for noise in ("headline", "Home", "rights") if noise in text]


@pytest.mark.parametrize(
    ("markup", "charset"),
    [
        ("<title>Grüße</title>".encode("latin-1"), "iso-8859-1"), ("<title>Grüße</title>".encode(), None),
        ("<title>Grüße</title>".encode("utf-16"), None), ("<title>Grüße</title>".encode(), "no-such-charset"),
        ('<?xml version="1.0"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "x"><html xmlns='
         '"http://www.w3.org/1999/xhtml"><head><script src="a.js"/><title>Grüße</title></head></html>'.encode(), None),
        (b"<meta charset=windows-1252><title>Gr\xfc\xdfe</title>", None),
    ],
)  # fmt: skip
def test_charsets_and_xhtml(markup: bytes, charset: str | None) -> None:
    assert read_page_now(markup, url=URL, charset=charset).title == "Grüße"


def test_a_broken_byte_does_not_lose_a_page_of_utf8() -> None:
    assert read_page_now(b"<meta charset=utf-8><title>Gr\xc3\xbc\xff</title>", url=URL).title == "Grü\ufffd"


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(InvalidInput) as caught:
        read_page_now(b"\x89PNG\x00\x00\x01" * 50, url=URL)
    assert caught.value.code == "text.binary"


HOSTILE = {
    "depth": b"<title>T</title>" + b"<div>" * 300_000,
    "hidden depth": b"<title>T</title>" + b"<div></x>" * 150_000,
    "formats": b"<title>T</title>" + b"<font size=1><b><a href=x>" * 5_000 + b"<p>" * 50_000,
    "attributes": b"<title>T</title><body " + b"".join(b" a%d=1" % n for n in range(100_000)) + b"><p>x",
    "attributes with marks": b"<title>T</title><p " + b"".join(b" a%d='>'" % n for n in range(60_000)) + b"><p>x",
    "one attribute": b"<title>T</title><p class='" + b"x" * 2_900_000 + b"'>x",
    "tags": b"<title>T</title>" + b"<i></i>" * 1_000_000,
    "quotes": b"<title>T</title>" + b'<p a=">' * 50_001,
    "comments": b"<title>T</title>" + b"<!--" * 500_000,
    "metas": b"<title>T</title>" + b"".join(b"<meta name=a%d content=b>" % n for n in range(30_000)),
    "items": b"<title>T</title>" + b"<div itemscope itemtype=https://schema.org/Thing>" * 10_000,
    "tables": b"<title>T</title>" + b"<table><tr><td>" * 20_000,
    "json": b"<title>T</title><script type='application/ld+json'>" + b"[" * 90_000 + b"</script>",
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.timeout(20)
def test_pages_that_mean_harm_are_bounded(name: str) -> None:
    facts = read_page_now(HOSTILE[name], url=URL)
    assert facts.title == "T"
    assert (len(facts.text) <= 60_000, len(facts.metadata) <= 200, len(facts.things) <= 50) == (True,) * 3


@pytest.mark.parametrize(
    "before",
    [b"", b"<p " * 201 + b'"', b"<svg><style>", b"<math><title>", b"<svg/ ><noscript>"],
    ids=["bare", "behind tags without an end", "in a drawing", "in a formula", "in a drawing's noscript"],
)
def test_depth_is_counted_wherever_it_hides(before: bytes) -> None:
    assert bounded(before + b"<div>" * 31_000).count(b"<div>") <= MAX_DEPTH


def test_bounding_keeps_an_ordinary_page() -> None:
    script = "<script>if (a<b && '<div>') { document.write('<div><div><div>') }</script>"
    page = f"<body>{script * 200}{'<div class=x><ul><li>a<li>b</ul><img src=a></div>' * 2_000}".encode()
    assert bounded(page) == page
    assert bounded(b"<i>x</i>" * MAX_TAGS).count(b"<") < MAX_TAGS


async def test_a_large_page_is_read_off_the_loop() -> None:
    page = f"{HEAD}<body><article>{PARAGRAPH * 3_000}".encode()
    assert len(page) > LARGE_PAGE_BYTES
    assert (await read_page(page, url=URL)).text.count("eastern mole") > 500
