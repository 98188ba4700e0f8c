"""What is heard under the voice: music, looped, ducked and faded, and the sounds of transitions, as one raw file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ettametta.video.plan import SAMPLE_RATE
from ettametta.video.sound.ducking import CONTROL_RATE, Curve, Span, duck_curve, fade_curve
from ettametta.video.sound.looping import Loop, find_loop, loop_body
from ettametta.video.sound.whoosh import BELOW_VOICE_LU, CREST_S, whoosh

#: At most this much of a person's own file is read, from where it starts; then it is repeated.
MAX_TRACK_S = 300.0

_CHUNK = SAMPLE_RATE * 4
_HEADROOM = 32768.0

Samples = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True, slots=True)
class MusicBed:
    """Music that is to be played.

    Attributes:
        path: its file; `container` is ffmpeg's name for the reader of it.
        bpm: beats a minute as its maker says; None: it is found out.
        seamless: whether the file's end goes on with its beginning.
        below_voice_lu: how much quieter than the voice it is; under words it is `duck_lu` quieter still.
        start_s: where in the file it begins.
    """

    path: Path
    container: str
    bpm: float | None = None
    seamless: bool = False
    below_voice_lu: float = 18.0
    duck_lu: float = 6.0
    start_s: float = 0.0
    fade_out_s: float = 1.5


@dataclass(frozen=True, slots=True)
class Bed:
    """All a bed file is made from. `music_db` is the gain of the track, `voice_lufs` the level sounds go by.

    `whooshes_s` are the middles of the transitions, in seconds of the video.
    """

    samples: int
    spans: Sequence[Span]
    music: MusicBed | None
    music_db: float
    voice_lufs: float
    whooshes_s: Sequence[float]


def write_bed(bed: Bed, decoded: Path | None, out: Path) -> Loop | None:
    """Write the bed as raw 32-bit float stereo at 48 kHz, and give the loop that was needed, if one was.

    `decoded` is the track as raw 16-bit stereo at 48 kHz, cut at its start.
    """
    loop, pieces = _music(bed, decoded)
    gains = _gains(bed)
    sounds = [(round((at - CREST_S) * SAMPLE_RATE), whoosh(seed)) for seed, at in enumerate(bed.whooshes_s)]
    level = np.float32(10 ** ((bed.voice_lufs - BELOW_VOICE_LU) / 20))
    done = 0
    with out.open("wb") as file:
        for piece in pieces:
            chunk = piece * _gain_at(gains, done, piece.shape[1])
            for first, sound in sounds:
                _add(chunk, done, first, level * sound)
            file.write(np.ascontiguousarray(chunk.T, dtype="<f4").tobytes())
            done += piece.shape[1]
    return loop


def _music(bed: Bed, decoded: Path | None) -> tuple[Loop | None, Iterator[Samples]]:
    """The track for the whole length, in pieces."""
    if bed.music is None or decoded is None or decoded.stat().st_size < 4:
        return None, _silence(bed.samples)
    track = np.memmap(decoded, dtype="<i2", mode="r").reshape(-1, 2)
    if len(track) >= bed.samples:
        return None, _cut(_straight(track), bed.samples)
    whole = np.asarray(track.T, np.float32) / np.float32(_HEADROOM)
    if bed.music.seamless:
        loop = Loop(0, whole.shape[1], 0, 1.0, 0)
        return loop, _cut(_round(whole, loop), bed.samples)
    loop = find_loop(whole, bed.music.bpm)
    return loop, _cut(_round(whole, loop), bed.samples)


def _silence(samples: int) -> Iterator[Samples]:
    return (np.zeros((2, min(_CHUNK, samples - at)), np.float32) for at in range(0, samples, _CHUNK))


def _straight(track: np.ndarray[Any, Any]) -> Iterator[Samples]:
    for at in range(0, len(track), _CHUNK):
        yield np.asarray(track[at : at + _CHUNK].T, np.float32) / np.float32(_HEADROOM)


def _round(track: Samples, loop: Loop) -> Iterator[Samples]:
    yield track[:, : loop.start]
    body = loop_body(track, loop)
    while True:
        yield body


def _cut(pieces: Iterator[Samples], samples: int) -> Iterator[Samples]:
    """Pieces of at most a chunk until there are enough samples."""
    left = samples
    for piece in pieces:
        for at in range(0, piece.shape[1], _CHUNK):
            part = piece[:, at : at + min(_CHUNK, left)]
            yield part
            left -= part.shape[1]
            if left <= 0:
                return


def _gains(bed: Bed) -> Curve:
    duration_s = bed.samples / SAMPLE_RATE
    if bed.music is None:
        return np.zeros(int(duration_s * CONTROL_RATE) + 2)
    down = duck_curve(bed.spans, duration_s, bed.music.duck_lu)
    return np.asarray(10 ** ((down + bed.music_db) / 20) * fade_curve(duration_s, bed.music.fade_out_s))


def _gain_at(gains: Curve, first: int, count: int) -> Samples:
    at = np.arange(first, first + count) * (CONTROL_RATE / SAMPLE_RATE)
    return np.asarray(np.interp(at, np.arange(len(gains)), gains), np.float32)


def _add(chunk: Samples, done: int, first: int, sound: Samples) -> None:
    """Add the part of a sound that falls into this chunk."""
    low, high = max(first, done), min(first + sound.shape[1], done + chunk.shape[1])
    if low < high:
        chunk[:, low - done : high - done] += sound[:, low - first : high - first]
