"""Pure: where a piece of music can be repeated unheard, found by ear of its spectrum, and the joint itself.

A repeat of whole bars that sound alike before and after is not noticed. So: measure the beat near the tempo its maker
names (generated music is up to 3 % off), try every number of whole bars, compare the spectra round each possible
joint, and line the best one up sample by sample.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ettametta.video.plan import SAMPLE_RATE

#: How long the two ends are heard together at a joint.
CROSSFADE_S = 0.18

_LOW_RATE = 8_000
_HOP = 80
_FRAMES_PER_S = _LOW_RATE // _HOP
_WINDOW = 512
_BANDS = 24
_BEATS_A_BAR = 4
_TEMPO_SLACK = 0.04
_TEMPO_STEPS = 161
_SLOWEST_BPM, _FASTEST_BPM = 60.0, 180.0
#: What is compared round a joint, before and after it.
_BEFORE_S, _AFTER_S = 0.5, 1.0
_NUDGE_S = 0.012
#: The end of a track that is this much quieter than its middle is a fade, and not looped over.
_FADE_DB = 7.0

Samples = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True, slots=True)
class Loop:
    """Play to `end`, then go on from `start` (samples); the last `crossfade` of them are mixed with those before it.

    `likeness` is the correlation of the two ends, -1..1; `bars` how many are repeated, 0 when there is no beat in it.
    """

    start: int
    end: int
    crossfade: int
    likeness: float
    bars: int


def find_loop(track: Samples, bpm: float | None) -> Loop:
    """The best loop of a track (2 channels x samples at 48 kHz), at least two fifths of its length.

    A track shorter than four seconds, too short to compare, is repeated whole.
    """
    low = _low(track)
    spectra, level = _spectra(low)
    usable = _usable(level)
    if usable < 4 * _FRAMES_PER_S:
        return Loop(0, track.shape[1], 0, 0.0, 0)
    bar = _BEATS_A_BAR * _beat_frames(spectra[:usable], bpm)
    start, length = _best_joint(spectra[:usable], bar)
    fine = SAMPLE_RATE // _FRAMES_PER_S
    return _aligned(track, start * fine, length * fine, round(length / bar))


def loop_body(track: Samples, loop: Loop) -> Samples:
    """The samples from `start` to `end`, their end mixed into what stands before `start`: to be put after itself.

    Equal power whatever the likeness: alike ends would swell by 3 dB in a plain equal-power fade.
    """
    body = track[:, loop.start : loop.end].copy()
    if loop.crossfade:
        angle = (np.arange(loop.crossfade, dtype=np.float32) + 0.5) / loop.crossfade * np.float32(np.pi / 2)
        leaving, coming = np.cos(angle), np.sin(angle)
        level = 1 / np.sqrt(1 + 2 * max(0.0, loop.likeness) * leaving * coming)
        before = track[:, loop.start - loop.crossfade : loop.start]
        body[:, -loop.crossfade :] = level * (leaving * body[:, -loop.crossfade :] + coming * before)
    return body


def _low(track: Samples) -> Samples:
    """One channel at 8 kHz: enough to compare by."""
    step = SAMPLE_RATE // _LOW_RATE
    whole = track.shape[1] // step * step
    return np.asarray(track[:, :whole].mean(axis=0).reshape(-1, step).mean(axis=1), np.float32)


def _spectra(low: Samples) -> tuple[Samples, Samples]:
    """Loudness in bands, a row for each hundredth of a second, and the level of each in dB."""
    padded = np.pad(low, (_WINDOW // 2, _WINDOW // 2))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP] * np.hanning(_WINDOW)
    power = np.abs(np.fft.rfft(frames)) ** 2
    edges = np.unique(np.geomspace(2, _WINDOW // 2, _BANDS + 1).astype(int))
    bands = np.add.reduceat(power, edges[:-1], axis=1)
    level = 10 * np.log10(power.sum(axis=1) + 1e-9)
    return np.asarray(np.log1p(30 * bands), np.float32), np.asarray(level, np.float32)


def _usable(level: Samples) -> int:
    """Rows up to where the music fades away at the end, if it does."""
    smooth = np.convolve(level, np.ones(_FRAMES_PER_S) / _FRAMES_PER_S, mode="same")
    loud = np.flatnonzero(smooth > np.median(smooth) - _FADE_DB)
    return int(loud[-1]) + 1 if len(loud) else len(level)


def _beat_frames(spectra: Samples, bpm: float | None) -> float:
    """Length of a beat in rows: the one near `bpm`, or of any tempo, at which attacks repeat most strongly."""
    attacks = np.maximum(0, np.diff(spectra, axis=0)).sum(axis=1)
    attacks = attacks - attacks.mean()
    again = np.fft.irfft(np.abs(np.fft.rfft(attacks, 2 * len(attacks))) ** 2)[: len(attacks)]
    if bpm is None:
        tempi = np.geomspace(_SLOWEST_BPM, _FASTEST_BPM, 6 * _TEMPO_STEPS)
    else:
        tempi = bpm * np.linspace(1 - _TEMPO_SLACK, 1 + _TEMPO_SLACK, _TEMPO_STEPS)
    beats = 60 * _FRAMES_PER_S / tempi
    rows = np.arange(len(again))
    scores = sum(np.interp(beats * many, rows, again, right=0.0) for many in (1, 2, 4, 8, 12, 16))
    return float(beats[np.argmax(scores)])


def _best_joint(spectra: Samples, bar: float) -> tuple[int, int]:
    """Row to go back to, and how many rows are repeated: whole bars whose surroundings sound most alike."""
    rows = len(spectra)
    before, after = round(_BEFORE_S * _FRAMES_PER_S), round(_AFTER_S * _FRAMES_PER_S)
    most = int((rows - before - after) / bar)
    least = max(1, min(most, round(0.4 * rows / bar)))
    candidates = [
        round(bars * bar) + slack for bars in range(least, max(least, most) + 1) for slack in (-2, -1, 0, 1, 2)
    ]
    found = [_likest(spectra, length, before, after) for length in candidates if 0 < length < rows - before - after]
    if not found:
        return before, rows - before
    _, start, length = min(found)
    return start, length


def _likest(spectra: Samples, length: int, before: int, after: int) -> tuple[float, int, int]:
    """The start at which music and music `length` rows later differ least, and by how much."""
    apart = np.square(spectra[length:] - spectra[:-length]).mean(axis=1)
    total = np.concatenate([[0.0], np.cumsum(apart)])
    around = (total[before + after :] - total[: -before - after]) / (before + after)
    best = int(np.argmin(around))
    return float(around[best]), best + before, length


def _aligned(track: Samples, start: int, length: int, bars: int) -> Loop:
    """Move the joint by up to 12 ms to where the waves themselves agree best."""
    fade = round(CROSSFADE_S * SAMPLE_RATE)
    start = max(start, fade)
    nudge = round(_NUDGE_S * SAMPLE_RATE)
    early = track[:, start - fade : start].mean(axis=0)
    first = start + length - fade - nudge
    late = track[:, max(0, first) : start + length + nudge].mean(axis=0)
    if len(late) < fade:
        return Loop(0, track.shape[1], 0, 0.0, 0)
    size = len(late) + fade
    crossed = np.fft.irfft(np.fft.rfft(late, size) * np.conj(np.fft.rfft(early, size)), size)[: len(late) - fade + 1]
    total = np.concatenate([[0.0], np.cumsum(np.square(late, dtype=np.float64))])
    norms = np.sqrt((total[fade:] - total[:-fade]) * float(np.square(early, dtype=np.float64).sum())) + 1e-9
    likeness = crossed / norms
    best = int(np.argmax(likeness))
    end = max(0, first) + best + fade
    return Loop(start, min(end, track.shape[1]), fade, float(likeness[best]), bars)
