"""Cuts markup down where parsing it would cost more than a page is worth.

A parser that follows the HTML standard looks through all open elements for many a tag, through all attributes for each
one more, and opens unclosed formatting elements again in every block: all three cost squares, and are counted before.
"""

from __future__ import annotations

import re
from collections import Counter

#: Tags of a page that are looked at.
MAX_TAGS = 60_000
MAX_DEPTH = 400
#: Unclosed formatting elements; each block opens them all again.
MAX_FORMATS = 32
#: Bytes that may part attributes in one tag; the path of a large drawing has some thousands.
MAX_ATTRIBUTE_MARKS = 6_000
#: With fewer tags and bytes nothing can grow large, and nothing is counted.
_HARMLESS_TAGS = 1_500
_HARMLESS_BYTES = 60_000
#: Where more tags do not end, what follows cannot be counted and is left out.
_MAX_BROKEN = 200
_TAG = re.compile(
    rb"<(?:!--(?:-?>|.*?(?:--!?>|\Z))|(/?)([a-zA-Z][a-zA-Z0-9]{0,20}+)((?:[^>\"']++|\"[^\"]*+\"|'[^']*+')*+)(>?))",
    re.DOTALL,
)
_RAW = frozenset(b"script style title textarea iframe noscript xmp noembed noframes".split())
_FORMATS = frozenset(b"a b big code em font i nobr s small strike strong tt u".split())
#: These hold nothing, or are closed by the next of their kind.
_NOT_DEEP = frozenset(
    b"area base br col embed hr img input link meta param source track wbr p li dt dd tr td th thead tbody tfoot "
    b"option optgroup html head body".split()
)
#: XML closes elements in their own tag; HTML reads on to the end of the page for one that is not closed.
_SELF_CLOSED = re.compile(
    rb"<(script|style|title|textarea|iframe|noscript|div|span|a|p)(\s[^<>]{0,2000})?/>", re.IGNORECASE
)


def bounded(markup: bytes, *, max_tags: int = MAX_TAGS) -> bytes:
    """The markup up to where it becomes too deep or too much, without huge tags; XHTML's short forms written out.

    Args:
        markup: HTML or XHTML in UTF-8, for a parser that takes scripts as run (`noscript` holds text).
        max_tags: most tags that are looked at.
    """
    if markup.count(b"<") > max_tags:
        markup = b"<".join(markup.split(b"<", max_tags)[:max_tags])
    if b"/>" in markup and (b"<?xml" in markup[:200] or b"XHTML" in markup[:300]):
        markup = _SELF_CLOSED.sub(rb"<\1\2></\1>", markup)
    if len(markup) <= _HARMLESS_BYTES and markup.count(b"<") <= _HARMLESS_TAGS:
        return markup
    return _Walk(markup).kept()


class _Walk:
    """One walk over the tags of a page."""

    def __init__(self, markup: bytes) -> None:
        self._markup = markup
        self._opened: Counter[bytes] = Counter()
        self._depth = 0
        self._formats = 0
        self._broken = 0

    def kept(self) -> bytes:
        """What may be parsed."""
        kept: list[bytes] = []
        markup, at, start = self._markup, 0, 0
        while (found := _TAG.search(markup, at)) is not None:
            closes, name, attributes, end = found.groups()
            at = found.end() if end and name not in _RAW else self._end(found)
            if name is None:
                continue
            if name not in _NOT_DEEP and self._is_too_much(closes, name.lower()):
                return b"".join([*kept, markup[start : found.start()]])
            if len(attributes) > MAX_ATTRIBUTE_MARKS and _marks(attributes) > MAX_ATTRIBUTE_MARKS:
                kept.append(markup[start : found.start()])
                start = at = found.end()
        return b"".join([*kept, markup[start:]]) if kept else markup

    def _end(self, found: re.Match[bytes]) -> int:
        """Where to look on: after the tag and, of a script and its like, after what it holds."""
        name = (found[2] or b"").lower()
        if name and not found[4]:
            # A quote that is not closed, or that stood in a value without quotes.
            self._broken += 1
            return found.end(2)
        if name in _RAW and not found[1] and not self._is_drawing:
            closing = re.compile(rb"</" + name, re.IGNORECASE).search(self._markup, found.end())
            return closing.start() if closing else len(self._markup)
        return found.end()

    @property
    def _is_drawing(self) -> bool:
        """Whether an `svg` or `math` is open: there a `style` or `title` holds elements like any other."""
        return self._opened[b"svg"] > 0 or self._opened[b"math"] > 0

    def _is_too_much(self, closes: bytes, name: bytes) -> bool:
        if name in _NOT_DEEP:
            return False
        step = (-1 if self._opened[name] else 0) if closes else 1
        self._opened[name] += step
        self._depth += step
        if name in _FORMATS:
            self._formats += step
        return self._depth > MAX_DEPTH or self._formats > MAX_FORMATS


def _marks(attributes: bytes) -> int:
    return len(attributes) - len(attributes.translate(None, b" \t\n\f\r/\"'"))
