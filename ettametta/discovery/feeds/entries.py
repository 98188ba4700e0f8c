"""What a feed says, whatever its format. Text is plain and bounded, dates are aware UTC, addresses are http(s)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file an entry carries: a podcast's sound, a video, a picture."""

    url: str
    #: as the feed says it, lower case; empty: it does not say
    media_type: str = ""
    #: None: not said, or no number
    length_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class RelatedStory:
    """An article that a trend's entry names."""

    title: str
    url: str
    publisher: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. A number or date the feed does not send is None."""

    #: guid or Atom id as sent; its address where it has none; empty: neither
    id: str
    url: str | None
    title: str
    #: the content where the feed carries it, else the summary
    summary: str = ""
    author: str | None = None
    published_at: datetime | None = None
    updated_at: datetime | None = None
    image_url: str | None = None
    enclosures: tuple[Enclosure, ...] = ()
    categories: tuple[str, ...] = ()
    #: ISO 639-1
    language: str | None = None
    #: where it is talked about
    comments_url: str | None = None
    #: slash:comments or thr:total
    comment_count: int | None = None
    #: media:statistics views
    view_count: int | None = None
    #: media:starRating count
    rating_count: int | None = None
    #: ht:approx_traffic, a lower bound: "20K+" is 20,000
    search_count: int | None = None
    related: tuple[RelatedStory, ...] = ()
    #: the medium an aggregator took it from (RSS source), and its address
    publisher: str | None = None
    publisher_url: str | None = None
    #: addresses in its markup, in order, at most ten
    links: tuple[str, ...] = ()
    #: other elements of known extensions that hold text, as "prefix:name" in lower case ("yt:videoid")
    extra: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed and its entries in its own order, each once."""

    #: rss, rdf, atom or json
    format: str
    title: str
    entries: tuple[Entry, ...]
    #: ISO 639-1; None: not said
    language: str | None = None
    #: the site it belongs to
    site_url: str | None = None
    author: str | None = None
    image_url: str | None = None
    #: the rights statement, as the feed words it
    rights: str | None = None
    #: it had more entries than are read
    is_cut: bool = False
