"""Painted backgrounds of designed scenes: gradient, glows, one ornament and grain, taller (or wider) than the frame.

What is soft is painted at a quarter of the size and scaled up; colours stay in floating point until the grain has
dithered them, so that dark gradients do not band in 8 bits.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ettametta.video.design.ornaments import ORNAMENTS, Board
from ettametta.video.plan import Canvas
from ettametta.video.themes import GLOW, Colour, Theme

Pixels = NDArray[np.float32]
#: How far the background travels before it turns round, as a part of the frame's long side.
TRAVEL = 0.25
_GRAIN = 1.5
#: Soft light is painted this many times smaller.
_SMALLER = 4
#: Side of the square of grain that is laid over the whole like tiles.
_TILE = 509


def travel_pixels(canvas: Canvas) -> int:
    """Pixels the background is longer than the frame, along the axis it moves on."""
    return 2 * round(max(canvas.width, canvas.height) * TRAVEL / 2)


def paint_backdrop(theme: Theme, canvas: Canvas, seed: int) -> Image.Image:
    """An RGB picture larger than the frame by `travel_pixels` on its long side; equal arguments give equal pixels."""
    rng = np.random.default_rng(seed)
    extra = travel_pixels(canvas)
    width = canvas.width + (0 if canvas.portrait else extra)
    height = canvas.height + (extra if canvas.portrait else 0)
    light = _light(theme, max(2, width // _SMALLER), max(2, height // _SMALLER), rng)
    picture = _dithered(light, width, height, rng)
    ORNAMENTS[theme.ornament](Board(picture, theme, canvas.unit, rng))
    return picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if rng.random() < 0.5 else picture


def _light(theme: Theme, width: int, height: int, rng: np.random.Generator) -> Pixels:
    pixels = _gradient(theme, width, height)
    _glow(pixels, theme.glows[0], (float(rng.uniform(0.7, 1.05)), float(rng.uniform(0.12, 0.4))), 0.75, GLOW)
    _glow(pixels, theme.glows[1], (float(rng.uniform(-0.05, 0.3)), float(rng.uniform(0.6, 0.9))), 0.7, GLOW * 0.9)
    return pixels


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
    light = np.exp(-2.2 * x**2)[None, :, None] * np.exp(-2.2 * y**2)[:, None, None] * np.float32(strength)
    pixels += (_colour(colour) - pixels) * light


def _dithered(light: Pixels, width: int, height: int, rng: np.random.Generator) -> Image.Image:
    """Scale up, add grain (the same to all three colours, at a place the seed chooses) and round to 8 bits."""
    across, down = (int(place) for place in rng.integers(0, _TILE, 2))
    grain = np.roll(_grain_tile(), (down, across), (0, 1))
    grain = np.tile(grain, (1, width // _TILE + 1))[:, :width]
    bands = []
    for number in range(3):
        small = Image.fromarray(np.ascontiguousarray(light[:, :, number]), "F")
        band = small.resize((width, height), Image.Resampling.BILINEAR)
        whole = Image.new("L", (width, height))
        for top in range(0, height, _TILE):  # floats of the whole at once would be four times as large
            end = min(top + _TILE, height)
            values = np.asarray(band.crop((0, top, width, end))) + grain[: end - top]
            whole.paste(Image.fromarray(np.clip(values, 0, 255, out=values).astype(np.uint8), "L"), (0, top))
        bands.append(whole)
    return Image.merge("RGB", bands)


@lru_cache(maxsize=1)
def _grain_tile() -> Pixels:
    """Grain round a half, so that cutting off the fraction rounds."""
    tile = np.random.default_rng(1).standard_normal((_TILE, _TILE), dtype=np.float32)
    return np.asarray(tile * _GRAIN + 0.5, dtype=np.float32)
