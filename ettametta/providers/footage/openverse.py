"""Openverse: openly licensed images from many collections, no key. Wire format: https://api.openverse.org/v1/."""

from __future__ import annotations

from typing import Any

from ettametta.kit.http import HttpClient
from ettametta.providers.footage.base import FootageFacts, FootageQuery, FoundAsset
from ettametta.providers.footage.licences import Licence, read_licence
from ettametta.providers.footage.wire import Answer, Wire, plain, readable, tags_of, web_address

#: Callers without an account get at most so many at once.
_MAX_PER_PAGE = 20
_SHAPES = {"portrait": "tall", "landscape": "wide", "square": "square"}
_STILLS = ("", "jpg", "jpeg", "png", "webp")

FACTS = FootageFacts(
    name="openverse",
    title="Openverse",
    kinds=("photo",),
    key_setting=None,
    licence_note="Creative Commons or public domain, stated for each image",
    terms_url="https://docs.openverse.org/terms_of_service.html",
    rate_limit="without an account: one request a second, 20 results at once",
    interval_s=1.0,
)


class _Tag(Answer):
    name: str


class _Image(Answer):
    id: str
    title: str | None = None
    foreign_landing_url: str
    url: str
    creator: str | None = None
    creator_url: str | None = None
    license: str
    license_version: str | None = None
    license_url: str | None = None
    filesize: int | None = None
    filetype: str | None = None
    tags: list[Any] | None = None
    attribution: str | None = None
    mature: bool = False
    width: int | None = None
    height: int | None = None
    thumbnail: str | None = None


class _Page(Answer):
    results: list[Any]


class Openverse:
    """Searches Openverse for images that may be changed and used for money.

    Args:
        http: the outgoing client.
        base_url: without a slash at the end.
        timeout_s: for one answer, in seconds.
    """

    facts = FACTS

    def __init__(
        self, http: HttpClient, *, base_url: str = "https://api.openverse.org", timeout_s: float = 10.0
    ) -> None:
        self._base = base_url.rstrip("/")
        self._wire = Wire(http, FACTS, timeout_s=timeout_s)

    async def search(self, query: FootageQuery) -> tuple[FoundAsset, ...]:
        """See FootageProvider."""
        if query.kind == "clip":
            return ()
        parameters: list[tuple[str, str | int]] = [
            ("q", query.text[:200]),
            ("license_type", "commercial,modification"),
            ("page_size", min(query.limit, _MAX_PER_PAGE)),
            ("mature", "false"),
        ]
        if query.orientation:
            parameters.append(("aspect_ratio", _SHAPES[query.orientation]))
        page = await self._wire.ask(f"{self._base}/v1/images/", parameters, _Page)
        return tuple(asset for one in readable(page.results, _Image) if (asset := _found(one)))

    async def locate(self, found: FoundAsset, query: FootageQuery) -> FoundAsset:  # noqa: ARG002 - the port's
        """Nothing more to ask: the search names the file."""
        return found


def _found(one: _Image) -> FoundAsset | None:
    url, page = web_address(one.url), web_address(one.foreign_landing_url)
    if url is None or page is None or one.mature or (one.filetype or "").lower() not in _STILLS:
        return None
    return FoundAsset(
        provider=FACTS.name,
        provider_id=one.id,
        kind="photo",
        title=plain(one.title),
        tags=tags_of(tag.name for tag in readable(one.tags or (), _Tag)),
        width=one.width or None,
        height=one.height or None,
        file_url=url,
        preview_url=web_address(one.thumbnail) or "",
        page_url=page,
        author=plain(one.creator) or None,
        author_url=web_address(one.creator_url),
        licence=_licence(one),
        attribution=plain(one.attribution, 600),
        size_bytes=one.filesize,
    )


def _licence(one: _Image) -> Licence:
    """The code is what counts ("by-sa" with its version apart); the address says it again."""
    named = {"cc0": "CC0 1.0", "pdm": "PDM 1.0"}.get(one.license.lower(), f"{one.license} {one.license_version or ''}")
    return read_licence(named.strip(), one.license_url)
