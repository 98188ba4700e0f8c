"""Measures a finished video against what was promised: one line per check, what was measured and what was wanted."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
from pydantic import BaseModel, ConfigDict

from ettametta.storyboard import ClipVisual, DesignedVisual, FileVisual, PhotoVisual
from ettametta.video.caption_states import frame_of
from ettametta.video.commands import detect_argv
from ettametta.video.ffmpeg import Ffmpeg, OnProgress
from ettametta.video.mp4 import Mp4Facts, read_mp4
from ettametta.video.plan import SAMPLE_RATE, Cue, Narration, Timeline
from ettametta.video.sound import Loudness, read_loudness

LOUDNESS_TOLERANCE_LU = 1.0
PEAK_LIMIT_DBTP = -1.0
CAPTION_TOLERANCE_S = 0.120

_BLACK = re.compile(r"black_start:([\d.]+)")
_FROZEN = re.compile(r"freeze_start: ([\d.]+)")


class CheckLine(BaseModel):
    """One check in words: what was measured, what was wanted, whether they agree."""

    model_config = ConfigDict(frozen=True)

    name: str
    ok: bool
    measured: str
    wanted: str


class CheckReport(BaseModel):
    """All checks of one video."""

    model_config = ConfigDict(frozen=True)

    lines: tuple[CheckLine, ...]

    @property
    def ok(self) -> bool:
        """Whether every check agrees."""
        return all(line.ok for line in self.lines)

    @property
    def failed(self) -> tuple[CheckLine, ...]:
        """The checks that do not agree."""
        return tuple(line for line in self.lines if not line.ok)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the video should be. `caption_delay_s` is the largest distance of a shown word from its spoken time."""

    timeline: Timeline
    loudness_lufs: float
    caption_delay_s: float | None
    max_bytes: int


@dataclass(frozen=True, slots=True)
class _Streams:
    video: str
    profile: str
    pixel_format: str
    size: tuple[int, int]
    fps: float
    frames: int
    audio: str
    audio_rate: int


async def check_video(
    ffmpeg: Ffmpeg, video: Path, wanted: Wanted, *, on_progress: OnProgress | None = None
) -> CheckReport:
    """Measure a finished file; the picture and the sound are decoded once.

    Raises:
        InvalidInput: it cannot be read at all.
    """
    facts, streams = await asyncio.gather(asyncio.to_thread(read_mp4, video), asyncio.to_thread(_read_streams, video))
    finished = await ffmpeg.run(
        detect_argv(video.name), cwd=video.parent, total_s=wanted.timeline.duration_s, on_progress=on_progress
    )
    size = (await asyncio.to_thread(video.stat)).st_size
    return CheckReport(
        lines=(
            *_container_lines(facts, streams, wanted.timeline),
            *_picture_lines(streams, wanted.timeline),
            *_sound_lines(streams, read_loudness(finished.log_lines), wanted.loudness_lufs),
            *_seen_lines(finished.log_lines, wanted.timeline),
            *_caption_lines(wanted.caption_delay_s),
            CheckLine(
                name="file size",
                ok=0 < size <= wanted.max_bytes,
                measured=f"{size / 1e6:.2f} MB",
                wanted=f"at most {wanted.max_bytes / 1e6:.0f} MB",
            ),
        )
    )


def caption_delay_s(timeline: Timeline, narration: Mapping[str, Narration]) -> float | None:
    """The largest distance in seconds between a word being lit on a frame and being spoken; None without captions.

    Shown times are those of the caption events, moved to the first frame that can show them; spoken times are the
    narration's, moved to where it was laid on the timeline. Words are matched in order.
    """
    delays: list[float] = []
    for scene in timeline.scenes:
        if scene.narration_at is None:
            continue
        speech = narration[scene.scene_id]
        offset = scene.narration_at / SAMPLE_RATE
        shown = _shown_times(scene.cues, timeline.canvas.fps)
        spoken = [offset + word.start_s for word in speech.words if word.text.strip()]
        if len(shown) == len(spoken):  # words of unspaced scripts are cut up and have no times of their own
            delays += [abs(seen - said) for seen, said in zip(shown, spoken, strict=True)]
    return max(delays, default=None)


def _shown_times(cues: Sequence[Cue], fps: int) -> list[float]:
    """When each word of the cues is first lit, in seconds of the scene."""
    return [frame_of(word.start_ms, fps) / fps for cue in cues for word in cue.words]


def _read_streams(video: Path) -> _Streams:
    with av.open(str(video), format="mp4", options={"protocol_whitelist": "file"}) as file:
        picture, sound = file.streams.video[0], file.streams.audio[0]
        return _Streams(
            video=picture.codec_context.name,
            profile=str(picture.profile),
            pixel_format=str(picture.codec_context.pix_fmt),
            size=(picture.width, picture.height),
            fps=float(picture.average_rate or 0),
            frames=picture.frames,
            audio=sound.codec_context.name,
            audio_rate=sound.sample_rate,
        )


def _line(name: str, measured: object, wanted: object) -> CheckLine:
    return CheckLine(name=name, ok=measured == wanted, measured=str(measured), wanted=str(wanted))


def _container_lines(facts: Mp4Facts, streams: _Streams, timeline: Timeline) -> tuple[CheckLine, ...]:
    apart = abs(facts.audio_s - facts.video_s)
    frame_s = 1 / timeline.canvas.fps
    return (
        CheckLine(name="index first", ok=facts.faststart, measured=" ".join(facts.boxes), wanted="moov before mdat"),
        _line("frames", streams.frames, timeline.frames),
        CheckLine(
            name="sound as long as picture",
            ok=apart <= frame_s + 1e-6,
            measured=f"{facts.audio_s:.3f} s and {facts.video_s:.3f} s",
            wanted=f"within {frame_s:.3f} s",
        ),
    )


def _picture_lines(streams: _Streams, timeline: Timeline) -> tuple[CheckLine, ...]:
    canvas = timeline.canvas
    return (
        _line("codec", f"{streams.video} {streams.profile}", "h264 High"),
        _line("pixel format", streams.pixel_format, "yuv420p"),
        _line("size", "{}x{}".format(*streams.size), f"{canvas.width}x{canvas.height}"),
        _line("frame rate", f"{streams.fps:g}", f"{canvas.fps:g}"),
    )


def _sound_lines(streams: _Streams, loudness: Loudness, target_lufs: float) -> tuple[CheckLine, ...]:
    return (
        _line("sound", f"{streams.audio} {streams.audio_rate} Hz", f"aac {SAMPLE_RATE} Hz"),
        CheckLine(
            name="loudness",
            ok=abs(loudness.integrated_lufs - target_lufs) <= LOUDNESS_TOLERANCE_LU,
            measured=f"{loudness.integrated_lufs:.1f} LUFS",
            wanted=f"{target_lufs:g} LUFS within {LOUDNESS_TOLERANCE_LU:g} LU",
        ),
        CheckLine(
            name="true peak",
            ok=loudness.peak_dbtp <= PEAK_LIMIT_DBTP,
            measured=f"{loudness.peak_dbtp:.1f} dBTP",
            wanted=f"at most {PEAK_LIMIT_DBTP:g} dBTP",
        ),
    )


def _seen_lines(log_lines: Sequence[str], timeline: Timeline) -> tuple[CheckLine, ...]:
    text = "\n".join(log_lines)
    black, frozen = _BLACK.findall(text), _FROZEN.findall(text)
    return (
        _stretch_line("black seconds", [float(at) for at in black], timeline, (PhotoVisual, ClipVisual)),
        _stretch_line("frozen seconds", [float(at) for at in frozen], timeline, (ClipVisual,)),
    )


def _stretch_line(
    name: str, starts_s: Sequence[float], timeline: Timeline, theirs_in: tuple[type[PhotoVisual | ClipVisual], ...]
) -> CheckLine:
    """Black or still seconds are faults, but for those a person's own file holds: they are told and let be."""
    ours = [at for at in starts_s if not isinstance(_visual_at(at, timeline), theirs_in)]
    theirs = [at for at in starts_s if at not in ours]
    measured = f"at {_times(ours)}" if ours else "none"
    if theirs:
        measured += f" (in a file as it was sent: at {_times(theirs)})"
    return CheckLine(name=name, ok=not ours, measured=measured, wanted="none")


def _times(starts_s: Sequence[float]) -> str:
    return ", ".join(f"{at:.1f} s" for at in starts_s[:5])


def _visual_at(at_s: float, timeline: Timeline) -> DesignedVisual | FileVisual | None:
    frame = round(at_s * timeline.canvas.fps)
    shown = (scene.visual for scene in timeline.scenes if 0 <= frame - scene.start_frame < scene.frames)
    return next(shown, None)


def _caption_lines(delay_s: float | None) -> tuple[CheckLine, ...]:
    if delay_s is None:
        return ()
    return (
        CheckLine(
            name="captions with the voice",
            ok=delay_s <= CAPTION_TOLERANCE_S,
            measured=f"{delay_s * 1000:.0f} ms at most",
            wanted=f"within {CAPTION_TOLERANCE_S * 1000:.0f} ms",
        ),
    )
