"""Topics, pasted texts and files: the matrix of what people send."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ettametta.discovery.documents import markdown_to_text, read_file, read_pasted
from ettametta.discovery.subject import PastedText, TextFile, Topic, subject_from_words
from ettametta.errors import EttamettaError, InvalidInput

LONG = "A lighthouse lens is made of rings of glass. " * 10
ARTICLE = Path(__file__).parents[3] / "examples" / "lighthouse-lenses.md"


@pytest.mark.parametrize(
    ("words", "topic"),
    [
        ("  Lighthouse\n lenses ", "Lighthouse lenses"),
        ("\u202eevil\u202c topic\x00", "evil topic"),
        ("תולדות המגדלורים", "תולדות המגדלורים"),
        ("تاريخ المنارات\u200f", "تاريخ المنارات\u200f"),
        ("<script>alert(1)</script>bees", "bees"),
        ("<b>bees</b> & <i>flowers</i>", "bees & flowers"),
        ("C++ < Rust", "C++ < Rust"),
        ("灯台", "灯台"),
        ("'; DROP TABLE productions; --", "'; DROP TABLE productions; --"),
        ("e\u0301te\u0301", "été"),
    ],
)
def test_topics_are_cleaned(words: str, topic: str) -> None:
    assert subject_from_words(words) == Topic(topic)


@pytest.mark.parametrize(
    "words", ["", "   \n\t ", "\u202e\u200b\x00", "...", "<script>alert(1)</script>", "<p></p>", "!?"]
)
def test_nothing_is_said_to_be_nothing(words: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        subject_from_words(words)
    assert caught.value.code == "brief.empty"
    assert caught.value.hint


def test_a_long_topic_is_a_text() -> None:
    assert isinstance(subject_from_words(LONG), PastedText)


def test_a_megabyte_is_refused_with_the_limit() -> None:
    with pytest.raises(InvalidInput) as caught:
        subject_from_words("word " * 210_000)
    assert caught.value.code == "brief.too_long"
    assert "200,000" in caught.value.message


@given(st.text(max_size=500))
def test_any_words_give_a_subject_or_a_sentence(words: str) -> None:
    try:
        subject = subject_from_words(words)
    except InvalidInput as error:
        text = error.message
    else:
        text = subject.words if isinstance(subject, Topic) else subject.text
    assert text.strip()


def test_a_pasted_text_is_named_by_its_beginning() -> None:
    (item,) = read_pasted("Bees dance. They tell one another where the flowers are, and how far.\n\nMore follows here.")
    assert item.citation.title == "Bees dance. They tell one another where the flowers are, and how far"
    assert item.citation.url is None
    assert item.language == "en"


async def test_the_article_that_ships_names_its_sources() -> None:
    items = await read_file(TextFile(ARTICLE.name, ARTICLE.read_bytes()))
    citation = items[0].citation
    assert (citation.author, citation.licence, citation.published) == ("Ettametta project", "CC0-1.0", "2026-11-22")
    assert items[0].language == "en"
    assert "#" not in items[0].text
    assert len(items[0].text.split()) > 450
    assert [item.text for item in items[1:]] == [""] * (len(items) - 1)
    assert all(item.citation.url and item.citation.url.startswith("https://") for item in items[1:])


async def test_front_matter_in_all_its_forms() -> None:
    text = (
        "---\ntitle: 'Bees'\nlicense: CC-BY-4.0\nurl: https://bees.example/a\nlanguage: en-GB\nempty:\nsources:\n"
        "  - [A book](https://books.example/1)\n  - Another <https://books.example/2>\n  - https://books.example/3\n"
        "  - A book of paper\n---\n\n# Other title\n\nBees dance for one another, and every dance is a map."
    )
    items = await read_file(TextFile("bees.MD", text.replace("\n", "\r\n").encode()))
    assert items[0].citation.model_dump(exclude_none=True) == {
        "title": "Bees", "licence": "CC-BY-4.0", "url": "https://bees.example/a"
    }  # fmt: skip
    assert items[0].language == "en"
    assert [(item.citation.title, item.citation.url) for item in items[1:]] == [
        ("A book", "https://books.example/1"),
        ("Another", "https://books.example/2"),
        ("https://books.example/3", "https://books.example/3"),
        ("A book of paper", None),
    ]


async def test_a_hostile_address_in_front_matter_is_dropped() -> None:
    items = await read_file(TextFile("a.md", b"---\nurl: javascript:alert(1)\n---\nSome words of a text that is here."))
    assert items[0].citation.url is None


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.pdf", b"%PDF-1.7 ...", "brief.file_kind"),
        ("renamed.txt", b"%PDF-1.7 ...", "brief.file_kind"),
        ("a.docx", b"PK\x03\x04", "brief.file_kind"),
        ("clip.mp4", b"\x00\x00\x00\x18ftypmp42\x00\x00", "text.binary"),
        ("picture.txt", b"\x89PNG\r\n\x1a\n\x00\x00", "text.binary"),
        ("empty.txt", b"", "brief.empty"),
        ("blank.md", b"# \n\n```\ncode\n```\n", "brief.empty"),
        ("big.txt", b"word " * 450_000, "brief.too_long"),
        ("long.txt", b"word " * 45_000, "brief.too_long"),
    ],
)
async def test_files_that_cannot_be_read(name: str, data: bytes, code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        await read_file(TextFile(name, data))
    assert caught.value.code == code
    assert caught.value.hint


async def test_files_in_other_charsets() -> None:
    text = "Маяк светит далеко в море, и корабли видят его свет ночью."
    (item,) = await read_file(TextFile("маяк.txt", text.encode("cp1251")))
    assert item.text == text
    (item,) = await read_file(TextFile("a.txt", b"\xff\xfe" + text.encode("utf-16-le")))
    assert item.text == text


async def test_an_html_file_is_read_as_a_page() -> None:
    page = Path(__file__).parent / "pages" / "spanish.html"
    (item,) = await read_file(TextFile("torre.html", page.read_bytes()))
    assert (item.citation.title, item.language) == ("La torre que guía a los barcos", "es")
    (item,) = await read_file(TextFile("note.txt", b"<!doctype html><p>Only a <b>short</b> note.</p>"))
    assert item.text == "Only a short note."


def test_markdown_becomes_prose() -> None:
    heading, text = markdown_to_text(
        "# The *Title*\n\nOne **bold** [link](http://x) ![pic](y.png) and `code`.[^1]\nGoes on.\n\n- item one\n"
        "- item two\n\n> A quote.\n\n```py\nsecret()\n```\n\n| a | b |\n\n<!-- no -->\n---\n\n"
        "snake_case stays, 2 * 3 * 4 too."
    )
    assert heading == "The Title"
    assert text == (
        "One bold link and code.\nGoes on.\n\nitem one\n\nitem two\n\nA quote.\n\nsnake_case stays, 2 * 3 * 4 too."
    )


@given(st.binary(max_size=400), st.sampled_from(["a.txt", "a.md", "a.html", "a"]))
async def test_any_file_gives_text_or_a_sentence(data: bytes, name: str) -> None:
    try:
        items = await read_file(TextFile(name, data))
    except EttamettaError as error:
        text = error.message
    else:
        text = items[0].text
    assert text
