"""Reads a page in one parse: what it says of itself, links, main text. Whatever is in it, the result has bounds."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType

from selectolax.lexbor import LexborHTMLParser

from ettametta.discovery.pages.addresses import Joiner
from ettametta.discovery.pages.dates import parse_date
from ettametta.discovery.pages.facts import LeadImage, PageFacts, PageFeed, Thing
from ettametta.discovery.pages.head import Head, read_head
from ettametta.discovery.pages.lead_picture import lead_picture
from ettametta.discovery.pages.main_text import main_text
from ettametta.kit.markup import bounded
from ettametta.kit.text import clean, decode, truncate

#: What is beyond is not looked at.
MAX_PAGE_BYTES = 3_000_000
#: Larger pages are read in a thread, so that other fetches go on.
LARGE_PAGE_BYTES = 200_000
MAX_TITLE_CHARS = 300
MAX_DESCRIPTION_CHARS = 1_000
_BODY = re.compile(rb"<body\b", re.IGNORECASE)
_SAYS_UTF8 = re.compile(rb"charset\s*=\s*[\"']?\s*utf-?8", re.IGNORECASE)
_LANGUAGE = re.compile(r"([a-z]{2,3})(?:[-_][a-z0-9-_]{1,40})?", re.IGNORECASE)
_TITLES = ("og:title", "twitter:title", "dc.title", "dcterms.title")
_DESCRIPTIONS = ("og:description", "description", "twitter:description", "dc.description", "dcterms.description")
_AUTHORS = ("author", "article:author", "dc.creator", "dcterms.creator", "parsely-author", "sailthru.author")
_SITES = ("og:site_name", "application-name", "dc.publisher", "dcterms.publisher")
_PUBLISHED = (
    "article:published_time", "og:published_time", "dc.date.issued", "dcterms.issued", "dcterms.created", "dc.date",
    "dcterms.date", "parsely-pub-date", "sailthru.date", "pubdate", "publishdate", "date",
)  # fmt: skip
_MODIFIED = ("article:modified_time", "og:updated_time", "dcterms.modified", "dc.date.modified", "last-modified")
_LICENCES = ("dc.rights.license", "dcterms.license", "dc.rights", "dcterms.rights")
_WORKS = re.compile(r"Article|Posting|Report|WebPage|CreativeWork|Book|Recipe|Video|Podcast|Event|Product|Dataset")


async def read_page(body: bytes, *, url: str, charset: str | None = None) -> PageFacts:
    """Everything that a page says; a large one is read off the event loop.

    Args:
        body: HTML or XHTML, unpacked; what is beyond three million bytes or 60,000 tags is not looked at.
        url: where it came from.
        charset: as the server named it.

    Raises:
        InvalidInput: the bytes are no text.
    """
    if len(body) > LARGE_PAGE_BYTES:
        return await asyncio.to_thread(read_page_now, body, url=url, charset=charset)
    return read_page_now(body, url=url, charset=charset)


def read_page_now(body: bytes, *, url: str, charset: str | None = None) -> PageFacts:
    """Like `read_page`, here and now.

    Raises:
        InvalidInput: the bytes are no text.
    """
    markup = bounded(as_utf8(body[:MAX_PAGE_BYTES], charset))
    tree = LexborHTMLParser(markup, scripting=True)
    head = read_head(tree, with_microdata=b"itemscope" in markup, in_body=_reaches_into_body(markup))
    joiner = Joiner(_base(head, url))
    links = joiner.all([node.attributes.get("href") for node in tree.tags("a")])
    return _Page(tree, markup, head, joiner, url).facts(links)


@dataclass(slots=True)
class _Page:
    tree: LexborHTMLParser
    markup: bytes
    head: Head
    joiner: Joiner
    url: str

    def facts(self, links: tuple[str, ...]) -> PageFacts:
        """All of them; the text last, since reading it thins the tree."""
        head, joiner = self.head, self.joiner
        return PageFacts(
            url=self.url,
            title=truncate(self._said(_TITLES, "headline") or head.title, MAX_TITLE_CHARS) or None,
            description=truncate(self._said(_DESCRIPTIONS, "description"), MAX_DESCRIPTION_CHARS) or None,
            canonical_url=joiner.whole(head.canonical) or joiner.whole(head.metadata.get("og:url")),
            author=self._author(),
            published_at=parse_date(self._said(_PUBLISHED, "datePublished")),
            modified_at=parse_date(self._said(_MODIFIED, "dateModified")),
            language=self._language(),
            site_name=truncate(self._said(_SITES, "publisher"), 200) or None,
            image=self._image(),
            licence=self._licence(),
            metadata=MappingProxyType(head.metadata),
            things=tuple(head.things),
            feeds=tuple(PageFeed(whole, title) for address, title in head.feeds if (whole := joiner.whole(address))),
            links=links,
            text=main_text(self.tree),
        )

    def _said(self, names: tuple[str, ...], of_work: str) -> str:
        """The first that a meta element or a described work says."""
        metadata = self.head.metadata
        for name in names:
            if value := metadata.get(name):
                return value
        return next(_values_of(self.head.things, of_work), "")

    def _author(self) -> str | None:
        names = [value for name in _AUTHORS if (value := self.head.metadata.get(name))]
        names.extend(_values_of(self.head.things, "author"))
        said = next((name for name in names if not name.startswith(("http://", "https://"))), "")
        return truncate(said, 200) or None

    def _language(self) -> str | None:
        root = self.tree.root
        attributes = root.attributes if root is not None else {}
        metadata = self.head.metadata
        for said in (attributes.get("lang"), attributes.get("xml:lang"), metadata.get("og:locale"),
                     metadata.get("content-language"), metadata.get("dc.language")):  # fmt: skip
            found = _LANGUAGE.fullmatch((said or "").strip())
            if found:
                return found[1].lower()
        return next((value[:2].lower() for value in _values_of(self.head.things, "inLanguage")), None)

    def _image(self) -> LeadImage | None:
        if b"license" in self.markup:
            picture = lead_picture(self.tree, self.url)
            if picture is not None:
                return LeadImage(picture.url, picture.title or None, picture.licence)
        metadata = self.head.metadata
        said = (metadata.get("og:image"), metadata.get("og:image:url"), metadata.get("twitter:image"),
                metadata.get("twitter:image:src"), self.head.image, *_values_of(self.head.things, "image"))  # fmt: skip
        address = next((whole for one in said if (whole := self.joiner.whole(one))), None)
        alt = metadata.get("og:image:alt") or metadata.get("twitter:image:alt")
        return LeadImage(address, truncate(alt, 300) if alt else None) if address else None

    def _licence(self) -> str | None:
        said = self.head.licence or self._said(_LICENCES, "license")
        if not said and b"license" in self.markup:
            link = self.tree.css_first("a[rel~='license'][href]")
            said = clean((link.attributes.get("href") or "")[:300]) if link is not None else ""
        return truncate(said, 300) or None


def _values_of(things: list[Thing], name: str) -> Iterator[str]:
    for thing in things:
        value = thing.values.get(name)
        if value and _WORKS.search(thing.kind):
            yield value


def _base(head: Head, url: str) -> str:
    return Joiner(url).whole(head.base) or url if head.base else url


def as_utf8(body: bytes, charset: str | None) -> bytes:
    """The page in UTF-8. A declared UTF-8 with broken bytes stays what it is: the parser replaces them.

    Raises:
        InvalidInput: no text.
    """
    if not body.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")) and b"\x00" not in body[:1024]:
        said = (charset or "").lower().replace("-", "") == "utf8" or (not charset and _SAYS_UTF8.search(body[:2048]))
        if said or _is_utf8(body):
            return body
    return decode(body, charset=charset).encode()


def _is_utf8(body: bytes) -> bool:
    if body.isascii():
        return True
    try:
        body.decode()
    except UnicodeDecodeError as error:
        return len(body) == MAX_PAGE_BYTES and error.start >= len(body) - 3
    return True


def _reaches_into_body(markup: bytes) -> bool:
    """Whether what belongs into the head is (also) elsewhere: JSON-LD often is, all of it without a body element."""
    body = _BODY.search(markup)
    return body is None or markup.rfind(b"ld+json") > body.start() or markup.rfind(b"<meta", 0, body.start()) < 0
