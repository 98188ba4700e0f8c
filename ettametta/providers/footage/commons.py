"""Wikimedia Commons: photos and films under free licences, no key.

Wire format: https://www.mediawiki.org/wiki/API:Imageinfo, API:Search and, for films,
https://www.mediawiki.org/wiki/Extension:TimedMediaHandler (`videoinfo` with `derivatives`); licence and author are in
`extmetadata` (https://www.mediawiki.org/wiki/Extension:CommonsMetadata), whose values are HTML.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from ettametta.kit.http import HttpClient
from ettametta.providers.footage.base import FootageFacts, FootageKind, FootageQuery, FoundAsset
from ettametta.providers.footage.licences import Licence, read_licence
from ettametta.providers.footage.wire import Answer, Rendition, Wire, choose, plain, readable, tags_of, web_address

#: Widths in which Wikimedia keeps thumbnails ready; others are made anew, or refused.
_STEPS = (960, 1280, 1920, 3840)
_MAX_ORIGINAL_BYTES = 8_000_000
_STILLS = ("image/jpeg", "image/png", "image/webp")
_FILMS = ("video/webm", "video/mp4")
_FIELDS = "ObjectName|ImageDescription|Categories|LicenseShortName|LicenseUrl|License|Artist|Attribution|UsageTerms"

FACTS = FootageFacts(
    name="commons",
    title="Wikimedia Commons",
    kinds=("photo", "clip"),
    key_setting=None,
    licence_note="Creative Commons or public domain, stated for each file",
    terms_url="https://foundation.wikimedia.org/wiki/Policy:Terms_of_Use",
    rate_limit="no fixed limit: few requests at once, and a user agent that names a contact",
)


class _Value(Answer):
    value: str | float | None = None


class _Derivative(Answer):
    src: str
    type: str = ""
    width: int = Field(gt=0)
    height: int = Field(gt=0)


class _Info(Answer):
    url: str
    descriptionurl: str
    mime: str
    width: int = Field(gt=0)
    height: int = Field(gt=0)
    size: int | None = None
    duration: float | None = None
    thumburl: str = ""
    thumbwidth: int | None = None
    thumbheight: int | None = None
    derivatives: list[Any] | None = None
    extmetadata: dict[str, Any] | None = None

    def fact(self, name: str) -> str:
        """A value of `extmetadata` as plain text; empty when there is none."""
        held = readable([(self.extmetadata or {}).get(name)], _Value)
        return plain(str(held[0].value)) if held and held[0].value is not None else ""


class _Page(Answer):
    pageid: int
    title: str
    index: int = 0
    videoinfo: list[Any]


class _Query(Answer):
    pages: list[Any]


class _Result(Answer):
    query: _Query | None = None
    #: MediaWiki reports failures with status 200
    error: dict[str, Any] | None = None
    batchcomplete: bool | None = None


class Commons:
    """Searches Wikimedia Commons.

    Args:
        http: the outgoing client.
        base_url: without a slash at the end.
        timeout_s: for one answer, in seconds.
    """

    facts = FACTS

    def __init__(
        self, http: HttpClient, *, base_url: str = "https://commons.wikimedia.org", timeout_s: float = 10.0
    ) -> None:
        self._base = base_url.rstrip("/")
        self._wire = Wire(http, FACTS, timeout_s=timeout_s)

    async def search(self, query: FootageQuery) -> tuple[FoundAsset, ...]:
        """See FootageProvider."""
        kinds: tuple[FootageKind, ...] = FACTS.kinds if query.kind == "any" else (query.kind,)
        found: list[FoundAsset] = []
        for kind in kinds:
            found += await self._search(kind, query)
        return tuple(found)

    async def locate(self, found: FoundAsset, query: FootageQuery) -> FoundAsset:  # noqa: ARG002 - the port's
        """Nothing more to ask: the search names the files."""
        return found

    async def _search(self, kind: FootageKind, query: FootageQuery) -> list[FoundAsset]:
        sort = "bitmap" if kind == "photo" else "video"
        parameters: list[tuple[str, str | int]] = [
            ("action", "query"),
            ("format", "json"),
            ("formatversion", 2),
            ("generator", "search"),
            ("gsrsearch", f"filetype:{sort} {_words_of(query.text)}"),
            ("gsrnamespace", 6),
            ("gsrlimit", min(query.limit, 50)),
            ("prop", "videoinfo"),
            ("viprop", "url|size|mime|extmetadata" + ("|derivatives" if kind == "clip" else "")),
            ("viurlwidth", _step_for(query.min_width)),
            ("viextmetadatafilter", _FIELDS),
            ("viextmetadatalanguage", query.language),
        ]
        result = await self._wire.ask(f"{self._base}/w/api.php", parameters, _Result)
        if result.error is not None:
            raise self._wire.unreadable()
        pages = sorted(readable(result.query.pages if result.query else (), _Page), key=lambda page: page.index)
        return [asset for page in pages if (asset := _found(page, kind, query))]


def _words_of(text: str) -> str:
    """The query without what the search engine reads as commands (`intitle:`, quotes, `-word`)."""
    return " ".join("".join(letter if letter.isalnum() else " " for letter in text).split())[:200]


def _step_for(width: int) -> int:
    return next((step for step in _STEPS if step >= width), _STEPS[-1])


def _found(page: _Page, kind: FootageKind, query: FootageQuery) -> FoundAsset | None:
    infos = readable(page.videoinfo[:1], _Info)
    if not infos or (page_url := web_address(infos[0].descriptionurl)) is None:
        return None
    info = infos[0]
    sizes = _stills(info) if kind == "photo" else _films(info)
    chosen = choose(sizes, query.min_width, query.min_height, covers=kind == "photo")
    if not chosen:
        return None
    name = page.title.partition(":")[2].rpartition(".")[0].replace("_", " ")
    return FoundAsset(
        provider=FACTS.name,
        provider_id=str(page.pageid),
        kind=kind,
        title=plain(info.fact("ObjectName") or name),
        tags=tags_of([info.fact("ImageDescription")[:60], *info.fact("Categories").split("|")]),
        width=chosen[0].width,
        height=chosen[0].height,
        duration_s=info.duration,
        file_url=chosen[0].url,
        other_urls=tuple(one.url for one in chosen[1:]),
        preview_url=web_address(info.thumburl) or "",
        page_url=page_url,
        author=info.fact("Artist") or None,
        licence=_licence(info),
        attribution=info.fact("Attribution"),
        size_bytes=chosen[0].size_bytes,
    )


def _stills(info: _Info) -> list[Rendition]:
    sizes = []
    original = web_address(info.url)
    if original and info.mime in _STILLS and (info.size or 0) <= _MAX_ORIGINAL_BYTES:
        sizes.append(Rendition(url=original, width=info.width, height=info.height, size_bytes=info.size))
    thumb = web_address(info.thumburl)
    if thumb and info.thumbwidth and info.thumbheight:
        sizes.append(Rendition(url=thumb, width=info.thumbwidth, height=info.thumbheight))
    return sizes


def _films(info: _Info) -> list[Rendition]:
    """Only WebM and MP4: no reader here opens Ogg films."""
    files = [one for one in readable(info.derivatives or (), _Derivative) if one.type.partition(";")[0] in _FILMS]
    return [Rendition(url=url, width=one.width, height=one.height) for one in files if (url := web_address(one.src))]


def _licence(info: _Info) -> Licence:
    return read_licence(info.fact("LicenseUrl"), info.fact("LicenseShortName"), info.fact("License"))
