"""Bar and line charts from data. Bars begin at zero; an axis is never cut, bent or stretched for effect."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image

from ettametta.storyboard import ChartPoint, ChartVisual
from ettametta.video.design.figures import Axis, decimals_for, written
from ettametta.video.design.layers import Enter, Piece, panel
from ettametta.video.design.line_chart import draw_line_chart
from ettametta.video.design.sheet import FIRST_S, STEP_S, Sheet, drop, frame
from ettametta.video.lettering.fonts import Role
from ettametta.video.lettering.typeset import Setting
from ettametta.video.themes import Colour

#: Bars beyond this many are too thin to read: the line chart takes over.
MAX_BARS = 8
#: Opacity of bars that are not the one that matters, of the track behind a bar and of the zero line, 0-255.
_QUIET, _TRACK, _ZERO = 96, 22, 150
#: At most this many layers of bars, which grow one after another.
_WAVES = 4


def draw_chart(sheet: Sheet, visual: ChartVisual) -> None:
    """Draw bars or a line; more bars than can be read become a line."""
    if visual.kind == "line_chart" or len(visual.points) > MAX_BARS:
        draw_line_chart(sheet, visual)
    elif sheet.tall:
        _rows(sheet, visual)
    else:
        _columns(sheet, visual)


@dataclass(frozen=True, slots=True)
class _Bars:
    """What both forms share: labels and values, set at one size each, and the scale."""

    labels: tuple[Setting, ...]
    values: tuple[Setting, ...]
    axis: Axis


def _scale(points: tuple[ChartPoint, ...]) -> Axis:
    """From zero, or the lowest value, to the highest: bars fill the room, for each is labelled with its value."""
    low, high = min(0.0, *(point.value for point in points)), max(0.0, *(point.value for point in points))
    return Axis(low, high if high > low else low + 1.0, ())


def _texts(sheet: Sheet, visual: ChartVisual) -> list[str]:
    decimals = decimals_for(point.value for point in visual.points)
    return [written(point.value, decimals, visual.unit, sheet.language) for point in visual.points]


def _paint(sheet: Sheet, visual: ChartVisual, number: int) -> tuple[Colour, int]:
    """Colour and opacity of a bar: all are in the accent colour, or only the one that matters."""
    if visual.highlight is None or visual.highlight == number:
        return sheet.theme.accent, 255
    return sheet.theme.ink, _QUIET


def _rows(sheet: Sheet, visual: ChartVisual) -> None:
    """Bars that lie, each under its label and value."""
    whole, count, width = frame(sheet, visual.title, visual.note), len(visual.points), sheet.box.width
    row = min(round(whole.room / count), sheet.px(176))
    bars = _row_texts(sheet, visual, row)
    thick = max(2, min(sheet.px(44), round(row * 0.27)))
    y, waves = whole.open(row * count - round(row * 0.2)), _Waves(count)
    texts: list[Piece] = []
    for number in range(count):
        label, value = bars.labels[number], bars.values[number]
        texts += sheet.lines(label, sheet.theme.ink, sheet.box.left, y, width)
        tint = sheet.theme.accent if _paint(sheet, visual, number)[1] == 255 else sheet.theme.ink
        texts += sheet.lines(value, tint, sheet.box.left, y + drop(label) - drop(value), width, "end")
        top = y + max(label.height, value.height)
        texts.append(Piece(panel(width, thick, sheet.theme.ink, _TRACK, _radius(sheet, thick)), sheet.box.left, top))
        waves.put(number, *_lying(sheet, visual, bars.axis, number, top, thick))
        if bars.axis.low < 0:
            texts.append(_zero_mark(sheet, bars.axis, top, thick))
        y += row
    sheet.add(texts, FIRST_S + STEP_S, "fade")
    whole.close(waves.enter(sheet) + STEP_S)


def _row_texts(sheet: Sheet, visual: ChartVisual, row: int) -> _Bars:
    height = max(1, round(row * 0.5)) * len(visual.points)
    width = sheet.box.width
    values = sheet.fit_all(_texts(sheet, visual), Role.BOLD, (52, 20), lines=1, width=width // 2, height=height)
    taken = max(round(sheet.fonts.width(one.lines[0], Role.BOLD, one.size)) for one in values)
    labels = sheet.fit_all(
        (point.label for point in visual.points), Role.TEXT, (46, 18), lines=1, width=width - taken - sheet.px(24),
        height=height,
    )  # fmt: skip
    return _Bars(labels, values, _scale(visual.points))


def _radius(sheet: Sheet, thick: int) -> int:
    return 0 if sheet.theme.poster else thick // 2


def _lying(sheet: Sheet, visual: ChartVisual, axis: Axis, number: int, top: int, thick: int) -> tuple[Piece, Enter]:
    value = visual.points[number].value
    start, end = sorted((round(axis.part(0.0) * sheet.box.width), round(axis.part(value) * sheet.box.width)))
    colour, alpha = _paint(sheet, visual, number)
    length = max(sheet.px(3), end - start)
    picture = panel(length, thick, colour, alpha, min(_radius(sheet, thick), length // 2))
    enter: Enter = "fade" if (value < 0) != sheet.rtl else "wipe_right"
    return Piece(picture, sheet.x(min(start, sheet.box.width - length), length), top), enter


def _zero_mark(sheet: Sheet, axis: Axis, top: int, thick: int) -> Piece:
    """Where nought is, when bars go to both sides of it."""
    wide, out = sheet.px(3), sheet.px(5)
    at = round(axis.part(0.0) * sheet.box.width) - wide // 2
    offset = max(0, min(at, sheet.box.width - wide))
    return Piece(panel(wide, thick + 2 * out, sheet.theme.ink, _ZERO), sheet.x(offset, wide), top - out)


class _Waves:
    """Bars gathered into a few layers, in order, so that they grow one after another at little cost."""

    def __init__(self, count: int) -> None:
        self._each = -(-count // _WAVES)
        self._waves: dict[tuple[int, Enter], list[Piece]] = {}

    def put(self, number: int, piece: Piece, enter: Enter) -> None:
        """Add the bar with that number."""
        self._waves.setdefault((number // self._each, enter), []).append(piece)

    def enter(self, sheet: Sheet) -> float:
        """Make the layers; when the last one enters."""
        at = FIRST_S
        for (wave, enter), pieces in sorted(self._waves.items(), key=lambda item: item[0]):
            at = FIRST_S + STEP_S * (2 + wave)
            sheet.add(pieces, at, enter)
        return at


def _columns(sheet: Sheet, visual: ChartVisual) -> None:
    """Bars that stand, each over its label and under its value."""
    whole, count = frame(sheet, visual.title, visual.note), len(visual.points)
    column = sheet.box.width // count
    labels = sheet.fit_all(
        (point.label for point in visual.points), Role.TEXT, (42, 18), lines=2, width=round(column * 0.92),
        height=round(whole.room * 0.25) * count,
    )  # fmt: skip
    values = sheet.fit_all(
        _texts(sheet, visual), Role.BOLD, (54, 18), lines=1, width=round(column * 0.96), height=whole.room * count
    )
    bars = _Bars(labels, values, _scale(visual.points))
    foot, gap = max(one.height for one in labels), sheet.px(16)
    over = values[0].height + gap // 2
    below = over if min(point.value for point in visual.points) < 0 else 0
    top = whole.open(whole.room)
    stand = max(1, whole.room - foot - gap - over - below)
    waves = _Waves(count)
    zero = top + over + round((1 - bars.axis.part(0.0)) * stand)
    texts = [Piece(panel(sheet.box.width, sheet.px(3), sheet.theme.ink, _ZERO), sheet.box.left, zero)]
    for number in range(count):
        slot = sheet.x(number * column, column)
        end = top + over + round((1 - bars.axis.part(visual.points[number].value)) * stand)
        bar = _standing(sheet, visual, number, abs(end - zero), column)
        place = Piece(bar, slot + (column - bar.width) // 2, min(end, zero))
        waves.put(number, place, "wipe_up" if end <= zero else "fade")
        texts += sheet.lines(labels[number], sheet.theme.ink, slot, top + whole.room - foot, column, "centre")
        at = end - over if end <= zero else end + gap // 2
        tint = sheet.theme.accent if _paint(sheet, visual, number)[1] == 255 else sheet.theme.ink
        texts += sheet.lines(values[number], tint, slot, at, column, "centre")
    sheet.add(texts, FIRST_S + STEP_S, "fade")
    whole.close(waves.enter(sheet) + STEP_S)


def _bar_width(sheet: Sheet, column: int) -> int:
    return max(2, min(round(column * 0.58), sheet.px(190)))


def _standing(sheet: Sheet, visual: ChartVisual, number: int, height: int, column: int) -> Image.Image:
    colour, alpha = _paint(sheet, visual, number)
    return panel(_bar_width(sheet, column), max(sheet.px(3), height), colour, alpha)
