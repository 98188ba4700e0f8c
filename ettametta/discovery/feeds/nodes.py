"""Looking at an element once: its children by name, their text and their markup."""

from __future__ import annotations

from lxml import etree  # type: ignore[import-untyped]  # lxml ships no types

from ettametta.discovery.feeds.names import name_of

#: Children by their one name, in order.
Fields = dict[str, list[etree._Element]]  # noqa: SLF001  # lxml names its element class so


def children_of(node: etree._Element) -> Fields:
    """The children of an element by name."""
    fields: Fields = {}
    for child in node:
        tag = child.tag
        if isinstance(tag, str):  # an entity that nobody defined has another kind of tag
            fields.setdefault(name_of(tag), []).append(child)
    return fields


def markup_of(node: etree._Element) -> str:
    """What an element holds, as markup: its text, or its elements written out (Atom's xhtml, unescaped HTML)."""
    if len(node) == 0:
        return str(node.text or "")
    written = (etree.tostring(child, encoding="unicode", method="html") for child in node)
    return (node.text or "") + "".join(written)


def first_text(fields: Fields, *names: str) -> str:
    """The markup of the first child with one of the names that has any."""
    for name in names:
        for node in fields.get(name, ()):
            text = markup_of(node)
            if text and not text.isspace():
                return text
    return ""
