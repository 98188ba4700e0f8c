"""Looks a topic up in a MediaWiki encyclopaedia by its Action API: search, choose, read as plain text."""

from __future__ import annotations

import json
import re
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ettametta.errors import TransientError
from ettametta.evidence import EvidenceItem
from ettametta.kit.http import HttpClient
from ettametta.kit.sentences import words
from ettametta.kit.text import clean, clean_paragraphs
from ettametta.storyboard import Citation

#: The licence of Wikipedia's texts (its terms of use, section 7).
LICENCE = "CC BY-SA 4.0"
MAX_ARTICLE_CHARS = 40_000
_MAX_ANSWER_BYTES = 3_000_000
#: From the first of these headings on there is no prose any more.
_TAIL_SECTIONS = re.compile(
    r"^==\s*(see also|references|notes|external links|further reading|bibliography|sources|footnotes|"
    r"véase también|referencias|enlaces externos|notas|bibliografía|voir aussi|références|liens externes|"
    r"notes et références|annexes|siehe auch|einzelnachweise|weblinks|literatur|note|altri progetti|"
    r"collegamenti esterni|ver também|referências|ligações externas)\s*==\s*$",
    re.IGNORECASE | re.MULTILINE,
)
_HEADING = re.compile(r"^=+.*=+\s*$", re.MULTILINE)


class _Page(BaseModel):
    model_config = ConfigDict(extra="ignore")

    title: str
    index: int = 0
    extract: str = ""
    canonicalurl: str = ""
    pageprops: dict[str, str] = Field(default_factory=dict)

    @property
    def is_disambiguation(self) -> bool:
        return "disambiguation" in self.pageprops


class _Query(BaseModel):
    pages: list[_Page] = Field(default_factory=list)


class _Answer(BaseModel):
    query: _Query = Field(default_factory=_Query)


class Encyclopaedia:
    """One MediaWiki installation per language.

    Args:
        http: the outgoing client.
        url: base address with `{language}` in it, such as https://{language}.wikipedia.org.
        licence: the licence of its texts.
    """

    def __init__(self, http: HttpClient, url: str, *, licence: str = LICENCE) -> None:
        self._http = http
        self._url = url
        self._licence = licence

    async def look_up(self, topic: str, *, language: str) -> EvidenceItem | None:
        """The article that fits a topic best; None when none does.

        Args:
            topic: a few words.
            language: ISO 639-1 code; picks the edition.

        Raises:
            TransientError, Refused: the encyclopaedia could not be asked.
        """
        found = await self._ask(
            language,
            generator="search",
            gsrsearch=topic,
            gsrlimit="5",
            prop="extracts|pageprops",
            ppprop="disambiguation",
            exintro="1",
            explaintext="1",
            exlimit="5",
        )
        page = _best(found, topic)
        if page is None:
            return None
        return await self._read(page.title, language)

    async def _read(self, title: str, language: str) -> EvidenceItem | None:
        pages = await self._ask(
            language,
            titles=title,
            redirects="1",
            prop="extracts|info",
            inprop="url",
            explaintext="1",
            exsectionformat="wiki",
        )
        text = article_text(pages[0].extract) if pages else ""
        if not text:
            return None
        citation = Citation(
            title=clean(pages[0].title)[:200],
            url=pages[0].canonicalurl or None,
            publisher="Wikipedia" if "wikipedia.org" in pages[0].canonicalurl else None,
            licence=self._licence,
        )
        return EvidenceItem(citation=citation, text=text, language=language)

    async def _ask(self, language: str, **parameters: str) -> list[_Page]:
        base = self._url.replace("{language}", language).rstrip("/")
        query = urlencode({"action": "query", "format": "json", "formatversion": "2", **parameters})
        answer = await self._http.get(
            f"{base}/w/api.php?{query}", accept=("application/json",), max_bytes=_MAX_ANSWER_BYTES
        )
        try:
            pages = _Answer.model_validate(json.loads(answer.body)).query.pages
        except (ValueError, ValidationError, RecursionError):
            raise TransientError(
                "The encyclopaedia gave an answer that cannot be read.", code="evidence.encyclopaedia"
            ) from None
        return sorted(pages, key=lambda page: page.index)


def article_text(extract: str) -> str:
    """The prose of an extract: no headings, no lists of references, at most forty thousand characters."""
    tail = _TAIL_SECTIONS.search(extract)
    body = _HEADING.sub("\n", extract[: tail.start()] if tail else extract)
    return clean_paragraphs(re.sub(r"\n+", "\n\n", body))[:MAX_ARTICLE_CHARS]


def _best(pages: list[_Page], topic: str) -> _Page | None:
    """The first found page that speaks of the topic; the search engine answers something to anything."""
    wanted = {word.lower() for word in words(topic) if len(word) > 3} or {word.lower() for word in words(topic)}
    for page in pages:
        spoken = f"{page.title} {page.extract}".lower()
        hits = sum(_stem(word) in spoken for word in wanted)
        if not page.is_disambiguation and hits * 2 >= len(wanted):
            return page
    return None


def _stem(word: str) -> str:
    """Enough of a word to meet its other forms."""
    return word[: max(4, len(word) - 2)]
