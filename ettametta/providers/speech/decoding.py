"""Sound files of any usual kind as mono samples. They come from outside: only known containers, limits on length."""

from __future__ import annotations

import io
from pathlib import Path

import av
import av.error
import numpy as np

from ettametta.errors import InvalidInput
from ettametta.providers.speech.audio import Samples, Sound

#: The sample rate of what is decoded.
RATE = 24_000
LONGEST_S = 1_800.0
_HEAD = 64
_STARTS = {b"OggS": "ogg", b"fLaC": "flac", b"\x1a\x45\xdf\xa3": "matroska", b"ID3": "mp3"}


def sniff_sound(head: bytes) -> str:
    """The reader of ffmpeg for a sound file by its first bytes; empty when it is none of the known kinds."""
    if head[:4] == b"RIFF":
        return "wav" if head[8:12] == b"WAVE" else ""
    if head[4:8] == b"ftyp":
        return "mov"
    for start, reader in _STARTS.items():
        if head.startswith(start):
            return reader
    if len(head) > 2 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:
        return "aac" if head[1] & 0xF6 == 0xF0 else "mp3"
    return ""


def read_head(path: Path) -> bytes:
    """The first bytes of a file."""
    with path.open("rb") as file:
        return file.read(_HEAD)


def decode_sound(source: bytes | Path, *, longest_s: float = LONGEST_S) -> Sound:
    """All of a sound file, mono at 24 kHz.

    Raises:
        InvalidInput: `speech.not_sound`: another kind of file, broken, or no sound in it; `speech.sound_too_long`.
    """
    kind = sniff_sound(source[:_HEAD] if isinstance(source, bytes) else read_head(source))
    if not kind:
        raise _not_sound()
    try:
        with av.open(io.BytesIO(source) if isinstance(source, bytes) else str(source), "r", format=kind) as container:
            return _decoded(container, longest_s)
    except (av.error.FFmpegError, ValueError, IndexError, OSError) as error:
        raise _not_sound() from error


def _decoded(container: av.container.InputContainer, longest_s: float) -> Sound:
    stream = container.streams.audio[0]
    resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
    parts: list[Samples] = []
    count = 0
    for frame in container.decode(stream):
        for converted in resampler.resample(frame):
            parts.append(converted.to_ndarray().reshape(-1).astype(np.float32))
            count += len(parts[-1])
        if count > longest_s * RATE:
            raise InvalidInput(
                f"This recording is longer than {longest_s / 60:.0f} minutes.",
                hint="Send the part the video should be about.",
                code="speech.sound_too_long",
            )
    parts += [converted.to_ndarray().reshape(-1).astype(np.float32) for converted in resampler.resample(None)]
    if not parts or not sum(map(len, parts)):
        raise _not_sound()
    return Sound(np.nan_to_num(np.concatenate(parts)), RATE)


def _not_sound() -> InvalidInput:
    return InvalidInput(
        "This is no sound file that can be read.", hint="Send WAV, MP3, OGG, FLAC or M4A.", code="speech.not_sound"
    )
