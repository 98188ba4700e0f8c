"""Transparent pictures with a place and a moment: what a designed scene is composed of, and the shapes drawn in them.

A layer costs the encoder a little in every frame, so what enters together is merged into one, cropped to its ink.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from PIL import Image, ImageDraw

from ettametta.video.plan import Box
from ettametta.video.themes import Colour

#: How a layer comes in: it rises and fades in, only fades, is uncovered from the left or from below, or just stands.
Enter = Literal["rise", "fade", "wipe_right", "wipe_up", "none"]
#: Curves are drawn this many times larger and scaled down.
_SCALE = 4


@dataclass(frozen=True, slots=True)
class Layer:
    """A transparent picture at a place in the frame; it enters at `enter_s` of the scene."""

    picture: Image.Image
    left: int
    top: int
    enter_s: float
    enter: Enter = "rise"

    @property
    def box(self) -> Box:
        """The rectangle it covers."""
        return Box(self.left, self.top, self.picture.width, self.picture.height)


@dataclass(frozen=True, slots=True)
class Piece:
    """A transparent picture at a place in the frame, before it is merged into a layer."""

    picture: Image.Image
    left: int
    top: int


def merged(pieces: Iterable[Piece], enter_s: float, enter: Enter = "rise") -> Layer | None:
    """One layer of all pieces, later ones on top, as small as their ink; None when there is no ink."""
    parts = [piece for piece in pieces if piece.picture.width and piece.picture.height]
    if not parts:
        return None
    left, top = min(piece.left for piece in parts), min(piece.top for piece in parts)
    right = max(piece.left + piece.picture.width for piece in parts)
    bottom = max(piece.top + piece.picture.height for piece in parts)
    sheet = Image.new("RGBA", (right - left, bottom - top), (*_first_colour(parts), 0))
    for piece in parts:
        sheet.alpha_composite(piece.picture, (piece.left - left, piece.top - top))
    ink = sheet.getchannel("A").getbbox()
    if ink is None:
        return None
    return Layer(sheet.crop(ink), left + ink[0], top + ink[1], enter_s, enter)


def _first_colour(parts: list[Piece]) -> Colour:
    """What transparent pixels are, so that scaled or filtered edges do not darken."""
    pixel = parts[0].picture.getpixel((0, 0))
    return (pixel[0], pixel[1], pixel[2]) if isinstance(pixel, tuple) else (0, 0, 0)


def shape(
    width: int, height: int, colour: Colour, alpha: int, draw: Callable[[ImageDraw.ImageDraw, int], None]
) -> Image.Image:
    """A smooth shape in one colour; `draw` gets a pen on an enlarged L picture and the scale it is enlarged by."""
    width, height = max(1, width), max(1, height)
    big = Image.new("L", (width * _SCALE, height * _SCALE), 0)
    draw(ImageDraw.Draw(big), _SCALE)
    picture = Image.new("RGBA", (width, height), (*colour, 0))
    mask = big.resize((width, height), Image.Resampling.BOX)
    picture.putalpha(mask if alpha >= 255 else mask.point(lambda value: round(value * alpha / 255)))
    return picture


def panel(width: int, height: int, colour: Colour, alpha: int = 255, radius: int = 0) -> Image.Image:
    """A rectangle with round corners."""
    width, height = max(1, width), max(1, height)
    if radius <= 0:
        return Image.new("RGBA", (width, height), (*colour, alpha))
    corner = min(radius, (min(width, height) + 1) // 2)

    def draw(pen: ImageDraw.ImageDraw, scale: int) -> None:
        pen.rounded_rectangle((0, 0, width * scale - 1, height * scale - 1), corner * scale, fill=255)

    return shape(width, height, colour, alpha, draw)


def ring(size: int, thick: int, colour: Colour, dot: float = 0.0) -> Image.Image:
    """A ring, with a dot of that part of its size in the middle; a ring as thick as half its size is a disc."""

    def draw(pen: ImageDraw.ImageDraw, scale: int) -> None:
        last = size * scale - 1
        pen.ellipse((0, 0, last, last), outline=255, width=thick * scale)
        if dot > 0:
            inset = round(last * (1 - dot) / 2)
            pen.ellipse((inset, inset, last - inset, last - inset), fill=255)

    return shape(size, size, colour, 255, draw)
