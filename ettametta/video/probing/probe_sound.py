"""Looking at a person's sound (a recording, a piece of music) before anything else does. Everything is hostile."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av.error

from ettametta.errors import InvalidInput
from ettametta.video.probing.bounded import open_bounded
from ettametta.video.probing.probe import MAX_STREAMS, within_time

MAX_SOUND_S = 7200.0
MAX_CHANNELS = 8
#: Samples a second.
RATES = range(8_000, 192_001)
#: How many packets may pass before the first sound.
MAX_SILENT_PACKETS = 400

_HEAD = 1024
_CODECS = frozenset(
    {"aac", "alac", "flac", "mp3", "mp3float", "mp2", "opus", "vorbis", "pcm_alaw", "pcm_f32le", "pcm_mulaw",
     "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_u8"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SoundFacts:
    """A sound: seconds, container as ffmpeg's reader is called, codec, samples a second, channels."""

    duration_s: float
    container: str
    codec: str
    sample_rate: int
    channels: int


async def probe_sound(path: Path) -> SoundFacts:
    """Facts of a sound file; its first samples are decoded to be sure they can be.

    Raises:
        InvalidInput: not a sound, broken, longer than two hours, or with more channels than eight.
    """
    return await within_time(lambda: _look(path))


async def is_sound(path: Path) -> bool:
    """Whether a file begins like one of the sound files that are read."""
    return bool(await asyncio.to_thread(sniff_sound, path))


def sniff_sound(path: Path) -> str:
    """The reader for a sound by its first bytes, or an empty string when it is none of the allowed containers.

    Raises:
        InvalidInput: the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        raise InvalidInput("This file cannot be read.", hint="Send it again.", code="video.unreadable") from error
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return "wav"
    if head[4:8] == b"ftyp":
        return "mov"
    if head[:3] == b"ID3" or _is_frame_header(head):
        return "mp3"
    return {b"OggS": "ogg", b"fLaC": "flac", b"\x1a\x45\xdf\xa3": "matroska"}.get(head[:4], "")


def _is_frame_header(head: bytes) -> bool:
    """An MPEG audio frame: eleven bits set, and a layer, rate and bit rate that exist."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return False
    return bool(head[1] & 0x06) and head[2] >> 4 != 0x0F and head[2] & 0x0C != 0x0C


def _look(path: Path) -> SoundFacts:
    container = sniff_sound(path)
    if not container:
        raise InvalidInput(
            "This file is not a sound that I can read.",
            hint="Send an MP3, OGG, M4A, FLAC or WAV file.",
            code="video.not_sound",
        )
    try:
        with open_bounded(path, container) as file:
            return _facts(file, container)
    except (av.error.FFmpegError, ValueError, OSError) as error:
        raise InvalidInput(
            "This sound is damaged or incomplete.", hint="Send it again, as MP3 or WAV.", code="video.unreadable"
        ) from error


def _facts(file: Any, container: str) -> SoundFacts:
    if len(file.streams) > MAX_STREAMS or not file.streams.audio:
        raise InvalidInput(
            "This file holds no sound.", hint="Send an MP3, OGG, M4A, FLAC or WAV file.", code="video.not_sound"
        )
    stream = file.streams.audio[0]
    codec = stream.codec_context
    if codec.name not in _CODECS or codec.channels > MAX_CHANNELS or codec.sample_rate not in RATES:
        raise InvalidInput(
            f"This sound is in a form that is not read here: {codec.name}, {codec.channels} channels, "
            f"{codec.sample_rate} Hz.",
            hint="Convert it to MP3 or WAV, stereo, 48 kHz.",
            code="video.sound_form",
        )
    duration_s = _duration_s(file, stream)
    if duration_s > MAX_SOUND_S:
        raise InvalidInput(
            f"This sound is {duration_s / 3600:.1f} hours long.",
            hint="Cut it to under two hours.",
            code="video.too_long",
        )
    if not _decodes(file, stream):
        raise ValueError("no sound in its first packets")
    return SoundFacts(duration_s, container, codec.name, codec.sample_rate, codec.channels)


def _duration_s(file: Any, stream: Any) -> float:
    of_file = max(0.0, (file.duration or 0) / av.time_base)
    return max(of_file, float(stream.duration * stream.time_base) if stream.duration and stream.time_base else 0.0)


def _decodes(file: Any, stream: Any) -> bool:
    for number, packet in enumerate(file.demux(stream)):
        if any(frame.samples for frame in packet.decode()):
            return True
        if number >= MAX_SILENT_PACKETS:
            return False
    return False
