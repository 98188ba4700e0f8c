"""Things that a page describes for machines, read flat: JSON-LD (https://www.w3.org/TR/json-ld11) and microdata."""

from __future__ import annotations

import json
from collections.abc import Iterator
from types import MappingProxyType
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from ettametta.discovery.pages.facts import Thing
from ettametta.kit.text import clean

MAX_THINGS = 50
MAX_JSON_LD_CHARS = 200_000
_MAX_DEPTH = 6
_MAX_VALUES = 40
_MAX_VALUE_CHARS = 2_000
_MAX_NODES = 4_000
_ADDRESSED = {
    "a": "href",
    "link": "href",
    "area": "href",
    "img": "src",
    "source": "src",
    "video": "src",
    "audio": "src",
}
_STATED = {"meta": "content", "time": "datetime", "data": "value", "meter": "value"}


def read_json(text: str) -> Any:
    """A script's JSON; None when it is none, or too long."""
    if len(text) > MAX_JSON_LD_CHARS:
        return None
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def read_json_ld(script: str) -> Iterator[Thing]:
    """The things of one script, those within others after them."""
    yield from _things_in(read_json(script), 0)


def _things_in(node: Any, depth: int) -> Iterator[Thing]:
    if depth > _MAX_DEPTH:
        return
    if isinstance(node, dict):
        kind = _kind(node.get("@type"))
        if kind:
            yield Thing(kind, MappingProxyType(_values(node)))
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        if isinstance(child, dict | list):
            yield from _things_in(child, depth + 1)


def _kind(value: Any) -> str:
    first = value[0] if isinstance(value, list) and value else value
    return clean(first[:200]).rpartition("/")[2][:80] if isinstance(first, str) else ""


def _values(node: dict[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in list(node.items())[:_MAX_VALUES]:
        text = _plain(value)
        if text and name != "@type":
            found[name[:80]] = text
    return found


def _plain(value: Any) -> str:
    """A value as text: of a thing its name or address, of a list all of them for people and the first else."""
    if isinstance(value, list):
        texts = [_plain(one) for one in value[:10] if not isinstance(one, list)]
        named = [text for text, one in zip(texts, value, strict=False) if isinstance(one, dict) and "name" in one]
        return ", ".join(named)[:_MAX_VALUE_CHARS] if named else next(filter(None, texts), "")
    if isinstance(value, dict):
        value = next((value[name] for name in ("name", "url", "contentUrl", "@id", "@value") if name in value), None)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return clean(str(value)[:_MAX_VALUE_CHARS])


def read_microdata(tree: LexborHTMLParser) -> Iterator[Thing]:
    """The items of a page, those within others after them."""
    for item in tree.css("[itemscope]")[:MAX_THINGS]:
        kind = (item.attributes.get("itemtype") or "").strip().rstrip("/").rpartition("/")[2][:80]
        if kind:
            yield Thing(kind, MappingProxyType(_properties(item)))


def _properties(item: LexborNode) -> dict[str, str]:
    """What stands in an item and in no other within it."""
    found: dict[str, str] = {}
    waiting = list(item.iter())[:_MAX_NODES]
    for node in waiting:
        attributes = node.attributes
        name = (attributes.get("itemprop") or "").strip()[:80]
        if name and len(found) < _MAX_VALUES:
            found.setdefault(name, _value(node, attributes))
        if "itemscope" not in attributes and len(waiting) < _MAX_NODES:
            waiting.extend(node.iter())
    return {name: value for name, value in found.items() if value}


def _value(node: LexborNode, attributes: dict[str, str | None]) -> str:
    if "itemscope" in attributes:
        named = node.css_first("[itemprop='name'],[itemprop='url']")
        return _value(named, named.attributes) if named is not None and named.mem_id != node.mem_id else ""
    tag = node.tag or ""
    stated = attributes.get(_STATED.get(tag) or _ADDRESSED.get(tag) or "content")
    return clean((stated or node.text())[:_MAX_VALUE_CHARS])
