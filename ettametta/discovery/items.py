"""What sources find: items with their own numbers. A number a source did not send is absent, never a guess."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Literal

#: Every number a source may send. `points` are votes, `searches` a lower bound ("20K+"), `uses` posts with a tag.
Metric = Literal[
    "views", "likes", "comments", "shares", "points", "stars", "downloads", "searches", "uses", "articles", "followers"
]

MAX_TITLE_CHARS = 300
MAX_TEXT_CHARS = 5_000


@dataclass(frozen=True, slots=True)
class FoundItem:
    """One item as a source shows it. All text is plain text from outside: never trusted, never markup."""

    source: str
    #: the source's own id of the item, with the source's name before it: "hackernews:123"
    ref: str
    #: what the item is about: for a link on a board, the page it links to
    url: str
    title: str
    text: str = ""
    author: str | None = None
    #: ISO 639-1, declared or detected; None: unknown
    language: str | None = None
    #: aware; None: the source did not say
    published_at: datetime | None = None
    image_url: str | None = None
    #: the licence the source names for the text, as it names it
    licence: str | None = None
    metrics: Mapping[Metric, int] = field(default_factory=lambda: MappingProxyType({}))
    #: where it is talked about on the source itself, when that is another page
    discussion_url: str | None = None
    #: what names the same story elsewhere: a guid, a DOI, an arXiv id
    aliases: tuple[str, ...] = ()
    #: labels the source put on it
    tags: tuple[str, ...] = ()
