"""The head of a page: its meta and link elements, title and JSON-LD in one walk."""

from __future__ import annotations

from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from ettametta.discovery.pages.facts import Thing
from ettametta.discovery.pages.things import MAX_THINGS, read_json_ld, read_microdata
from ettametta.kit.text import clean

MAX_METAS = 200
_MAX_NAME_CHARS = 100
_MAX_CONTENT_CHARS = 2_000
_MAX_SCRIPTS = 20
_MAX_FEEDS = 20
_SELECTOR = "title,meta,link,base,script[type='application/ld+json']"
_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")


@dataclass(slots=True)
class Head:
    """What was read so far."""

    title: str = ""
    base: str = ""
    canonical: str = ""
    image: str = ""
    licence: str = ""
    metadata: dict[str, str] = field(default_factory=dict)
    #: address and title
    feeds: list[tuple[str, str]] = field(default_factory=list)
    things: list[Thing] = field(default_factory=list)
    scripts: int = 0


def read_head(tree: LexborHTMLParser, *, with_microdata: bool, in_body: bool) -> Head:
    """Reads the head.

    Args:
        tree: the page.
        with_microdata: whether the markup has any.
        in_body: look in the body as well: JSON-LD is often there, and broken pages have metas there.
    """
    head = Head()
    root = tree.root if in_body or tree.head is None else tree.head
    for node in root.css(_SELECTOR) if root is not None else ():
        _READERS[node.tag or ""](head, node)
    if with_microdata:
        head.things.extend(read_microdata(tree))
    del head.things[MAX_THINGS:]
    return head


def _title(head: Head, node: LexborNode) -> None:
    # An SVG in the body has titles of its own.
    if not head.title and (node.parent is None or node.parent.tag != "svg"):
        head.title = clean(node.text()[:_MAX_CONTENT_CHARS])


def _meta(head: Head, node: LexborNode) -> None:
    attributes = node.attributes
    name = attributes.get("property") or attributes.get("name") or attributes.get("http-equiv")
    content = attributes.get("content")
    if not name or not content or len(head.metadata) >= MAX_METAS:
        return
    key = name.strip().lower()[:_MAX_NAME_CHARS]
    if key not in head.metadata:
        head.metadata[key] = clean(content[:_MAX_CONTENT_CHARS])


def _link(head: Head, node: LexborNode) -> None:
    attributes = node.attributes
    address, rels = attributes.get("href") or "", (attributes.get("rel") or "").lower().split()
    if not address:
        return
    if "canonical" in rels:
        head.canonical = head.canonical or address
    elif "alternate" in rels:
        kind = (attributes.get("type") or "").strip().lower()
        if kind in _FEED_TYPES and len(head.feeds) < _MAX_FEEDS:
            head.feeds.append((address, clean((attributes.get("title") or "")[:200])))
    elif "image_src" in rels:
        head.image = head.image or address
    elif "license" in rels:
        head.licence = head.licence or clean(address[:300])


def _base(head: Head, node: LexborNode) -> None:
    head.base = head.base or (node.attributes.get("href") or "")


def _script(head: Head, node: LexborNode) -> None:
    head.scripts += 1
    if head.scripts > _MAX_SCRIPTS:
        return
    for thing in read_json_ld(node.text()):
        if len(head.things) >= MAX_THINGS:
            return
        head.things.append(thing)


_READERS = {"title": _title, "meta": _meta, "link": _link, "base": _base, "script": _script}
