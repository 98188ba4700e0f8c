"""A tree of RSS, RDF or Atom to a `Feed`. Each entry's children are looked at once, sorted by their names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from urllib.parse import urljoin

from lxml import etree  # type: ignore[import-untyped]  # lxml ships no types

from ettametta.discovery.feeds import entry_parts as parts
from ettametta.discovery.feeds.addresses import web_address
from ettametta.discovery.feeds.common import each_once, entry_language
from ettametta.discovery.feeds.dates import parse_date
from ettametta.discovery.feeds.entries import Entry, Feed
from ettametta.discovery.feeds.entry_links import read_links
from ettametta.discovery.feeds.names import name_of
from ettametta.discovery.feeds.nodes import Fields, children_of, first_text, markup_of
from ettametta.discovery.feeds.plain import links_in, plain_line, plain_text
from ettametta.discovery.items import MAX_TEXT_CHARS, MAX_TITLE_CHARS
from ettametta.kit.text import clean

_FORMATS = {"rss": "rss", "rdf:rdf": "rdf", "rdf": "rdf", "feed": "atom", "channel": "rss"}
_PUBLISHED = ("published", "pubdate", "issued", "dc:date", "dcterms:issued", "dcterms:created", "created", "date")
_UPDATED = ("updated", "modified", "dcterms:modified", "lastbuilddate")
_CONTENTS = ("content:encoded", "content", "html:body", "fullitem")
_SUMMARIES = ("description", "summary", "media:description", "itunes:summary", "dc:description", "itunes:subtitle")


@dataclass(frozen=True, slots=True)
class _Setting:
    """What entries take from their feed."""

    url: str
    language: str | None
    now: datetime
    #: whether any element changes the base of its addresses
    has_bases: bool


def read_xml_feed(root: etree._Element, *, url: str, now: datetime, max_entries: int) -> Feed | None:
    """The feed; None when the tree is none."""
    kind = _FORMATS.get(name_of(root.tag) if isinstance(root.tag, str) else "")
    nodes = _entry_nodes(root, max_entries + 1)
    if kind is None:
        return None
    head = children_of(_head(root))
    has_bases = bool(root.xpath("boolean(//@xml:base)"))
    base = _joined(url, root.base) if has_bases else url
    site = read_links(head, base).url
    language = parts.language(root, head)
    setting = _Setting(base or site or "", language, now, has_bases)
    return Feed(
        format=kind,
        title=plain_line(first_text(head, "title", "dc:title"), MAX_TITLE_CHARS),
        entries=each_once([_entry(node, setting) for node in nodes[:max_entries]]),
        language=language,
        site_url=site,
        author=parts.author(head),
        image_url=parts.feed_image(head, base),
        rights=plain_line(first_text(head, "rights", "copyright", "dc:rights"), 300) or None,
        is_cut=len(nodes) > max_entries,
    )


def _head(root: etree._Element) -> etree._Element:
    """Where title, link and language of the feed stand."""
    for child in root:
        if isinstance(child.tag, str) and name_of(child.tag) == "channel":
            return child
    return root


def _entry_nodes(root: etree._Element, most: int) -> list[etree._Element]:
    """Items and entries wherever they ended up: in broken markup they lie within one another."""
    found: list[etree._Element] = []
    for node in root.iter("{*}item", "{*}entry", "{*}Item", "{*}ITEM", "{*}Entry"):
        if name_of(node.tag) in ("item", "entry"):
            found.append(node)
            if len(found) >= most:
                break
    return found


def _joined(base: str, part: str | None) -> str:
    """The base that `xml:base` makes; the old one when it is no address."""
    try:
        return urljoin(base, part or "")
    except ValueError:
        return base


def _entry(node: etree._Element, setting: _Setting) -> Entry:
    fields = children_of(node)
    base = _joined(setting.url, node.base) if setting.has_bases else setting.url
    links = read_links(fields, base)
    own_id = first_text(fields, "guid", "id").strip() or (node.get(parts.RDF_ABOUT) or "").strip()
    url = links.url or web_address(own_id if own_id.startswith("http") else None, base) or links.fallback
    markup, summary = _texts(fields)
    media = parts.media_of(fields)
    return Entry(
        id=clean((own_id or url or "")[:500]),
        url=url,
        title=plain_line(first_text(fields, "title", "media:title", "dc:title", "itunes:title"), MAX_TITLE_CHARS),
        summary=summary,
        author=parts.author(fields),
        published_at=_date(fields, _PUBLISHED, setting.now),
        updated_at=_date(fields, _UPDATED, setting.now),
        image_url=parts.image(fields, media, links.enclosures, markup, base),
        enclosures=links.enclosures,
        categories=parts.categories(fields),
        language=entry_language(node.get(parts.XML_LANG) or first_text(fields, "dc:language")) or setting.language,
        comments_url=links.comments,
        comment_count=parts.comment_count(fields, links),
        view_count=media.views,
        rating_count=media.ratings,
        search_count=parts.search_count(fields),
        related=parts.related(fields, base),
        publisher=plain_line(parts.publisher(fields), 160) or None,
        publisher_url=parts.publisher_url(fields, base),
        links=links_in(markup),
        extra=MappingProxyType(parts.extensions(fields)),
    )


def _texts(fields: Fields) -> tuple[str, str]:
    """The markup of an entry, and the same as plain text."""
    for names in (_CONTENTS, _SUMMARIES):
        for name in names:
            for node in fields.get(name, ()):
                markup = markup_of(node)
                text = plain_text(markup, MAX_TEXT_CHARS) if markup and not markup.isspace() else ""
                if text:
                    return markup, text
    group = fields.get("media:group")
    nested = first_text(children_of(group[0]), "media:description") if group else ""
    markup = next((markup_of(node) for name in (*_CONTENTS, *_SUMMARIES) for node in fields.get(name, ())), "")
    return markup, plain_text(nested, MAX_TEXT_CHARS)


def _date(fields: Fields, names: tuple[str, ...], now: datetime) -> datetime | None:
    for name in names:
        for node in fields.get(name, ()):
            found = parse_date(node.text, now=now)
            if found is not None:
                return found
    return None
