"""Internet Archive: films and pictures whose item states a licence, no key.

Wire format: https://archive.org/developers/ (advancedsearch.php with output=json; /metadata/{identifier}).
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from pydantic import Field

from ettametta.errors import NotFound
from ettametta.kit.http import HttpClient
from ettametta.providers.footage.base import MAX_CLIP_BYTES, MAX_PHOTO_BYTES, FootageFacts, FootageQuery, FoundAsset
from ettametta.providers.footage.licences import read_licence
from ettametta.providers.footage.wire import Answer, Rendition, Wire, choose, plain, readable, tags_of, texts

_KINDS = {"photo": "image", "clip": "movies", "any": "(movies OR image)"}
_FIELDS = ("identifier", "title", "creator", "licenseurl", "mediatype", "subject")
_CLIP_FORMATS = ("h.264", "h.264 IA", "MPEG4", "512Kb MPEG4", "h.264 HD")
_PHOTO_FORMATS = ("JPEG", "PNG")

FACTS = FootageFacts(
    name="archive",
    title="Internet Archive",
    kinds=("photo", "clip"),
    key_setting=None,
    licence_note="only items that state a Creative Commons licence or the public domain",
    terms_url="https://archive.org/about/terms",
    rate_limit="no fixed limit: few requests at once",
)


class _Doc(Answer):
    identifier: str
    title: list[str] | str | None = None
    creator: list[str] | str | None = None
    licenseurl: list[str] | str | None = None
    mediatype: str
    subject: list[str] | str | None = None


class _Docs(Answer):
    docs: list[Any]


class _Result(Answer):
    response: _Docs


class _File(Answer):
    """Numbers come as text; a film's length as seconds."""

    name: str
    format: str = ""
    size: int
    width: int = 0
    height: int = 0
    length: str = ""


class _Item(Answer):
    files: list[Any] = Field(default_factory=list)


class InternetArchive:
    """Searches the Internet Archive. A search names no files: `locate` asks for those of the one that is wanted.

    Args:
        http: the outgoing client.
        base_url: without a slash at the end.
        timeout_s: for one answer, in seconds.
    """

    facts = FACTS

    def __init__(self, http: HttpClient, *, base_url: str = "https://archive.org", timeout_s: float = 10.0) -> None:
        self._base = base_url.rstrip("/")
        self._wire = Wire(http, FACTS, timeout_s=timeout_s)

    async def search(self, query: FootageQuery) -> tuple[FoundAsset, ...]:
        """See FootageProvider."""
        words = " ".join("".join(letter if letter.isalnum() else " " for letter in query.text).split())[:200]
        asked = f"({words}) AND mediatype:{_KINDS[query.kind]} AND licenseurl:*creativecommons*"
        parameters: list[tuple[str, str | int]] = [
            ("q", asked),
            *(("fl[]", field) for field in _FIELDS),
            ("rows", min(query.limit, 50)),
            ("page", 1),
            ("output", "json"),
        ]
        result = await self._wire.ask(f"{self._base}/advancedsearch.php", parameters, _Result)
        docs = readable(result.response.docs, _Doc)
        return tuple(asset for one in docs if (asset := self._found(one)))

    def _found(self, one: _Doc) -> FoundAsset | None:
        licence = read_licence(*texts(one.licenseurl))
        if not licence.is_known or one.mediatype not in ("movies", "image"):
            return None
        name = quote(one.identifier, safe="")
        return FoundAsset(
            provider=FACTS.name,
            provider_id=one.identifier,
            kind="clip" if one.mediatype == "movies" else "photo",
            title=plain(" ".join(texts(one.title))),
            tags=tags_of(word for text in texts(one.subject) for word in text.split(";")),
            preview_url=f"{self._base}/services/img/{name}",
            page_url=f"https://archive.org/details/{name}",
            author=plain(", ".join(texts(one.creator)), 160) or None,
            licence=licence,
        )

    async def locate(self, found: FoundAsset, query: FootageQuery) -> FoundAsset:
        """See FootageProvider."""
        name = quote(found.provider_id, safe="")
        item = await self._wire.ask(f"{self._base}/metadata/{name}", [], _Item)
        files = [file for file in readable(item.files, _File) if _is_usable(file, found)]
        sizes = [
            Rendition(
                url=f"{self._base}/download/{name}/{quote(file.name)}",
                width=file.width,
                height=file.height,
                size_bytes=file.size,
            )
            for file in sorted(files, key=lambda file: file.size)
        ]
        chosen = choose(sizes, query.min_width, query.min_height, covers=found.kind == "photo")
        if not chosen:
            raise NotFound(
                "The Internet Archive has no file of this item that can be used.",
                hint="Choose another.",
                code="footage.no_file",
            )
        best = chosen[0]
        update = {
            "file_url": best.url,
            "other_urls": tuple(one.url for one in chosen[1:]),
            "width": best.width or None,
            "height": best.height or None,
            "size_bytes": best.size_bytes,
        }
        return found.model_copy(update=update)


def _is_usable(file: _File, found: FoundAsset) -> bool:
    if found.kind == "clip":
        return file.format in _CLIP_FORMATS and file.size <= MAX_CLIP_BYTES
    return file.format in _PHOTO_FORMATS and file.size <= MAX_PHOTO_BYTES
