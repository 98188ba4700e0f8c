"""Any web page as one item: title, text, author, date, language, picture and licence, as far as the page says them."""

from __future__ import annotations

from collections.abc import AsyncIterator

from selectolax.lexbor import LexborHTMLParser

from ettametta.discovery.fetch.base import Answer, Fetch
from ettametta.discovery.items import FoundItem
from ettametta.discovery.pages.article import MAX_HTML_CHARS, extract_article
from ettametta.discovery.sources.base import SourceInfo, Takes, Wanted
from ettametta.discovery.sources.building import Sieve, build_item, moment, web_address
from ettametta.discovery.sources.wire import bad_address, translated, unreadable
from ettametta.errors import InvalidInput
from ettametta.kit.text import decode

MAX_PAGE_BYTES = 5_000_000
_TYPES = ("text/html", "application/xhtml+xml")
_MAX_ADDRESS_CHARS = 500

INFO = SourceInfo(
    name="page",
    title="Web page",
    gives="One page of the web with its title, text, author, date and picture, as far as the page says them.",
    takes=Takes.ADDRESS,
    documentation_url="https://html.spec.whatwg.org/",
    licence="The page belongs to its publisher; a licence it states is kept.",
    terms="robots.txt and the delays it asks for are honoured.",
    requests_per_minute=60,
    address_hint="the address of a page, beginning with https://",
)


class Page:
    """A page that a person named."""

    info = INFO

    async def find(self, wanted: Wanted, fetch: Fetch) -> AsyncIterator[FoundItem]:
        """See Source."""
        address = self.owns(wanted.address)
        if address is None:
            raise bad_address(INFO)
        async with translated(INFO):
            answer = await fetch.get(address, accept=_TYPES, max_bytes=MAX_PAGE_BYTES)
        item = await _read(answer)
        if item is None:
            raise unreadable(INFO)
        for one in Sieve(wanted).pick([item]):
            yield one

    def owns(self, address: str) -> str | None:
        """See Source. Any web address will do: this source is asked last."""
        whole = web_address(address)
        return whole if whole is not None and len(whole) <= _MAX_ADDRESS_CHARS else None


async def _read(answer: Answer) -> FoundItem | None:
    try:
        markup = decode(answer.body, charset=answer.charset)
    except InvalidInput:
        return None
    article = await extract_article(markup, url=answer.url)
    tree = LexborHTMLParser(markup[:MAX_HTML_CHARS])
    if article is None:
        title = _meta(tree, "og:title") or _title(tree)
        about = _meta(tree, "og:description") or _meta(tree, "description")
        return build_item(INFO, answer.url, url=answer.url, title=title, text=about, image_url=_meta(tree, "og:image"))
    said = article.citation
    return build_item(
        INFO,
        answer.url,
        url=answer.url,
        title=said.title,
        text=article.text,
        author=said.author or said.publisher,
        language=article.language,
        published_at=moment(said.published),
        image_url=said.picture.url if said.picture else _meta(tree, "og:image"),
        licence=said.licence,
    )


def _title(tree: LexborHTMLParser) -> str:
    node = tree.css_first("title")
    return node.text() if node is not None else ""


def _meta(tree: LexborHTMLParser, name: str) -> str | None:
    node = tree.css_first(f"meta[property='{name}'], meta[name='{name}']")
    return node.attributes.get("content") if node is not None else None
