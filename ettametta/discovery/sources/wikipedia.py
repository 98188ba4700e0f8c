"""Wikipedia: what is most read, featured, in the news and on this day, and the current events portal.

Wire formats: https://en.wikipedia.org/api/rest_v1/ (feed/featured/{yyyy}/{mm}/{dd}; page/html/{title}). The portal of
current events exists in English; its entries link to the news reports they rest on.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import quote, unquote

from pydantic import Field
from selectolax.lexbor import LexborHTMLParser, LexborNode

from ettametta.discovery.fetch.base import Fetch
from ettametta.discovery.items import FoundItem
from ettametta.discovery.sources.base import SourceInfo, Takes, Wanted
from ettametta.discovery.sources.building import Sieve, build_item, moment, one_line
from ettametta.discovery.sources.wire import MAX_ANSWER_BYTES, MAX_ENTRIES, Shape, ask, readable, translated, unreadable
from ettametta.errors import InvalidInput
from ettametta.kit.clock import utc_now
from ettametta.kit.text import clean, decode

_LICENCE = "CC BY-SA 4.0"
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_MAX_EDITIONS = 3
_BOLD_LINK = re.compile(r"<b\b[^>]*>\s*<a\b[^>]*\bhref=\"\./([^\"#]{1,300})", re.IGNORECASE)

INFO = SourceInfo(
    name="wikipedia",
    title="Wikipedia",
    gives="The most read articles with a day's views, the featured one, news, this day in history, and current events.",
    takes=Takes.NOTHING,
    documentation_url="https://en.wikipedia.org/api/rest_v1/",
    licence="Texts are CC BY-SA 4.0 by the articles' authors; news reports belong to their publishers.",
    terms="No key; Wikimedia asks for a user agent that names a contact and at most 200 requests a second.",
    requests_per_minute=60,
    metrics=("views",),
)


class _Titles(Shape):
    canonical: str = ""
    normalized: str = ""


class _Address(Shape):
    page: str


class _Addresses(Shape):
    desktop: _Address


class _Picture(Shape):
    source: str


class _Page(Shape):
    pageid: int
    titles: _Titles
    content_urls: _Addresses
    extract: str = ""
    description: str | None = None
    thumbnail: _Picture | None = None
    views: Any = None


class _MostRead(Shape):
    articles: list[Any] = Field(default_factory=list)


class _Event(Shape):
    text: str
    year: int
    pages: list[Any] = Field(default_factory=list)


class _News(Shape):
    story: str
    links: list[Any] = Field(default_factory=list)


class _Feed(Shape):
    """Parts that an edition lacks are absent; each is read by itself, so that an odd one costs only itself."""

    tfa: Any = None
    mostread: Any = None
    news: Any = None
    onthisday: Any = None


class Wikipedia:
    """What Wikipedia shows on its front page, in up to three languages."""

    info = INFO

    async def find(self, wanted: Wanted, fetch: Fetch) -> AsyncIterator[FoundItem]:
        """See Source."""
        sieve, today = Sieve(wanted), utc_now().date()
        editions = [code for code in wanted.languages if _LANGUAGE.fullmatch(code)][:_MAX_EDITIONS] or ["en"]
        for edition in editions:
            if sieve.is_full:
                return
            url = f"https://{edition}.wikipedia.org/api/rest_v1/feed/featured/{today:%Y/%m/%d}"
            feed = await ask(fetch, INFO, url, _Feed)
            for item in sieve.pick(_front_page(feed, edition, today)):
                yield item
        if "en" in editions and not sieve.is_full:
            for item in sieve.pick(await _current_events(today, fetch)):
                yield item

    def owns(self, address: str) -> str | None:  # noqa: ARG002  # an article is a page
        """See Source."""
        return None


def _front_page(feed: _Feed, edition: str, today: date) -> Iterator[FoundItem | None]:
    for story in readable(feed.news, _News):
        yield _news(story, edition)
    for most_read in readable([feed.mostread], _MostRead):
        for page in readable(most_read.articles, _Page):
            yield _article(page, edition)
    for page in readable([feed.tfa], _Page):
        yield _article(page, edition)
    for event in readable(feed.onthisday, _Event):
        yield _on_this_day(event, edition, today)


def _article(page: _Page, edition: str) -> FoundItem | None:
    return build_item(
        INFO,
        f"{edition}:{page.pageid}",
        url=page.content_urls.desktop.page,
        title=page.titles.normalized or page.titles.canonical.replace("_", " "),
        text=page.extract,
        language=edition,
        image_url=page.thumbnail.source if page.thumbnail else None,
        licence=_LICENCE,
        metrics={"views": page.views},
        tags=[page.description] if page.description else [],
    )


def _news(story: _News, edition: str) -> FoundItem | None:
    """A story is about the article that stands in bold letters in it."""
    pages = readable(story.links, _Page)
    bold = _BOLD_LINK.search(story.story[:20_000])
    name = unquote(bold.group(1)) if bold else ""
    page = next((page for page in pages if page.titles.canonical == name), pages[0] if pages else None)
    text = one_line(re.sub(r"<!--.*?-->", "", story.story[:20_000], flags=re.DOTALL), 1_000)
    if page is None:
        return None
    return build_item(
        INFO,
        f"{edition}:news:{page.pageid}",
        url=page.content_urls.desktop.page,
        title=text,
        text=f"{text}\n\n{page.extract}",
        language=edition,
        image_url=page.thumbnail.source if page.thumbnail else None,
        licence=_LICENCE,
        tags=["in the news"],
    )


def _on_this_day(event: _Event, edition: str, today: date) -> FoundItem | None:
    pages = readable(event.pages, _Page)
    if not pages:
        return None
    return build_item(
        INFO,
        f"{edition}:{today:%m-%d}:{event.year}:{pages[0].pageid}",
        url=pages[0].content_urls.desktop.page,
        title=f"{event.year}: {one_line(event.text)}",
        text=f"{event.text}\n\n{pages[0].extract}",
        language=edition,
        image_url=pages[0].thumbnail.source if pages[0].thumbnail else None,
        licence=_LICENCE,
        tags=["on this day"],
    )


async def _current_events(today: date, fetch: Fetch) -> list[FoundItem | None]:
    """The portal's entries of a day, oldest topic first; none while the day has no page yet."""
    title = quote(f"Portal:Current_events/{today.year}_{today:%B}_{today.day}", safe="")
    url = f"https://en.wikipedia.org/api/rest_v1/page/html/{title}"
    try:
        async with translated(INFO):
            answer = await fetch.get(url, accept=("text/html",), max_bytes=MAX_ANSWER_BYTES, is_api=True)
    except InvalidInput as error:
        if error.code == "source.not_found":
            return []
        raise
    try:
        tree = LexborHTMLParser(decode(answer.body, charset=answer.charset))
    except InvalidInput:
        raise unreadable(INFO) from None
    return [_event(entry, today) for entry in tree.css("li:not(:has(li))")[:MAX_ENTRIES]]


def _event(entry: LexborNode, today: date) -> FoundItem | None:
    """An entry that names a report: "Something happens. (Reuters)"."""
    reports = [link for link in entry.css("a[rel~='mw:ExtLink'], a.external") if link.attributes.get("href")]
    if not reports:
        return None
    address = reports[0].attributes.get("href") or ""
    text = clean(entry.text())
    for link in reports:
        text = text.replace(clean(link.text()), "") if link.text().strip().startswith("(") else text
    return build_item(
        INFO,
        f"events:{hashlib.sha256(address.encode('utf-8', 'replace')).hexdigest()[:32]}",
        url=address,
        title=text,
        text=text,
        author=clean(reports[0].text()).strip("()"),
        language="en",
        published_at=moment(datetime(today.year, today.month, today.day, tzinfo=UTC)),
        tags=["current events"],
    )
