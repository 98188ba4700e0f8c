"""Measures a finished video against what was promised: one line per check, what was measured and what was wanted.

It is cheap on purpose: packets are read once, frames are decoded only where something may be wrong, and the sound was
measured when it was made: here it is only compared with that file, packet by packet.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
from pydantic import BaseModel, ConfigDict

from ettametta.storyboard import ClipVisual, DesignedVisual, FileVisual, PhotoVisual
from ettametta.video.captions.look import MIN_CONTRAST
from ettametta.video.captions.states import frame_of
from ettametta.video.plan import SAMPLE_RATE, Box, Cue, Narration, SafeAreas, Timeline
from ettametta.video.probing.mp4 import Mp4Facts, read_mp4
from ettametta.video.seen import Seen, look
from ettametta.video.sound.mix import SILENCE_LUFS, Loudness, Sound

LOUDNESS_TOLERANCE_LU = 1.0
PEAK_LIMIT_DBTP = -1.0
CAPTION_TOLERANCE_S = 0.120
#: How far a video may be from the length that was asked for, in parts of it, and at least in seconds.
LENGTH_TOLERANCE, LENGTH_SLACK_S = 0.3, 5.0
#: What rounding and soft edges of letters may add to their box, in pixels.
_EDGE_PIXELS = 2
#: The most a second may take on average: more makes phones stutter.
MAX_BITS_PER_S = 20_000_000
#: Short videos are let be: a keyframe weighs heavily on them.
_LEAST_BITS = 16_000_000


class CheckLine(BaseModel):
    """One check in words: what was measured, what was wanted, whether they agree."""

    model_config = ConfigDict(frozen=True)

    name: str
    ok: bool
    measured: str
    wanted: str
    #: It failed at first, and was made anew.
    repaired: bool = False


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
class PlacedText:
    """Words drawn over the picture by us, and the pixels they may ink."""

    scene_id: str
    what: str
    box: Box


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the video should be.

    Attributes:
        timeline: its plan.
        loudness_lufs: what its sound should measure.
        sound: the sound it was joined with.
        max_bytes: the most where it is going takes.
        caption_delay_s: the largest distance of a shown word from its spoken time; None without captions.
        caption_contrast: the least between their letters and what stands round them; None without captions.
        areas: where apps draw nothing over the picture.
        texts: what we drew, to be compared with the areas.
        length_target_s: what the person asked for.
        begins: frames with which the scenes' own pictures begin (after a transition); empty: where scenes begin.
    """

    timeline: Timeline
    loudness_lufs: float
    sound: Sound
    max_bytes: int
    areas: SafeAreas
    caption_delay_s: float | None = None
    caption_contrast: float | None = None
    texts: tuple[PlacedText, ...] = ()
    length_target_s: float | None = None
    begins: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """The report, and what a repair needs to know: scenes with a fault of ours, by number."""

    report: CheckReport
    faulty_scenes: frozenset[int]


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
    #: Seconds from the first frame to the first sound.
    lag_s: float


async def check_video(video: Path, wanted: Wanted) -> Checked:
    """Measure a finished file.

    Raises:
        InvalidInput: it cannot be read at all.
    """
    return await asyncio.to_thread(_check, video, wanted)


def _check(video: Path, wanted: Wanted) -> Checked:
    timeline = wanted.timeline
    facts, streams = read_mp4(video), _read_streams(video)
    seen = look(video, timeline.canvas.fps, wanted.begins or [scene.start_frame for scene in timeline.scenes])
    stretches, faulty = _seen_lines(seen, timeline)
    lines = (
        *_container_lines(facts, streams, seen, timeline),
        *_picture_lines(streams, timeline),
        *_sound_lines(streams, wanted, same=_sound_hash(video) == _sound_hash(wanted.sound.path)),
        *stretches,
        *_caption_lines(wanted),
        *_size_lines(video.stat().st_size, wanted),
    )
    return Checked(CheckReport(lines=lines), faulty)


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
        starts = [float((stream.start_time or 0) * (stream.time_base or 1)) for stream in (picture, sound)]
        return _Streams(
            video=picture.codec_context.name,
            profile=str(picture.profile),
            pixel_format=str(picture.codec_context.pix_fmt),
            size=(picture.width, picture.height),
            fps=float(picture.average_rate or 0),
            frames=picture.frames,
            audio=sound.codec_context.name,
            audio_rate=sound.sample_rate,
            lag_s=starts[1] - starts[0],
        )


def _sound_hash(path: Path) -> str:
    """A hash of the encoded sound, whatever file it lies in."""
    digest = hashlib.sha256()
    with av.open(str(path), format="mp4", options={"protocol_whitelist": "file"}) as file:
        for packet in file.demux(file.streams.audio[0]):
            digest.update(bytes(packet))
    return digest.hexdigest()


def _line(name: str, measured: object, wanted: object) -> CheckLine:
    return CheckLine(name=name, ok=measured == wanted, measured=str(measured), wanted=str(wanted))


def _container_lines(facts: Mp4Facts, streams: _Streams, seen: Seen, timeline: Timeline) -> tuple[CheckLine, ...]:
    apart = abs(facts.audio_s - facts.video_s)
    frame_s = 1 / timeline.canvas.fps
    return (
        CheckLine(name="index first", ok=facts.faststart, measured=" ".join(facts.boxes), wanted="moov before mdat"),
        _line("frames", streams.frames, timeline.frames),
        _line("frames evenly spaced", "yes" if seen.steady else "no", "yes"),
        CheckLine(
            name="sound as long as picture",
            ok=apart <= frame_s + 1e-6,
            measured=f"{facts.audio_s:.3f} s and {facts.video_s:.3f} s",
            wanted=f"within {frame_s:.3f} s",
        ),
        CheckLine(
            name="sound begins with picture",
            ok=abs(streams.lag_s) <= frame_s + 1e-6,
            measured=f"{streams.lag_s * 1000:+.0f} ms",
            wanted=f"within {frame_s * 1000:.0f} ms",
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


def _sound_lines(streams: _Streams, wanted: Wanted, *, same: bool) -> tuple[CheckLine, ...]:
    loudness: Loudness = wanted.sound.loudness
    target = wanted.loudness_lufs
    silent = loudness.integrated_lufs <= SILENCE_LUFS
    return (
        _line("sound", f"{streams.audio} {streams.audio_rate} Hz", f"aac {SAMPLE_RATE} Hz"),
        _line("sound as it was measured", "yes" if same else "no", "yes"),
        CheckLine(
            name="loudness",
            ok=silent or abs(loudness.integrated_lufs - target) <= LOUDNESS_TOLERANCE_LU,
            measured="silence" if silent else f"{loudness.integrated_lufs:.1f} LUFS",
            wanted=f"{target:g} LUFS within {LOUDNESS_TOLERANCE_LU:g} LU",
        ),
        CheckLine(
            name="true peak",
            ok=loudness.peak_dbtp <= PEAK_LIMIT_DBTP,
            measured=f"{loudness.peak_dbtp:.1f} dBTP",
            wanted=f"at most {PEAK_LIMIT_DBTP:g} dBTP",
        ),
    )


def _seen_lines(seen: Seen, timeline: Timeline) -> tuple[tuple[CheckLine, ...], frozenset[int]]:
    """Lines on what was seen, and the numbers of scenes that are at fault."""
    black, black_in = _stretch_line("black seconds", seen.black_s, timeline, (PhotoVisual, ClipVisual))
    frozen, frozen_in = _stretch_line("frozen seconds", seen.frozen_s, timeline, (ClipVisual,))
    broken = ", ".join(str(number + 1) for number in seen.broken)
    decodes = CheckLine(
        name="scenes begin", ok=not seen.broken, measured=f"not scene {broken}" if broken else "all", wanted="all"
    )
    return (decodes, black, frozen), frozenset(seen.broken) | black_in | frozen_in


def _stretch_line(
    name: str, starts_s: Sequence[float], timeline: Timeline, theirs_in: tuple[type[PhotoVisual | ClipVisual], ...]
) -> tuple[CheckLine, frozenset[int]]:
    """Black or still seconds are faults, but for those a person's own file holds: they are told and let be."""
    ours = [at for at in starts_s if not _is_theirs(_visual_at(at, timeline), theirs_in)]
    theirs = [at for at in starts_s if at not in ours]
    measured = f"at {_times(ours)}" if ours else "none"
    if theirs:
        measured += f" (in a file as it was sent: at {_times(theirs)})"
    line = CheckLine(name=name, ok=not ours, measured=measured, wanted="none")
    return line, frozenset(number for at in ours if (number := _scene_at(at, timeline)) is not None)


def _is_theirs(
    visual: DesignedVisual | FileVisual | None, theirs_in: tuple[type[PhotoVisual | ClipVisual], ...]
) -> bool:
    """Whether a stretch in it is as it was sent, or as it was asked for: a photo may be told to stand still."""
    return isinstance(visual, theirs_in) or (isinstance(visual, PhotoVisual) and visual.motion == "still")


def _times(starts_s: Sequence[float]) -> str:
    return ", ".join(f"{at:.1f} s" for at in starts_s[:5])


def _scene_at(at_s: float, timeline: Timeline) -> int | None:
    frame = round(at_s * timeline.canvas.fps)
    return next((one.index for one in timeline.scenes if 0 <= frame - one.start_frame < one.frames), None)


def _visual_at(at_s: float, timeline: Timeline) -> DesignedVisual | FileVisual | None:
    number = _scene_at(at_s, timeline)
    return None if number is None else timeline.scenes[number].visual


def _caption_lines(wanted: Wanted) -> tuple[CheckLine, ...]:
    lines = [_inside_line(wanted)] if wanted.texts else []
    if wanted.caption_delay_s is not None:
        lines.append(
            CheckLine(
                name="captions with the voice",
                ok=wanted.caption_delay_s <= CAPTION_TOLERANCE_S,
                measured=f"{wanted.caption_delay_s * 1000:.0f} ms at most",
                wanted=f"within {CAPTION_TOLERANCE_S * 1000:.0f} ms",
            )
        )
    if wanted.caption_contrast is not None:
        lines.append(
            CheckLine(
                name="contrast of captions",
                ok=wanted.caption_contrast >= MIN_CONTRAST,
                measured=f"{wanted.caption_contrast:.1f}:1",
                wanted=f"at least {MIN_CONTRAST:g}:1",
            )
        )
    return tuple(lines)


def _inside_line(wanted: Wanted) -> CheckLine:
    outside = [text for text in wanted.texts if not is_inside(text.box, wanted.areas)]
    told = ", ".join(list(dict.fromkeys(f"{text.what} of scene {text.scene_id}" for text in outside))[:5])
    return CheckLine(name="text in the safe area", ok=not outside, measured=told or "all", wanted="all")


def is_inside(box: Box, areas: SafeAreas) -> bool:
    """Whether a box lies between the outer edges of the areas."""
    slack = _EDGE_PIXELS
    left, right = areas.caption.left - slack, areas.caption.left + areas.caption.width + slack
    top, bottom = min(areas.card.top, areas.caption.top) - slack, max(areas.card.bottom, areas.caption.bottom) + slack
    return left <= box.left and box.left + box.width <= right and top <= box.top and box.bottom <= bottom


def _size_lines(size: int, wanted: Wanted) -> tuple[CheckLine, ...]:
    duration_s = wanted.timeline.duration_s
    bits = size * 8 / duration_s
    lines = [
        CheckLine(
            name="file size",
            ok=0 < size <= wanted.max_bytes,
            measured=f"{size / 1e6:.2f} MB",
            wanted=f"at most {wanted.max_bytes / 1e6:.0f} MB",
        ),
        CheckLine(
            name="bit rate",
            ok=size * 8 <= _LEAST_BITS or bits <= MAX_BITS_PER_S,
            measured=f"{bits / 1e6:.1f} Mbit/s",
            wanted=f"at most {MAX_BITS_PER_S / 1e6:g} Mbit/s",
        ),
    ]
    if wanted.length_target_s is not None:
        slack_s = max(LENGTH_SLACK_S, LENGTH_TOLERANCE * wanted.length_target_s)
        lines.append(
            CheckLine(
                name="length",
                ok=abs(duration_s - wanted.length_target_s) <= slack_s,
                measured=f"{duration_s:.1f} s",
                wanted=f"{wanted.length_target_s:g} s within {slack_s:.0f} s",
            )
        )
    return tuple(lines)
