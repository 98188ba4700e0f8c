"""Contrast by WCAG 2.2: measured on what is really drawn, and colours moved until there is enough of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ettametta.video.design.layers import Layer
from ettametta.video.themes import Colour

#: The least contrast of text, and of large text and signs (WCAG 2.2, 1.4.3 and 1.4.11).
TEXT, LARGE = 4.5, 3.0
#: Ink begins here, and at nearly the strongest there is: fainter pixels are edges, surfaces and hairlines.
_SOLID, _NEARLY = 200, 0.98
#: Up to here the background shows through as it is, or under a faint surface; it is what text is read against when
#: that is more than this share of a layer. Contrast up to _SAME is one colour.
_CLEAR, _SHARE, _SAME = 64, 0.1, 1.2


def luminance(colour: Sequence[float]) -> float:
    """Relative luminance of an sRGB colour, 0 (black) to 1 (white)."""
    red, green, blue = (_linear(np.asarray(channel, dtype=np.float32)) for channel in colour)
    return float(0.2126 * red + 0.7152 * green + 0.0722 * blue)


def contrast(one: Sequence[float], other: Sequence[float]) -> float:
    """Contrast of two sRGB colours, 1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def worst(colour: Colour, grounds: Iterable[Colour]) -> float:
    """The least contrast of a colour against several grounds."""
    return min(contrast(colour, ground) for ground in grounds)


def mixed(one: Colour, other: Colour, share: float) -> Colour:
    """A colour with `share` (0..1) of another."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def readable(colour: Colour, grounds: Sequence[Colour], least: float) -> Colour:
    """The colour, moved as little as needed towards white or black until it stands out from all grounds.

    When neither reaches `least` it is the better of white and black.
    """
    if worst(colour, grounds) >= least:
        return colour
    ends: list[Colour] = sorted(((255, 255, 255), (0, 0, 0)), key=lambda end: -worst(end, grounds))
    for share in range(1, 21):
        for end in ends:
            moved = mixed(colour, end, share / 20)
            if worst(moved, grounds) >= least:
                return moved
    return ends[0]


def min_contrast(layers: Sequence[Layer], backdrop: Image.Image, at: tuple[int, int] = (0, 0)) -> float:
    """The least contrast between the ink of any layer and what is drawn right behind it.

    Each layer is measured by its most frequent solid colours against the median of what shows round them, on the
    backdrop's part that begins at `at`; 21.0 when nothing is inked. Text on a panel of its own is measured against the
    panel, a plain shape against what is behind it.
    """
    least = 21.0
    canvas = backdrop.convert("RGB")
    for layer in layers:
        left, top = layer.left + at[0], layer.top + at[1]
        place = (left, top, left + layer.picture.width, top + layer.picture.height)
        least = min(least, _layer_contrast(layer.picture, canvas.crop(place)))
    return least


def _layer_contrast(picture: Image.Image, behind: Image.Image) -> float:
    shown = np.asarray(_on(picture, behind), dtype=np.uint8)
    alpha = np.asarray(picture.getchannel("A"), dtype=np.uint8)
    solid = alpha >= max(_SOLID, int(alpha.max() * _NEARLY))
    if not solid.any():
        return 21.0
    inks = _main_colours(shown[solid])
    clear = alpha <= _CLEAR
    if clear.mean() > _SHARE:
        ground = _tuple(np.median(shown[clear], axis=0))
        return min(contrast(ink, ground) for ink in inks)
    panel = _tuple(np.median(shown.reshape(-1, 3), axis=0))
    best = max(contrast(ink, panel) for ink in inks)  # letters' edges are mixtures of both: the letters' core counts
    if best > _SAME:
        return best
    around = _tuple(np.median(np.asarray(behind).reshape(-1, 3), axis=0))
    return min(contrast(ink, around) for ink in inks)


def _on(picture: Image.Image, behind: Image.Image) -> Image.Image:
    ground = behind.convert("RGBA")
    ground.alpha_composite(picture)
    return ground.convert("RGB")


def _main_colours(pixels: NDArray[np.uint8]) -> list[tuple[float, float, float]]:
    """Colours of at least a twentieth of the pixels, most frequent first, on a coarse grid."""
    coarse = (pixels // 32).astype(np.int32)
    keys = coarse[:, 0] * 64 + coarse[:, 1] * 8 + coarse[:, 2]
    values, counts = np.unique(keys, return_counts=True)
    order = np.argsort(-counts)
    chosen = [values[place] for place in order if counts[place] * 20 >= keys.size]
    return [_tuple(pixels[keys == key].mean(axis=0)) for key in chosen]


def _tuple(values: NDArray[np.floating]) -> tuple[float, float, float]:
    return float(values[0]), float(values[1]), float(values[2])


def _linear(channel: NDArray[np.float32]) -> NDArray[np.float32]:
    value = channel / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4).astype(np.float32)
