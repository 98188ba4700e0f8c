"""Feeds and encyclopaedia extracts as they come over the wire."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ettametta.discovery.encyclopaedia import article_text
from ettametta.discovery.news import read_headlines
from ettametta.errors import TransientError

RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Search</title>
<item><title>Old lamp lit again - The Courier</title><link>https://news.example/1</link>
 <pubDate>Sat, 03 Oct 2026 08:15:00 GMT</pubDate><source url="https://courier.example">The Courier</source>
 <description>&lt;a href="https://x"&gt;Old lamp lit again&lt;/a&gt;&amp;nbsp;
 &lt;font&gt;The Courier&lt;/font&gt;</description></item>
<item><title><![CDATA[Bees & <b>flowers</b>]]></title><link>https://news.example/2</link><dc:creator>Ann A</dc:creator>
 <description><![CDATA[<p>A study counted <script>alert(1)</script>the visits of bees.</p>]]></description></item>
<item><title>No link</title></item><item><link>https://news.example/3</link></item>
<item><title>Bad scheme</title><link>javascript:alert(1)</link></item>
</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title><entry>
<title type="html">A &lt;i&gt;lens&lt;/i&gt;</title>
<link rel="self" href="https://a.example/self"/><link href="https://a.example/1"/><updated>2026-10-03T08:15:00Z</updated>
<summary>What it is made of.</summary><author><name>Bo</name></author></entry></feed>"""


def test_an_rss_feed() -> None:
    first, second = read_headlines(RSS.encode(), language="en")
    assert first.citation.model_dump(exclude_none=True) == {
        "title": "Old lamp lit again", "url": "https://news.example/1", "publisher": "The Courier",
        "published": "2026-10-03"
    }  # fmt: skip
    assert first.text == "Old lamp lit again"
    assert (second.citation.title, second.citation.author) == ("Bees & flowers", "Ann A")
    assert second.text == "Bees & flowers\n\nA study counted the visits of bees."


def test_an_atom_feed() -> None:
    (entry,) = read_headlines(ATOM.encode(), language="fr")
    assert entry.citation.model_dump(exclude_none=True) == {
        "title": "A lens", "url": "https://a.example/1", "author": "Bo", "published": "2026-10-03"
    }  # fmt: skip
    assert entry.text == "A lens\n\nWhat it is made of."


def test_entities_open_no_file_and_do_not_grow() -> None:
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    feed = (
        f'<!DOCTYPE rss [<!ENTITY e0 "x">{bomb}<!ENTITY f SYSTEM "file:///etc/passwd">]><rss><channel><item>'
        "<title>Safe &f; &e9;</title><link>https://a.example/1</link></item></channel></rss>"
    )
    for item in read_headlines(feed.encode(), language="en"):
        assert "root:" not in item.text
        assert len(item.text) < 100


@pytest.mark.parametrize("data", [b"", b"not xml", b"\x00\x01"])
def test_what_is_no_feed_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(TransientError):
        read_headlines(data, language="en")


@given(st.binary(max_size=300))
def test_no_bytes_break_the_feed_reader(data: bytes) -> None:
    try:
        items = read_headlines(b"<rss><channel><item>" + data, language="en")
    except TransientError:
        items = ()
    assert len(items) <= 5


def test_an_extract_loses_headings_and_lists_of_references() -> None:
    extract = (
        "A lens bends light.\n\n\n== History ==\nIt was made in 1823.\nIt was heavy.\n\n\n=== Later ===\n"
        "It was copied.\n\n\n"
        "== See also ==\nOther lens\n\n\n== References ==\nA book"
    )
    assert article_text(extract) == "A lens bends light.\n\nIt was made in 1823.\n\nIt was heavy.\n\nIt was copied."
