"""Text from outside made safe to work with: decoding, cleaning, measuring, shortening."""

from __future__ import annotations

import codecs
import re
import unicodedata
from functools import lru_cache

from selectolax.lexbor import LexborHTMLParser

from ettametta.errors import InvalidInput
from ettametta.kit.charsets import guess_charset
from ettametta.kit.markup import bounded

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
#: Control bytes that texts of any charset hardly hold.
_ODD_BYTES = bytes([*range(9), *range(14, 27), *range(28, 32)])
_META_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:+-]{1,40})""", re.IGNORECASE)
_XML_CHARSET = re.compile(rb"""^\s*<\?xml[^>]{0,100}?encoding\s*=\s*["']([\w.:+-]{1,40})""", re.IGNORECASE)
#: Bidirectional embeddings, overrides and isolates; the marks LRM, RLM and ALM stay: honest text needs them.
_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
#: Joiners that Persian, Indic scripts and emoji are spelled with, and the bidirectional marks.
_KEPT_FORMATS = frozenset("\u200c\u200d\u200e\u200f\u061c")
_HTML_MARK = re.compile(
    r"<(?:!doctype\s+html|html|head|body|div|p|span|article|section|h[1-6]|ul|ol|li|a|br|table|script|style|iframe|"
    r"img|b|i|em|strong|blockquote|svg)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
#: A book has some hundred thousand.
_MAX_TAGS = 1_000_000
_DROPPED_TAGS = ["script", "style", "noscript", "template", "iframe", "object", "svg", "head", "form", "button"]
_BLOCK_TAGS = "p,div,section,article,h1,h2,h3,h4,h5,h6,li,ul,ol,blockquote,pre,table,tr,figcaption,header,footer,main"


def decode(data: bytes, *, charset: str | None = None) -> str:
    """Bytes as text: byte order mark, UTF-8, the declared charset, a charset named in the markup, else a guess.

    Raises:
        InvalidInput: the bytes are no text.
    """
    for bom, name in _BOMS:
        if data.startswith(bom):
            return data[len(bom) :].decode(name, errors="replace")
    _refuse_binary(data)
    for declared in ("utf-8", charset, _declared(data)):
        text = _try(data, declared)
        if text is not None:
            return text
    text = _try(data, guess_charset(data))  # reads the whole text many times: only when nothing else is left
    if text is None:
        raise _not_text()
    return text


def _refuse_binary(data: bytes) -> None:
    head = data[:8192]
    odd = len(head) - len(head.translate(None, _ODD_BYTES))
    if b"\x00" in head or odd > max(2, len(head) // 100):
        raise _not_text()


def _not_text() -> InvalidInput:
    return InvalidInput(
        "That is not text: it looks like a binary file.",
        hint="Send a plain text, Markdown or HTML file in UTF-8, or paste the text.",
        code="text.binary",
    )


def _declared(data: bytes) -> str | None:
    found = _XML_CHARSET.search(data[:200]) or _META_CHARSET.search(data[:4096])
    return found.group(1).decode("ascii", "ignore") if found else None


def _try(data: bytes, name: str | None) -> str | None:
    if not name:
        return None
    # What pages call Latin-1 is Windows-1252 in truth (WHATWG Encoding Standard).
    label = "cp1252" if name.lower() in ("iso-8859-1", "latin-1", "latin1", "us-ascii", "ascii") else name
    try:
        codec = codecs.lookup(label)
        return data.decode(label) if codec._is_text_encoding else None  # noqa: SLF001  # the only way to ask
    except (LookupError, UnicodeError):
        return None


def clean(text: str) -> str:
    """One line: NFC, no control or bidi-override characters, every run of white space one space."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split()) if "  " in text or text[:1] == " " or text[-1:] == " " else text
    return " ".join(_strip(text).split())


def clean_paragraphs(text: str) -> str:
    """Like `clean`, keeping line breaks: each line collapsed, paragraphs parted by one empty line."""
    lines = [" ".join(line.split()) for line in _strip(text).splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _strip(text: str) -> str:
    if _is_plain(text):
        return text if text.isascii() else unicodedata.normalize("NFC", text)
    whole = text.encode("utf-8", "replace").decode("utf-8")
    normal = unicodedata.normalize("NFC", whole)
    # Every different character is looked at once: pages are long, alphabets are not.
    dropped = {ord(char): None for char in set(normal) if not _is_kept(char)}
    return normal.translate(dropped) if dropped else normal


def _is_plain(text: str) -> bool:
    """Whether nothing can have to go: printable but for line breaks. Most texts are, and this is fast."""
    return text.replace("\n", "").isprintable()


@lru_cache(maxsize=4_096)
def _is_kept(char: str) -> bool:
    if char in "\n\r\t\v\f\x85\u2028\u2029" or char in _KEPT_FORMATS:
        return True
    if char in _BIDI_CONTROLS or ord(char) & 0xFFFE == 0xFFFE or "\ufdd0" <= char <= "\ufdef":
        return False
    return unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co")


def visible_length(text: str) -> int:
    """Characters a reader sees: combining marks, joiners and marks of direction take no place of their own."""
    return sum(unicodedata.category(char) not in ("Mn", "Me", "Cf", "Cc") for char in text)


def truncate(text: str, limit: int, *, ellipsis: str = "…") -> str:
    """At most `limit` characters, cut after a sentence when that keeps half, else after a word, with an ellipsis."""
    if len(text) <= limit:
        return text
    head = text[: max(limit - len(ellipsis), 0)]
    sentence = max((found.end() for found in re.finditer(r"[.!?…؟।。！？](?=\s|$)|[。！？]", head)), default=0)
    if sentence * 2 >= limit:
        return head[:sentence].rstrip()
    space = len(head) if text[len(head)].isspace() else head.rfind(" ")
    return (head[:space] if space * 2 >= limit else head).rstrip(" ,;:–—-") + ellipsis


def looks_like_html(text: str) -> bool:
    """Whether pasted text is markup and not prose that happens to hold a "<"."""
    return _HTML_MARK.search(text[:50_000]) is not None


def html_to_text(markup: str) -> str:
    """The readable text of markup, block elements on lines of their own; scripts, styles and forms are dropped.

    What is nested deeper than any honest page is left out: it would hold up everything else.
    """
    tree = LexborHTMLParser(bounded(markup.encode("utf-8", "replace"), max_tags=_MAX_TAGS), scripting=True)
    for node in tree.css(",".join(_DROPPED_TAGS)):
        node.decompose()
    for node in tree.css("br"):
        node.replace_with("\n")
    for node in tree.css(_BLOCK_TAGS):
        node.insert_before("\n\n")
        node.insert_after("\n\n")
    body = tree.body
    return clean_paragraphs(body.text(separator="")) if body is not None else ""
