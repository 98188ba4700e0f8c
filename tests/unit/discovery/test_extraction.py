"""Articles out of pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from ettametta.discovery.pages.article import extract_article
from ettametta.evidence import EvidenceItem
from ettametta.kit.text import decode

PAGES = Path(__file__).parent / "pages"


async def article(name: str, url: str | None = "https://site.example/page") -> EvidenceItem | None:
    return await extract_article(decode((PAGES / name).read_bytes()), url=url)


async def test_a_news_page() -> None:
    item = await article("news.html", "https://courier.example/harbour-lamp")
    assert item is not None
    assert item.citation.model_dump() == {
        "title": "Harbour lamp shines again after forty years",
        "url": "https://courier.example/harbour-lamp",
        "author": "Mara Lindqvist",
        "publisher": "The Coast Courier",
        "published": "2026-10-03",
        "licence": "CC BY-ND 4.0",
        "picture": None,
    }
    assert item.language == "en"
    assert item.text.startswith("The old lamp on the eastern mole")
    assert "“We thought it would take one summer,” said Ilse Brandt" in item.text
    for noise in ("cookies", "Subscribe", "alert", "Ten beaches", "All rights", "display"):
        assert noise not in item.text


async def test_a_blog_page_with_a_licence_link() -> None:
    item = await article("blog.html")
    assert item is not None
    assert "How tides are predicted" in item.citation.title
    assert item.citation.licence == "CC BY-SA 4.0"
    assert item.citation.author is None
    assert item.citation.published is None, "a date is not guessed from the running text"
    assert "Kelvin’s first machine of 1872" in item.text
    assert "cheap watches" not in item.text


async def test_a_page_in_spanish() -> None:
    item = await article("spanish.html")
    assert item is not None
    assert (item.language, item.citation.publisher, item.citation.licence) == ("es", "Cuadernos del Mar", None)
    assert "Es el único faro romano" in item.text


@pytest.mark.parametrize("markup", ["", "<html></html>", "<p>Too short.</p>", "not markup at all", "<" * 5_000])
async def test_no_article_is_none(markup: str) -> None:
    assert await extract_article(markup, url=None) is None


async def test_an_application_has_no_article() -> None:
    assert await article("application.html") is None


async def test_hostile_markup_comes_out_as_plain_words() -> None:
    item = await article("hostile.html")
    assert item is not None
    assert "swings four loose clappers" in item.text
    for harm in ("<script", "onerror", "Injected words", "evil.example/frame", "\u2066"):
        assert harm not in item.text
    whole = str(item.citation.model_dump())
    assert "<script" not in whole
    assert "\u202e" not in whole
    assert item.citation.licence is None


async def test_deep_nesting_does_not_break_it() -> None:
    await extract_article("<div>" * 20_000 + "words", url=None)
