"""NASA's image and video library, no key. Wire format: https://images.nasa.gov/docs/images.nasa.gov_api_docs.pdf."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote, urlsplit

from ettametta.errors import NotFound
from ettametta.kit.http import HttpClient
from ettametta.providers.footage.base import FootageFacts, FootageQuery, FoundAsset
from ettametta.providers.footage.licences import NASA
from ettametta.providers.footage.wire import Answer, Wire, plain, readable, tags_of, web_address

_KINDS = {"photo": "image", "clip": "video", "any": "image,video"}
#: Endings of files in an asset's collection, best first: large enough for a frame, small enough to load.
_PHOTO_ENDINGS = ("~large.jpg", "~orig.jpg", "~medium.jpg", "~orig.png")
_CLIP_ENDINGS = ("~medium.mp4", "~large.mp4", "~orig.mp4", "~small.mp4", "~mobile.mp4")
#: The library also shows things that belong to others and says so in their descriptions.
_OTHERS = re.compile(r"copyright|\(c\)|©|all rights reserved|courtesy of|used with permission|\besa\b", re.IGNORECASE)

FACTS = FootageFacts(
    name="nasa",
    title="NASA Images",
    kinds=("photo", "clip"),
    key_setting=None,
    licence_note="NASA's own works, not copyrighted; NASA asks to be named. What names another owner is left out",
    terms_url="https://www.nasa.gov/nasa-brand-center/images-and-media/",
    rate_limit="not stated",
)


class _Data(Answer):
    nasa_id: str
    title: str = ""
    media_type: str
    description: str | None = None
    description_508: str | None = None
    keywords: list[str] | None = None
    center: str | None = None
    photographer: str | None = None
    secondary_creator: str | None = None


class _Link(Answer):
    href: str
    rel: str = ""
    width: int | None = None
    height: int | None = None


class _Item(Answer):
    data: list[Any]
    links: list[Any] | None = None


class _Collection(Answer):
    items: list[Any]


class _Result(Answer):
    collection: _Collection


class Nasa:
    """Searches NASA's library. A search names no files: `locate` asks for those of the one that is wanted.

    Args:
        http: the outgoing client.
        base_url: without a slash at the end.
        timeout_s: for one answer, in seconds.
    """

    facts = FACTS

    def __init__(
        self, http: HttpClient, *, base_url: str = "https://images-api.nasa.gov", timeout_s: float = 10.0
    ) -> None:
        self._base = base_url.rstrip("/")
        self._wire = Wire(http, FACTS, timeout_s=timeout_s)

    async def search(self, query: FootageQuery) -> tuple[FoundAsset, ...]:
        """See FootageProvider."""
        parameters: list[tuple[str, str | int]] = [
            ("q", query.text[:200]),
            ("media_type", _KINDS[query.kind]),
            ("page_size", min(query.limit, 100)),
        ]
        result = await self._wire.ask(f"{self._base}/search", parameters, _Result)
        items = readable(result.collection.items, _Item)
        return tuple(asset for one in items if (asset := _found(one)))

    async def locate(self, found: FoundAsset, query: FootageQuery) -> FoundAsset:  # noqa: ARG002 - the port's
        """See FootageProvider."""
        result = await self._wire.ask(f"{self._base}/asset/{quote(found.provider_id, safe='')}", [], _Result)
        urls = [url for link in readable(result.collection.items, _Link) if (url := _secure(link.href))]
        endings = _PHOTO_ENDINGS if found.kind == "photo" else _CLIP_ENDINGS
        fitting = [url for ending in endings for url in urls if url.lower().endswith(ending)]
        if not fitting:
            raise NotFound(
                "NASA has no file of this picture that can be used.", hint="Choose another.", code="footage.no_file"
            )
        return found.model_copy(update={"file_url": fitting[0], "other_urls": tuple(fitting[1:])})


def _found(item: _Item) -> FoundAsset | None:
    datas = readable(item.data[:1], _Data)
    if not datas or datas[0].media_type not in ("image", "video"):
        return None
    data = datas[0]
    if _OTHERS.search(" ".join(filter(None, (data.description, data.photographer, data.secondary_creator)))):
        return None
    links = readable(item.links or (), _Link)
    original = next((link for link in links if link.rel == "canonical"), None)
    preview = next((link.href for link in links if link.rel == "preview"), "")
    return FoundAsset(
        provider=FACTS.name,
        provider_id=data.nasa_id,
        kind="photo" if data.media_type == "image" else "clip",
        title=plain(data.title),
        tags=tags_of(data.keywords or ()),
        width=original.width if original else None,
        height=original.height if original else None,
        preview_url=_secure(preview) or "",
        page_url=f"https://images.nasa.gov/details/{quote(data.nasa_id)}",
        author=_author(data),
        licence=NASA,
        attribution=f"Credit: {_author(data)}",
    )


def _author(data: _Data) -> str:
    person = plain(data.photographer or data.secondary_creator, 80)
    place = "NASA" if not data.center or data.center == "HQ" else f"NASA/{plain(data.center, 20)}"
    return f"{place}/{person}" if person and "nasa" not in person.lower() else person or place


def _secure(address: str) -> str | None:
    """Its answers name files by http and with bare spaces; the same host serves https."""
    url = web_address(address.strip().replace(" ", "%20"))
    if url is None or urlsplit(url).hostname in (None, "127.0.0.1"):
        return url
    return url.replace("http://", "https://", 1)
