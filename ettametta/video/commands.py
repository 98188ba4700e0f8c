"""Pure: plans to ffmpeg arguments. Every input is a file we named, of a container we named, read as a file only.

Segments come out so alike (size, rate, time base, colour tags, encoder settings) that they join by stream copy.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ffmpeg

from ettametta.storyboard.style import TransitionKind
from ettametta.video.encoders import SOFTWARE, coder_options, input_options, upload_filters
from ettametta.video.plan import TICKS_PER_FRAME, Box, Canvas
from ettametta.video.scene_graph import SAFE, SceneInput, Stretch, raw_picture, scene_stream
from ettametta.video.transition import mixed


@dataclass(frozen=True, slots=True)
class EncoderSettings:
    """How the encoder is run. `threads` 0 is all cores; hardware encoders (`codec`) follow `crf` alone."""

    preset: str = "veryfast"
    crf: int = 20
    threads: int = 0
    audio_bitrate: str = "160k"
    codec: str = SOFTWARE


@dataclass(frozen=True, slots=True)
class CaptionPictureInput:
    """A small picture among the captions as raw rgba, its box in the frame, from one frame up to another."""

    path: str
    box: Box
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class CaptionInput:
    """The captions of a segment: an ASS document for a strip of the frame, and the frames at which it changes.

    Its fonts lie in the folder `fonts`.
    """

    path: str
    fonts: str
    area: Box
    frames: tuple[int, ...]
    pictures: tuple[CaptionPictureInput, ...] = ()


@dataclass(frozen=True, slots=True)
class ShownScene:
    """A stretch of a scene."""

    picture: SceneInput
    stretch: Stretch


def segment_argv(
    scene: ShownScene, captions: CaptionInput | None, canvas: Canvas, encoder: EncoderSettings, out: str
) -> list[str]:
    """Arguments that make one scene's picture, without sound, as a joinable MP4. Paths are relative to the folder."""
    stream = _captioned(scene_stream(scene.picture, scene.stretch, canvas), captions, scene.stretch.count, canvas)
    return _encoded(stream, scene.stretch.count, canvas, encoder, out)


def join_segment_argv(
    before: ShownScene,
    after: ShownScene,
    kind: TransitionKind,
    captions: CaptionInput | None,
    canvas: Canvas,
    encoder: EncoderSettings,
    out: str,
) -> list[str]:
    """Arguments that make the frames round a cut: one scene's picture becomes the other's, under still captions."""
    count = before.stretch.count
    first = scene_stream(before.picture, before.stretch, canvas)
    second = scene_stream(after.picture, after.stretch, canvas, second=True)
    stream = _captioned(mixed(first, second, kind, count, canvas), captions, count, canvas)
    return _encoded(stream, count, canvas, encoder, out)


def _captioned(stream: Any, captions: CaptionInput | None, count: int, canvas: Canvas) -> Any:
    """Lay captions over a stream of so many frames.

    libass draws a small strip, and only on the frames where it changes; the overlay holds it in between.
    """
    if captions is None:
        return stream
    strip = _strip(captions, [frame for frame in captions.frames if frame < count], canvas)
    place = {"x": captions.area.left, "y": captions.area.top}
    if strip is not None:
        stream = ffmpeg.overlay(stream, strip, **place, eof_action="repeat", format="yuv420")
    for picture in captions.pictures:
        seen = f"between(n,{picture.start},{picture.end - 1})"
        small = raw_picture(picture.path, picture.box.width, picture.box.height, canvas)
        place = {"x": picture.box.left, "y": picture.box.top}
        stream = ffmpeg.overlay(stream, small, **place, eof_action="repeat", format="yuv420", enable=seen)
    return stream


def _strip(captions: CaptionInput, frames: Sequence[int], canvas: Canvas) -> Any:
    """The captions' strip as so many frames, each at its time; None when there are none.

    What libass draws on nothing comes out multiplied by its own alpha, which is taken back.
    """
    if not frames:
        return None
    size = f"{captions.area.width}x{captions.area.height}"
    length = f"{len(frames) / canvas.fps:.6f}"
    strip = ffmpeg.input(f"color=c=black@0:s={size}:r={canvas.fps}:d={length},format=yuva444p", f="lavfi", **SAFE)
    # half a millisecond late, so that no frame is taken for the one before by rounding
    late = TICKS_PER_FRAME * canvas.fps // 2000 + 1
    strip = strip.filter("setparams", range="tv", colorspace="bt709")
    strip = strip.filter("settb", f"1/{canvas.fps * TICKS_PER_FRAME}").filter(
        "setpts", f"(N+{_held(frames)})*{TICKS_PER_FRAME}+{late}"
    )
    strip = strip.filter("ass", filename=captions.path, fontsdir=captions.fonts, alpha=1)
    strip = strip.filter("unpremultiply", inplace=1).filter("format", "yuva420p")
    return strip.filter("setpts", f"PTS-{late}")


def _held(frames: Sequence[int]) -> str:
    """How many frames before picture N were left out, as an expression.

    A tree, not a sum: ffmpeg's expressions may be at most a hundred deep.
    """
    steps = [(at, frame - at) for at, frame in enumerate(frames) if not at or frame - at != frames[at - 1] - at + 1]

    def tree(low: int, high: int) -> str:
        if high - low == 1:
            return str(steps[low][1])
        middle = (low + high) // 2
        return f"if(lt(N,{steps[middle][0]}),{tree(low, middle)},{tree(middle, high)})"

    return tree(0, len(steps))


def _encoded(stream: Any, frames: int, canvas: Canvas, encoder: EncoderSettings, out: str) -> list[str]:
    stream = _conformed(stream, frames, canvas)
    for name, *values in upload_filters(encoder.codec):
        stream = stream.filter(name, *values)
    made = ffmpeg.output(stream, out, **_encoded_as(encoder, canvas), **{"frames:v": frames})
    return [*input_options(encoder.codec), *(str(part) for part in ffmpeg.compile(made, cmd="ffmpeg")[1:])]


def _conformed(stream: Any, frames: int, canvas: Canvas) -> Any:
    """What makes segments join exactly: frames, shape, colour tags, time base."""
    stream = stream.filter("trim", end_frame=frames).filter("format", "yuv420p").filter("setsar", 1)
    stream = stream.filter("setparams", range="tv", colorspace="bt709", color_primaries="bt709", color_trc="bt709")
    return stream.filter("settb", f"1/{canvas.fps * TICKS_PER_FRAME}").filter("setpts", f"N*{TICKS_PER_FRAME}")


def _encoded_as(encoder: EncoderSettings, canvas: Canvas) -> dict[str, Any]:
    return {
        **coder_options(encoder.codec, encoder.preset, encoder.crf, encoder.threads),
        "profile:v": "high", "g": canvas.fps * 2, "r": canvas.fps,
        "color_range": "tv", "colorspace": "bt709", "color_primaries": "bt709", "color_trc": "bt709",
        "video_track_timescale": canvas.fps * TICKS_PER_FRAME, "map_metadata": -1, "fflags": "+bitexact",
        "f": "mp4",
    }  # fmt: skip


# -- joining ---------------------------------------------------------------------------------------------------------


def concat_list(segments: Sequence[str], frames: Sequence[int], fps: int) -> str:
    """The concat demuxer's list: our own plain file names, each with its exact duration."""
    lines = (f"file '{name}'\nduration {count / fps:.9f}\n" for name, count in zip(segments, frames, strict=True))
    return "ffconcat version 1.0\n" + "".join(lines)


def join_argv(listing: str, sound: str, canvas: Canvas, out: str) -> list[str]:
    """Arguments that join the segments and add the sound, both copied, with the index at the front of the file."""
    return [
        "-protocol_whitelist", "file,pipe", "-f", "concat", "-safe", "1", "-i", listing,
        "-protocol_whitelist", "file,pipe", "-f", "mp4", "-i", sound,
        "-map", "0:v:0", "-map", "1:a:0", "-c", "copy", "-video_track_timescale", str(canvas.fps * TICKS_PER_FRAME),
        "-map_metadata", "-1", "-fflags", "+bitexact", "-movflags", "+faststart", "-f", "mp4", out,
    ]  # fmt: skip


def stills_argv(video: str, at_s: float, canvas: Canvas, cover: str, thumbnail: str) -> list[str]:
    """Arguments that take one frame as a full-size cover and as a thumbnail of at most 320 pixels a side (JPEG)."""
    share = min(1.0, 320 / max(canvas.width, canvas.height))
    small = f"{math.floor(canvas.width * share)}:{math.floor(canvas.height * share)}"
    graph = f"[0:v]trim=end_frame=1,scale=out_range=pc,format=yuvj420p,split[a][b];[b]scale={small}:flags=lanczos[c]"
    jpeg = ["-c:v", "mjpeg", "-q:v", "3", "-frames:v", "1", "-f", "image2", "-update", "1"]
    return [
        "-protocol_whitelist", "file,pipe", "-ss", f"{at_s:.3f}", "-f", "mp4", "-i", video, "-filter_complex", graph,
        "-map", "[a]", *jpeg, cover, "-map", "[c]", *jpeg, thumbnail,
    ]  # fmt: skip
