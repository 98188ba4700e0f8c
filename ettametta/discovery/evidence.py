"""Gathers evidence for a subject: reads what the person gave, fetches a link, looks a bare topic up."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from ettametta.discovery.documents import read_file, read_pasted
from ettametta.discovery.encyclopaedia import Encyclopaedia
from ettametta.discovery.fetch.base import Answer, Fetch
from ettametta.discovery.news import NewsSearch
from ettametta.discovery.packs.gathering import PackGatherer
from ettametta.discovery.packs.pack import EvidencePack
from ettametta.discovery.pages.article import extract_article
from ettametta.discovery.subject import Link, PastedText, Story, Subject, TextFile, Topic, subject_from_words
from ettametta.errors import EttamettaError, InvalidInput, NotFound
from ettametta.evidence import Evidence, EvidenceItem
from ettametta.kit.http import Fetched, HttpClient
from ettametta.kit.languages import detect_language
from ettametta.kit.text import decode, truncate

FoundT = TypeVar("FoundT")

_PAGE_TYPES = ("text/html", "application/xhtml+xml", "text/plain", "text/markdown")
_PLAIN_TYPES = ("text/plain", "text/markdown")
_DEFAULT_LANGUAGE = "en"


class EvidenceGatherer:
    """Turns a subject into evidence.

    Args:
        http: the outgoing client.
        encyclopaedia_url: MediaWiki base address with `{language}`; empty: none is asked.
        news_url: feed address with `{query}` and `{language}`; empty: none is asked.
        lookup_timeout_s: longest wait for the look-ups of a topic together, in seconds.
        page_timeout_s: longest wait for a linked page, in seconds.
        max_page_bytes: largest page that is read.
        fetch: reads the pages of candidates, which nobody named, by the rules for machines; None: the client does.
        pack_deadline_s: longest wait for all that is gathered about a candidate, in seconds.
    """

    def __init__(
        self,
        http: HttpClient,
        *,
        encyclopaedia_url: str,
        news_url: str,
        lookup_timeout_s: float = 10.0,
        page_timeout_s: float = 20.0,
        max_page_bytes: int = 5_000_000,
        fetch: Fetch | None = None,
        pack_deadline_s: float = 30.0,
    ) -> None:
        self._http = http
        self._fetch = fetch
        self._pack_deadline_s = pack_deadline_s
        self._encyclopaedia = Encyclopaedia(http, encyclopaedia_url) if encyclopaedia_url else None
        self._news = NewsSearch(http, news_url) if news_url else None
        self._lookup_timeout_s = lookup_timeout_s
        self._page_timeout_s = page_timeout_s
        self._max_page_bytes = max_page_bytes

    async def gather(self, subject: Subject, *, language: str | None = None, may_be_empty: bool = False) -> Evidence:
        """All there is to rest a script on.

        Args:
            subject: what the person gave.
            language: ISO 639-1 code wanted for look-ups; None: the topic's own.
            may_be_empty: a topic nothing is found about gives evidence without items (a model is configured
                that may write from what it knows).

        Raises:
            InvalidInput: empty, too long, not text, no article on the page.
            Refused: the page may not be read.
            NotFound: no such page; or nothing was found about a topic (code `evidence.nothing_found`).
            TransientError: the page could not be fetched now.
        """
        if isinstance(subject, Topic):
            return await self._gather_topic(subject, language, may_be_empty=may_be_empty)
        if isinstance(subject, Story):
            pack = await self.pack(subject, language=language)
            if not pack.items and not may_be_empty:
                raise _nothing_found(subject.title, pack.notes)
            return pack.evidence
        items = await self._read(subject)
        return Evidence(topic=items[0].citation.title, items=items)

    async def pack(self, story: Story, *, language: str | None = None) -> EvidencePack:
        """What several pages say of a candidate, by the deadline; what did not answer is told in its notes."""
        detected = None if language or story.language else detect_language(f"{story.title} {story.text}")
        where = language or story.language or (detected.code if detected else _DEFAULT_LANGUAGE)

        async def background(words: str, language: str) -> tuple[EvidenceItem, ...]:
            # An encyclopaedia knows things, not headlines.
            return await self._article(story.keywords[0] if story.keywords else words, language)

        look_ups = {"The encyclopaedia": background, "The news feed": self._headlines}
        gatherer = PackGatherer(self._read_found, look_ups, deadline_s=self._pack_deadline_s)
        return await gatherer.gather(story, where)

    async def _read(self, subject: PastedText | Link | TextFile) -> tuple[EvidenceItem, ...]:
        if isinstance(subject, PastedText):
            return await asyncio.to_thread(read_pasted, subject.text)
        if isinstance(subject, TextFile):
            return await read_file(subject)
        return (await self._read_page(subject.url),)

    async def _read_page(self, url: str) -> EvidenceItem:
        page = await self._http.get(
            url, accept=_PAGE_TYPES, max_bytes=self._max_page_bytes, timeout_s=self._page_timeout_s
        )
        return await self._article_of(page)

    async def _read_found(self, url: str) -> EvidenceItem:
        """A page that a candidate leads to: nobody named it, so robots.txt is asked where there is a crawler."""
        if self._fetch is None:
            return await self._read_page(url)
        return await self._article_of(await self._fetch.get(url, accept=_PAGE_TYPES, max_bytes=self._max_page_bytes))

    async def _article_of(self, page: Fetched | Answer) -> EvidenceItem:
        markup = await asyncio.to_thread(decode, page.body, charset=page.charset)
        if page.content_type in _PLAIN_TYPES:
            return _plain_page(markup, page.url)
        item = await extract_article(markup, url=page.url)
        if item is None:
            raise InvalidInput(
                "There is no article on that page that can be read.",
                hint="Paste the text of the page instead, or send another link.",
                code="evidence.no_article",
            )
        return item

    async def _gather_topic(self, topic: Topic, language: str | None, *, may_be_empty: bool) -> Evidence:
        subject = subject_from_words(topic.words)
        if isinstance(subject, PastedText):
            return await self.gather(subject)
        detected = detect_language(subject.words)
        where = language or (detected.code if detected else _DEFAULT_LANGUAGE)
        (article, missed), (headlines, missed_news) = await asyncio.gather(
            self._try("The encyclopaedia", self._article(subject.words, where)),
            self._try("The news feed", self._headlines(subject.words, where)),
        )
        items = (*(article or ()), *(headlines or ()))
        notes = tuple(note for note in (missed, missed_news) if note)
        if not items and not may_be_empty:
            raise _nothing_found(subject.words, notes)
        return Evidence(topic=subject.words, items=items, notes=notes)

    async def _article(self, words: str, language: str) -> tuple[EvidenceItem, ...]:
        if self._encyclopaedia is None:
            return ()
        item = await self._encyclopaedia.look_up(words, language=language)
        return (item,) if item is not None else ()

    async def _headlines(self, words: str, language: str) -> tuple[EvidenceItem, ...]:
        return await self._news.look_up(words, language=language) if self._news is not None else ()

    async def _try(self, name: str, asked: Awaitable[FoundT]) -> tuple[FoundT | None, str]:
        """What was found, or a sentence about why nothing came: one deaf source must not stop the other."""
        try:
            async with asyncio.timeout(self._lookup_timeout_s):
                return await asked, ""
        except TimeoutError:
            return None, f"{name} did not answer in time."
        except EttamettaError as error:
            return None, f"{name} could not be asked: {error.message}"


def _plain_page(text: str, url: str) -> EvidenceItem:
    item = read_pasted(text)[0]
    return item.model_copy(update={"citation": item.citation.model_copy(update={"url": url})})


def _nothing_found(words: str, notes: tuple[str, ...]) -> NotFound:
    tried = f" {' '.join(notes)}" if notes else ""
    return NotFound(
        f"Nothing was found about “{truncate(words, 80)}”.{tried}",
        hint="Paste a text, send a link, attach a file, or add a model key (OPENAI_API_KEY).",
        code="evidence.nothing_found",
    )
