"""Opening a hostile media file with libav: it may read this one file, so much of it, for so long, and nothing else.

A thread cannot be killed, but every loop of a demuxer feeds on reads: when these end, it ends.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import av

#: Looking at a file takes a thread at most this long, and at most this much of the file is read.
DEADLINE_S = 4.0
MAX_READ_BYTES = 96_000_000
#: The largest frame that is decoded: 8K.
MAX_FRAME_PIXELS = 36_000_000

_MAX_STREAMS = 64


class BoundedFile:
    """A file for libav to read, that fails when too much or for too long was read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._left = MAX_READ_BYTES
        self._ends = time.monotonic() + DEADLINE_S

    def read(self, size: int) -> bytes:
        """Up to `size` bytes."""
        if self._left <= 0 or time.monotonic() > self._ends:
            raise OSError("the file takes too long to look at")
        data = self._file.read(size)
        self._left -= max(len(data), 1)
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        """As files do."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """As files do."""
        return self._file.tell()


@contextmanager
def open_bounded(path: Path, container: str) -> Iterator[Any]:
    """The file opened by the named reader; decoders use one thread and refuse frames larger than 8K.

    Raises:
        FFmpegError, ValueError, OSError: it cannot be read, or not in time.
    """
    limits: Any = {"max_pixels": str(MAX_FRAME_PIXELS), "threads": "1"}
    with (
        path.open("rb") as raw,
        av.open(
            BoundedFile(raw),
            format=container,
            container_options={
                "protocol_whitelist": "",
                "probesize": "8000000",
                "analyzeduration": "3000000",
                "max_streams": str(_MAX_STREAMS),
            },
            stream_options=[limits] * _MAX_STREAMS,
            io_open=_refuse,
        ) as file,
    ):
        for stream in file.streams:
            if stream.type in {"video", "audio"}:
                stream.codec_context.thread_count = 1
                stream.codec_context.options = {**limits, "flags": "+low_delay"}
        yield file


def _refuse(url: str, flags: int, options: dict[str, Any]) -> Any:  # noqa: ARG001 - libav's signature
    """No file may name another one."""
    raise OSError("a media file may not open another file")
