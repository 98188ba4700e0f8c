"""Music without any file: one bed a mood, composed and played by numpy; always the same, and a loop by construction.

Every note's tail is laid round the end of the loop onto its beginning, so the end goes on with the beginning exactly.
"""

from __future__ import annotations

import wave
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ettametta.errors import NotFound
from ettametta.providers.music.base import Mood, MusicTrack

_RATE = 48_000
_BEATS_A_BAR = 4
_PEAK = 0.7
_Samples = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True, slots=True)
class _Score:
    """A mood's piece: chords as semitones from A4 (440 Hz), one a bar; how it is played."""

    key: str
    bpm: int
    chords: tuple[tuple[int, ...], ...]
    #: Which steps of a chord are plucked, one an eighth; -1 rests.
    pattern: tuple[int, ...]
    pad: float
    pluck: float
    bass: float
    drums: float


_SCORES: dict[Mood, _Score] = {
    "calm": _Score(
        "C major", 72, ((-21, -14, -9, -5), (-12, -9, -5, 2), (-16, -9, -4, 0), (-14, -7, -2, 2)) * 2,
        (0, -1, 2, -1, 3, -1, 2, -1), 1.0, 0.35, 0.5, 0.0,
    ),
    "upbeat": _Score(
        "A major", 116, ((-12, -8, -5, 0), (-17, -13, -10, -5), (-15, -12, -8, -3), (-19, -15, -12, -7)) * 2,
        (0, 2, 3, 2, 1, 3, 2, 3), 0.5, 0.6, 0.8, 0.8,
    ),
    "dramatic": _Score(
        "A minor", 96, ((-12, -9, -5, 0), (-16, -12, -9, -4), (-19, -16, -12, -7), (-17, -13, -10, -5)) * 2,
        (0, 0, 2, 0, 3, 0, 2, 0), 1.0, 0.4, 1.0, 0.6,
    ),
    "playful": _Score(
        "G major", 108, ((-14, -10, -7, -2), (-9, -5, -2, 3), (-17, -14, -10, -5), (-19, -15, -12, -7)) * 2,
        (0, -1, 2, 3, -1, 2, 1, -1), 0.25, 0.9, 0.7, 0.45,
    ),
    "dreamy": _Score(
        "F major", 66, ((-16, -9, -5, 0), (-12, -7, -4, 3), (-19, -12, -7, -2), (-21, -14, -9, -2)) * 2,
        (0, -1, 1, -1, 2, -1, 3, 2), 1.0, 0.5, 0.4, 0.0,
    ),
}  # fmt: skip


class ProceduralMusic:
    """See MusicProvider."""

    name = "procedural"

    def tracks(self) -> tuple[MusicTrack, ...]:
        """One bed a mood."""
        return tuple(
            MusicTrack(
                name=f"ettametta_{mood}",
                moods=(mood,),
                licence="CC0 1.0",
                author="Ettametta, composed on the machine itself",
                bpm=score.bpm,
                key=score.key,
                seconds=len(score.chords) * _BEATS_A_BAR * 60 / score.bpm,
                seamless=True,
            )
            for mood, score in _SCORES.items()
        )

    def open(self, track: MusicTrack, folder: Path) -> Path:
        """Play the bed into a WAV file; about a quarter of a second of work."""
        score = _SCORES.get(track.moods[0]) if track in self.tracks() else None
        if score is None:
            raise NotFound(
                f"There is no music called {track.name}.", hint="Choose one of the moods.", code="music.not_found"
            )
        path = folder / f"{track.name}.wav"
        _write(path, _played(score))
        return path


def _played(score: _Score) -> _Samples:
    """The whole loop, two channels x samples, at full level."""
    beat = 60 / score.bpm
    loop = np.zeros((2, round(len(score.chords) * _BEATS_A_BAR * beat * _RATE)), np.float32)
    for bar, chord in enumerate(score.chords):
        at = bar * _BEATS_A_BAR * beat
        for voice, note in enumerate(chord):
            _lay(loop, at - 0.15, score.pad * 0.16 * _pad(note, _BEATS_A_BAR * beat), pan=(voice - 1.5) / 2.2)
        for step, choice in enumerate(score.pattern):
            if choice >= 0:
                accent = 1.0 if step % 4 == 0 else 0.72
                pan = 0.45 if step % 2 else -0.45
                _lay(loop, at + step * beat / 2, score.pluck * accent * 0.3 * _pluck(chord[choice] + 12), pan=pan)
        for stroke in (0.0, 2.5):
            _lay(loop, at + stroke * beat, score.bass * 0.34 * _bass(chord[0] - 12, 1.4 * beat))
        _beat_drums(loop, at, beat, score.drums)
    return np.asarray(loop * (_PEAK / float(np.abs(loop).max())), np.float32)


def _beat_drums(loop: _Samples, at: float, beat: float, level: float) -> None:
    if level <= 0:
        return
    for step in range(_BEATS_A_BAR):
        if step % 2 == 0:
            _lay(loop, at + step * beat, level * 0.55 * _kick())
        _lay(loop, at + (step + 0.5) * beat, level * 0.09 * _hat(step), pan=0.25)


def _lay(loop: _Samples, at_s: float, sound: _Samples, *, pan: float = 0.0) -> None:
    """Add a mono sound at a time, its tail wrapped round the end, with equal power over the two channels."""
    angle = (pan + 1) * np.pi / 4
    where = (round(at_s * _RATE) + np.arange(len(sound))) % loop.shape[1]
    np.add.at(loop[0], where, np.float32(np.cos(angle)) * sound)
    np.add.at(loop[1], where, np.float32(np.sin(angle)) * sound)


def _hertz(note: int) -> float:
    return float(440.0 * 2 ** (note / 12))


def _time(seconds: float) -> _Samples:
    return np.asarray(np.arange(round(seconds * _RATE)) / _RATE, np.float32)


def _pad(note: int, seconds: float) -> _Samples:
    """Slow, soft, two strings a little apart in pitch."""
    t = _time(seconds + 0.9)
    swell = np.clip(t / 0.5, 0, 1) * np.clip((seconds + 0.9 - t) / 0.9, 0, 1)
    tone = np.zeros_like(t)
    for part, strength in ((1, 1.0), (2, 0.35), (3, 0.12)):
        for detune in (0.9985, 1.0015):
            tone += strength * np.sin(np.float32(2 * np.pi * _hertz(note) * part * detune) * t)
    return np.asarray(tone * swell**2 / 2, np.float32)


def _pluck(note: int) -> _Samples:
    """A mallet: higher partials fade first."""
    t = _time(0.9)
    tone = np.zeros_like(t)
    for part, strength, decay in ((1, 1.0, 5.0), (2, 0.4, 9.0), (4, 0.15, 16.0)):
        tone += strength * np.exp(-decay * t) * np.sin(np.float32(2 * np.pi * _hertz(note) * part) * t)
    return np.asarray(tone * np.clip(t / 0.004, 0, 1) * np.clip((0.9 - t) / 0.1, 0, 1), np.float32)


def _bass(note: int, seconds: float) -> _Samples:
    t = _time(seconds)
    tone = np.sin(np.float32(2 * np.pi * _hertz(note)) * t) + 0.3 * np.sin(np.float32(4 * np.pi * _hertz(note)) * t)
    return np.asarray(
        tone * np.exp(-1.8 * t) * np.clip(t / 0.01, 0, 1) * np.clip((seconds - t) / 0.08, 0, 1), np.float32
    )


def _kick() -> _Samples:
    t = _time(0.28)
    sweep = 48 * t + 70 / 28 * (1 - np.exp(-28 * t))
    return np.asarray(np.sin(2 * np.pi * sweep) * np.exp(-11 * t) * np.clip(t / 0.002, 0, 1), np.float32)


def _hat(step: int) -> _Samples:
    t = _time(0.06)
    noise = np.random.default_rng(step).standard_normal(len(t))
    return np.asarray(np.diff(noise, prepend=0.0) * np.exp(-70 * t) * np.clip(t / 0.001, 0, 1), np.float32)


def _write(path: Path, loop: _Samples) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(_RATE)
        file.writeframes(np.round(loop.T * 32767).astype("<i2").tobytes())
