"""Pixabay: photos and clips by search, with a key. Wire format: https://pixabay.com/api/docs/."""

from __future__ import annotations

from typing import Any

from pydantic import Field, SecretStr

from ettametta.errors import ConfigError
from ettametta.kit.http import HttpClient
from ettametta.providers.footage.base import FootageFacts, FootageQuery, FoundAsset
from ettametta.providers.footage.licences import PIXABAY
from ettametta.providers.footage.wire import Answer, Rendition, Wire, choose, plain, readable, tags_of, web_address

_LANGUAGES = frozenset(
    "cs da de en es fr id it hu nl no pl pt ro sk fi sv tr vi th bg ru el ja ko zh".split()  # noqa: SIM905
)
_MAX_QUERY_CHARS = 100
_LEAST_PER_PAGE, _MOST_PER_PAGE = 3, 200
_SHAPES = {"portrait": "vertical", "landscape": "horizontal"}
#: Longest side of each rendition of a photo; the last two are given only to accounts with full access.
_LONG_SIDES = (("largeImageURL", 1280), ("fullHDURL", 1920))

FACTS = FootageFacts(
    name="pixabay",
    title="Pixabay",
    kinds=("photo", "clip"),
    key_setting="PIXABAY_API_KEY",
    licence_note="Pixabay Content License: free to use and change, no attribution needed, not to be sold as it is",
    terms_url="https://pixabay.com/service/license-summary/",
    rate_limit="100 requests a minute; answers are to be kept for 24 hours",
)


class _Hit(Answer):
    id: int
    pageURL: str  # noqa: N815 - the vendor's names
    tags: str = ""
    user: str = ""
    user_id: int | None = None


class _Photo(_Hit):
    imageWidth: int = Field(gt=0)  # noqa: N815
    imageHeight: int = Field(gt=0)  # noqa: N815
    largeImageURL: str  # noqa: N815
    fullHDURL: str = ""  # noqa: N815
    imageURL: str = ""  # noqa: N815
    webformatURL: str = ""  # noqa: N815


class _File(Answer):
    url: str
    width: int = Field(gt=0)
    height: int = Field(gt=0)
    size: int | None = None
    thumbnail: str = ""


class _Video(_Hit):
    duration: float
    videos: dict[str, Any]


class _Hits(Answer):
    hits: list[Any]


class Pixabay:
    """Searches Pixabay.

    Args:
        http: the outgoing client.
        api_key: sent as the parameter `key`, the only way there is.
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
        base_url: str = "https://pixabay.com",
        timeout_s: float = 10.0,
    ) -> None:
        if api_key is None:
            raise ConfigError("There is no key for Pixabay.", hint="Set PIXABAY_API_KEY.", code="footage.key")
        self._key = api_key
        self._base = base_url.rstrip("/")
        self._wire = Wire(http, FACTS, timeout_s=timeout_s)

    async def search(self, query: FootageQuery) -> tuple[FoundAsset, ...]:
        """See FootageProvider."""
        found: list[FoundAsset] = []
        if query.kind in ("clip", "any"):
            clips = await self._ask("/api/videos/", query, [("video_type", "film")])
            found += [asset for one in readable(clips.hits, _Video) if (asset := _clip(one, query))]
        if query.kind in ("photo", "any"):
            shape = _SHAPES.get(query.orientation or "", "all")
            photos = await self._ask("/api/", query, [("image_type", "photo"), ("orientation", shape)])
            found += [asset for one in readable(photos.hits, _Photo) if (asset := _photo(one, query))]
        return tuple(found)

    async def locate(self, found: FoundAsset, query: FootageQuery) -> FoundAsset:  # noqa: ARG002 - the port's
        """Nothing more to ask: the search names the files."""
        return found

    async def _ask(self, path: str, query: FootageQuery, more: list[tuple[str, str]]) -> _Hits:
        parameters: list[tuple[str, str | int]] = [
            ("key", self._key.get_secret_value()),
            ("q", query.text[:_MAX_QUERY_CHARS]),
            ("lang", query.language if query.language in _LANGUAGES else "en"),
            ("per_page", min(max(query.limit, _LEAST_PER_PAGE), _MOST_PER_PAGE)),
            ("safesearch", "true"),
            *more,
        ]
        return await self._wire.ask(f"{self._base}{path}", parameters, _Hits)


def _photo(one: _Photo, query: FootageQuery) -> FoundAsset | None:
    sizes = []
    for field, long_side in _LONG_SIDES:
        if url := web_address(getattr(one, field)):
            scale = min(1.0, long_side / max(one.imageWidth, one.imageHeight))
            sizes.append(Rendition(url=url, width=round(one.imageWidth * scale), height=round(one.imageHeight * scale)))
    if url := web_address(one.imageURL):
        sizes.append(Rendition(url=url, width=one.imageWidth, height=one.imageHeight))
    if not sizes:
        return None
    best, *others = choose(sizes, query.min_width, query.min_height, covers=True)
    return _found(one, "photo", best, others, one.webformatURL, None)


def _clip(one: _Video, query: FootageQuery) -> FoundAsset | None:
    files = [file for file in readable(one.videos.values(), _File) if web_address(file.url)]
    sizes = [Rendition(url=file.url, width=file.width, height=file.height, size_bytes=file.size) for file in files]
    if not sizes:
        return None
    best, *others = choose(sizes, query.min_width, query.min_height, covers=False)
    preview = next((file.thumbnail for file in files if file.thumbnail), "")
    return _found(one, "clip", best, others, preview, one.duration)


def _found(
    one: _Photo | _Video, kind: Any, best: Rendition, others: list[Rendition], preview: str, duration_s: float | None
) -> FoundAsset:
    tags = tags_of(one.tags.split(","))
    author = plain(one.user) or None
    return FoundAsset(
        provider=FACTS.name,
        provider_id=f"{kind}-{one.id}",
        kind=kind,
        title=", ".join(tags[:6]),
        tags=tags,
        width=best.width,
        height=best.height,
        duration_s=duration_s,
        file_url=best.url,
        other_urls=tuple(other.url for other in others),
        preview_url=preview,
        page_url=web_address(one.pageURL) or f"https://pixabay.com/{one.id}/",
        author=author,
        author_url=web_address(f"https://pixabay.com/users/{one.user}-{one.user_id}/") if one.user_id else None,
        licence=PIXABAY,
        attribution=f"{kind.capitalize()} by {author or 'an unnamed author'} from Pixabay",
        size_bytes=best.size_bytes,
    )
