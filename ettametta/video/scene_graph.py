"""Pure: the filter graph of any stretch of one scene's picture, before captions and encoding.

A scene's picture is a function of the scene's own frame number, so a stretch may begin before it and end after it: that
is what transitions show. Every input is a file we named, of a container we named, read as a file only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import ffmpeg

from ettametta.video.motion import ZOOM_SCALE, Pan, Zoom
from ettametta.video.plan import DRAFT_SIDE, Box, Canvas

#: How long a text layer takes to fade in and rise, and how far it rises (design pixels).
ENTER_S = 0.4
RISE = 46

_MAX_PIXELS = 68_000_000
#: What every input is fenced in by.
SAFE = {"protocol_whitelist": "file,pipe"}

Enter = Literal["rise", "fade", "wipe_right", "wipe_up", "none"]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Frames of a scene, counted from its own start: `first` may be negative."""

    first: int
    count: int

    @property
    def end(self) -> int:
        """The first frame after it."""
        return self.first + self.count


@dataclass(frozen=True, slots=True)
class PannedInput:
    """A still prepared for a pan as raw yuv420p: `pan.phases` pictures of this size under one another."""

    path: str
    width: int
    height: int
    pan: Pan


@dataclass(frozen=True, slots=True)
class ZoomedInput:
    """A still twice as large as the frame, as raw rgb24."""

    path: str
    width: int
    height: int
    zoom: Zoom


@dataclass(frozen=True, slots=True)
class LayerInput:
    """A text layer as raw rgba, its box in the frame (pixels), and from which frame on and how it comes in.

    `enter_frame` None: it stands from the start. The file of a wiped layer holds `enter_frames() + 1` pictures, each
    showing more of it, the first nothing.
    """

    path: str
    box: Box
    enter_frame: int | None
    enter: Enter = "rise"

    @property
    def is_wiped(self) -> bool:
        """Whether it is uncovered along a side."""
        return self.enter in {"wipe_right", "wipe_up"}


@dataclass(frozen=True, slots=True)
class ClipInput:
    """A clip's file, its container as ffmpeg names it, where to start, how fast, and whether it must be repeated.

    `crop` is the part shown, in pixels of the file; None shows it whole on a blurred (or dark) ground. A file that is
    `untagged` does not say what its colours mean: they are taken for BT.709, as players take those of high definition.
    """

    path: str
    container: str
    start_s: float
    loop: bool
    crop: Box | None
    speed: float = 1.0
    fps: float = 30.0
    blurred: bool = True
    untagged: bool = False


Ground = PannedInput | ZoomedInput | ClipInput


@dataclass(frozen=True, slots=True)
class SceneInput:
    """All a scene's picture is put together from."""

    ground: Ground
    layers: tuple[LayerInput, ...] = ()


def scene_stream(source: SceneInput, stretch: Stretch, canvas: Canvas, *, second: bool = False) -> Any:
    """A stretch of a scene as yuv420p frames of the canvas's size; its times begin at 0.

    `second` says that it is the other one of a graph: ffmpeg-python takes equal inputs of both for one.
    """
    if isinstance(source.ground, PannedInput):
        stream = _panned(source.ground, stretch, canvas)
    elif isinstance(source.ground, ZoomedInput):
        stream = _zoomed(source.ground, stretch, canvas)
    else:
        stream = _clip(source.ground, stretch, canvas, second=second)
    for layer in source.layers:
        if layer.enter_frame is None or layer.enter_frame < stretch.end:
            stream = _overlaid(stream, layer, stretch, canvas)
    return stream


def _raw(path: str, width: int, height: int, pixel_format: str, canvas: Canvas) -> Any:
    options = {"f": "rawvideo", "pixel_format": pixel_format, "video_size": (width, height), "framerate": canvas.fps}
    return ffmpeg.input(path, **options, **SAFE)


def raw_picture(path: str, width: int, height: int, canvas: Canvas) -> Any:
    """A raw rgba picture, or several that follow one another, ready to be laid over a frame."""
    picture = _raw(path, width, height, "rgba", canvas)
    return picture.filter("scale", out_color_matrix="bt709", out_range="tv").filter("format", "yuva420p")


def _repeated(stream: Any, frames: int) -> Any:
    return stream.filter("loop", loop=max(0, frames - 1), size=1, start=0) if frames > 1 else stream


def _panned(still: PannedInput, stretch: Stretch, canvas: Canvas) -> Any:
    """A window of the right phase on each frame: nothing is resampled, nothing is copied."""
    pan = still.pan
    phases = pan.phases if pan.room else 1
    stream = _repeated(_raw(still.path, still.width, still.height * phases, "yuv420p", canvas), stretch.count)
    if not pan.room:
        return stream
    place = pan.expression(stretch.first)
    phase = f"mod({place},{pan.phases})*{still.height}"
    whole = f"2*floor(({place})/{pan.phases})"
    x, y = ("0", f"{phase}+{whole}") if pan.vertical else (whole, phase)
    return stream.filter("crop", canvas.width, canvas.height, x, y)


def _zoomed(still: ZoomedInput, stretch: Stretch, canvas: Canvas) -> Any:
    """A window that changes by whole pixels of a larger still on both its sides, brought to the frame's size."""
    stream = _raw(still.path, still.width, still.height, "rgb24", canvas)
    stream = stream.filter("scale", out_color_matrix="bt709", out_range="tv").filter("format", "yuv444p")
    lost = still.zoom.expression(stretch.first)
    stream = stream.filter(
        "zoompan",
        zoom=f"iw/(iw-{lost}+0.25)",
        x="(iw-floor(iw/zoom))/2",
        y="(ih-floor(ih/zoom))/2",
        d=stretch.count,
        s=f"{canvas.width}x{canvas.height}",
        fps=canvas.fps,
    )
    return stream.filter("format", "yuv420p")


def _clip(clip: ClipInput, stretch: Stretch, canvas: Canvas, *, second: bool) -> Any:
    """Cut, shape, scale, even out the rate; the first and last frames are held where the file has no more."""
    step_s = clip.speed / canvas.fps
    # One thread: the frames that others would decode ahead cost memory.
    options: dict[str, Any] = {"f": clip.container, "threads": 1, "max_pixels": _MAX_PIXELS, **SAFE}
    if _is_draft(canvas):
        options["skip_loop_filter"] = "all"
    if second:
        options["itsoffset"] = 0  # nothing but a difference
    held, skipped = 0, 0
    begin_s = clip.start_s + stretch.first * step_s
    if clip.loop:
        options["stream_loop"] = -1
        held, skipped = max(0, -stretch.first), max(0, stretch.first)
    else:
        held = min(stretch.count - 1, max(0, round(-begin_s / step_s)))
        if begin_s > 0:
            options["ss"] = f"{begin_s:.6f}"
    stream = ffmpeg.input(clip.path, **options)["v:0"]
    if clip.untagged:
        stream = stream.filter("setparams", colorspace="bt709")
    if clip.speed != 1:
        stream = stream.filter("setpts", f"PTS/{clip.speed:g}")
    fast = clip.fps * clip.speed > canvas.fps
    if fast:
        stream = stream.filter("fps", canvas.fps, start_time=0)
    stream = _shaped(stream, clip, canvas)
    if not fast:
        stream = stream.filter("fps", canvas.fps, start_time=0)
    if skipped:
        stream = stream.filter("trim", start_frame=skipped).filter("setpts", "PTS-STARTPTS")
    return stream.filter("tpad", start=held, start_mode="clone", stop_mode="clone", stop=stretch.count)


def _is_draft(canvas: Canvas) -> bool:
    """Whether a frame is so small that it is to be looked at, not posted: clips are then read and scaled in a hurry."""
    return min(canvas.width, canvas.height) <= DRAFT_SIDE


def _scaling(canvas: Canvas) -> str:
    return "fast_bilinear" if _is_draft(canvas) else "bicubic"


def _shaped(stream: Any, clip: ClipInput, canvas: Canvas) -> Any:
    """The clip's part that fills the frame, or the whole clip on a ground of itself."""
    tags = {"out_color_matrix": "bt709", "out_range": "tv"}
    if clip.crop is not None:
        crop = clip.crop
        stream = stream.filter("crop", crop.width, crop.height, crop.left, crop.top)
        flags = _scaling(canvas)
        return stream.filter("scale", canvas.width, canvas.height, flags=flags, **tags).filter("format", "yuv420p")
    both = stream.filter_multi_output("split", 2)
    fitted = {"force_original_aspect_ratio": "decrease", "force_divisible_by": 2, "flags": _scaling(canvas)}
    whole = both[0].filter("scale", canvas.width, canvas.height, **fitted, **tags).filter("format", "yuv420p")
    ground = _blurred(both[1], canvas) if clip.blurred else _dark(both[1], canvas)
    return ffmpeg.overlay(ground, whole, x="(W-w)/2", y="2*floor((H-h)*0.21)", format="yuv420")


def _blurred(stream: Any, canvas: Canvas) -> Any:
    """A dim blurred ground, made small and enlarged."""
    size = {"force_original_aspect_ratio": "increase", "flags": "area", "out_color_matrix": "bt709", "out_range": "tv"}
    width, height = max(16, canvas.width // 24 * 2), max(16, canvas.height // 24 * 2)
    stream = stream.filter("scale", width, height, **size).filter("crop", width, height).filter("format", "yuv420p")
    stream = stream.filter("boxblur", 5, 2).filter("lutyuv", y="16+(val-16)*0.55")
    return stream.filter("scale", canvas.width, canvas.height, flags="bilinear").filter("setsar", 1)


def _dark(stream: Any, canvas: Canvas) -> Any:
    """A plain ground in time with the clip."""
    stream = stream.filter("scale", 16, 16, flags="neighbor", out_color_matrix="bt709", out_range="tv")
    stream = stream.filter("format", "yuv420p").filter("lutyuv", y=22, u=128, v=128)
    return stream.filter("scale", canvas.width, canvas.height, flags="neighbor").filter("setsar", 1)


def _overlaid(stream: Any, layer: LayerInput, stretch: Stretch, canvas: Canvas) -> Any:
    """Lay one text picture over; when it has come in, its last frame stays."""
    text = raw_picture(layer.path, layer.box.width, layer.box.height, canvas)
    length = enter_frames(canvas) if layer.enter != "none" else 1
    y: str | int = layer.box.top
    if layer.enter_frame is not None and layer.enter_frame + length > stretch.first:
        text = _entering(text, layer, stretch, length)
        if layer.enter == "rise":
            now = f"n+{stretch.first - layer.enter_frame}".replace("+-", "-")
            rest = f"pow(1-clip(({now})/{length},0,1),3)"
            y = f"{layer.box.top}+{round(RISE * canvas.unit)}*{rest}"
    elif layer.is_wiped:
        text = text.filter("trim", start_frame=length).filter("setpts", "PTS-STARTPTS")
    return ffmpeg.overlay(stream, text, x=layer.box.left, y=y, eof_action="repeat", format="yuv420")


def _entering(text: Any, layer: LayerInput, stretch: Stretch, length: int) -> Any:
    """The layer's frames until it has come in, from the first frame of the stretch on."""
    begin = min(0, stretch.first)
    at = (layer.enter_frame or 0) - begin
    if layer.is_wiped:
        text = text.filter("loop", loop=at, size=1, start=0)
    else:
        text = _repeated(text, at + length + 1)
        text = text.filter("fade", type="in", start_frame=at, nb_frames=length, alpha=1)
    if stretch.first > begin:
        text = text.filter("trim", start_frame=stretch.first - begin).filter("setpts", "PTS-STARTPTS")
    return text


def enter_frames(canvas: Canvas) -> int:
    """How many frames a layer takes to come in."""
    return max(1, round(ENTER_S * canvas.fps))


def zoomed_size(canvas: Canvas) -> Canvas:
    """The size of a still that is zoomed."""
    return Canvas(canvas.width * ZOOM_SCALE, canvas.height * ZOOM_SCALE, canvas.fps)
