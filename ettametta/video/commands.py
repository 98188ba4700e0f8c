"""Pure: plans to ffmpeg arguments. Every input is a file we named, of a container we named, read as a file only.

Segments come out so alike (size, rate, time base, colour tags, encoder settings) that they join by stream copy.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ffmpeg

from ettametta.video.plan import TICKS_PER_FRAME, Box, Canvas, ScenePlan

#: How long a text layer takes to fade in and rise, and how far it rises (design pixels).
ENTER_S = 0.4
RISE = 46
#: Largest part of the frame a push-in crosses, and its speed in parts a second.
ZOOM_MAX = 0.14
ZOOM_PER_S = 0.024

_MAX_PIXELS = 68_000_000
_SAFE = {"protocol_whitelist": "file,pipe"}


@dataclass(frozen=True, slots=True)
class EncoderSettings:
    """How x264 is run. `threads` 0 is all cores."""

    preset: str = "veryfast"
    crf: int = 20
    threads: int = 0
    audio_bitrate: str = "160k"


@dataclass(frozen=True, slots=True)
class LayerInput:
    """A text layer's PNG and its place in the frame (pixels); it enters at `enter_frame`, or stands from the start."""

    path: str
    left: int
    top: int
    enter_frame: int | None


@dataclass(frozen=True, slots=True)
class CardInput:
    """A card's pictures: the background is `travel` pixels longer than the frame on its long side."""

    backdrop: str
    travel: int
    layers: tuple[LayerInput, ...]


@dataclass(frozen=True, slots=True)
class PhotoInput:
    """A prepared picture: as large as the frame (it is zoomed) or longer by `travel` pixels (it is panned)."""

    path: str
    width: int
    height: int
    reverse: bool


@dataclass(frozen=True, slots=True)
class ClipInput:
    """A clip's file, its container as ffmpeg names it, where to start, and whether it must be repeated."""

    path: str
    container: str
    start_s: float
    loop: bool


SegmentInput = CardInput | PhotoInput | ClipInput


@dataclass(frozen=True, slots=True)
class CaptionInput:
    """A caption document and the part of the frame it is drawn for; its fonts are in the folder `fonts`."""

    path: str
    area: Box


def segment_argv(
    scene: ScenePlan,
    canvas: Canvas,
    source: SegmentInput,
    encoder: EncoderSettings,
    out: str,
    captions: CaptionInput | None,
) -> list[str]:
    """Arguments that make one scene's picture, without sound, as a joinable MP4. Paths are relative to the folder.

    Args:
        scene: its frames are made, no more and no fewer.
        canvas: size and rate.
        source: the prepared files.
        encoder: x264's settings.
        out: the file to write.
        captions: the captions' file; None for none.
    """
    if isinstance(source, CardInput):
        stream = _card(source, scene.frames, canvas)
    elif isinstance(source, PhotoInput):
        stream = _photo(source, scene.frames, canvas)
    else:
        stream = _clip(source, scene.frames, canvas)
    if captions is not None:
        stream = _captioned(stream.filter("format", "yuv420p"), captions)
    stream = _conform(stream, scene.frames, canvas)
    return _compile(ffmpeg.output(stream, out, **_x264(encoder, canvas), **{"frames:v": scene.frames}))


def _compile(node: Any) -> list[str]:
    return [str(part) for part in ffmpeg.compile(node, cmd="ffmpeg")[1:]]


def _still(path: str, canvas: Canvas, pixel_format: str) -> Any:
    """One picture as studio-range BT.709."""
    stream = ffmpeg.input(path, f="png_pipe", framerate=canvas.fps, max_pixels=_MAX_PIXELS, **_SAFE)
    stream = stream.filter("scale", out_color_matrix="bt709", out_range="tv")
    return stream.filter("format", pixel_format)


def _card(card: CardInput, frames: int, canvas: Canvas) -> Any:
    stream = _moved(_still(card.backdrop, canvas, "yuv444p"), frames, canvas, card.travel, reverse=False)
    stream = stream.filter("format", "yuv420p")
    for layer in card.layers:
        stream = _overlay(stream, layer, canvas)
    return stream


def _moved(stream: Any, frames: int, canvas: Canvas, travel: int, *, reverse: bool) -> Any:
    """Pan by whole pixels a frame, there and back: no resampling, so no shimmer, and cheap to encode."""
    step = max(1, round(canvas.unit * 30 / canvas.fps))
    there = f"{travel}-abs(mod(n*{step},{2 * travel})-{travel})" if travel else "0"
    at = there if not reverse else f"{travel}-({there})"
    x, y = ("0", at) if canvas.portrait else (at, "0")
    return _repeated(stream, frames).filter("crop", canvas.width, canvas.height, x, y)


def _repeated(stream: Any, frames: int) -> Any:
    return stream.filter("loop", loop=max(0, frames - 1), size=1, start=0)


def _overlay(stream: Any, layer: LayerInput, canvas: Canvas) -> Any:
    """Lay one text picture over: it fades in and rises with an ease-out, then its last frame stays."""
    if layer.enter_frame is None:
        still = _still(layer.path, canvas, "yuva420p")
        return ffmpeg.overlay(stream, still, x=layer.left, y=layer.top, eof_action="repeat", format="yuv420")
    length = max(1, round(ENTER_S * canvas.fps))
    text = _repeated(_still(layer.path, canvas, "yuva420p"), layer.enter_frame + length + 1)
    text = text.filter("fade", type="in", start_frame=layer.enter_frame, nb_frames=length, alpha=1)
    rest = f"pow(1-clip((n-{layer.enter_frame})/{length},0,1),3)"
    y = f"{layer.top}+{round(RISE * canvas.unit)}*{rest}"
    return ffmpeg.overlay(stream, text, x=layer.left, y=y, eof_action="repeat", format="yuv420")


def _photo(photo: PhotoInput, frames: int, canvas: Canvas) -> Any:
    across, down = photo.width - canvas.width, photo.height - canvas.height
    if across or down:
        stream = _repeated(_still(photo.path, canvas, "yuv444p"), frames)
        x, y = _pan(across, frames, photo.reverse), _pan(down, frames, photo.reverse)
        return stream.filter("crop", canvas.width, canvas.height, x, y)
    return _push(_repeated(_still(photo.path, canvas, "yuv420p"), frames), frames, canvas, reverse=photo.reverse)


def _pan(room: int, frames: int, reverse: bool) -> str:
    """One pixel a frame, as far as the scene lasts, over the middle of the room."""
    way = min(room, frames - 1)
    first = (room - way) // 2
    return f"{first + way}-min(n,{way})" if reverse else f"{first}+min(n,{way})"


def _push(stream: Any, frames: int, canvas: Canvas, *, reverse: bool) -> Any:
    """Zoom slowly by a sub-pixel perspective map (no jitter, unlike zoompan)."""
    zoom = min(ZOOM_MAX, 0.02 + ZOOM_PER_S * frames / canvas.fps)
    part = f"(1-on/{frames})" if reverse else f"on/{frames}"
    margin = f"{zoom / 2 / (1 + zoom):.6f}*{part}"
    near, far = f"({margin})", f"(1-{margin})"
    corners = {
        "x0": f"W*{near}", "y0": f"H*{near}", "x1": f"W*{far}", "y1": f"H*{near}",
        "x2": f"W*{near}", "y2": f"H*{far}", "x3": f"W*{far}", "y3": f"H*{far}",
    }  # fmt: skip
    return stream.filter("perspective", **corners, interpolation="linear", eval="frame")


def _clip(clip: ClipInput, frames: int, canvas: Canvas) -> Any:
    """Cut, crop to the frame's shape, scale, even out the rate; the last frame is held when the file ends early."""
    options: dict[str, Any] = {"f": clip.container, "max_pixels": _MAX_PIXELS, **_SAFE}
    if clip.loop:
        options["stream_loop"] = -1
    elif clip.start_s > 0:
        options["ss"] = f"{clip.start_s:.3f}"
    stream = ffmpeg.input(clip.path, **options)["v:0"]
    shape = f"{canvas.width}/{canvas.height}"
    stream = stream.filter("crop", f"2*trunc(min(iw,ih*{shape})/2)", f"2*trunc(min(ih,iw/({shape}))/2)")
    stream = stream.filter("fps", canvas.fps)
    stream = stream.filter(
        "scale", canvas.width, canvas.height, flags="bicubic", out_color_matrix="bt709", out_range="tv"
    )
    return stream.filter("tpad", stop_mode="clone", stop=frames)


def _captioned(stream: Any, captions: CaptionInput) -> Any:
    """Draw the captions on their strip alone and lay the strip back: libass never looks at the rest of the frame."""
    split, area = stream.split(), captions.area
    strip = split[0].filter("crop", area.width, area.height, area.left, area.top)
    strip = strip.filter("ass", filename=captions.path, fontsdir="fonts")
    return ffmpeg.overlay(split[1], strip, x=area.left, y=area.top, format="yuv420")


def _conform(stream: Any, frames: int, canvas: Canvas) -> Any:
    """What makes segments join exactly: frames, shape, colour tags, time base."""
    stream = stream.filter("trim", end_frame=frames).filter("format", "yuv420p").filter("setsar", 1)
    stream = stream.filter("setparams", range="tv", colorspace="bt709", color_primaries="bt709", color_trc="bt709")
    return stream.filter("settb", f"1/{canvas.fps * TICKS_PER_FRAME}").filter("setpts", f"N*{TICKS_PER_FRAME}")


def _x264(encoder: EncoderSettings, canvas: Canvas) -> dict[str, Any]:
    return {
        "c:v": "libx264", "preset": encoder.preset, "crf": encoder.crf, "profile:v": "high", "pix_fmt": "yuv420p",
        "g": canvas.fps * 2, "threads": encoder.threads, "r": canvas.fps, "x264-params": "aq-mode=3:8x8dct=1",
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
