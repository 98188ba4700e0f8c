"""Internet Archive: films, sound, books and pictures by words, or what was asked for most in the last week.

Wire format: https://archive.org/developers/ and https://archive.org/advancedsearch.php (output=json). A field is a text
or a list of texts, as an item has it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

from ettametta.discovery.fetch.base import Fetch
from ettametta.discovery.items import FoundItem
from ettametta.discovery.sources.base import SourceInfo, Takes, Wanted
from ettametta.discovery.sources.building import Sieve, build_item, moment
from ettametta.discovery.sources.languages import from_name
from ettametta.discovery.sources.wire import Shape, ask, phrases, readable

_BASE_URL = "https://archive.org"
_MOST = 100
_KINDS = "mediatype:(movies OR audio OR texts OR image)"
_FIELDS = (
    "identifier",
    "title",
    "creator",
    "description",
    "publicdate",
    "downloads",
    "licenseurl",
    "mediatype",
    "subject",
    "language",
)

INFO = SourceInfo(
    name="internet_archive",
    title="Internet Archive",
    gives="Films, sound, books and pictures with downloads: those that match the words, or the week's most asked for.",
    takes=Takes.WORDS,
    documentation_url="https://archive.org/advancedsearch.php",
    licence="Each item has its own licence, which is kept where the item states it.",
    terms="No key; its terms allow research and study, and it asks for few requests at once.",
    requests_per_minute=30,
    metrics=("downloads",),
)


class _Docs(Shape):
    docs: list[Any]


class _Result(Shape):
    response: _Docs


class _Doc(Shape):
    identifier: str
    title: list[str] | str
    creator: list[str] | str | None = None
    description: list[str] | str | None = None
    publicdate: str | None = None
    downloads: Any = None
    licenseurl: list[str] | str | None = None
    mediatype: str | None = None
    subject: list[str] | str | None = None
    language: list[str] | str | None = None


class InternetArchive:
    """Items of the Internet Archive."""

    info = INFO

    async def find(self, wanted: Wanted, fetch: Fetch) -> AsyncIterator[FoundItem]:
        """See Source."""
        if wanted.limit < 1:
            return
        asked: list[tuple[str, str | int]] = [
            ("q", _query(wanted)),
            *(("fl[]", field) for field in _FIELDS),
            ("sort[]", "week desc"),
            ("rows", min(_MOST, wanted.limit)),
            ("page", 1),
            ("output", "json"),
        ]
        found = await ask(fetch, INFO, f"{_BASE_URL}/advancedsearch.php", _Result, asked)
        for item in Sieve(wanted).pick(_item(one) for one in readable(found.response.docs, _Doc)):
            yield item

    def owns(self, address: str) -> str | None:  # noqa: ARG002  # an item's own page is a page
        """See Source."""
        return None


def _query(wanted: Wanted) -> str:
    parts = [_KINDS]
    words = [f'"{phrase}"' for phrase in phrases(wanted)]
    if words:
        parts.insert(0, f"({' OR '.join(words)})")
    if wanted.since is not None:
        parts.append(f"publicdate:[{wanted.since:%Y-%m-%dT%H:%M:%SZ} TO null]")
    return " AND ".join(parts)


def _item(one: _Doc) -> FoundItem | None:
    name = quote(one.identifier, safe="", errors="replace")
    subjects = [word for text in _texts(one.subject) for word in text.split(";")]
    return build_item(
        INFO,
        one.identifier,
        url=f"{_BASE_URL}/details/{name}" if name else None,
        title=" ".join(_texts(one.title)),
        text="\n\n".join(_texts(one.description)),
        author=", ".join(_texts(one.creator)),
        language=from_name(next(iter(_texts(one.language)), None)),
        published_at=moment(one.publicdate),
        image_url=f"{_BASE_URL}/services/img/{name}",
        licence=next(iter(_texts(one.licenseurl)), None),
        metrics={"downloads": one.downloads},
        tags=[word for word in (one.mediatype, *subjects) if word],
    )


def _texts(value: list[str] | str | None) -> list[str]:
    return [value] if isinstance(value, str) else value or []
