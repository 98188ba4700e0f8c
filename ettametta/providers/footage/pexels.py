"""Pexels: photos and clips by search, with a key. Wire format: https://www.pexels.com/api/documentation/."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from pydantic import Field, SecretStr

from ettametta.errors import ConfigError
from ettametta.kit.http import HttpClient
from ettametta.providers.footage.base import FootageFacts, FootageQuery, FoundAsset
from ettametta.providers.footage.licences import PEXELS
from ettametta.providers.footage.wire import Answer, AnswerT, Rendition, Wire, choose, plain, readable, web_address

#: Languages the `locale` parameter takes, by ISO 639-1.
_LOCALES = {
    "en": "en-US", "pt": "pt-BR", "es": "es-ES", "ca": "ca-ES", "de": "de-DE", "it": "it-IT", "fr": "fr-FR",
    "sv": "sv-SE", "id": "id-ID", "pl": "pl-PL", "ja": "ja-JP", "zh": "zh-CN", "ko": "ko-KR", "th": "th-TH",
    "nl": "nl-NL", "hu": "hu-HU", "vi": "vi-VN", "cs": "cs-CZ", "da": "da-DK", "fi": "fi-FI", "uk": "uk-UA",
    "el": "el-GR", "ro": "ro-RO", "nb": "nb-NO", "sk": "sk-SK", "tr": "tr-TR", "ru": "ru-RU",
}  # fmt: skip
_MAX_PER_PAGE = 80
#: `src.large2x` is the photo scaled down into this box (940x650 at twice the density).
_LARGE_BOX = (1880, 1300)

FACTS = FootageFacts(
    name="pexels",
    title="Pexels",
    kinds=("photo", "clip"),
    key_setting="PEXELS_API_KEY",
    licence_note="Pexels License: free to use and change, no attribution needed, not to be sold as it is",
    terms_url="https://www.pexels.com/license/",
    rate_limit="200 requests an hour, 20,000 a month",
)


class _Sizes(Answer):
    original: str
    large2x: str = ""
    medium: str = ""


class _Photo(Answer):
    id: int
    width: int = Field(gt=0)
    height: int = Field(gt=0)
    url: str
    photographer: str = ""
    photographer_url: str = ""
    alt: str | None = None
    src: _Sizes


class _Photos(Answer):
    photos: list[Any]


class _File(Answer):
    file_type: str = ""
    width: int = Field(gt=0)
    height: int = Field(gt=0)
    link: str
    size: int | None = None


class _User(Answer):
    name: str = ""
    url: str = ""


class _Video(Answer):
    id: int
    url: str
    image: str = ""
    duration: float
    user: _User = _User()
    video_files: list[Any]


class _Videos(Answer):
    videos: list[Any]


class Pexels:
    """Searches Pexels.

    Args:
        http: the outgoing client.
        api_key: sent in the Authorization header.
        base_url: without a slash at the end.
        timeout_s: for one answer, in seconds.

    Raises:
        ConfigError: no key.
    """

    facts = FACTS

    def __init__(
        self,
        http: HttpClient,
        *,
        api_key: SecretStr | None,
        base_url: str = "https://api.pexels.com",
        timeout_s: float = 10.0,
    ) -> None:
        if api_key is None:
            raise ConfigError("There is no key for Pexels.", hint="Set PEXELS_API_KEY.", code="footage.key")
        self._key = api_key
        self._base = base_url.rstrip("/")
        self._wire = Wire(http, FACTS, timeout_s=timeout_s)

    async def search(self, query: FootageQuery) -> tuple[FoundAsset, ...]:
        """See FootageProvider."""
        found: list[FoundAsset] = []
        if query.kind in ("clip", "any"):
            clips = await self._ask("/videos/search", query, _Videos)
            found += [asset for one in readable(clips.videos, _Video) if (asset := _clip(one, query))]
        if query.kind in ("photo", "any"):
            photos = await self._ask("/v1/search", query, _Photos)
            found += [asset for one in readable(photos.photos, _Photo) if (asset := _photo(one, query))]
        return tuple(found)

    async def locate(self, found: FoundAsset, query: FootageQuery) -> FoundAsset:  # noqa: ARG002 - the port's
        """Nothing more to ask: the search names the files."""
        return found

    async def _ask(self, path: str, query: FootageQuery, shape: type[AnswerT]) -> AnswerT:
        parameters: list[tuple[str, str | int]] = [
            ("query", query.text),
            ("per_page", min(query.limit, _MAX_PER_PAGE)),
            ("locale", _LOCALES.get(query.language, "en-US")),
        ]
        if query.orientation:
            parameters.append(("orientation", query.orientation))
        headers = {"authorization": self._key.get_secret_value()}
        return await self._wire.ask(f"{self._base}{path}", parameters, shape, headers=headers)


def _photo(one: _Photo, query: FootageQuery) -> FoundAsset | None:
    original = web_address(one.src.original)
    if original is None:
        return None
    sizes = [Rendition(url=original, width=one.width, height=one.height)]
    if large := web_address(one.src.large2x):
        scale = min(1.0, _LARGE_BOX[0] / one.width, _LARGE_BOX[1] / one.height)
        sizes.append(Rendition(url=large, width=round(one.width * scale), height=round(one.height * scale)))
    best, *others = choose(sizes, query.min_width, query.min_height, covers=True)
    return FoundAsset(
        provider=FACTS.name,
        provider_id=f"photo-{one.id}",
        kind="photo",
        title=plain(one.alt) or _title_in(one.url),
        width=best.width,
        height=best.height,
        file_url=best.url,
        other_urls=tuple(other.url for other in others),
        preview_url=one.src.medium,
        page_url=web_address(one.url) or f"https://www.pexels.com/photo/{one.id}/",
        author=plain(one.photographer) or None,
        author_url=web_address(one.photographer_url),
        licence=PEXELS,
        attribution=f"Photo by {plain(one.photographer) or 'an unnamed author'} on Pexels",
    )


def _clip(one: _Video, query: FootageQuery) -> FoundAsset | None:
    files = [file for file in readable(one.video_files, _File) if file.file_type == "video/mp4"]
    sizes = [
        Rendition(url=url, width=file.width, height=file.height, size_bytes=file.size)
        for file in files
        if (url := web_address(file.link))
    ]
    if not sizes:
        return None
    best, *others = choose(sizes, query.min_width, query.min_height, covers=False)
    return FoundAsset(
        provider=FACTS.name,
        provider_id=f"video-{one.id}",
        kind="clip",
        title=_title_in(one.url),
        width=best.width,
        height=best.height,
        duration_s=one.duration,
        file_url=best.url,
        other_urls=tuple(other.url for other in others),
        preview_url=one.image,
        page_url=web_address(one.url) or f"https://www.pexels.com/video/{one.id}/",
        author=plain(one.user.name) or None,
        author_url=web_address(one.user.url),
        licence=PEXELS,
        attribution=f"Video by {plain(one.user.name) or 'an unnamed author'} on Pexels",
        size_bytes=best.size_bytes,
    )


def _title_in(page_url: str) -> str:
    """Clips have no title, but their page's address is one: `/video/seal-on-the-beach-1526909/`."""
    slug = urlsplit(page_url).path.rstrip("/").rpartition("/")[2]
    return plain(re.sub(r"-?\d+$", "", slug).replace("-", " "))
