"""The parts of an entry but its links and texts: people, pictures, labels, numbers, trends."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree  # type: ignore[import-untyped]  # lxml ships no types

from ettametta.discovery.feeds.addresses import web_address
from ettametta.discovery.feeds.common import amount, entry_language, short_names, whole_number
from ettametta.discovery.feeds.entries import Enclosure, RelatedStory
from ettametta.discovery.feeds.entry_links import Links
from ettametta.discovery.feeds.nodes import Fields, children_of, first_text
from ettametta.discovery.feeds.plain import image_in, plain_line
from ettametta.discovery.items import MAX_TITLE_CHARS

XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
RDF_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
_MAX_NAME_CHARS = 160
_MAX_RELATED = 10
_MAX_EXTRA = 30
_MAX_EXTRA_CHARS = 300
_EXTENSIONS = ("yt:", "itunes:", "arxiv:", "podcast:", "ht:", "dc:", "media:")
_READ_ELSEWHERE = frozenset(
    {
        "dc:creator",
        "dc:date",
        "itunes:author",
        "itunes:title",
        "itunes:summary",
        "itunes:subtitle",
        "media:description",
        "dc:description",
        "dc:subject",
    }
)
_MAIL_WITH_NAME = re.compile(r"[^\s()@]+@[^\s()]+\s*\(([^()]{1,160})\)")
_NAME_WITH_MAIL = re.compile(r"\s*[<(]?[^\s()<>@]+@[^\s()<>]+[>)]?\s*")


@dataclass(frozen=True, slots=True)
class Media:
    """What Media RSS says of an entry."""

    thumbnail: str | None = None
    picture: str | None = None
    views: int | None = None
    ratings: int | None = None


_NO_MEDIA = Media()


def media_of(fields: Fields) -> Media:
    """The Media RSS of an entry, also within `media:group`."""
    if not any(name.startswith("media:") for name in fields):
        return _NO_MEDIA
    layers = [fields]
    for name in ("media:group", "media:content"):
        layers += [children_of(node) for node in fields.get(name, ())[:5] if len(node)]
    community = next((children_of(one["media:community"][0]) for one in layers if "media:community" in one), {})
    return Media(
        thumbnail=_first(layers, "media:thumbnail", _any),
        picture=_first(layers, "media:content", _is_picture),
        views=_number(community, "media:statistics", "views"),
        ratings=_number(community, "media:starrating", "count"),
    )


def _first(layers: list[Fields], name: str, suits: object) -> str | None:
    test = suits if callable(suits) else _any
    return next((node.get("url") for layer in layers for node in layer.get(name, ()) if test(node)), None)


def _any(_node: etree._Element) -> bool:
    return True


def _is_picture(node: etree._Element) -> bool:
    return node.get("medium") == "image" or (node.get("type") or "").startswith("image/")


def _number(fields: Fields, name: str, attribute: str) -> int | None:
    nodes = fields.get(name, [])
    return whole_number(nodes[0].get(attribute)) if nodes else None


def language(root: etree._Element, head: Fields) -> str | None:
    """What the feed says of its language."""
    return entry_language(first_text(head, "language", "dc:language") or root.get(XML_LANG))


def author(fields: Fields) -> str | None:
    """Names without mail addresses; None: not said."""
    people = fields.get("author", ())[:5]
    names = [first_text(children_of(node), "name") if len(node) else str(node.text or "") for node in people]
    for name in ("dc:creator", "itunes:author", "media:credit"):
        if not any(names):
            names = [node.text or "" for node in fields.get(name, ())[:5]]
    plain = (_person(plain_line(name, _MAX_NAME_CHARS)) for name in names)
    return ", ".join(dict.fromkeys(name for name in plain if name))[:_MAX_NAME_CHARS] or None


def _person(name: str) -> str:
    if "@" not in name:
        return name
    found = _MAIL_WITH_NAME.fullmatch(name)
    return found[1].strip() if found else _NAME_WITH_MAIL.sub(" ", name).strip(" ,()")


def categories(fields: Fields) -> tuple[str, ...]:
    """Labels of RSS, Atom and Dublin Core."""
    names = [node.get("label") or node.get("term") or node.text or "" for node in fields.get("category", ())[:40]]
    names += [node.text or "" for node in fields.get("dc:subject", ())[:20]]
    for name in ("media:keywords", "itunes:keywords"):
        names += [word for node in fields.get(name, ())[:1] for word in (node.text or "")[:1_000].split(",")]
    return short_names(names) if names else ()


def image(fields: Fields, media: Media, enclosures: tuple[Enclosure, ...], markup: str, base: str) -> str | None:
    """The picture an entry names first; a picture inside its markup comes last."""
    found = [media.thumbnail, media.picture, *(node.get("href") for node in fields.get("itunes:image", ()))]
    found += [one.url for one in enclosures if one.media_type.startswith("image/")]
    found += [first_text(fields, "ht:picture"), _inner_image(fields)]
    addresses = (web_address(one, base) for one in found if one)
    return next((one for one in addresses if one), None) or web_address(image_in(markup), base)


def feed_image(fields: Fields, base: str) -> str | None:
    """The logo or cover of a feed."""
    found = [node.get("href") for node in fields.get("itunes:image", ())]
    found += [_inner_image(fields), first_text(fields, "logo", "icon")]
    return next((one for one in (web_address(text, base) for text in found if text) if one), None)


def _inner_image(fields: Fields) -> str | None:
    for node in fields.get("image", ())[:1]:
        return first_text(children_of(node), "url") if len(node) else node.get("href") or node.text
    return None


def comment_count(fields: Fields, links: Links) -> int | None:
    """As slash:comments, thr:total or a link to replies says it."""
    for name in ("slash:comments", "thr:total"):
        for node in fields.get(name, ()):
            count = whole_number(node.text)
            if count is not None:
                return count
    return links.reply_count


def search_count(fields: Fields) -> int | None:
    """As ht:approx_traffic says it."""
    nodes = fields.get("ht:approx_traffic", [])
    return amount(nodes[0].text) if nodes else None


def related(fields: Fields, base: str) -> tuple[RelatedStory, ...]:
    """The articles of a trend."""
    found: list[RelatedStory] = []
    for node in fields.get("ht:news_item", ())[:_MAX_RELATED]:
        inner = children_of(node)
        address = web_address(first_text(inner, "ht:news_item_url"), base)
        title = plain_line(first_text(inner, "ht:news_item_title"), MAX_TITLE_CHARS)
        if address and title:
            publisher = plain_line(first_text(inner, "ht:news_item_source"), _MAX_NAME_CHARS) or None
            found.append(RelatedStory(title, address, publisher))
    return tuple(found)


def publisher(fields: Fields) -> str:
    """The medium an aggregator took an entry from (RSS source; in Atom it holds the feed's title)."""
    for node in fields.get("source", ())[:1]:
        return first_text(children_of(node), "title") if len(node) else node.text or ""
    return ""


def publisher_url(fields: Fields, base: str) -> str | None:
    """Its address."""
    nodes = fields.get("source", [])
    return web_address(nodes[0].get("url"), base) if nodes else None


def extensions(fields: Fields) -> dict[str, str]:
    """Short texts of known extensions that have no field of their own."""
    found: dict[str, str] = {}
    for name, nodes in fields.items():
        if name.startswith(_EXTENSIONS) and name not in _READ_ELSEWHERE and len(found) < _MAX_EXTRA:
            text = nodes[0].text if len(nodes[0]) == 0 else None
            if text and not text.isspace():
                found[name] = plain_line(text, _MAX_EXTRA_CHARS)
    return found
