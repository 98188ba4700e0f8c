"""Texts and files as evidence: front matter with its sources, Markdown, HTML, plain text."""

from __future__ import annotations

import re
from pathlib import PurePath

from ettametta.discovery.pages.article import extract_article
from ettametta.discovery.subject import MAX_TEXT_CHARS, TextFile, readable
from ettametta.errors import InvalidInput
from ettametta.evidence import EvidenceItem
from ettametta.kit.languages import detect_language
from ettametta.kit.sentences import split_sentences
from ettametta.kit.text import clean, clean_paragraphs, decode, html_to_text, looks_like_html, truncate
from ettametta.storyboard import Citation

MAX_FILE_BYTES = 2_000_000
MAX_SOURCES = 50
_MARKDOWN = (".md", ".markdown", ".mdown")
_HTML = (".html", ".htm", ".xhtml")
_UNREADABLE = {
    ".pdf": "PDF",
    ".doc": "Word",
    ".docx": "Word",
    ".odt": "OpenDocument",
    ".epub": "EPUB",
    ".rtf": "RTF",
}
_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)\n---[ \t]*(?:\n|\Z)", re.DOTALL)
_FIELD = re.compile(r"^([A-Za-z][\w-]{0,30}):[ \t]*(.*)$")
_MARKDOWN_LINK = re.compile(r"^\[(?P<title>.{1,300}?)\]\((?P<url>https?://\S{1,2000})\)$")
_ANGLE_LINK = re.compile(r"^(?P<title>.{0,300}?)\s*<(?P<url>https?://[^\s>]{1,2000})>$")
_BARE_LINK = re.compile(r"^(?P<url>https?://\S{1,2000})$")


def read_pasted(text: str) -> tuple[EvidenceItem, ...]:
    """A pasted text as evidence, named by its first line or sentence.

    Raises:
        InvalidInput: empty, or too long.
    """
    plain = readable(text)
    return (_item(plain, {"title": _headline(plain)}),)


async def read_file(file: TextFile) -> tuple[EvidenceItem, ...]:
    """A file as evidence: its own text first, then each source its front matter lists, without text.

    Raises:
        InvalidInput: a kind of file that is not read, no text, too large, empty.
    """
    suffix = PurePath(file.name).suffix.lower()
    _check_kind(file, suffix)
    text = decode(file.data)
    if suffix in _HTML or (suffix not in _MARKDOWN and looks_like_html(text[:2_000])):
        return await _read_html(text, file.name)
    fields, sources, body = _split_front_matter(text.replace("\r\n", "\n"))
    heading, plain = markdown_to_text(body) if suffix in _MARKDOWN else ("", body)
    plain = readable(plain)
    title = fields.get("title") or heading or _headline(plain)
    return (_item(plain, {**fields, "title": title}), *(EvidenceItem(citation=source, text="") for source in sources))


def _check_kind(file: TextFile, suffix: str) -> None:
    kind = "PDF" if file.data.startswith(b"%PDF-") else _UNREADABLE.get(suffix)
    if kind is not None:
        raise InvalidInput(
            f"{kind} files cannot be read yet.",
            hint="Send the text as .txt, .md or .html, or paste it.",
            code="brief.file_kind",
        )
    if len(file.data) > MAX_FILE_BYTES:
        raise InvalidInput(
            f"That file is larger than {MAX_FILE_BYTES / 1_000_000:g} MB.",
            hint="Send the part the video should be about.",
            code="brief.too_long",
        )


async def _read_html(text: str, name: str) -> tuple[EvidenceItem, ...]:
    article = await extract_article(text, url=None)
    if article is not None:
        return (article,)
    return (_item(readable(html_to_text(text)), {"title": PurePath(name).stem}),)


def _item(text: str, fields: dict[str, str]) -> EvidenceItem:
    language = fields.get("language", "")[:2].lower() or None
    detected = detect_language(text)
    url = fields.get("url")
    return EvidenceItem(
        citation=Citation(
            title=truncate(clean(fields["title"]), 200),
            url=url if url and _BARE_LINK.match(url) else None,
            author=fields.get("author"),
            publisher=fields.get("publisher"),
            published=fields.get("date"),
            licence=fields.get("licence") or fields.get("license"),
        ),
        text=text[:MAX_TEXT_CHARS],
        language=language or (detected.code if detected else None),
    )


def _headline(plain: str) -> str:
    """The first line when it is short, else the first sentence, cut to a title's length."""
    first = plain.split("\n", 1)[0]
    if len(first) > 100:
        first = (split_sentences(first) or [first])[0]
    return truncate(first.rstrip(".:;,"), 100)


def _split_front_matter(text: str) -> tuple[dict[str, str], tuple[Citation, ...], str]:
    """Fields, sources and the rest; a text without front matter has none."""
    found = _FRONT_MATTER.match(text.lstrip("\ufeff"))
    if found is None:
        return {}, (), text
    fields: dict[str, str] = {}
    sources: list[Citation] = []
    for line in found.group(1).splitlines():
        field = _FIELD.match(line)
        entry = line.strip()
        if field is not None:
            fields[field.group(1).lower()] = clean(field.group(2)).strip("\"'")[:500]
        elif entry.startswith("- ") and (source := _source(entry[2:].strip())) is not None:
            sources.append(source)
    return (
        {name: value for name, value in fields.items() if value},
        tuple(sources[:MAX_SOURCES]),
        text[found.end() :],
    )


def _source(entry: str) -> Citation | None:
    found = _MARKDOWN_LINK.match(entry) or _ANGLE_LINK.match(entry) or _BARE_LINK.match(entry)
    if found is None:
        return Citation(title=truncate(clean(entry), 200)) if entry else None
    parts = found.groupdict()
    return Citation(title=clean(parts.get("title") or "") or parts["url"], url=parts["url"])


def markdown_to_text(markdown: str) -> tuple[str, str]:
    """The first heading, and the prose: no headings, code, pictures, tables or markup; links become their words."""
    text = re.sub(r"^(```|~~~).*?^\1[^\n]*$", "", markdown, flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    heading = re.search(r"^#{1,6}\s+(.+?)\s*#*$", text, re.MULTILINE)
    lines = [_plain_line(line) for line in text.splitlines()]
    prose = clean_paragraphs("\n".join(lines))
    return (_inline(heading.group(1)) if heading else ""), prose


def _plain_line(line: str) -> str:
    if re.match(r"^\s{0,3}(#{1,6}\s|[-*_]{3,}\s*$|={3,}\s*$|\|)", line):
        return ""
    item = re.match(r"^\s*(?:[-*+]|\d{1,3}[.)])\s+", line)
    body = line[item.end() :] if item else re.sub(r"^\s*>\s?", "", line)
    return ("\n" if item else "") + _inline(body)


def _inline(text: str) -> str:
    text = re.sub(r"!\[[^\]]*\]\([^)]*\)", "", text)
    text = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"\[\^[^\]]+\]", "", text)
    text = re.sub(r"`([^`]*)`", r"\1", text)
    return re.sub(r"(\*\*|__|\*|(?<!\w)_|_(?!\w)|~~)(?=\S)(.+?)(?<=\S)\1", r"\2", text)
