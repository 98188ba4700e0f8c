"""Bytes that should be XML to a tree: charset worked out, document types cut off, broken markup mended.

Nothing is ever loaded or expanded: a document type with its entities is cut off before the parser sees it, and the
parser is told to resolve none.
"""

from __future__ import annotations

import codecs
import re
from html.entities import html5

from lxml import etree  # type: ignore[import-untyped]  # lxml ships no types

from ettametta.errors import InvalidInput
from ettametta.kit.text import decode

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BARE_UTF16 = ((b"<\x00", "utf-16-le"), (b"\x00<", "utf-16-be"))
_DECLARATION = re.compile(rb"<\?xml\b[^>]{0,300}>")
_ENCODING = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']?\s*([\w.:+-]{1,40})""")
_NOT_ASCII = re.compile(r"[^\x00-\x7f\ufffd]+")
#: Fewer bytes beyond ASCII say nothing about a charset.
_FEW_BYTES = 40
_JUNK_BYTES = 4_096
_PROLOG_BYTES = 100_000
_DOCTYPE = re.compile(rb"<!DOCTYPE", re.IGNORECASE)
_BEFORE_DOCTYPE = re.compile(rb"(?:\s+|<!--(?:(?!-->).)*+-->|<\?[^>]*>)*+", re.DOTALL)
_SUBSET_END = re.compile(rb"\]\s*>")
_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_REFERENCE = re.compile(rb"&(?:#(?:[xX]([0-9a-fA-F]{1,8})|([0-9]{1,9}));|([A-Za-z][A-Za-z0-9]{1,30});)?")
#: XML's own entities, as references that every state of the parser reads.
_OWN = {"amp": b"&#38;", "lt": b"&#60;", "gt": b"&#62;", "quot": b"&#34;", "apos": b"&#39;"}
_BARE_LESS = re.compile(rb"<(?![A-Za-z_/!?])")


def read_xml(body: bytes, charset: str | None) -> etree._Element | None:
    """The root of the tree; None when there is no markup in the bytes.

    Args:
        body: as received, unpacked.
        charset: what the server said; it counts only where the bytes are not UTF-8.
    """
    data = _without_document_type(_as_utf8(body, charset))
    root = _parse(data, recover=False)
    return root if root is not None else _parse(_mended(data), recover=True)


def _parse(data: bytes, *, recover: bool) -> etree._Element | None:
    parser = etree.XMLParser(
        encoding="utf-8",
        recover=recover,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
    )
    try:
        return etree.fromstring(data, parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        return None


def _as_utf8(body: bytes, charset: str | None) -> bytes:
    """From the first mark-up on, in UTF-8, without the XML declaration."""
    data = recoded(body, charset)
    start = data.find(b"<?xml", 0, _JUNK_BYTES)
    if start < 0:
        start = data.find(b"<", 0, _JUNK_BYTES)
    data = data[max(start, 0) :]
    declaration = _DECLARATION.match(data)
    return data[declaration.end() :].lstrip() if declaration else data


def recoded(body: bytes, charset: str | None) -> bytes:
    """Text in UTF-8 without byte order mark, whatever charset it came in."""
    for bom, name in _BOMS:
        if body.startswith(bom):
            return body[len(bom) :] if name == "utf-8" else body.decode(name, "replace").encode("utf-8", "replace")
    for opening, name in _BARE_UTF16:
        if body.startswith(opening):
            return body.decode(name, "replace").encode("utf-8", "replace")
    found = _ENCODING.search(body[:300])
    declared = found[1].decode("ascii").lower() if found else (charset or "").lower()
    if declared.startswith("iso-2022-") and b"\x1b" in body:
        return _by_name(body, declared)
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        return body[: error.start] if "end of data" in error.reason else _damaged(body, declared)
    return body


def _by_name(body: bytes, name: str) -> bytes:
    try:
        return body.decode(name, "replace").encode()
    except (LookupError, UnicodeError):
        return body


def _damaged(body: bytes, declared: str) -> bytes:
    """Not all of it is UTF-8: damage when most of what is not ASCII is, else another charset."""
    text = body.decode("utf-8", "replace")
    broken, foreign = text.count("\ufffd"), sum(map(len, _NOT_ASCII.findall(text)))
    if foreign > broken:
        return text.encode()
    try:
        # Too few bytes to guess by are Western: what calls itself UTF-8 and is not, mostly is.
        name = "cp1252" if declared in ("", "utf-8", "utf8") and broken < _FEW_BYTES else declared
        return decode(_CONTROLS.sub(b"", body), charset=name).encode("utf-8", "replace")
    except InvalidInput:
        return body.decode("cp1252", "replace").encode()


def _without_document_type(data: bytes) -> bytes:
    found = _DOCTYPE.search(data, 0, _PROLOG_BYTES)
    if found is None or _BEFORE_DOCTYPE.fullmatch(data, 0, found.start()) is None:
        return data
    close, subset = data.find(b">", found.end()), data.find(b"[", found.end())
    if 0 <= subset < close:
        end = _SUBSET_END.search(data, subset)
        close = end.end() - 1 if end else -1
    return data[close + 1 :].lstrip() if close >= 0 else b""


def _mended(data: bytes) -> bytes:
    """Without control characters; outside CDATA, HTML's entities as characters and bare ampersands escaped."""
    data = _CONTROLS.sub(b"", data)
    pieces: list[bytes] = []
    at = 0
    while at < len(data):
        start = data.find(b"<![CDATA[", at)
        end = data.find(b"]]>", start) if start >= 0 else -1
        if end < 0:
            pieces.append(_escaped(data[at:]))
            break
        pieces += (_escaped(data[at:start]), data[start : end + 3])
        at = end + 3
    return b"".join(pieces)


def _escaped(piece: bytes) -> bytes:
    return _BARE_LESS.sub(b"&#60;", _REFERENCE.sub(_sound, piece))


def _sound(found: re.Match[bytes]) -> bytes:
    """A reference as one the parser reads; an ampersand that begins none is one."""
    if found[3]:
        name = found[3].decode()
        char = html5.get(f"{name};", "")
        return _OWN.get(name) or (b"&#38;" + found[3] + b";" if char.isascii() else char.encode())
    if found[1] or found[2]:
        number = int(found[1], 16) if found[1] else int(found[2])
        return found[0] if _is_character(number) else b""
    return b"&#38;"


def _is_character(number: int) -> bool:
    """Whether XML 1.0 allows it."""
    return number in (9, 10, 13) or 32 <= number < 0xD800 or 0xDFFF < number < 0xFFFE or 0xFFFF < number < 0x110000
