"""Looking at a finished picture cheaply: it is decoded at the beginning of every scene and where it looks suspicious.

A second of H.264 in which nothing changes costs a few dozen bytes a frame; moving pictures cost many times that. So a
second whose packets are not tiny is neither black nor frozen, and need not be decoded: that would take as long as
a third of encoding it.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error
import numpy as np

#: A stretch this long is a fault.
STRETCH_S = 1.0

_SUSPICIOUS_S, _ROUND_S = 0.5, 0.6
_BASE_BYTES = 60
_BYTES_A_MACROBLOCK = 1 / 16
#: Luma up to this is black (a tenth of the studio range), when it is nearly all of the frame.
_BLACK_LUMA = 16 + 22
_BLACK_PART = 0.98
#: Mean change of luma from frame to frame up to which a picture stands still (a thousandth of the range).
_STILL_LUMA = 0.255
_STEP = 4

Picture = np.ndarray[Any, np.dtype[np.uint8]]


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen: where stretches begin (seconds), numbers of scenes whose beginning is damaged, steady times."""

    black_s: tuple[float, ...]
    frozen_s: tuple[float, ...]
    broken: tuple[int, ...]
    steady: bool


@dataclass(frozen=True, slots=True)
class _Packet:
    pts: int
    size: int
    key: bool


def look(video: Path, fps: int, starts: Sequence[int]) -> Seen:
    """Look at a file of ours. `starts` are the numbers of the frames with which scenes begin.

    Raises:
        FFmpegError: it cannot be opened.
    """
    with av.open(str(video), format="mp4", options={"protocol_whitelist": "file"}) as file:
        stream = file.streams.video[0]
        stream.codec_context.thread_count = 1
        stream.codec_context.options = {"err_detect": "explode"}
        base = Fraction(stream.time_base or 1)
        packets = [_Packet(p.pts, p.size, p.is_keyframe) for p in file.demux(stream) if p.pts is not None]
        packets.sort(key=lambda packet: packet.pts)
        macroblocks = stream.width * stream.height / 256
        runs = quiet_runs([0 if p.key else p.size for p in packets], macroblocks, fps)
        black: list[float] = []
        frozen: list[float] = []
        for first, last in runs:
            frames = [_luma(frame) for frame in _decoded(file, stream, packets[first].pts, packets[last - 1].pts)]
            black += [first / fps + at / fps for at in _stretches([_is_black(one) for one in frames], fps)]
            frozen += [first / fps + at / fps for at in _stretches(_still(frames), fps)]
        whole = [_is_whole(file, stream, round(start / fps / base)) for start in starts]
    broken = tuple(number for number, is_whole in enumerate(whole) if not is_whole)
    ticks = {after.pts - before.pts for before, after in itertools.pairwise(packets)}
    return Seen(tuple(black), tuple(frozen), broken, len(ticks) <= 1)


def quiet_runs(sizes: Sequence[int], macroblocks: float, fps: int) -> list[tuple[int, int]]:
    """Stretches (first frame, one past the last) that are to be decoded: round tiny packets; keyframes count 0.

    Encoders refine a still picture for some frames before its packets become tiny: half a second of these is
    suspicious, and what stands round it is looked at too.
    """
    limit = _BASE_BYTES + macroblocks * _BYTES_A_MACROBLOCK
    edges = np.flatnonzero(np.diff(np.concatenate([[0], (np.asarray(sizes) < limit).astype(int), [0]])))
    runs: list[tuple[int, int]] = []
    for first, last in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if last - first < _SUSPICIOUS_S * fps:
            continue
        low, high = max(0, first - round(_ROUND_S * fps)), min(len(sizes), last + round(_ROUND_S * fps))
        if runs and low <= runs[-1][1]:
            low = runs.pop()[0]
        runs.append((low, high))
    return runs


def _decoded(file: Any, stream: Any, first: int, last: int) -> Any:
    file.seek(first, stream=stream)
    for frame in file.decode(stream):
        if frame.pts is not None and frame.pts > last:
            return
        if frame.pts is not None and frame.pts >= first:
            yield frame


def _is_whole(file: Any, stream: Any, pts: int) -> bool:
    """Whether the keyframe at or before this time can be decoded without a fault."""
    try:
        file.seek(pts, stream=stream)
        return not next(file.decode(stream)).is_corrupt
    except (av.error.FFmpegError, StopIteration):
        return False


def _luma(frame: Any) -> Picture:
    plane = frame.planes[0]
    rows = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)
    return rows[::_STEP, : plane.width : _STEP].copy()


def _is_black(luma: Picture) -> bool:
    return bool((luma <= _BLACK_LUMA).mean() >= _BLACK_PART)


def _still(frames: Sequence[Picture]) -> list[bool]:
    pairs = itertools.pairwise(frames)
    return [bool(np.abs(one.astype(int) - other).mean() <= _STILL_LUMA) for one, other in pairs]


def _stretches(marks: Sequence[bool], fps: int) -> list[int]:
    """Where stretches of a second or more begin (the last frame of a still stretch has no change after it)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], np.asarray(marks, dtype=int), [0]])))
    pairs = zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    return [first for first, last in pairs if last - first >= round(STRETCH_S * fps) - 1]
