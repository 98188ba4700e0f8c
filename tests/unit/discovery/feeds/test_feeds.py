"""What feeds say: every field of every format, dates, addresses, limits, and bytes that are no feed."""

# ruff: noqa: E501  # feeds are written as they come

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ettametta.discovery.feeds import MAX_ENTRIES, Enclosure, Feed, RelatedStory, find_feed_links, parse_feed
from ettametta.discovery.feeds.common import amount
from ettametta.discovery.feeds.dates import parse_date
from ettametta.discovery.feeds.plain import plain_line, plain_text
from ettametta.errors import EttamettaError, InvalidInput
from ettametta.kit.text import html_to_text
from tests.unit.discovery.feeds.odd_feeds import FORMATS

NOW = datetime(2026, 11, 25, tzinfo=UTC)
RICH = """<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/"
 xmlns:slash="http://purl.org/rss/1.0/modules/slash/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"
 xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0">
<channel><title>Radio &amp; more</title><link>https://radio.example</link><language>pt-br</language>
<image><url>/logo.png</url></image><copyright>CC BY 4.0</copyright>
<item><title>One</title><link>https://feeds.example/~r/1</link><feedburner:origLink>https://radio.example/1</feedburner:origLink>
<guid isPermaLink="false">id-1</guid><author>ann@radio.example (Ann A)</author><comments>https://radio.example/1#talk</comments>
<slash:comments>12</slash:comments><category domain="x">Sea</category><category>Sea</category><dc:subject>Ships</dc:subject>
<enclosure url="https://cdn.example/1.mp3" type="audio/mpeg" length="1234"/><itunes:duration>12:30</itunes:duration>
<description>Short.</description><content:encoded><![CDATA[<p>Long <a href="https://else.example/x?a=1&amp;b=2">here</a></p>
<img src="https://radio.example/p.gif" width="1" height="1"><img src="https://radio.example/pic.jpg">]]></content:encoded></item>
<item><guid>https://radio.example/2</guid><dc:creator>Bo</dc:creator><source url="https://other.example/feed">The Other</source>
<media:group><media:content url="https://radio.example/2.jpg" medium="image"/><media:description>In a group</media:description>
</media:group><slash:comments>many</slash:comments></item></channel></rss>"""
YOUTUBE = """<feed xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns:media="http://search.yahoo.com/mrss/"
 xmlns="http://www.w3.org/2005/Atom"><title>Ships</title><entry><id>yt:video:abc_123-XYZ</id><yt:videoId>abc_123-XYZ</yt:videoId>
<title>A ship</title><link rel="alternate" href="https://www.youtube.com/watch?v=abc_123-XYZ"/><author><name>Ships</name></author>
<published>2026-10-03T08:15:00+00:00</published><media:group><media:title>A ship</media:title>
<media:content url="https://www.youtube.com/v/abc_123-XYZ?version=3" type="application/x-shockwave-flash" width="640"/>
<media:thumbnail url="https://i1.ytimg.com/vi/abc_123-XYZ/hqdefault.jpg"/><media:description>Of ships.</media:description>
<media:community><media:starRating count="1431" average="5.00" min="1" max="5"/><media:statistics views="78814"/>
</media:community></media:group></entry></feed>"""
TRENDS = """<rss version="2.0" xmlns:ht="https://trends.google.com/trending/rss"><channel><title>Daily</title><item>
<title>tall ships</title><ht:approx_traffic>20K+</ht:approx_traffic><link>https://trends.example/?geo=US</link>
<ht:picture>https://img.example/1.jpg</ht:picture><ht:news_item><ht:news_item_title>Ships &amp;#39;sail&amp;#39;</ht:news_item_title>
<ht:news_item_url>https://news.example/ships</ht:news_item_url><ht:news_item_source>Courier</ht:news_item_source></ht:news_item>
<ht:news_item><ht:news_item_title>No address</ht:news_item_title></ht:news_item></item></channel></rss>"""


def read(text: str | bytes, url: str = "https://radio.example/feed") -> Feed:
    return parse_feed(text.encode() if isinstance(text, str) else text, url=url, now=NOW)


def test_all_that_rss_says() -> None:
    feed = read(RICH)
    assert (feed.format, feed.title, feed.language) == ("rss", "Radio & more", "pt")
    assert (feed.image_url, feed.rights) == ("https://radio.example/logo.png", "CC BY 4.0")
    one, two = feed.entries
    assert (one.id, one.url, one.author) == ("id-1", "https://radio.example/1", "Ann A")
    assert one.comments_url == "https://radio.example/1#talk"
    assert (one.comment_count, one.view_count, one.search_count) == (12, None, None)
    assert one.categories == ("Sea", "Ships")
    assert one.enclosures == (Enclosure("https://cdn.example/1.mp3", "audio/mpeg", 1234),)
    assert one.extra["itunes:duration"] == "12:30"
    assert one.summary == "Long here"
    assert one.links == ("https://else.example/x?a=1&b=2",)
    assert one.image_url == "https://radio.example/pic.jpg"
    assert (two.url, two.title, two.author, two.summary) == ("https://radio.example/2", "", "Bo", "In a group")
    assert (two.publisher, two.publisher_url) == ("The Other", "https://other.example/feed")
    assert two.image_url == "https://radio.example/2.jpg"
    assert two.comment_count is None, "what is no number is absent"
    assert two.published_at is None


def test_the_numbers_of_youtube() -> None:
    (entry,) = read(YOUTUBE).entries
    assert (entry.view_count, entry.rating_count) == (78814, 1431)
    assert (entry.extra["yt:videoid"], entry.summary) == ("abc_123-XYZ", "Of ships.")
    assert entry.image_url == "https://i1.ytimg.com/vi/abc_123-XYZ/hqdefault.jpg"
    assert read(YOUTUBE.replace('views="78814"', 'views="-"')).entries[0].view_count is None


def test_trends() -> None:
    (entry,) = read(TRENDS).entries
    assert (entry.search_count, entry.image_url) == (20_000, "https://img.example/1.jpg")
    assert entry.related == (RelatedStory("Ships 'sail'", "https://news.example/ships", "Courier"),)


def test_threads_in_atom_and_what_xhtml_holds() -> None:
    feed = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:thr="http://purl.org/syndication/thread/1.0"
    xml:lang="fr" xml:base="https://blog.example/a/"><title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">T
    <b>bold</b></div></title><entry xml:lang="de"><title>List&lt;T></title><link href="1"/><link rel="replies" type="text/html"
    href="1#r" thr:count="7"/><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>One</p><p>Two</p></div>
    </content><category term="x" label="The X"/></entry></feed>"""
    found = read(feed)
    (entry,) = found.entries
    assert (found.title, found.language) == ("T bold", "fr")
    assert (entry.url, entry.title, entry.language) == ("https://blog.example/a/1", "List<T>", "de")
    assert (entry.comments_url, entry.comment_count) == ("https://blog.example/a/1#r", 7)
    assert (entry.summary, entry.categories) == ("One\n\nTwo", ("The X",))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Sat, 03 Oct 2026 08:15:00 GMT", "2026-10-03T08:15:00"),
        ("Sat, 3 Oct 26 08:15 EST", "2026-10-03T13:15:00"),
        ("Sat,03 Oct 2026 08:15:00 +02:00", "2026-10-03T06:15:00"),
        ("3 October 2026 08:15:00 GMT+2", "2026-10-03T06:15:00"),
        ("Saturday, October 3, 2026 8:15 PM", "2026-10-03T20:15:00"),
        ("Sat Oct  3 08:15:00 2026", "2026-10-03T08:15:00"),
        ("Sat Oct  3 08:15:00 UTC 2026", "2026-10-03T08:15:00"),
        ("Sa, 03 Okt 2026 08:15:00 MESZ", "2026-10-03T06:15:00"),
        ("sam., 03 août 2026 08:15:00 +0200", "2026-08-03T06:15:00"),
        ("03 ene. 2026", "2026-01-03T00:00:00"),
        ("3 de marzo de 2026", "2026-03-03T00:00:00"),
        ("Sat, 03 Oct 2026 24:00:00 GMT", "2026-10-04T00:00:00"),
        ("Sat, 03 Oct 2026 23:59:60 GMT", "2026-10-03T23:59:59"),
        ("Sat, 03 Oct 2026 08:15:00 GMT (winter)", "2026-10-03T08:15:00"),
        ("Sat, 03 Oct 2026 08:15:00 QQQ", "2026-10-03T08:15:00"),
        ("2026-10-03T08:15:00Z", "2026-10-03T08:15:00"),
        ("2026-10-03T08:15:00.123456789-05:30", "2026-10-03T13:45:00"),
        ("2026-10-03 08:15:00 +0200", "2026-10-03T06:15:00"),
        ("2026-10-03T8:15", "2026-10-03T08:15:00"),
        ("20261003T081500Z", "2026-10-03T08:15:00"),
        ("2026/10/03 08:15", "2026-10-03T08:15:00"),
        ("2026-10-03", "2026-10-03T00:00:00"),
        ("1790928900", "2026-10-02T08:15:00"),
        ("1790928900000", "2026-10-02T08:15:00"),
        ("2026", None),
        ("2026-10", None),
        ("10/03/2026", None),
        ("Sat, 31 Feb 2026 08:15:00 GMT", None),
        ("Sat, 03 Xyz 2026 08:15:00 GMT", None),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None),
        ("2027-10-03T08:15:00Z", None),
        ("2026-10-03T99:99:99Z", None),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_dates(text: str | None, moment: str | None) -> None:
    found = parse_date(text, now=NOW)
    assert (found.isoformat().removesuffix("+00:00") if found else None) == moment


@settings(max_examples=60)
@given(st.text(max_size=60))
def test_no_date_breaks_the_reader(text: str) -> None:
    found = parse_date(text, now=NOW)
    assert found is None or found.tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "number"),
    [("20K+", 20_000), ("1,000+", 1_000), ("200+", 200), ("1.5M+", 1_500_000), ("2B", 2_000_000_000), ("5", 5)]
    + [(wrong, None) for wrong in ("", None, "many", "-5", "1,00", "٢٠", "9" * 40)],
)
def test_amounts(text: str | None, number: int | None) -> None:
    assert amount(text) == number


_MARKUP = st.recursive(
    st.sampled_from(["bees ", "a &amp; b", "x &lt; y", "Zoë", "<br/>", "&nbsp;", "\n", "<img src=x>"]),
    lambda inner: st.tuples(
        st.sampled_from(["p", "b", "div", "li", "h2", "em", "ul"]), st.lists(inner, max_size=3)
    ).map(lambda part: f"<{part[0]} class='a'>{''.join(part[1])}</{part[0]}>"),
)


@settings(max_examples=60)
@given(_MARKUP)
def test_the_fast_way_reads_markup_as_the_parser_does(markup: str) -> None:
    assert plain_text(markup, 5_000).split() == html_to_text(markup).split()


def test_markup_that_needs_the_parser() -> None:
    assert plain_text("<p>One<script>alert('<p>')</script> two <!-- <b> --></p>", 100) == "One two"
    assert plain_text('<a title="a > b">here</a> 1 < 2', 100) == "here 1 < 2"
    assert plain_text("&lt;p&gt;escaped &amp;amp; twice&lt;/p&gt;", 100) == "escaped & twice"
    assert plain_text("<p>" + "word " * 10_000, 50) == "word " * 9 + "word…"
    assert plain_line("Bees &amp;amp; <b>flowers</b> in List<T>", 100) == "Bees & flowers in List"
    assert plain_line("a < b, List<T> and &lt;i&gt;c&lt;/i&gt;", 100) == "a < b, List and c"


def test_many_entries_are_bounded_and_quick() -> None:
    item = "<item><title>Bees</title><link>https://a.example/{}</link></item>"
    body = "<rss><channel>" + "".join(item.format(number) for number in range(50_000)) + "</channel></rss>"
    feed = read(body)
    assert (len(feed.entries), feed.is_cut) == (MAX_ENTRIES, True)
    items = json.dumps({"version": "https://jsonfeed.org/version/1", "items": [{"id": n} for n in range(50_000)]})
    assert len(read(items).entries) == MAX_ENTRIES


NO_FEEDS = [
    b"", b" \n", b"\x00\x01\x02", b"\xff\xd8\xff\xe0 a picture", b"not xml", b"<", b"<?xml version='1.0'?>", b"<!DOCTYPE",
    b"<html><head><title>x</title></head><body><p>hi</body></html>", b"<!doctype html><p>x", b"<opml version='1'/>",
    b"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'/>", b"{}", b"[]", b"null", b'{"items": 3}', b"{" * 100_000,
    b"[" * 100_000, b'{"items": [', b"\x1f\x8b\x08\x00", b"PK\x03\x04", b"<![CDATA[" * 20_000, b"<!--" * 50_000,
    b"<a" * 50_000, b"&" * 100_000, b"<a>" * 50_000, b"<!DOCTYPE x [" + b"]" * 100_000, b"\xef\xbb\xbf", b"\xfe\xff\x00",
]  # fmt: skip


@pytest.mark.parametrize("body", NO_FEEDS, ids=range(len(NO_FEEDS)))
def test_what_is_no_feed_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_feed(body)
    assert caught.value.code == "feed.not_a_feed"


def attempt(body: bytes) -> None:
    try:
        feed = parse_feed(body, charset="utf-8", url="https://a.example/")
    except EttamettaError:
        return
    for entry in feed.entries:
        f"{entry}{feed.title}".encode()


@settings(max_examples=60)
@given(st.binary(max_size=200), st.sampled_from(sorted(FORMATS)), st.integers(0, 2_000), st.integers(0, 200))
def test_no_bytes_break_the_reader(junk: bytes, kind: str, at: int, lost: int) -> None:
    good = FORMATS[kind].encode()
    attempt(good[:at] + junk + good[at + lost :])


_PIECES = st.sampled_from(
    ["<rss>", "<channel>", "<item>", "</item>", "<title>", "</title>", "<link>", "<link href='", "'/>", "<![CDATA[", "]]>", "&", "&#",
     "&#xD800;", "&#x110000;", "&amp;", "&nbsp;", "x", "<!--", "-->", "<media:group>", "<entry>", "<author>", "<?xml ", "?>", "<!DOCTYPE x [",
     "]>", "<!ENTITY a 'b'>", "&a;", "\x00", "\ud800", "<feed xmlns='http://www.w3.org/2005/Atom'>", "http://[", "<source>", "<image>",
     "<category term='", "<guid>", "xml:base='", "'", "<content type='xhtml'>", "\ufffe", "<ht:news_item>"]
)  # fmt: skip


@settings(max_examples=60)
@given(st.lists(_PIECES, max_size=30).map("".join))
def test_no_markup_breaks_the_reader(markup: str) -> None:
    attempt(b"<rss><channel><item><title>t</title>" + markup.encode("utf-8", "surrogatepass"))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3),
)


@settings(max_examples=60)
@given(st.dictionaries(st.sampled_from(["id", "url", "title", "content_html", "content_text", "summary", "authors", "tags", "image",
                                        "date_published", "attachments", "language", "external_url"]), _JSON, max_size=8))  # fmt: skip
def test_no_json_breaks_the_reader(item: dict[str, object]) -> None:
    attempt(json.dumps({"items": [item], "title": item.get("title"), "authors": item.get("authors")}).encode())


PAGE = """<html><head><base href="/blog/"><link rel="alternate" type="application/rss+xml" title="Comments" href="comments/feed">
<link rel="ALTERNATE feed" type="application/atom+xml; charset=utf-8" title="All" href="atom.xml">
<link rel="alternate" type="application/json" href="/wp-json/1"><link rel="alternate" type="application/feed+json" href="f.json">
<link rel="stylesheet" type="text/css" href="x.css"><link rel="alternate" type="application/rss+xml" href="javascript:1"></head>
<body><a href="/other.rss">x</a></body></html>"""


def test_a_page_names_its_feeds() -> None:
    found = [link.url for link in find_feed_links(PAGE, "https://a.example/x")]
    assert found == [
        "https://a.example/blog/atom.xml",
        "https://a.example/blog/f.json",
        "https://a.example/blog/comments/feed",
    ]
    linked = '<a href="/news.rss">RSS</a><a href="https://b.example/feed">theirs</a><a href="/about">x</a>'
    assert [link.url for link in find_feed_links(linked, "https://a.example/")] == ["https://a.example/news.rss"]
    assert (
        find_feed_links("<base href='http://['><link rel=alternate type='text/xml' href='http://['>", "http://[") == ()
    )


def test_a_page_that_is_nested_beyond_measure_is_looked_at_no_further() -> None:
    link = "<a href='/feed.xml'>Feed</a>"
    assert find_feed_links(f"<body>{link}", "https://a.example/")
    assert find_feed_links(f"<body>{'<div>' * 8_000}{link}", "https://a.example/") == ()


def test_markup_made_to_be_slow_is_read_all_the_same() -> None:
    """A careless pattern would need minutes for one of these, and the test would be stopped."""
    for evil in (
        "<a ",
        '<a href="',
        "<img ",
        "&lt;",
        "<!-- ",
        "<b",
        "<a href='x",
        '<img src="//',
        "]]",
        "<![CDATA[",
        "&#",
    ):
        many = evil * 50_000
        assert len(plain_text(many, 5_000)) <= 5_000
        feed = read(
            f"<rss><channel><item><title>Bees</title><description><![CDATA[{many}]]></description></item></channel></rss>"
        )
        assert feed.entries[0].title == "Bees"
