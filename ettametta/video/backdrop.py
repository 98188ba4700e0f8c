"""Painted backgrounds of designed scenes: gradient, glows, one ornament and grain, taller (or wider) than the frame.

Colours are mixed in floating point and dithered with the grain, so that dark gradients do not band in 8 bits.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from ettametta.video.plan import Canvas
from ettametta.video.themes import Colour, Theme

Pixels = NDArray[np.float32]
#: How far the background travels before it turns round, as a part of the frame's long side.
TRAVEL = 0.25
_GRAIN = 1.5


def travel_pixels(canvas: Canvas) -> int:
    """Pixels the background is longer than the frame, along the axis it moves on."""
    return 2 * round(max(canvas.width, canvas.height) * TRAVEL / 2)


def paint_backdrop(theme: Theme, canvas: Canvas, seed: int) -> Image.Image:
    """An RGB picture larger than the frame by `travel_pixels` on its long side; equal arguments give equal pixels."""
    rng = np.random.default_rng(seed)
    extra = travel_pixels(canvas)
    width = canvas.width + (0 if canvas.portrait else extra)
    height = canvas.height + (extra if canvas.portrait else 0)
    pixels = _gradient(theme, width, height)
    _glow(pixels, theme.glows[0], (float(rng.uniform(0.7, 1.05)), float(rng.uniform(0.12, 0.4))), 0.75, 0.62)
    _glow(pixels, theme.glows[1], (float(rng.uniform(-0.05, 0.3)), float(rng.uniform(0.6, 0.9))), 0.7, 0.55)
    _ORNAMENTS[theme.ornament](pixels, theme, canvas.unit, rng)
    if rng.random() < 0.5:
        pixels = np.ascontiguousarray(pixels[:, ::-1])
    grain = rng.standard_normal((height, width, 1), dtype=np.float32) * _GRAIN
    return Image.fromarray(np.clip(pixels + grain + 0.5, 0, 255).astype(np.uint8), "RGB")


def _gradient(theme: Theme, width: int, height: int) -> Pixels:
    down = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    across = np.linspace(-0.12, 0.12, width, dtype=np.float32)[None, :, None]
    mix = np.clip(down + across, 0, 1)
    return np.asarray(_colour(theme.top) * (1 - mix) + _colour(theme.bottom) * mix, dtype=np.float32)


def _colour(colour: Colour) -> Pixels:
    return np.asarray(colour, dtype=np.float32)


def _glow(pixels: Pixels, colour: Colour, centre: tuple[float, float], radius: float, strength: float) -> None:
    """Add a soft light; centre in parts of width and height, radius in parts of the long side."""
    height, width = pixels.shape[:2]
    reach = radius * max(width, height) * 0.6
    x = (np.arange(width, dtype=np.float32) - centre[0] * width) / reach
    y = (np.arange(height, dtype=np.float32) - centre[1] * height) / reach
    light = np.exp(-2.2 * (x[None, :, None] ** 2 + y[:, None, None] ** 2)) * strength
    pixels += (_colour(colour) - pixels) * light


def _rings(pixels: Pixels, theme: Theme, unit: float, rng: np.random.Generator) -> None:
    """Thin concentric circles round a point beyond an edge, like a drawing of an orbit."""
    height, width = pixels.shape[:2]
    side = 1 if rng.random() < 0.5 else 0
    centre = (width * (1.02 if side else -0.02), height * float(rng.uniform(0.25, 0.7)))
    mask = Image.new("L", (width, height), 0)
    pen = ImageDraw.Draw(mask)
    for number in range(6):
        radius = (190 + 150 * number) * unit
        box = (centre[0] - radius, centre[1] - radius, centre[0] + radius, centre[1] + radius)
        pen.ellipse(box, outline=max(20, 74 - 11 * number), width=max(1, round(2.5 * unit)))
    _tint(pixels, theme.accent, mask.filter(ImageFilter.GaussianBlur(0.7 * unit)))


def _disc(pixels: Pixels, theme: Theme, unit: float, rng: np.random.Generator) -> None:
    """One large flat sun, cut by the edge, with a fine rule under it, as on a printed poster."""
    height, width = pixels.shape[:2]
    radius = float(rng.uniform(300, 380)) * unit
    centre = (width * float(rng.choice([0.06, 0.96])), height * float(rng.uniform(0.68, 0.84)))
    mask = Image.new("L", (width, height), 0)
    box = (centre[0] - radius, centre[1] - radius, centre[0] + radius, centre[1] + radius)
    ImageDraw.Draw(mask).ellipse(box, fill=46)
    _tint(pixels, theme.accent, mask.filter(ImageFilter.GaussianBlur(1.2 * unit)))
    dots = Image.new("L", (width, height), 0)
    pen = ImageDraw.Draw(dots)
    step, size = round(46 * unit) or 1, 2.6 * unit
    for y in range(step, height, step):
        for x in range(step, width, step):
            pen.ellipse((x - size, y - size, x + size, y + size), fill=26)
    _tint(pixels, theme.ink, dots.filter(ImageFilter.GaussianBlur(0.6 * unit)))


def _beams(pixels: Pixels, theme: Theme, unit: float, rng: np.random.Generator) -> None:
    """Broad slanted light, as through a blind."""
    height, width = pixels.shape[:2]
    mask = Image.new("L", (width, height), 0)
    pen = ImageDraw.Draw(mask)
    slant = width * 0.75
    at = float(rng.uniform(0.05, 0.3)) * height
    for number, thick in enumerate((230, 120, 56, 300, 90)):
        tall = thick * unit
        pen.polygon([(0, at + slant), (width, at), (width, at + tall), (0, at + slant + tall)], fill=24 - 3 * number)
        at += tall + (120 + 60 * number) * unit
    _tint(pixels, theme.glows[0], mask.filter(ImageFilter.GaussianBlur(5 * unit)))


def _tint(pixels: Pixels, colour: Colour, mask: Image.Image) -> None:
    share = np.asarray(mask, dtype=np.float32)[:, :, None] / 255
    pixels += (_colour(colour) - pixels) * share


_ORNAMENTS = {"rings": _rings, "disc": _disc, "beams": _beams}
