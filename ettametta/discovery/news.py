"""Searches a news feed (RSS 2.0 or Atom) for a topic: titles and summaries with their links."""

from __future__ import annotations

from urllib.parse import quote

from ettametta.discovery.feeds import Entry, parse_feed
from ettametta.errors import InvalidInput, TransientError
from ettametta.evidence import EvidenceItem
from ettametta.kit.http import HttpClient
from ettametta.kit.languages import detect_language
from ettametta.kit.text import truncate
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
        return read_headlines(answer.body, language=language, url=answer.url)


def read_headlines(data: bytes, *, language: str, url: str = "") -> tuple[EvidenceItem, ...]:
    """The entries of a feed as evidence.

    Raises:
        TransientError: the bytes are no feed.
    """
    try:
        feed = parse_feed(data, url=url)
    except InvalidInput:
        raise TransientError("The news feed gave an answer that cannot be read.", code="evidence.news") from None
    named = [entry for entry in feed.entries if entry.title and entry.url]
    return tuple(_evidence(entry, language) for entry in named[:MAX_ENTRIES])


def _evidence(entry: Entry, language: str) -> EvidenceItem:
    title = entry.title.removesuffix(f" - {entry.publisher}") if entry.publisher else entry.title
    text = title if not entry.summary or entry.summary.startswith(title) else f"{title}\n\n{entry.summary}"
    detected = detect_language(text)
    moment = entry.published_at or entry.updated_at
    return EvidenceItem(
        citation=Citation(
            title=truncate(title, 200),
            url=entry.url,
            author=entry.author,
            publisher=entry.publisher,
            published=moment.date().isoformat() if moment else None,
        ),
        text=truncate(text, MAX_SUMMARY_CHARS),
        language=detected.code if detected else language,
    )
