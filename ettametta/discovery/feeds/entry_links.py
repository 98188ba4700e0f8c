"""The addresses of an entry: the page, the talk about it, the files it carries."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree  # type: ignore[import-untyped]  # lxml ships no types

from ettametta.discovery.feeds.addresses import web_address
from ettametta.discovery.feeds.common import whole_number
from ettametta.discovery.feeds.entries import Enclosure
from ettametta.discovery.feeds.nodes import Fields

_MAX_ENCLOSURES = 10
_THREAD_COUNT = "{http://purl.org/syndication/thread/1.0}count"


@dataclass(frozen=True, slots=True)
class Links:
    """What the links of an entry or feed say."""

    url: str | None
    #: when it has no page of its own: its file, or its player
    fallback: str | None
    comments: str | None
    #: as a link to the replies says it
    reply_count: int | None
    enclosures: tuple[Enclosure, ...]


def read_links(fields: Fields, base: str) -> Links:
    """The links of an entry or a feed."""
    nodes = fields.get("link", [])
    replies = next((node for node in nodes if node.get("rel") == "replies"), None)
    enclosures = _enclosures(fields, nodes, base)
    return Links(
        url=_page(fields, nodes, base),
        fallback=enclosures[0].url if enclosures else _player(fields, base),
        comments=_comments(fields, replies, base),
        reply_count=whole_number(replies.get(_THREAD_COUNT)) if replies is not None else None,
        enclosures=enclosures,
    )


def _page(fields: Fields, nodes: list[etree._Element], base: str) -> str | None:
    """The original address, a link's text, a link to the page itself, a guid that is an address; in this order."""
    found = [web_address(node.text, base) for node in fields.get("feedburner:origlink", ())]
    found += [web_address(node.text, base) for node in nodes if node.get("href") is None]
    pages = [node for node in nodes if node.get("href") and node.get("rel", "alternate") in ("alternate", "")]
    pages.sort(key=lambda node: "html" not in node.get("type", "html"))
    found += [web_address(node.get("href"), base) for node in pages]
    found += [
        web_address(node.text, base)
        for node in fields.get("guid", ())
        if node.get("isPermaLink", "true").strip().lower() != "false" and (node.text or "").strip()[:4] == "http"
    ]
    return next((address for address in found if address), None)


def _comments(fields: Fields, replies: etree._Element | None, base: str) -> str | None:
    nodes = fields.get("comments", [])
    found = web_address(nodes[0].text, base) if nodes else None
    if found is None and replies is not None and "html" in replies.get("type", "html"):
        return web_address(replies.get("href"), base)
    return found


def _enclosures(fields: Fields, links: list[etree._Element], base: str) -> tuple[Enclosure, ...]:
    carried = [(node, "url") for node in fields.get("enclosure", ())]
    carried += [(node, "href") for node in links if node.get("rel") == "enclosure"]
    carried += [(node, "url") for node in fields.get("media:content", ())]
    found: dict[str, Enclosure] = {}
    for node, attribute in carried[:_MAX_ENCLOSURES]:
        address = web_address(node.get(attribute), base)
        if address is not None and address not in found:
            kind = (node.get("type") or _kind_of(node.get("medium"))).strip().lower()[:100]
            length = whole_number(node.get("length") or node.get("fileSize"))
            found[address] = Enclosure(address, kind, length)
    return tuple(found.values())


def _kind_of(medium: str | None) -> str:
    return f"{medium}/*" if medium in ("image", "video", "audio") else ""


def _player(fields: Fields, base: str) -> str | None:
    nodes = fields.get("media:player", [])
    return web_address(nodes[0].get("url"), base) if nodes else None
