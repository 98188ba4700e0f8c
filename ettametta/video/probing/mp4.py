"""Reading the few facts of an MP4's boxes that no library tells: their order, and how long each track is played."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from ettametta.errors import InvalidInput

_MAX_MOOV_BYTES = 64 * 1024**2
#: A `free` box that begins like this holds a note of ours; players skip such boxes.
_NOTE = b"ettametta:"
_NOTE_BYTES = 256


@dataclass(frozen=True, slots=True)
class Mp4Facts:
    """`boxes` are the top-level ones in order; lengths are seconds from the track headers (edit lists applied)."""

    boxes: tuple[str, ...]
    video_s: float
    audio_s: float

    @property
    def faststart(self) -> bool:
        """Whether the index stands before the media."""
        return "moov" in self.boxes and "mdat" in self.boxes and self.boxes.index("moov") < self.boxes.index("mdat")


def read_mp4(path: Path) -> Mp4Facts:
    """Read a file's boxes (ISO/IEC 14496-12).

    Raises:
        InvalidInput: it is not a whole MP4.
    """
    try:
        with path.open("rb") as file:
            boxes, moov = _top_level(file, path.stat().st_size)
        lengths = dict(_tracks(moov))
        return Mp4Facts(boxes, lengths.get("vide", 0.0), lengths.get("soun", 0.0))
    except (struct.error, OSError, KeyError, IndexError, ZeroDivisionError) as error:
        raise InvalidInput("The file is not a whole MP4.", hint="Render it again.", code="video.not_mp4") from error


def add_note(path: Path, facts: dict[str, Any]) -> None:
    """Write down a few facts in a box at the end of a file, so that they are kept with it."""
    body = _NOTE + json.dumps(facts).encode()
    body += b" " * (_NOTE_BYTES - 8 - len(body))
    with path.open("ab") as file:
        file.write(struct.pack(">I4s", _NOTE_BYTES, b"free") + body)


def read_note(path: Path) -> dict[str, Any]:
    """What `add_note` wrote, or nothing: the file has no note or is cut short."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _NOTE_BYTES))
        tail = file.read()
    if not tail.startswith(struct.pack(">I4s", _NOTE_BYTES, b"free") + _NOTE):
        return {}
    try:
        facts = json.loads(tail[8 + len(_NOTE) :])
    except ValueError:
        return {}
    return facts if isinstance(facts, dict) else {}


def has_outside_references(path: Path) -> bool:
    """Whether a track of a movie says that its media lie in another file (ISO/IEC 14496-12, data reference box)."""
    try:
        with path.open("rb") as file:
            _, moov = _top_level(file, path.stat().st_size)
        return any(_is_outside(body) for kind, body in _children(moov) if kind == b"trak")
    except (struct.error, OSError, KeyError):
        return False  # whoever reads the media will say what is wrong


def _is_outside(track: bytes) -> bool:
    body = track
    for kind in (b"mdia", b"minf", b"dinf", b"dref"):
        body = dict(_children(body))[kind]
    return any(entry[:4] != b"\0\0\0\x01" for _, entry in _children(body[8:]))


def _top_level(file: BinaryIO, size: int) -> tuple[tuple[str, ...], bytes]:
    names: list[str] = []
    moov = b""
    at = 0
    while at + 8 <= size:
        file.seek(at)
        length, kind = struct.unpack(">I4s", file.read(8))
        header = 8
        if length == 1:
            (length,) = struct.unpack(">Q", file.read(8))
            header = 16
        length = length or size - at
        if length < header:
            raise struct.error("a box shorter than its header")
        names.append(kind.decode("latin-1"))
        if kind == b"moov":
            moov = file.read(min(length - header, _MAX_MOOV_BYTES))
        at += length
    return tuple(names), moov


def _children(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        if length < 8:
            return
        yield kind, data[at + 8 : at + length]
        at += length


def _tracks(moov: bytes) -> Iterator[tuple[str, float]]:
    """Handler ("vide", "soun") and length in seconds of each track."""
    scale = 1
    for kind, body in _children(moov):
        if kind == b"mvhd":
            (scale,) = struct.unpack_from(">I", body, 20 if body[0] else 12)
        elif kind == b"trak":
            boxes = dict(_children(body))
            header = boxes[b"tkhd"]
            (length,) = struct.unpack_from(">Q" if header[0] else ">I", header, 28 if header[0] else 20)
            handler = dict(_children(boxes[b"mdia"]))[b"hdlr"][8:12]
            yield handler.decode("latin-1"), length / scale
