"""Searches a news feed (RSS 2.0 or Atom) for a topic: titles and summaries with their links."""

from __future__ import annotations

from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import quote

from lxml import etree  # type: ignore[import-untyped]  # lxml ships no types

from ettametta.errors import TransientError
from ettametta.evidence import EvidenceItem
from ettametta.kit.http import HttpClient
from ettametta.kit.languages import detect_language
from ettametta.kit.text import clean, html_to_text, truncate
from ettametta.storyboard import Citation

MAX_ENTRIES = 5
MAX_SUMMARY_CHARS = 1_000
_MAX_FEED_BYTES = 2_000_000
_ACCEPT = (
    "application/rss+xml",
    "application/atom+xml",
    "application/xml",
    "text/xml",
)


class NewsSearch:
    """A feed that can be searched.

    Args:
        http: the outgoing client.
        url: feed address with `{query}` and `{language}` in it.
    """

    def __init__(self, http: HttpClient, url: str) -> None:
        self._http = http
        self._url = url

    async def look_up(self, topic: str, *, language: str) -> tuple[EvidenceItem, ...]:
        """The newest entries of the feed for a topic, at most five.

        Raises:
            TransientError: the feed could not be fetched or read.
        """
        address = self._url.replace("{query}", quote(topic, safe="")).replace("{language}", language)
        answer = await self._http.get(address, accept=_ACCEPT, max_bytes=_MAX_FEED_BYTES)
        return parse_feed(answer.body, language=language)


def parse_feed(data: bytes, *, language: str) -> tuple[EvidenceItem, ...]:
    """The entries of a feed as evidence, titles and summaries as plain text.

    Raises:
        TransientError: the bytes are no feed.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True)
    try:
        root = etree.fromstring(data, parser=parser)
    except (etree.XMLSyntaxError, ValueError):
        root = None
    if root is None:
        raise TransientError("The news feed gave an answer that cannot be read.", code="evidence.news")
    entries = [node for node in root.iter() if _name(node) in ("item", "entry")]
    return tuple(item for node in entries[:MAX_ENTRIES] if (item := _entry(node, language)) is not None)


def _entry(node: etree._Element, language: str) -> EvidenceItem | None:
    title = clean(html_to_text(_text(node, "title")))
    link = _link(node)
    if not title or link is None:
        return None
    publisher = clean(_text(node, "source")) or None
    if publisher:
        title = title.removesuffix(f" - {publisher}")
    summary = clean(html_to_text(_text(node, "description", "summary")))
    text = title if not summary or summary.startswith(title) else f"{title}\n\n{summary}"
    detected = detect_language(text)
    return EvidenceItem(
        citation=Citation(
            title=truncate(title, 200),
            url=link,
            author=clean(_text(node, "creator", "author")) or None,
            publisher=publisher,
            published=_date(_text(node, "pubDate", "published", "updated")),
        ),
        text=truncate(text, MAX_SUMMARY_CHARS),
        language=detected.code if detected else language,
    )


def _name(node: etree._Element) -> str:
    return etree.QName(node).localname if isinstance(node.tag, str) else ""


def _text(node: etree._Element, *names: str) -> str:
    """All text of the first child with one of the names, whatever its namespace."""
    for name in names:
        for child in node:
            if _name(child) == name:
                return "".join(child.itertext())
    return ""


def _link(node: etree._Element) -> str | None:
    for child in node:
        if _name(child) == "link":
            address = (child.get("href") or child.text or "").strip()
            if address.startswith(("http://", "https://")) and child.get("rel", "alternate") == "alternate":
                return address
    return None


def _date(text: str) -> str | None:
    value = text.strip()
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            return read(value).date().isoformat()
        except (TypeError, ValueError):
            continue
    return None
