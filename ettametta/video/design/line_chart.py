"""Line charts: round ticks, hairlines, the line over a soft area, and the point that matters with its value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from ettametta.storyboard import ChartVisual
from ettametta.video.design.figures import Axis, axis_for, decimals_for, written
from ettametta.video.design.layers import Piece, panel, ring, shape
from ettametta.video.design.sheet import FIRST_S, STEP_S, Sheet, frame, middle
from ettametta.video.lettering.fonts import Role
from ettametta.video.lettering.typeset import Setting
from ettametta.video.plan import Box

#: Opacity of hairlines, of the zero line, and of the area under the line where it is strongest; 0-255.
_HAIR, _ZERO, _AREA = 40, 130, 84
#: How long the line is being drawn before the point that matters appears, in seconds.
_DRAWN_S = 0.7


@dataclass(frozen=True, slots=True)
class _Plot:
    """Where values are: the rectangle of the plot, its scale, and the middle of each point in pixels of the frame."""

    box: Box
    axis: Axis
    places: tuple[tuple[float, float], ...]

    def row(self, value: float) -> int:
        """The row of a value."""
        return round(self.box.bottom - self.axis.part(value) * self.box.height)


def draw_line_chart(sheet: Sheet, visual: ChartVisual) -> None:
    """Heading, axes, line, the point that matters, note."""
    whole = frame(sheet, visual.title, visual.note)
    room = min(whole.room, round(sheet.box.width * 0.95))
    top = whole.open(room)
    axis = axis_for([point.value for point in visual.points], zero=False)
    ticks = _ticks(sheet, visual, axis)
    labels = sheet.fit_all(
        (point.label for point in visual.points), Role.NOTE, (34, 16), lines=1, width=sheet.box.width // 3,
        height=sheet.px(70) * 60,
    )  # fmt: skip
    plot = _plot(sheet, visual, axis, ticks, (top, room - labels[0].height - sheet.px(14)))
    sheet.add(_axes(sheet, plot, ticks) + _foot(sheet, plot, labels), FIRST_S + STEP_S, "fade")
    sheet.add(_line(sheet, plot), FIRST_S + 2 * STEP_S, "fade" if sheet.rtl else "wipe_right")
    sheet.add(_mark(sheet, visual, plot), FIRST_S + 2 * STEP_S + _DRAWN_S)
    whole.close(FIRST_S + 3 * STEP_S + _DRAWN_S)


def _ticks(sheet: Sheet, visual: ChartVisual, axis: Axis) -> tuple[Setting, ...]:
    decimals = decimals_for(axis.ticks)
    texts = [written(tick, decimals, visual.unit, sheet.language) for tick in axis.ticks]
    return sheet.fit_all(texts, Role.NOTE, (34, 16), lines=1, width=sheet.box.width // 3, height=sheet.px(400))


def _plot(sheet: Sheet, visual: ChartVisual, axis: Axis, ticks: tuple[Setting, ...], place: tuple[int, int]) -> _Plot:
    """The plot leaves room for tick labels where reading begins, and for half a mark at the other edge."""
    wide = max(round(sheet.fonts.width(one.lines[0], one.role, one.size)) for one in ticks) + sheet.px(22)
    edge, over = sheet.px(20), sheet.px(56)
    left = sheet.box.left + (edge if sheet.rtl else wide)
    box = Box(left, place[0] + over, sheet.box.width - wide - edge, max(1, place[1] - over))
    last = len(visual.points) - 1
    spots = (number / last for number in range(last + 1))
    places = tuple(
        (box.left + box.width * (1 - spot if sheet.rtl else spot), box.bottom - axis.part(point.value) * box.height)
        for spot, point in zip(spots, visual.points, strict=True)
    )
    return _Plot(box, axis, places)


def _axes(sheet: Sheet, plot: _Plot, ticks: tuple[Setting, ...]) -> list[Piece]:
    pieces, thick = [], sheet.px(2)
    for tick, text in zip(plot.axis.ticks, ticks, strict=True):
        row = plot.row(tick)
        alpha = _ZERO if tick == 0 or (tick == plot.axis.low and plot.axis.low > 0) else _HAIR
        pieces.append(Piece(panel(plot.box.width, thick, sheet.theme.ink, alpha), plot.box.left, row - thick // 2))
        wide = sheet.box.width - plot.box.width - sheet.px(20) - sheet.px(22)
        left = sheet.right - wide if sheet.rtl else sheet.box.left
        pieces += sheet.lines(text, sheet.theme.muted, left, row - middle(text), wide, "end")
    return pieces


def _foot(sheet: Sheet, plot: _Plot, labels: tuple[Setting, ...]) -> list[Piece]:
    """First and last label, and as many between as stand apart from one another, evenly chosen."""
    widths = [round(sheet.fonts.width(one.lines[0], one.role, one.size)) for one in labels]
    last, widest = len(labels) - 1, max(widths) + sheet.px(36)
    slots = max(1, min(last, plot.box.width // max(1, widest)))
    pieces = []
    for number in range(0, last + 1, _step(last, slots)):
        wide = widths[number]
        left = round(plot.places[number][0] - wide / 2)
        left = max(sheet.box.left, min(left, sheet.right - wide))
        pieces += sheet.lines(labels[number], sheet.theme.muted, left, plot.box.bottom + sheet.px(14), wide + 2)
    return pieces


def _step(last: int, slots: int) -> int:
    """Points from label to label: at best such that the last point has one, else such that few are left out."""
    least = max(1, -(-last // slots))
    return next((step for step in range(least, least * 8 // 5 + 1) if last % step == 0), least)


def _line(sheet: Sheet, plot: _Plot) -> list[Piece]:
    thick, box = sheet.px(8), plot.box
    pad = thick
    places = [(x - box.left + pad, y - box.top + pad) for x, y in plot.places]

    def draw(pen: ImageDraw.ImageDraw, scale: int) -> None:
        dots = [(x * scale, y * scale) for x, y in places]
        pen.line(dots, fill=255, width=thick * scale, joint="curve")
        radius = thick * scale / 2
        for x, y in (dots[0], dots[-1]):
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)

    stroke = shape(box.width + 2 * pad, box.height + 2 * pad, sheet.theme.accent, 255, draw)
    left, top = box.left - pad, box.top - pad
    return [Piece(_area(sheet, plot, places, pad), left, top), Piece(stroke, left, top)]


def _area(sheet: Sheet, plot: _Plot, places: list[tuple[float, float]], pad: int) -> Image.Image:
    """The space between line and base: only where the base is zero, for its size says how much."""
    width, height = plot.box.width + 2 * pad, plot.box.height + 2 * pad
    picture = Image.new("RGBA", (width, height), (*sheet.theme.accent, 0))
    if plot.axis.low != 0:
        return picture
    mask = Image.new("L", (width, height), 0)
    base = plot.box.height + pad
    ImageDraw.Draw(mask).polygon([(places[0][0], base), *places, (places[-1][0], base)], fill=255)
    fade = np.linspace(_AREA / 255, 0.02, height, dtype=np.float32)[:, None]
    picture.putalpha(Image.fromarray((np.asarray(mask, dtype=np.float32) * fade).astype(np.uint8), "L"))
    return picture


def _mark(sheet: Sheet, visual: ChartVisual, plot: _Plot) -> list[Piece]:
    """A dot on the point that matters, the last unless told, and its value over it."""
    last = len(visual.points) - 1
    at = last if visual.highlight is None else min(visual.highlight, last)
    value = visual.points[at].value
    text = written(value, decimals_for([value]), visual.unit, sheet.language)
    figure = sheet.fit(text, Role.BOLD, (64, 24), lines=1, spacing=1.2, height=sheet.px(90), width=sheet.box.width // 2)
    x, y = plot.places[at]
    size = sheet.px(30)
    pieces = [Piece(ring(size, size // 2, sheet.theme.ink), round(x) - size // 2, round(y) - size // 2)]
    inner = sheet.px(16)
    pieces.append(Piece(ring(inner, inner // 2, sheet.theme.accent), round(x) - inner // 2, round(y) - inner // 2))
    wide = round(sheet.fonts.width(figure.lines[0], figure.role, figure.size))
    left = max(sheet.box.left, min(round(x - wide / 2), sheet.right - wide))
    top = _over(sheet, plot, (left, left + wide), figure)
    return pieces + sheet.lines(figure, sheet.theme.ink, left, top, wide + 2)


def _over(sheet: Sheet, plot: _Plot, span: tuple[int, int], value: Setting) -> int:
    """The top of a value that stands clear over the line between two columns."""
    xs = np.array([place[0] for place in plot.places])
    ys = np.array([place[1] for place in plot.places])
    order = np.argsort(xs)
    columns = np.arange(span[0], span[1] + 1)
    columns = columns[(columns >= xs.min()) & (columns <= xs.max())]
    highest = float(np.interp(columns, xs[order], ys[order]).min()) if columns.size else float(ys.min())
    return max(sheet.box.top, round(highest) - sheet.px(18) - round(value.leading * 0.8))
