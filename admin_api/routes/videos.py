"""Finished videos: the file itself, whole or by range, and what belongs to it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import StreamingResponse

from admin_api import problems
from admin_api.dependencies import ResourcesDep
from admin_api.ranges import ByteRange, UnsatisfiableRangeError, parse_range
from ettametta.bootstrap import Resources
from ettametta.errors import NotFound
from ettametta.models import Video

router = APIRouter(prefix="/videos", tags=["videos"])

_FILE_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"video/mp4": {}}, "description": "The whole file."},
    206: {"content": {"video/mp4": {}}, "description": "The bytes that were asked for."},
    304: {"description": "The caller has it already."},
    **problems.responses(404, 416),
}

_PART_RESPONSES: dict[int | str, dict[str, Any]] = {200: {"description": "The file."}, **problems.responses(404)}

Part = Literal["contact-sheet", "cover", "thumbnail", "captions.srt", "captions.vtt", "captions.ass", "credits"]
#: The column with the key, and the media type.
_PARTS: dict[str, tuple[str, str]] = {
    "contact-sheet": ("contact_sheet_key", "image/jpeg"),
    "cover": ("cover_key", "image/jpeg"),
    "thumbnail": ("thumbnail_key", "image/jpeg"),
    "captions.srt": ("captions_key", "application/x-subrip"),
    "captions.vtt": ("vtt_key", "text/vtt; charset=utf-8"),
    "captions.ass": ("ass_key", "text/x-ssa; charset=utf-8"),
    "credits": ("credits_key", "text/plain; charset=utf-8"),
}


@router.get("/{video_id}/file", response_class=StreamingResponse, responses=_FILE_RESPONSES)
async def get_video_file(
    request: Request,
    resources: ResourcesDep,
    video_id: str,
    byte_range: Annotated[str | None, Header(alias="Range")] = None,
    if_none_match: Annotated[str | None, Header()] = None,
    if_range: Annotated[str | None, Header()] = None,
) -> Response:
    """The MP4; one range at a time."""
    video = await _find(resources, video_id)
    etag = f'"{video.sha256}"'
    headers = {
        "ETag": etag,
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, max-age=31536000, immutable",
        "Content-Disposition": f'inline; filename="ettametta-{video.id[:8]}.mp4"',
    }
    if if_none_match is not None and etag in {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}:
        return Response(status_code=304, headers=headers)
    size = await resources.storage.size(video.storage_key)
    try:
        wanted = parse_range(byte_range if if_range in {None, etag} else None, size)
    except UnsatisfiableRangeError:
        return _no_such_bytes(request.state.request_id, size)
    return _stream(resources, video.storage_key, wanted, size, headers)


@router.get("/{video_id}/covers/{number}", response_class=StreamingResponse, responses=_PART_RESPONSES)
async def get_cover(resources: ResourcesDep, video_id: str, number: int) -> Response:
    """One of the other covers, by its number from 1."""
    covers = (await _find(resources, video_id)).cover_keys or []
    key = covers[number - 1] if 1 <= number <= len(covers) else None
    return await _part(resources, key, "image/jpeg", f"cover {number}")


@router.get("/{video_id}/{part}", response_class=StreamingResponse, responses=_PART_RESPONSES)
async def get_video_part(resources: ResourcesDep, video_id: str, part: Part) -> Response:
    """A file that belongs to a video: contact sheet, cover, thumbnail, captions, credits."""
    column, media_type = _PARTS[part]
    return await _part(resources, getattr(await _find(resources, video_id), column), media_type, part)


async def _part(resources: Resources, key: str | None, media_type: str, name: str) -> Response:
    if key is None or not await resources.storage.exists(key):
        raise NotFound(f"This video has no {name}.", hint="It was not made with it.", code="video.no_part")
    size = await resources.storage.size(key)
    headers = {"Content-Length": str(size), "Cache-Control": "private, max-age=31536000, immutable"}
    return StreamingResponse(resources.storage.stream(key, 0, size), headers=headers, media_type=media_type)


async def _find(resources: Resources, video_id: str) -> Video:
    async with resources.database.read_scope() as session:
        video = await session.get(Video, video_id)
    if video is None:
        raise NotFound(
            f"There is no video {video_id[:32]}.",
            hint="List the productions to see their videos.",
            code="video.not_found",
        )
    return video


def _no_such_bytes(request_id: str, size: int) -> Response:
    return problems.problem_response(
        request_id,
        416,
        code="api.range",
        detail=f"The file has {size} bytes; it has none of those that were asked for.",
        headers={"Content-Range": f"bytes */{size}"},
    )


def _stream(
    resources: Resources, key: str, wanted: ByteRange | None, size: int, headers: dict[str, str]
) -> StreamingResponse:
    part = wanted or ByteRange(0, size)
    headers |= {"Content-Length": str(part.end - part.start)}
    if wanted is not None:
        headers |= {"Content-Range": f"bytes {part.start}-{part.end - 1}/{size}"}
    body = resources.storage.stream(key, part.start, part.end)
    return StreamingResponse(body, 206 if wanted else 200, headers=headers, media_type="video/mp4")
