"""The article in a page: main text, title, author, date, site, language and licence, as far as the page says them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from selectolax.lexbor import LexborHTMLParser
from trafilatura import bare_extraction
from trafilatura.settings import DEFAULT_CONFIG, Document

from ettametta.discovery.pages.lead_picture import lead_picture
from ettametta.discovery.pages.things import read_json
from ettametta.evidence import EvidenceItem
from ettametta.kit.languages import detect_language
from ettametta.kit.text import clean, clean_paragraphs, truncate
from ettametta.storyboard import Citation

MAX_HTML_CHARS = 3_000_000
MAX_ARTICLE_CHARS = 60_000
MIN_ARTICLE_CHARS = 120
_CREATIVE_COMMONS = re.compile(
    r"creativecommons\.org/(?:licenses/(?P<terms>[a-z-]{2,12})/(?P<version>\d\.\d)|publicdomain/(?P<open>zero|mark)/)"
)
_CONFIG = deepcopy(DEFAULT_CONFIG)
_CONFIG["DEFAULT"]["MAX_TREE_SIZE"] = "60000"  # elements; a larger page is no article


async def extract_article(markup: str, *, url: str | None) -> EvidenceItem | None:
    """The main text of a page with its citation, worked out in a thread; None when the page has no article.

    Args:
        markup: HTML as text; what is beyond three million characters is not looked at.
        url: where it came from, for the citation; None for a file.
    """
    return await asyncio.to_thread(_extract, markup[:MAX_HTML_CHARS], url)


def _extract(markup: str, url: str | None) -> EvidenceItem | None:
    document = bare_extraction(
        markup,
        url=url,
        include_comments=False,
        include_tables=False,
        favor_precision=True,
        with_metadata=True,
        config=_CONFIG,
        # The extensive search guesses dates from the running text: unknown is None here.
        date_extraction_params={"extensive_search": False, "original_date": True},
    )
    if not isinstance(document, Document):
        return None
    text = _paragraphs(document.text or "").removeprefix(f"{_short(document.title) or ''}\n\n")
    if len(text) < MIN_ARTICLE_CHARS:
        return None
    detected = detect_language(text)
    return EvidenceItem(
        citation=_citation(document, LexborHTMLParser(markup), url),
        text=text,
        language=detected.code if detected else None,
    )


def _paragraphs(text: str) -> str:
    """Trafilatura parts paragraphs by single line breaks; here an empty line does."""
    return clean_paragraphs(text.replace("\n", "\n\n"))[:MAX_ARTICLE_CHARS]


def _citation(document: Document, tree: LexborHTMLParser, url: str | None) -> Citation:
    return Citation(
        title=_short(document.title) or _short(document.sitename or document.hostname) or "Untitled page",
        url=url,
        author=_short(document.author),
        publisher=_short(document.sitename or document.hostname),
        published=_short(document.date),
        licence=_licence(tree),
        picture=lead_picture(tree, url),
    )


def _short(value: object) -> str | None:
    """A text; None for what is none: trafilatura passes on a headline that is a number in JSON-LD."""
    return truncate(clean(value), 200) or None if isinstance(value, str) else None


def _licence(tree: LexborHTMLParser) -> str | None:
    """What the page says of its licence, by rel=license or JSON-LD; None when it says nothing."""
    link = tree.css_first("a[rel~='license'][href], link[rel~='license'][href]")
    if link is not None:
        return _licence_name(link.attributes.get("href") or "")
    for script in tree.css("script[type='application/ld+json']"):
        for value in _licences_in(read_json(script.text())):
            return _licence_name(value)
    return None


def _licences_in(node: Any, depth: int = 0) -> Iterator[str]:
    if depth > 6:
        return
    if isinstance(node, dict):
        value = node.get("license")
        if isinstance(value, str) and value.strip():
            yield value
        elif isinstance(value, dict) and isinstance(value.get("url"), str):
            yield value["url"]
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for child in children:
        yield from _licences_in(child, depth + 1)


def _licence_name(value: str) -> str | None:
    found = _CREATIVE_COMMONS.search(value)
    if found is None:
        return _short(value)
    if found["open"]:
        return "CC0 1.0" if found["open"] == "zero" else "Public domain"
    return f"CC {found['terms'].upper()} {found['version']}"
