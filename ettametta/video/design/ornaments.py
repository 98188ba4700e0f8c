"""The ornaments of the themes: what is drawn once over a background, faint enough to stay behind the text."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from ettametta.video.themes import Colour, Theme

#: Shapes are drawn this many times larger and scaled down, for smooth edges.
_SCALE = 2


@dataclass(slots=True)
class Board:
    """A background to draw on, with its theme, the design unit in pixels, and chance that a seed decides."""

    picture: Image.Image
    theme: Theme
    unit: float
    rng: np.random.Generator

    @property
    def width(self) -> int:
        """Pixels across."""
        return self.picture.width

    @property
    def height(self) -> int:
        """Pixels down."""
        return self.picture.height

    def between(self, low: float, high: float) -> float:
        """A number by chance."""
        return float(self.rng.uniform(low, high))

    def tint(self, colour: Colour, draw: Callable[[ImageDraw.ImageDraw, float], None], blur: float = 0.0) -> None:
        """Lay a colour over the picture where `draw` puts its strength (0-255); it gets the scale to draw at.

        What is blurred (by design pixels) is drawn at a quarter of the size instead.
        """
        scale = _SCALE if not blur else 0.25
        size = max(1, round(self.width * scale)), max(1, round(self.height * scale))
        mask = Image.new("L", size, 0)
        draw(ImageDraw.Draw(mask), scale)
        if blur:
            mask = mask.filter(ImageFilter.GaussianBlur(blur * self.unit * scale))
            mask = mask.resize(self.picture.size, Image.Resampling.BILINEAR)
        else:
            mask = mask.reduce(_SCALE)
        self.picture.paste(colour, (0, 0), mask)


def _circle(pen: ImageDraw.ImageDraw, x: float, y: float, radius: float, fill: int) -> None:
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=fill)


def _hoop(pen: ImageDraw.ImageDraw, x: float, y: float, radius: float, strength: int, wide: float) -> None:
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), outline=strength, width=max(1, round(wide)))


def _curve(pen: ImageDraw.ImageDraw, dots: Sequence[tuple[float, float]], strength: int, wide: float) -> None:
    pen.line(list(dots), fill=strength, width=max(1, round(wide)), joint="curve")


def _rings(board: Board) -> None:
    """Thin concentric circles round a point beyond an edge, like a drawing of an orbit."""
    x, y = board.width * (1.02 if board.rng.random() < 0.5 else -0.02), board.height * board.between(0.25, 0.7)

    def draw(pen: ImageDraw.ImageDraw, scale: float) -> None:
        for number in range(6):
            radius = (190 + 150 * number) * board.unit * scale
            _hoop(pen, x * scale, y * scale, radius, max(20, 74 - 11 * number), 2.5 * board.unit * scale)

    board.tint(board.theme.accent, draw)


def _disc(board: Board) -> None:
    """One large flat sun, cut by the edge, on a field of fine dots, as on a printed poster."""
    radius = board.between(300, 380) * board.unit
    x, y = board.width * float(board.rng.choice([0.06, 0.96])), board.height * board.between(0.68, 0.84)
    board.tint(board.theme.accent, lambda pen, scale: _circle(pen, x * scale, y * scale, radius * scale, 46))
    _dots(board, 46, 2.6, 26)


def _dots(board: Board, step: float, size: float, strength: int) -> None:
    """A square of one dot, laid out like tiles."""
    side = max(2, round(step * board.unit))
    tile = Image.new("L", (side * 4, side * 4), 0)
    _circle(ImageDraw.Draw(tile), side * 2, side * 2, max(2.0, size * board.unit * 4), strength)
    field = np.tile(np.asarray(tile.reduce(4)), (board.height // side + 1, board.width // side + 1))
    mask = Image.fromarray(np.ascontiguousarray(field[: board.height, : board.width]), "L")
    board.picture.paste(board.theme.ink, (0, 0), mask)


def _beams(board: Board) -> None:
    """Broad slanted light, as through a blind."""
    start, slant = board.between(0.05, 0.3) * board.height, board.width * 0.75

    def draw(pen: ImageDraw.ImageDraw, scale: float) -> None:
        at, right = start * scale, board.width * scale
        for number, thick in enumerate((230, 120, 56, 300, 90)):
            tall, fall = thick * board.unit * scale, slant * scale
            pen.polygon([(0, at + fall), (right, at), (right, at + tall), (0, at + fall + tall)], fill=24 - 3 * number)
            at += tall + (120 + 60 * number) * board.unit * scale

    board.tint(board.theme.glows[0], draw, blur=5)


def _waves(board: Board) -> None:
    """Fine lines that swell like water, denser towards the bottom."""
    phase, count = board.between(0, 6.28), 15

    def draw(pen: ImageDraw.ImageDraw, scale: float) -> None:
        for number in range(count):
            base = board.height * (0.60 + 0.40 * (number / count) ** 0.9)
            high = (46 - 2 * number) * board.unit
            dots = [
                (x * scale, (base + high * math.sin(x / board.width * 5.2 + phase + number * 0.34)) * scale)
                for x in np.linspace(-10, board.width + 10, 60)
            ]
            _curve(pen, dots, 40 + 4 * number, 2.6 * board.unit * scale)

    board.tint(board.theme.second, draw)


def _columns(board: Board) -> None:
    """The hairlines of a page's columns, a heavy rule, and one pale initial's worth of colour."""

    def draw(pen: ImageDraw.ImageDraw, scale: float) -> None:
        for number in range(1, 6):
            x = board.width * number / 6 * scale
            pen.line((x, 0, x, board.height * scale), fill=20, width=max(1, round(1.6 * board.unit * scale)))

    board.tint(board.theme.ink, draw)
    side, top = board.width / 6, board.height * board.between(0.70, 0.8)
    left = side * int(board.rng.integers(3, 5))

    def block(pen: ImageDraw.ImageDraw, scale: float) -> None:
        pen.rectangle((left * scale, top * scale, (left + 2 * side) * scale, (top + side * 2.6) * scale), fill=255)

    board.tint(board.theme.glows[1], block)


def _halftone(board: Board) -> None:
    """Dots of print that grow towards a corner."""
    step = 54 * board.unit

    def draw(pen: ImageDraw.ImageDraw, scale: float) -> None:
        for row in range(round(board.height * 0.45 / step), round(board.height / step) + 2):
            for column in range(round(board.width / step) + 2):
                x, y = (column + 0.5 * (row % 2)) * step, row * step
                part = (y / board.height - 0.45) / 0.55 * 0.75 + (x / board.width) * 0.3 - 0.1
                if part > 0.04:
                    _circle(pen, x * scale, y * scale, min(0.62, part * 0.62) * step * scale, 255)

    board.tint(board.theme.glows[1], draw)


def _shapes(board: Board) -> None:
    """Quarter discs and bars on a square grid, as on a Swiss poster."""
    side = board.width / 4 if board.height > board.width else board.height / 4
    columns, rows = math.ceil(board.width / side), math.ceil(board.height / side)
    first = rows - 4 if rows > columns else 0
    across = 0 if rows > columns else columns - 3
    cells = [(column, row) for row in range(max(0, first), rows) for column in range(max(0, across), columns)]
    kinds = [int(kind) for kind in board.rng.integers(0, 6, len(cells))]

    def draw(pen: ImageDraw.ImageDraw, scale: float) -> None:
        for (column, row), kind in zip(cells, kinds, strict=True):
            left, top, size = column * side * scale, row * side * scale, side * scale
            if kind < 4:  # the middle of the disc is one of the four corners of the cell
                x, y = left + size * (kind % 2), top + size * (kind // 2)
                start = (0, 90, 270, 180)[kind]
                pen.pieslice((x - size, y - size, x + size, y + size), start, start + 90, fill=255)
            elif kind == 4:
                pen.rectangle((left, top, left + size, top + size / 2), fill=255)

    board.tint(board.theme.glows[1], draw)


def _chalk(board: Board) -> None:
    """The dust a sponge left in wide arcs, and a loose double line."""
    x, y = board.width * board.between(0.2, 0.8), board.height * board.between(0.55, 0.75)

    def smear(pen: ImageDraw.ImageDraw, scale: float) -> None:
        for number in range(5):
            radius = (260 + 170 * number) * board.unit * scale
            box = (x * scale - radius, y * scale - radius * 0.6, x * scale + radius, y * scale + radius * 0.6)
            pen.arc(box, 190 + 14 * number, 330 - 9 * number, fill=20, width=round(120 * board.unit * scale) or 1)

    board.tint(board.theme.ink, smear, blur=60)
    wobble = board.rng.uniform(-7, 7, (2, 14))

    def line(pen: ImageDraw.ImageDraw, scale: float) -> None:
        for number in range(2):
            base = board.height * 0.78 + (number * 26) * board.unit
            dots = [
                (board.width * (0.10 + 0.80 * part / 13) * scale, (base + wobble[number][part] * board.unit) * scale)
                for part in range(14)
            ]
            _curve(pen, dots, 70, (5 - 2 * number) * board.unit * scale)

    board.tint(board.theme.accent, line)


def _horizon(board: Board) -> None:
    """A floor of glowing lines that runs to the horizon."""
    level = board.height * 0.68
    middle = board.width * board.between(0.35, 0.65)

    def draw(pen: ImageDraw.ImageDraw, scale: float) -> None:
        wide = max(1, round(2.4 * board.unit * scale))
        for number in range(-12, 13):
            foot = middle + number * board.width * 0.22
            head = middle + number * board.width * 0.035
            pen.line((head * scale, level * scale, foot * scale, board.height * scale), fill=70, width=wide)
        for number in range(11):
            y = level + (board.height - level) * (number / 10) ** 2.1
            pen.line((0, y * scale, board.width * scale, y * scale), fill=44 + 5 * number, width=wide)

    board.tint(board.theme.second, draw, blur=9)
    board.tint(board.theme.second, draw)


def _blobs(board: Board) -> None:
    """Large soft-cornered shapes of paper, laid over one another."""
    for colour, place in ((board.theme.glows[0], (0.92, 0.06)), (board.theme.glows[1], (0.10, 0.86))):
        x, y = board.width * place[0], board.height * place[1]
        bumps = board.rng.uniform(0.78, 1.16, 5)
        radius = 0.44 * min(board.width, board.height)
        turns = np.linspace(0, 2 * math.pi, 90)
        reach = radius * np.interp(turns, np.linspace(0, 2 * math.pi, 6), [*bumps, bumps[0]])
        reach = np.convolve(np.tile(reach, 3), np.ones(15) / 15, "same")[90:180]
        dots = list(zip(x + np.cos(turns) * reach, y + np.sin(turns) * reach, strict=True))

        def draw(pen: ImageDraw.ImageDraw, scale: float, dots: Sequence[tuple[float, float]] = tuple(dots)) -> None:
            pen.polygon([(float(a) * scale, float(b) * scale) for a, b in dots], fill=190)

        board.tint(colour, draw)


def _arcs(board: Board) -> None:
    """Hairline fans of quarter circles, stacked along an edge like the ironwork of a theatre."""
    side = 300 * board.unit
    rows = math.ceil(board.height / side) + 1
    shift = board.between(0, side)

    def draw(pen: ImageDraw.ImageDraw, scale: float) -> None:
        for row in range(rows):
            y = (row * side - shift) * scale
            for number in range(1, 6):
                _hoop(pen, board.width * scale, y, side * number / 5 * scale, 62, 2.0 * board.unit * scale)

    board.tint(board.theme.accent, draw)


ORNAMENTS: dict[str, Callable[[Board], None]] = {
    "rings": _rings, "disc": _disc, "beams": _beams, "waves": _waves, "columns": _columns, "halftone": _halftone,
    "shapes": _shapes, "chalk": _chalk, "horizon": _horizon, "blobs": _blobs, "arcs": _arcs,
}  # fmt: skip
