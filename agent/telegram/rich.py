"""Text as Telegram measures and marks it: UTF-16 units, splitting, and the little markup models write. Pure."""

from __future__ import annotations

import re

from aiogram.utils.formatting import Bold, Code, Pre, Text

#: Longest text of a message and of a caption, in UTF-16 units.
MAX_TEXT_UNITS = 4096
MAX_CAPTION_UNITS = 1024

#: Where a long text is best split, the best first.
_JOINTS = ("\n\n", "\n", ". ", " ")
_MARKUP = re.compile(
    r"```(?:[\w+-]{0,20}\n)?(?P<pre>[^`]{1,4000})```|`(?P<code>[^`\n]{1,500})`|\*\*(?P<bold>[^*\n]{1,500})\*\*"
    r"|^\#{1,6}[ \t]{1,9}(?P<head>[^\n]{1,300})$|\[(?P<label>[^\[\]\n]{1,300})\]\((?P<url>https?://[^\s()]{1,2000})\)",
    re.MULTILINE,
)


def utf16_units(text: str) -> int:
    """The length of a text as Telegram counts it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, units: int) -> str:
    """The longest beginning that is no longer than `units`, never half a character."""
    if utf16_units(text) <= units:
        return text
    return text.encode("utf-16-le", "surrogatepass")[: 2 * units].decode("utf-16-le", "ignore")


def shorten(text: str, units: int) -> str:
    """A text of at most `units`, ended by an ellipsis at the end of a line or word when it was longer."""
    if utf16_units(text) <= units:
        return text
    if units < 2:
        return ""
    piece = cut(text, units - 2)
    at = max(piece.rfind("\n"), piece.rfind(" "))
    return f"{piece[:at] if at > len(piece) // 2 else piece}\n…"


def split(text: str, units: int = MAX_TEXT_UNITS) -> list[str]:
    """A text in pieces that each fit into a message, split where it reads best; none of them empty."""
    pieces: list[str] = []
    rest = text.strip()
    while utf16_units(rest) > units:
        piece = _first_piece(rest, units)
        pieces.append(piece.strip())
        rest = rest[len(piece) :].strip()
    return [piece for piece in (*pieces, rest) if piece]


def _first_piece(text: str, units: int) -> str:
    whole = cut(text, units)
    for joint in _JOINTS:
        at = whole.rfind(joint)
        if at > len(whole) // 3:
            return whole[: at + len(joint)]
    return whole


def marked(text: str) -> Text:
    """Bold, code and headings as entities, which cannot break; links are shown with their whole address."""
    nodes: list[str | Text] = []
    end = 0
    for found in _MARKUP.finditer(text):
        nodes += [text[end : found.start()], _node(found)]
        end = found.end()
    return Text(*nodes, text[end:])


def _node(found: re.Match[str]) -> str | Text:
    kind, body = str(found.lastgroup), str(found.group(str(found.lastgroup)))
    if kind == "pre":
        return Pre(body)
    if kind == "code":
        return Code(body)
    if kind == "url":
        return f"{found.group('label')} ({body})"
    return Bold(body)
