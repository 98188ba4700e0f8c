"""Looking at a person's files before anything else does: what they are, how large, how long. Everything is hostile.

Only containers and picture formats on the lists below are opened, each by its own reader chosen from the file's first
bytes, so a playlist or a script for ffmpeg is never read as one.
"""

from __future__ import annotations

import asyncio
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import av
import av.error
from PIL import Image, ImageOps, UnidentifiedImageError

from ettametta.errors import InvalidInput
from ettametta.video.probing.bounded import MAX_FRAME_PIXELS, open_bounded
from ettametta.video.probing.mp4 import has_outside_references

MAX_PICTURE_PIXELS = 50_000_000
MAX_PICTURE_BYTES = 100_000_000
#: A progressive JPEG is drawn over once a scan; cameras and programs write about ten.
MAX_JPEG_SCANS = 60
MAX_CLIP_SIDE = 8192
MAX_CLIP_S = 3600.0
MAX_STREAMS = 16
#: How many packets may pass before the first picture.
MAX_BLIND_PACKETS = 400
#: Moving pictures that are read; whatever else ffmpeg could decode is not.
VIDEO_CODECS = frozenset(
    {"av1", "dvvideo", "h264", "hevc", "libdav1d", "mjpeg", "mpeg2video", "mpeg4", "prores", "theora", "vp8", "vp9",
     "libvpx", "libvpx-vp9"}
)  # fmt: skip
#: A file that takes longer than this to look at is refused.
PROBE_TIMEOUT_S = 4.5
#: As Pillow names its readers; the one for JPEG also reads MPO.
PICTURE_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")

_HEAD = 1024
_TS_PACKET = 188
#: AVCOL_SPC_UNSPECIFIED, and the short side from which on such pictures are taken for BT.709.
_UNSPECIFIED, _HIGH_DEFINITION = 2, 720
#: What Pillow's readers let out on damaged files.
_PILLOW_ERRORS = (
    OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, OverflowError, struct.error,
    zlib.error,
)  # fmt: skip
_Facts = TypeVar("_Facts")


@dataclass(frozen=True, slots=True)
class PhotoFacts:
    """A picture: upright size in pixels, format as Pillow names it."""

    width: int
    height: int
    format: str


@dataclass(frozen=True, slots=True)
class ClipFacts:
    """A moving picture: upright size in pixels, seconds, frames a second, container as ffmpeg's reader is called.

    `untagged`: it is of high definition and does not say what its colours mean.
    """

    width: int
    height: int
    duration_s: float
    fps: float
    container: str
    codec: str
    untagged: bool = False


async def probe_media(path: Path) -> PhotoFacts | ClipFacts:
    """Find out what a file is.

    Raises:
        InvalidInput: neither a picture nor a clip, broken, or too large; the sentence says which.
    """
    container = await asyncio.to_thread(sniff_container, path)
    return await probe_clip(path) if container else await probe_photo(path)


async def probe_photo(path: Path) -> PhotoFacts:
    """Size and format of a picture, decoded once to be sure it is whole.

    Raises:
        InvalidInput: not a picture, broken, or more than 50 megapixels.
    """
    return await within_time(lambda: _look_at_photo(path))


async def probe_clip(path: Path) -> ClipFacts:
    """Facts of a clip; its first frame is decoded to be sure it can be.

    Raises:
        InvalidInput: not a video, broken, longer than an hour or larger than 8192 pixels a side.
    """
    return await within_time(lambda: _look_at_clip(path))


def open_photo(path: Path) -> Image.Image:
    """A picture, decoded, turned upright; mode as in the file. Its size was checked before its pixels were read.

    Raises:
        InvalidInput: not a picture, broken, or more than 50 megapixels.
    """
    return _read_photo(path)[0]


def _read_photo(path: Path) -> tuple[Image.Image, str]:
    try:
        _check_before_opening(path)
        with Image.open(path, formats=PICTURE_FORMATS) as picture:
            _check_size(picture.width, picture.height)
            picture.load()
            return ImageOps.exif_transpose(picture), picture.format or "picture"
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large("far more than 50 megapixels") from None
    except UnidentifiedImageError:
        raise InvalidInput(
            "This file is neither a picture nor a video that I can read.",
            hint="Send a JPEG, PNG or WebP picture, or an MP4, MOV or WebM video.",
            code="video.not_media",
        ) from None
    except _PILLOW_ERRORS as error:
        raise InvalidInput(
            "This picture is damaged or incomplete.", hint="Send it again.", code="video.unreadable"
        ) from error


def _check_before_opening(path: Path) -> None:
    """What has to be known before Pillow looks: some readers make room for a picture as soon as it is opened.

    Raises:
        InvalidInput: the file is too large, or a bomb.
    """
    size = path.stat().st_size
    if size > MAX_PICTURE_BYTES:
        raise _too_large(f"{size / 1e6:,.0f} MB")
    with path.open("rb") as file:
        head = file.read(_HEAD)
        if head[:4] == b"RIFF" and head[8:16] == b"WEBPVP8X":
            _check_size(int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1)
        if head[:2] == b"\xff\xd8" and (head + file.read()).count(b"\xff\xda") > MAX_JPEG_SCANS:
            raise InvalidInput(
                f"This picture is drawn in more than {MAX_JPEG_SCANS} scans, which no camera does.",
                hint="Save it again as an ordinary JPEG or PNG.",
                code="video.bomb",
            )


def sniff_container(path: Path) -> str:
    """The reader for a clip by its first bytes, or an empty string when it is none of the allowed containers.

    Raises:
        InvalidInput: the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        raise InvalidInput("This file cannot be read.", hint="Send it again.", code="video.unreadable") from error
    if head[4:8] in {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"}:
        return "mov"
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return "matroska"
    if head[:4] == b"RIFF" and head[8:11] == b"AVI":
        return "avi"
    return "mpegts" if [head[at : at + 1] for at in (0, _TS_PACKET, 2 * _TS_PACKET)] == [b"G"] * 3 else ""


async def within_time(look: Callable[[], _Facts]) -> _Facts:
    """What a look at a file gives, made in a thread.

    Raises:
        InvalidInput: it takes longer than `PROBE_TIMEOUT_S`.
    """
    try:
        async with asyncio.timeout(PROBE_TIMEOUT_S):
            return await asyncio.to_thread(look)
    except TimeoutError:
        raise InvalidInput(
            "This file takes too long to read.", hint="Convert it to JPEG or MP4 (H.264).", code="video.unreadable"
        ) from None


def _look_at_photo(path: Path) -> PhotoFacts:
    picture, name = _read_photo(path)
    return PhotoFacts(picture.width, picture.height, name)


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PICTURE_PIXELS:
        raise _too_large(f"{width}x{height} pixels")


def _look_at_clip(path: Path) -> ClipFacts:
    container = sniff_container(path)
    if not container:
        raise InvalidInput(
            "This file is not a video that I can read.", hint="Send an MP4, MOV or WebM.", code="video.not_media"
        )
    try:
        with open_bounded(path, container) as file:
            _check_streams(file, path, container)
            return _clip_facts(file, container)
    except (av.error.FFmpegError, ValueError, OSError, StopIteration) as error:
        raise InvalidInput(
            "This video is damaged or incomplete.", hint="Send it again, as MP4 (H.264).", code="video.unreadable"
        ) from error


def _check_streams(file: Any, path: Path, container: str) -> None:
    """Refuse what a clip need not carry, before anything is decoded."""
    if len(file.streams) > MAX_STREAMS or not file.streams.video:
        raise InvalidInput(
            "This file holds no moving picture.", hint="Send an MP4, MOV or WebM video.", code="video.not_media"
        )
    if any(stream.type in {"subtitle", "attachment"} for stream in file.streams):
        raise InvalidInput(
            "This video carries subtitles or attached files, which are not read here.",
            hint="Save it without them, as MP4 (H.264).",
            code="video.extra_streams",
        )
    if container == "mov" and has_outside_references(path):
        raise InvalidInput(
            "This video keeps its pictures in another file.", hint="Export it as one MP4.", code="video.outside"
        )
    codec = file.streams.video[0].codec_context.name
    if codec not in VIDEO_CODECS:
        raise InvalidInput(
            f"Videos coded with {codec} are not read here.", hint="Convert it to MP4 (H.264).", code="video.codec"
        )


def _clip_facts(file: Any, container: str) -> ClipFacts:
    stream = file.streams.video[0]
    _check_clip_size(stream.width, stream.height)
    of_file = max(0.0, (file.duration or 0) / av.time_base)
    of_stream = float(stream.duration * stream.time_base) if stream.duration and stream.time_base else 0.0
    duration_s = max(of_file, of_stream)
    if duration_s > MAX_CLIP_S:
        raise InvalidInput(
            f"This video is {duration_s / 3600:.1f} hours long.", hint="Cut it to under an hour.", code="video.too_long"
        )
    frame = _first_frame(file, stream)
    _check_clip_size(frame.width, frame.height)  # the picture itself may say another size than its container
    turned = abs(frame.rotation) % 180 == 90
    width, height = (frame.height, frame.width) if turned else (frame.width, frame.height)
    rate = float(stream.average_rate or stream.base_rate or 0)
    seconds = of_stream or of_file or 1 / max(rate, 1)
    untagged = int(frame.colorspace) == _UNSPECIFIED and min(width, height) >= _HIGH_DEFINITION
    return ClipFacts(width, height, seconds, rate, container, stream.codec_context.name, untagged)


def _first_frame(file: Any, stream: Any) -> Any:
    for number, packet in enumerate(file.demux(stream)):
        for frame in packet.decode():
            return frame
        if number >= MAX_BLIND_PACKETS:
            break
    raise ValueError("no picture in the first packets")


def _check_clip_size(width: int, height: int) -> None:
    if max(width, height) > MAX_CLIP_SIDE or width * height > MAX_FRAME_PIXELS:
        raise _too_large(f"{width}x{height} pixels")


def _too_large(size: str) -> InvalidInput:
    return InvalidInput(
        f"This file is too large to work with: {size}.",
        hint="Make it smaller: pictures up to 50 megapixels, videos up to 8192 pixels a side.",
        code="video.too_large",
    )
