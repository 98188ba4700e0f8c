"""A person's photo made ready: sRGB, filled to the frame's shape, darkened where light captions stand."""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageCms, ImageEnhance, ImageFilter

from ettametta.storyboard.visuals import Fit
from ettametta.video.plan import Box, Canvas

#: Less of the picture than this would be left by cropping: then it is shown whole on a blurred copy of itself.
MIN_KEPT = 0.36
_BLURRED_SIZE = 90
#: How much the caption area of a photo is darkened.
_SCRIM = 0.5


@dataclass(frozen=True, slots=True)
class Framing:
    """How a picture meets a frame: how much longer the still must be on its sides, what stays in sight, how it fits."""

    canvas: Canvas
    across: int = 0
    down: int = 0
    fit: Fit = "auto"
    focus: tuple[float, float] | None = None
    captions: Box | None = None


def upright_rgb(photo: Image.Image, largest: int) -> Image.Image:
    """A photo of any mode as sRGB, made smaller first when its short side has far more pixels than are needed.

    Transparent parts become white.
    """
    shrink = min(photo.size) // max(1, largest)
    if shrink > 1 and photo.mode in {"RGB", "L"}:
        info = photo.info
        photo = photo.reduce(shrink)
        photo.info.update(info)
    return _to_srgb(photo)


def frame_still(picture: Image.Image, framing: Framing) -> Image.Image:
    """An RGB picture as large as the frame and what it is longer by; `picture` is sRGB and upright."""
    shown_whole = framing.fit in {"contain", "blur"} or (
        framing.fit == "auto" and kept_share(picture.size, framing.canvas) < MIN_KEPT
    )
    still = _on_ground(picture, framing) if shown_whole else _cover(picture, framing)
    return _scrimmed(still, framing) if framing.captions is not None else still


def kept_share(size: tuple[int, int], canvas: Canvas) -> float:
    """The part of a picture that is left when it is cropped to the frame's shape."""
    ratio = (size[0] * canvas.height) / (size[1] * canvas.width)
    return min(ratio, 1 / ratio)


def natural_room(size: tuple[int, int], canvas: Canvas) -> tuple[int, int]:
    """Pixels beyond the frame, across and down, of a picture scaled to fill it."""
    scale = max(canvas.width / size[0], canvas.height / size[1])
    return max(0, round(size[0] * scale) - canvas.width), max(0, round(size[1] * scale) - canvas.height)


def _to_srgb(photo: Image.Image) -> Image.Image:
    """Transparent parts become white; an embedded colour profile is applied, a broken one ignored."""
    profile = photo.info.get("icc_profile")
    if photo.mode in {"RGBA", "LA", "PA", "P"}:
        layered = photo.convert("RGBA")
        photo = Image.alpha_composite(Image.new("RGBA", layered.size, "white"), layered).convert("RGB")
    elif photo.mode.startswith("I;16") or photo.mode in {"I", "F"}:
        photo = _from_deep(photo)
    if profile and photo.mode in {"RGB", "CMYK", "L"}:
        with contextlib.suppress(ImageCms.PyCMSError, OSError, ValueError):
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(photo, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
            photo = converted or photo
    return photo if photo.mode == "RGB" else photo.convert("RGB")


def _from_deep(photo: Image.Image) -> Image.Image:
    """Sixteen-bit and floating-point greys, stretched to eight bits."""
    values = np.asarray(photo, dtype=np.float32)
    low, high = float(values.min()), float(values.max())
    return Image.fromarray(((values - low) * (255 / max(high - low, 1e-6))).astype(np.uint8), "L")


def _cover(picture: Image.Image, framing: Framing) -> Image.Image:
    """Scaled so that the still is filled, and cut so that what matters stays."""
    width, height = framing.canvas.width + framing.across, framing.canvas.height + framing.down
    scale = max(width / picture.width, height / picture.height)
    wide, tall = min(picture.width, width / scale), min(picture.height, height / scale)
    x, y = _window(picture, (wide, tall), framing.focus)
    box = (x, y, x + wide, y + tall)
    return picture.resize((width, height), Image.Resampling.LANCZOS, box=box, reducing_gap=2.0)


def _window(picture: Image.Image, size: tuple[float, float], focus: tuple[float, float] | None) -> tuple[float, float]:
    """The corner of a window of that size that has the focus in its middle, or holds most detail."""
    if focus is None:
        focus = detail_focus(picture, size)
    corner = []
    for whole, part, at in zip(picture.size, size, focus, strict=True):
        corner.append(min(max(at * whole - part / 2, 0.0), whole - part))
    return corner[0], corner[1]


def detail_focus(picture: Image.Image, size: tuple[float, float]) -> tuple[float, float]:
    """Where a window of that size holds most detail, as parts of the picture.

    Detail is what differs from its surroundings both in light and in colour, weighed down towards the edges; faces are
    not looked for. What is as strong everywhere (grass, sky) pulls nowhere.
    """
    edges = _detail(picture)
    places = []
    for axis in (0, 1):
        whole, part = picture.size[axis], size[axis]
        if whole - part < 1:
            places.append(0.5)
            continue
        along = edges.sum(axis=axis)
        grid = np.linspace(0, 1, along.size)
        along = along * (1.0 - 0.55 * np.abs(grid - (0.5 if axis == 0 else 0.42)))
        share = min(along.size, max(1, round(along.size * part / whole)))
        sums = np.convolve(along, np.ones(share), mode="valid")
        best = np.flatnonzero(sums >= sums.max() * 0.985)  # of equally good places the middle one
        places.append((float(best.mean()) + share / 2) / along.size)
    return places[0], places[1]


def _detail(picture: Image.Image) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """How much each part of a picture stands out, on a grid of 60 by 60."""
    small = picture.resize((64, 64), Image.Resampling.BOX, reducing_gap=2.0)
    edges = np.asarray(small.convert("L").filter(ImageFilter.FIND_EDGES), dtype=np.float64)
    colours = np.asarray(small, dtype=np.float64)
    apart = np.abs(colours - np.median(colours, axis=(0, 1))).sum(axis=2) / 6
    mixed = (edges + apart)[2:-2, 2:-2]
    return np.asarray(np.clip(mixed - np.median(mixed), 0, None) + 1e-6, dtype=np.float64)


def _on_ground(picture: Image.Image, framing: Framing) -> Image.Image:
    """The whole picture, as wide (or tall) as the frame, on a dim, blurred enlargement of itself or on a plain dark."""
    size = (framing.canvas.width + framing.across, framing.canvas.height + framing.down)
    ground = Image.new("RGB", size, (14, 14, 16)) if framing.fit == "contain" else _blurred(picture, size)
    fitted = _contained(picture, framing.canvas)
    place_x, place_y = (size[0] - fitted.width) // 2, round((size[1] - fitted.height) * 0.42)
    if framing.fit != "contain":
        _shadow(ground, (place_x, place_y, place_x + fitted.width, place_y + fitted.height), framing.canvas)
    ground.paste(fitted, (place_x, place_y))
    return ground


def _blurred(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    scale = max(size[0] / picture.width, size[1] / picture.height)
    share = _BLURRED_SIZE / max(size)
    small = picture.resize(
        (max(1, round(picture.width * scale * share)), max(1, round(picture.height * scale * share))),
        Image.Resampling.BOX,
    )
    left, top = (small.width - round(size[0] * share)) // 2, (small.height - round(size[1] * share)) // 2
    small = small.crop((left, top, left + round(size[0] * share), top + round(size[1] * share)))
    ground = ImageEnhance.Brightness(small.filter(ImageFilter.GaussianBlur(4))).enhance(0.55)
    return ground.resize(size, Image.Resampling.BICUBIC)


def _contained(picture: Image.Image, canvas: Canvas) -> Image.Image:
    scale = min(canvas.width / picture.width, canvas.height / picture.height)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def _shadow(ground: Image.Image, box: tuple[int, int, int, int], canvas: Canvas) -> None:
    """A soft shadow round a box, blurred at an eighth of the size."""
    eighth = Image.new("L", (max(1, ground.width // 8), max(1, ground.height // 8)), 0)
    eighth.paste(150, (box[0] // 8, box[1] // 8, -(-box[2] // 8), -(-box[3] // 8)))
    soft = eighth.filter(ImageFilter.GaussianBlur(30 * canvas.unit / 8)).resize(ground.size, Image.Resampling.BILINEAR)
    ground.paste((0, 0, 0), (0, 0), soft)


def _scrimmed(picture: Image.Image, framing: Framing) -> Image.Image:
    """Darken softly round the caption area, so that light captions read on a light picture."""
    captions = framing.captions
    if captions is None:
        return picture
    rows = np.arange(picture.height, dtype=np.float32)
    middle, reach = captions.top + captions.height / 2 + framing.down / 2, captions.height * 1.15
    shade = _SCRIM * 255 * np.exp(-(((rows - middle) / reach) ** 2))
    mask = Image.fromarray((shade + 0.5).astype(np.uint8)[:, None], "L").resize(picture.size, Image.Resampling.NEAREST)
    picture.paste((0, 0, 0), (0, 0), mask)
    return picture
