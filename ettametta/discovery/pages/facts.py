"""What a page says, as frozen values. Everything is text from outside: plain, bounded and never trusted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing that a page describes in JSON-LD or microdata (https://schema.org)."""

    #: "Article", "Person", ...: without the vocabulary's address
    kind: str
    #: plain values by property; of a thing within a thing its name or address
    values: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class LeadImage:
    """The picture that a page puts first."""

    url: str
    alt: str | None = None
    #: what the page states for the picture itself, as it states it; a hint and no proof; None: it states nothing
    licence: str | None = None


@dataclass(frozen=True, slots=True)
class PageFeed:
    """A feed that a page names in its head."""

    url: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What one page says of itself. None and empty: it does not say."""

    #: where it was fetched
    url: str
    title: str | None = None
    description: str | None = None
    canonical_url: str | None = None
    author: str | None = None
    #: aware; a date without a time is midnight UTC, a time without a zone is taken for UTC
    published_at: datetime | None = None
    modified_at: datetime | None = None
    #: ISO 639, as declared; nothing is guessed
    language: str | None = None
    site_name: str | None = None
    image: LeadImage | None = None
    #: of the text: an address or a name
    licence: str | None = None
    #: the head's meta elements by lower-case name: OpenGraph ("og:title"), Dublin Core ("dc.creator"), ...
    metadata: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    things: tuple[Thing, ...] = ()
    feeds: tuple[PageFeed, ...] = ()
    #: where it links to, each once, without fragments, http(s) only, in the page's order
    links: tuple[str, ...] = ()
    #: main text, paragraphs parted by empty lines
    text: str = ""
