"""What sources that are feeds do beyond the contract: what an item is about, where a feed is looked for, limits."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import pytest

from ettametta.discovery.fetch.base import Answer
from ettametta.discovery.items import FoundItem
from ettametta.discovery.sources import REGISTRY, SourceConfig
from ettametta.discovery.sources.base import Wanted
from ettametta.errors import EttamettaError, InvalidInput, NotFound, TransientError
from tests.servers.source_payloads import REPLAYS
from tests.servers.source_payloads.base import Story
from tests.servers.sources import DirectFetch

STORY = Story(1001)


class Pages:
    """A Fetch that knows some pages by address; others do not exist."""

    def __init__(self, pages: dict[str, bytes], content_type: str = "text/html") -> None:
        self.pages = pages
        self.asked: list[str] = []
        self.content_type = content_type

    async def get(self, url: str, **_: object) -> Answer:
        self.asked.append(url)
        if url not in self.pages:
            raise NotFound("There is no such page.", code="http.not_found")
        return Answer(url, 200, self.content_type, None, self.pages[url])

    async def post(self, url: str, **_: object) -> Answer:
        raise AssertionError(url)


async def items(name: str, wanted: Wanted, fetch: object) -> list[FoundItem]:
    source = REGISTRY[name](SourceConfig())
    return [item async for item in source.find(wanted, fetch)]  # type: ignore[arg-type]


async def replayed(name: str, bend: Callable[[bytes], bytes] = bytes) -> FoundItem:
    (item,) = await items(name, REPLAYS[name].wanted, DirectFetch(name, [STORY], bend))
    return item


async def test_a_post_is_about_what_it_links_to() -> None:
    item = await replayed("reddit")
    assert (item.ref, item.url) == ("reddit:t3_x1001", STORY.url)
    assert item.discussion_url == "https://www.reddit.com/r/space/comments/x1001/rockets_at_dawn/"
    assert (item.text, item.author, item.tags) == (STORY.text, STORY.author, ("r/space",))
    own = await replayed("reddit", lambda body: body.replace(STORY.url.encode(), b"https://i.redd.it/a.jpg"))
    assert own.url == own.discussion_url


async def test_a_headline_loses_its_publisher() -> None:
    item = await replayed("google_news")
    assert (item.title, item.author, item.text) == (STORY.title, "The Courier", "")


async def test_a_trend_leads_to_the_article_behind_it() -> None:
    item = await replayed("google_trends")
    assert (item.url, item.ref) == (STORY.url, "google_trends:US:rockets at dawn 1001")
    assert item.discussion_url == "https://trends.google.com/trends/explore?q=Rockets+at+dawn+1001&geo=US"
    assert item.text == f"{STORY.text} (Courier)"
    vague = await replayed("google_trends", lambda body: body.replace(b"+</ht:approx", b" or so</ht:approx"))
    assert dict(vague.metrics) == {}


async def test_papers_and_launches() -> None:
    paper = await replayed("arxiv")
    assert (paper.ref, paper.url) == ("arxiv:2610.01001", "https://arxiv.org/abs/2610.01001")
    assert (paper.licence, paper.aliases) == ("CC0 1.0", ("arxiv:2610.01001", "doi:10.1000/1001"))
    assert (await replayed("product_hunt")).text == STORY.text
    error = b"http://arxiv.org/api/errors#bad"
    assert await items("arxiv", Wanted(), DirectFetch("arxiv", [STORY], bytes)) == []
    bent = DirectFetch(
        "arxiv", [STORY], lambda body: body.replace(b"<id>http://arxiv.org/abs/2610.01001v2", b"<id>" + error)
    )
    assert await items("arxiv", Wanted(words=("x",)), bent) == []


async def test_repositories() -> None:
    item = await replayed("github_trending")
    assert (item.ref, item.author, item.tags) == ("github_trending:ada/rockets-1001", "ada", ("Rust",))
    assert item.text.endswith("\n\n1,234 stars today.")
    with pytest.raises(TransientError):
        await replayed("github_trending", lambda _: b"<html><body>Something else</body></html>")


async def test_episodes() -> None:
    item = await replayed("podcast")
    assert (item.ref, item.url) == ("podcast:episode-1001", "https://shows.example/1001.mp3")
    assert (item.author, item.image_url, item.licence) == ("Ships FM", "https://pictures.example/a.jpg", "Ships FM")
    pages = Pages({"https://itunes.apple.com/lookup?id=12345678&entity=podcast": b'{"results": [{}]}'})
    with pytest.raises(InvalidInput) as caught:
        await items("podcast", Wanted(address="https://podcasts.apple.com/us/podcast/id12345678"), pages)
    assert caught.value.code == "feed.no_podcast"


PAGE = b"<html><head></head><body>Nothing here</body></html>"


async def test_a_feed_is_looked_for_in_few_places() -> None:
    pages = Pages({"https://a.example/x": PAGE})
    with pytest.raises(InvalidInput) as caught:
        await items("feed", Wanted(address="https://a.example/x"), pages)
    assert caught.value.code == "feed.none_found"
    assert len(pages.asked) == 6
    named = Pages({"https://a.example/x": b"<html><link rel=alternate type=application/rss+xml href=/gone.xml>"})
    with pytest.raises(InvalidInput):
        await items("feed", Wanted(address="https://a.example/x"), named)
    assert named.asked == ["https://a.example/x", "https://a.example/gone.xml"]
    picture = Pages({"https://a.example/x": b"\xff\xd8\xff"})
    with pytest.raises(InvalidInput):
        await items("feed", Wanted(address="https://a.example/x"), picture)
    assert len(picture.asked) == 1, "usual places are those of sites"


async def test_a_short_message_is_called_by_its_beginning() -> None:
    feed = b"<rss><channel><item><link>https://a.example/1</link><description>Ships %s</description></item>"
    (item,) = await items(
        "feed", Wanted(address="https://a.example/rss"), Pages({"https://a.example/rss": feed % (b"sail " * 99)})
    )
    assert item.title.startswith("Ships sail")
    assert len(item.title) <= 120


def _urlset(*places: str) -> bytes:
    return f"<urlset>{''.join(f'<url>{place}</url>' for place in places)}</urlset>".encode()


async def test_a_sitemap_gives_its_newest_pages_first() -> None:
    place = "<loc>https://a.example/{}</loc><lastmod>{}</lastmod>"
    body = _urlset(
        place.format("how-old-bees-fly", "2026-01-01"),
        place.format("2026/how-new-bees-fly.html", "2026-10-01T10:00:00+02:00"),
        place.format("p/123", "2026-11-01"),
        "<loc>javascript:alert(1)</loc>",
        "<loc>https://a.example/bees-without-a-date</loc>",
    )
    found = await items(
        "sitemap", Wanted(address="https://a.example/sitemap.xml"), Pages({"https://a.example/sitemap.xml": body})
    )
    assert [item.title for item in found] == ["How new bees fly", "How old bees fly", "Bees without a date"]
    assert found[2].published_at is None


async def test_packed_sitemaps_are_bounded() -> None:
    address = "https://a.example/sitemap.xml.gz"
    for body in (gzip.compress(b" " * 25_000_000), b"\x1f\x8b\x08 damaged", gzip.compress(b"<html/>")):
        with pytest.raises(TransientError):
            await items("sitemap", Wanted(address=address), Pages({address: body}))


async def test_an_index_is_followed_to_few_sitemaps() -> None:
    inner = "".join(f"<sitemap><loc>https://a.example/s{number}.xml</loc></sitemap>" for number in range(50))
    pages = Pages({"https://a.example/sitemap.xml": f"<sitemapindex>{inner}</sitemapindex>".encode()})
    pages.pages |= {f"https://a.example/s{number}.xml": _urlset() for number in range(50)}
    assert await items("sitemap", Wanted(address="https://a.example/sitemap.xml"), pages) == []
    assert len(pages.asked) == 6
    looped = b"<sitemapindex><sitemap><loc>https://a.example/sitemap.xml</loc></sitemap></sitemapindex>"
    assert (
        await items("sitemap", Wanted(address="https://a.example/"), Pages({"https://a.example/sitemap.xml": looped}))
        == []
    )


async def test_a_channel_whose_page_names_no_id() -> None:
    for body, kind in ((b"<html></html>", InvalidInput), (b"\x00\x01\x02\x03", InvalidInput)):
        with pytest.raises(kind):
            await items("youtube", Wanted(address="@ships"), Pages({"https://www.youtube.com/@ships": body}))
    data = b'<script>{"externalId":"UC' + b"b" * 22 + b'"}</script>'
    pages = Pages({"https://www.youtube.com/@ships": data})
    with pytest.raises(EttamettaError):  # the page is read, and its feed is asked for
        await items("youtube", Wanted(address="@ships"), pages)
    assert pages.asked[1].endswith("channel_id=UC" + "b" * 22)
