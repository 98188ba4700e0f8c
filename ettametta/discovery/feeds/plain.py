"""The markup that feeds carry as plain text. Simple markup is read by one expression; all else by a real parser."""

from __future__ import annotations

import html
import re

from ettametta.kit.text import clean, clean_paragraphs, html_to_text, looks_like_html, truncate

#: More of an entry's markup is not looked at.
MAX_MARKUP_CHARS = 15_000
_BLOCKS = frozenset(
    {
        "p", "div", "section", "article", "h1", "h2", "h3", "h4", "h5", "h6", "li", "ul", "ol", "blockquote", "pre",
        "table", "tr", "figcaption", "header", "footer", "main",
    }
)  # fmt: skip
_INLINE = frozenset(
    {
        "a", "b", "i", "u", "s", "em", "strong", "small", "big", "sub", "sup", "span", "font", "code", "tt", "img",
        "abbr", "cite", "q", "mark", "del", "ins", "tbody", "thead", "td", "th", "hr", "figure", "video", "audio",
        "source", "picture", "wbr", "kbd", "time", "center", "dl", "dt", "dd",
    }
)  # fmt: skip
#: What stands in the text in place of a tag.
_IN_PLACE = {**dict.fromkeys(_INLINE, ""), **dict.fromkeys(_BLOCKS, "\n\n"), "br": "\n"}
_TAG = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]*)\b[^<>]*>")
_LINK = re.compile(r"""<a\s[^<>]{0,300}?href\s*=\s*["']?\s*(https?://[^"'\s<>]{1,2000})""", re.IGNORECASE)
_IMAGE = re.compile(r"""<img\s[^<>]{0,500}?src\s*=\s*["']?\s*((?:https?:)?//[^"'\s<>]{1,2000})""", re.IGNORECASE)
_PIXEL = re.compile(
    r"""(?:width|height)\s*=\s*["']?[01]\b|feedburner|feedsportal|pixel|doubleclick|/b\.gif|stats\.""", re.IGNORECASE
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});")


class _NotSimple(Exception):
    """The markup needs a real parser."""


def plain_text(markup: str, limit: int) -> str:
    """Markup as plain paragraphs of at most `limit` characters; markup that was escaped twice is taken off twice."""
    part = markup[:MAX_MARKUP_CHARS]
    if len(markup) > MAX_MARKUP_CHARS:
        part = part[: part.rfind("<")] if part.rfind("<") > part.rfind(">") else part
    text = _strip(part)
    if "<" in text and looks_like_html(text):
        text = _strip(text)
    return truncate(text, limit)


def _strip(markup: str) -> str:
    if "<" not in markup:
        return clean_paragraphs(html.unescape(markup) if "&" in markup else markup)
    try:
        bare = _TAG.sub(_replaced, markup)
    except _NotSimple:
        return html_to_text(markup)
    if "<" in bare or ">" in bare:
        return html_to_text(markup)
    return clean_paragraphs(html.unescape(bare) if "&" in bare else bare)


def _replaced(tag: re.Match[str]) -> str:
    text = _IN_PLACE.get(tag[1])
    if text is None:
        text = _IN_PLACE.get(tag[1].lower())
    if text is None:
        raise _NotSimple
    return text


def plain_line(text: str, limit: int) -> str:
    """A title or name as one line: known markup is taken off, "List<T>" and "a < b" are left as they are."""
    line = clean(text)
    if "<" in line and looks_like_html(line):
        line = clean(_strip(line[:MAX_MARKUP_CHARS]))
    elif "&" in line:
        line = clean(html.unescape(line))
        if "<" in line and looks_like_html(line):
            line = clean(_strip(line[:MAX_MARKUP_CHARS]))
    # Escaped twice, and without tags: "AT&amp;amp;T".
    if "&" in line and _ENTITY.search(line):
        line = clean(html.unescape(line))
    return truncate(line, limit)


def links_in(markup: str) -> tuple[str, ...]:
    """Addresses of its links, in order, each once, at most ten."""
    if "<a" not in markup and "<A" not in markup:
        return ()
    found = (html.unescape(link) for link in _LINK.findall(markup[:MAX_MARKUP_CHARS]))
    return tuple(dict.fromkeys(found))[:10]


def image_in(markup: str) -> str | None:
    """The first picture that is no counting pixel."""
    if "<img" not in markup and "<IMG" not in markup:
        return None
    for found in _IMAGE.finditer(markup[:MAX_MARKUP_CHARS]):
        end = markup.find(">", found.end())
        if not _PIXEL.search(markup[found.start() : end if 0 <= end < found.end() + 500 else found.end()]):
            return html.unescape(found[1])
    return None
