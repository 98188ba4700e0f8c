"""The sound of a video: narration on one timeline, brought to loudness by measuring what was really encoded."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ettametta.errors import Bug
from ettametta.video.commands import loudness_argv, master_argv, voice_argv
from ettametta.video.ffmpeg import Ffmpeg
from ettametta.video.plan import Timeline

#: We aim inside the tolerance people are promised (1 LU, -1 dBTP), for encoders differ.
TOLERANCE_LU = 0.4
PEAK_DBTP = -1.2
#: Below this there is nothing to bring to level (the absolute gate of BS.1770).
SILENCE_LUFS = -69.0

_FIRST_CEILING_DB = -2.0
_MAX_ROUNDS = 5
_MAX_GAIN_DB = 60.0
#: One channel measures this much lower than the same sound on two.
_TWO_CHANNELS_LU = 3.01
_INTEGRATED = re.compile(r"\bI:\s+(-?[\d.]+|-inf) LUFS")
_PEAK = re.compile(r"\bPeak:\s+(-?[\d.]+|-inf) dBFS")


@dataclass(frozen=True, slots=True)
class Loudness:
    """Integrated loudness in LUFS and true peak in dBTP, as ffmpeg's ebur128 measures them."""

    integrated_lufs: float
    peak_dbtp: float


async def make_sound(
    ffmpeg: Ffmpeg, timeline: Timeline, wavs: Mapping[str, Path], target_lufs: float, bitrate: str, folder: Path
) -> Path:
    """Make the video's sound as AAC in an MP4, 48 kHz stereo, at the target loudness; silence stays silence.

    `wavs` are narrations by scene id.

    Raises:
        InvalidInput: a narration cannot be read.
        NoSpace: the disk is full.
    """
    voice, sound = folder / "voice.wav", folder / "sound.m4a"
    await ffmpeg.run(
        voice_argv(timeline, {name: str(path) for name, path in wavs.items()}, voice.name), cwd=folder, outputs=[voice]
    )
    measured = await measure_loudness(ffmpeg, voice, "wav")
    silent = measured.integrated_lufs <= SILENCE_LUFS
    gain = 0.0 if silent else target_lufs - measured.integrated_lufs - _TWO_CHANNELS_LU
    ceiling = _FIRST_CEILING_DB
    attempts: list[tuple[float, Path]] = []
    for turn in range(_MAX_ROUNDS):
        attempt = folder / f"sound-{turn}.m4a"
        gain = max(-_MAX_GAIN_DB, min(_MAX_GAIN_DB, gain))
        argv = master_argv(voice.name, attempt.name, gain, ceiling, timeline.samples, bitrate)
        await ffmpeg.run(argv, cwd=folder, outputs=[attempt])
        measured = await measure_loudness(ffmpeg, attempt, "mp4")
        attempts.append((_missed(measured, target_lufs), attempt))
        if silent or attempts[-1][0] == 0:
            break
        gain += target_lufs - measured.integrated_lufs
        ceiling -= max(0.0, measured.peak_dbtp - PEAK_DBTP + 0.1)
    return min(attempts)[1].replace(sound)


def _missed(measured: Loudness, target_lufs: float) -> float:
    """How far outside our tolerances a sound is; 0 when inside."""
    off = max(0.0, abs(measured.integrated_lufs - target_lufs) - TOLERANCE_LU)
    return off + max(0.0, measured.peak_dbtp - PEAK_DBTP)


async def measure_loudness(ffmpeg: Ffmpeg, sound: Path, container: str) -> Loudness:
    """Measure a sound file."""
    finished = await ffmpeg.run(loudness_argv(sound.name, container), cwd=sound.parent)
    return read_loudness(finished.log_lines)


def read_loudness(lines: Sequence[str]) -> Loudness:
    """The summary ebur128 writes at the end of a log.

    Raises:
        Bug: there is none.
    """
    text = "\n".join(lines)
    summary = text[text.rfind("Summary:") :]
    integrated, peak = _INTEGRATED.search(summary), _PEAK.search(summary)
    if integrated is None or peak is None:
        raise Bug("The loudness could not be measured.", hint="Please report this with the log.")
    return Loudness(float(integrated.group(1)), float(peak.group(1)))
