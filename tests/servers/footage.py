"""A server that speaks for all picture sources at once: searches, items, files, keys, and failures on demand.

In a test::

    async with FootageServer() as server:
        server.has("openverse", Item(1, "A lighthouse at night"))
        server.fail(Fault(429, retry_after="7"))
        ...  # use server.url as the base address of any source
"""

from __future__ import annotations

import asyncio
import io
import re
from collections import defaultdict, deque
from dataclasses import dataclass
from functools import lru_cache
from types import TracebackType
from typing import Self

import av
import numpy as np
from aiohttp import web
from PIL import Image

from tests.servers.footage_payloads import SEARCHES, Item, archive_item, nasa_asset

__all__ = ["KEY", "Fault", "FootageServer", "Item"]

#: The key both sources with keys take; it must not be seen anywhere.
KEY = "px-0123456789SECRET"
_KEYED = {"pexels", "pixabay"}


@dataclass(frozen=True)
class Fault:
    """How to answer instead of well."""

    status: int = 200
    retry_after: str | None = None
    delay_s: float = 0.0
    #: announce more than is sent
    truncated: bool = False
    raw: bytes = b""
    content_type: str = "application/json"


class FootageServer:
    """The server; an async context manager. `requests` lists (source or "files", path with query)."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str]] = []
        self._items: dict[str, list[Item]] = defaultdict(list)
        self._faults: deque[Fault] = deque()
        self._broken: dict[str, Fault] = {}
        self._once: dict[str, Fault] = {}
        self._port = 0
        self._runner: web.AppRunner | None = None
        self._closing = asyncio.Event()

    @property
    def url(self) -> str:
        """The base address of every source."""
        return f"http://127.0.0.1:{self._port}"

    def has(self, source: str, *items: Item) -> None:
        """Give a source something to find."""
        self._items[source] += items

    def fail(self, *faults: Fault) -> None:
        """Answer the next requests so, in order."""
        self._faults.extend(faults)

    def break_down(self, source: str, fault: Fault) -> None:
        """Answer every request to a source (or to "files") so."""
        self._broken[source] = fault

    def fail_once(self, source: str, fault: Fault) -> None:
        """Answer the next request to a source (or to "files") so."""
        self._once[source] = fault

    def asked(self, source: str) -> list[str]:
        """The paths a source was asked for."""
        return [path for name, path in self.requests if name == source]

    async def __aenter__(self) -> Self:
        app = web.Application()
        for path in SEARCHES:
            app.router.add_get(path, self._search)
        app.router.add_get("/asset/{id}", self._nasa_asset)
        app.router.add_get("/metadata/{id}", self._archive_item)
        app.router.add_get("/files/{seed}/{name}", self._file)
        app.router.add_get("/download/{id}/{name}", self._archive_file)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        if self._runner:
            await self._runner.cleanup()

    async def _faulty(self, source: str, request: web.Request) -> web.StreamResponse | None:
        """The failure that is due, or None. Every request is written down first."""
        self.requests.append((source, request.path_qs))
        fault = self._faults.popleft() if self._faults else self._once.pop(source, self._broken.get(source))
        if fault is None:
            return None
        if fault.delay_s:
            await asyncio.wait([asyncio.ensure_future(self._closing.wait())], timeout=fault.delay_s)
        headers = {"Content-Type": fault.content_type}
        if fault.retry_after is not None:
            headers["Retry-After"] = fault.retry_after
        if not fault.truncated:
            return web.Response(status=fault.status, body=fault.raw, headers=headers)
        response = web.StreamResponse(headers={**headers, "Content-Length": "5000"})
        await response.prepare(request)
        await response.write(fault.raw or b'{"photos": [')
        assert request.transport is not None
        request.transport.close()
        return response

    async def _search(self, request: web.Request) -> web.StreamResponse:
        source, kind, make = SEARCHES[request.path]
        fault = await self._faulty(source, request)
        if fault is not None:
            return fault
        if source in _KEYED and not _has_key(source, request):
            status = 401 if source == "pexels" else 400
            return web.Response(status=status, text="[ERROR] Invalid or missing API key")
        found = [one for one in self._items[source] if _matches(one, _wanted_kind(kind, request), request)]
        return web.json_response(make(found, self.url))

    async def _nasa_asset(self, request: web.Request) -> web.StreamResponse:
        found = self._by_number("nasa", request.match_info["id"].removeprefix("as17-"))
        return await self._faulty("nasa", request) or web.json_response(nasa_asset(found, self.url))

    async def _archive_item(self, request: web.Request) -> web.StreamResponse:
        found = self._by_number("archive", request.match_info["id"].removeprefix("item-"))
        return await self._faulty("archive", request) or web.json_response(archive_item(found, self.url))

    async def _archive_file(self, request: web.Request) -> web.StreamResponse:
        return await self._serve(request, request.match_info["id"].removeprefix("item-"))

    async def _file(self, request: web.Request) -> web.StreamResponse:
        return await self._serve(request, request.match_info["seed"])

    async def _serve(self, request: web.Request, seed: str) -> web.StreamResponse:
        fault = await self._faulty("files", request)
        if fault is not None:
            return fault
        width, height = (int(side) for side in re.findall(r"\d+", request.match_info["name"])[:2])
        if request.match_info["name"].endswith(".mp4"):
            return web.Response(body=film(int(seed), width, height), content_type="video/mp4")
        return web.Response(body=picture(int(seed), width, height), content_type="image/jpeg")

    def _by_number(self, source: str, number: str) -> Item:
        return next(one for one in self._items[source] if str(one.number) == number)


def _has_key(source: str, request: web.Request) -> bool:
    given = request.headers.get("Authorization") if source == "pexels" else request.query.get("key")
    return given == KEY


def _wanted_kind(kind: str, request: web.Request) -> str:
    """What a search over both kinds was narrowed to."""
    if kind != "any":
        return kind
    text = " ".join(request.query.get(name, "") for name in ("gsrsearch", "media_type", "q"))
    if request.path == "/search":
        return {"image": "photo", "video": "clip"}.get(request.query["media_type"], "any")
    if "filetype:bitmap" in text or "mediatype:image " in text:
        return "photo"
    return "clip" if "filetype:video" in text or "mediatype:movies " in text else "any"


def _matches(one: Item, kind: str, request: web.Request) -> bool:
    if kind not in ("any", one.kind):
        return False
    text = request.query.get("query") or request.query.get("gsrsearch") or request.query.get("q") or ""
    asked = set(re.findall(r"\w+", text.lower()))
    return bool(asked & set(re.findall(r"\w+", one.words)))


def _pixels(seed: int, width: int, height: int) -> Image.Image:
    """A picture of its own for every seed, the same in every size: soft patches of colour."""
    patches = np.random.default_rng(seed).integers(0, 256, (9, 12, 3), dtype=np.uint8)
    return Image.fromarray(patches).resize((width, height), Image.Resampling.BICUBIC)


@lru_cache(maxsize=64)
def picture(seed: int, width: int, height: int) -> bytes:
    """A JPEG."""
    out = io.BytesIO()
    _pixels(seed, width, height).save(out, "JPEG", quality=80)
    return out.getvalue()


@lru_cache(maxsize=16)
def film(seed: int, width: int, height: int, seconds: float = 1.0) -> bytes:
    """A small H.264 film."""
    out = io.BytesIO()
    pixels = np.asarray(_pixels(seed, width, height))
    with av.open(out, "w", format="mp4") as file:
        stream = file.add_stream("libx264", rate=10, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for _ in range(round(seconds * 10)):
            file.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        file.mux(stream.encode())
    return out.getvalue()
