"""Lists and comparisons, laid out for tall and for wide frames."""

from __future__ import annotations

from dataclasses import dataclass

from ettametta.storyboard import ComparisonVisual, ListVisual, Side
from ettametta.video.design.layers import Piece, panel
from ettametta.video.design.sheet import FIRST_S, STEP_S, Sheet, drop, frame, middle
from ettametta.video.lettering.fonts import Role
from ettametta.video.lettering.typeset import Setting
from ettametta.video.plan import Box
from ettametta.video.themes import Colour

#: How strongly surfaces and hairlines stand out from the background, 0-255.
SURFACE, HAIRLINE = 22, 64
#: Panels grow by this beyond what is in them where there is room.
_LOOSE = 1.2
#: Design pixels above each point of a comparison.
_APART = 14
#: Panels at least this wide, in design pixels, have label and value on one line over their points.
_IN_LINE = 520


def draw_list(sheet: Sheet, visual: ListVisual) -> None:
    """Items under one another with hairlines between, each after the one before."""
    whole = frame(sheet, visual.title, visual.note)
    count, mark = len(visual.items), sheet.px(104 if visual.numbered else 58)
    gap = min(sheet.px(30), round(whole.room * 0.03))
    room = whole.room - 2 * gap * (count - 1)
    texts = sheet.fit_all(visual.items, Role.TEXT, (68, 19), lines=3, width=sheet.box.width - mark, height=max(1, room))
    body = sum(text.height for text in texts) + 2 * gap * (count - 1)
    more = whole.spread(body, 2 * (count - 1), sheet.px(26))
    gap, body = gap + more, body + more * 2 * (count - 1)
    y = whole.open(body)
    for number, text in enumerate(texts):
        pieces = _item(sheet, text, mark, y, number + 1 if visual.numbered else None)
        if number:
            pieces.append(
                Piece(panel(sheet.box.width, sheet.px(2), sheet.theme.ink, HAIRLINE), sheet.box.left, y - gap)
            )
        sheet.add(pieces, FIRST_S + STEP_S * 1.6 * (number + 1))
        y += text.height + 2 * gap
    whole.close(FIRST_S + STEP_S * 1.6 * (count + 1))


def _item(sheet: Sheet, text: Setting, indent: int, y: int, number: int | None) -> list[Piece]:
    left = sheet.box.left if sheet.rtl else sheet.box.left + indent
    pieces = sheet.lines(text, sheet.theme.ink, left, y, sheet.box.width - indent)
    if number is None:
        side = sheet.px(20)
        dot = panel(side, side, sheet.theme.accent, radius=0 if sheet.theme.poster else side // 2)
        pieces.append(Piece(dot, sheet.x(0, side), y + middle(text) - side // 2))
        return pieces
    size = round(text.size * 1.1)
    figure = Setting((str(number),), size, text.leading, Role.DISPLAY)
    # figures share the baseline of the item's first line
    pieces += sheet.lines(figure, sheet.theme.accent, sheet.x(0, indent), y, indent)
    return pieces


@dataclass(frozen=True, slots=True)
class _Cell:
    """One side of a comparison, fitted: pixels."""

    label: Setting
    value: Setting | None
    points: tuple[Setting, ...]
    colour: Colour
    #: Label and value stand on one line, for there are points below.
    in_line: bool

    @property
    def head(self) -> int:
        """Pixels that label and value take: under one another, or on one line over points."""
        value = self.value.height if self.value else 0
        return max(self.label.height, value) if self.in_line else self.label.height + value

    def height(self, gap: int) -> int:
        """Pixels from the top of the label to the bottom of the last point."""
        return self.head + sum(point.height + gap for point in self.points)


def draw_comparison(sheet: Sheet, visual: ComparisonVisual) -> None:
    """Two panels of equal size: one above the other in a tall frame, side by side in a wide one."""
    whole = frame(sheet, visual.title, visual.note)
    tall = sheet.tall
    gap, pad = sheet.px(24), sheet.px(34)
    width = sheet.box.width if tall else (sheet.box.width - gap) // 2
    most = (whole.room - gap) // 2 if tall else whole.room
    left, right = _cells(sheet, visual, width - 2 * pad, most - 2 * pad)
    natural = max(left.height(sheet.px(_APART)), right.height(sheet.px(_APART))) + 2 * pad
    height = min(most, round(natural * _LOOSE))
    y = whole.open(height * 2 + gap if tall else height)
    second = (0, y + height + gap) if tall else (width + gap, y)
    for number, (cell, (offset, top)) in enumerate(((left, (0, y)), (right, second))):
        pieces = _panel(sheet, cell, Box(sheet.x(offset, width), top, width, height), pad)
        sheet.add(pieces, FIRST_S + STEP_S * 2 * (number + 1))
    whole.close(FIRST_S + STEP_S * 6)


def _cells(sheet: Sheet, visual: ComparisonVisual, width: int, height: int) -> tuple[_Cell, _Cell]:
    """Both sides with equal sizes for what corresponds."""
    sides = (visual.left, visual.right)
    most = max(len(side.points) for side in sides)
    in_line = most > 0 and width >= sheet.px(_IN_LINE)
    half = round(width * 0.5) if in_line and any(side.value for side in sides) else width
    label_part, value_part = _parts(most, in_line=in_line, valued=any(side.value for side in sides))
    labels = sheet.fit_all(
        (side.label for side in sides), Role.BOLD, (92, 22), lines=2, width=half, height=round(2 * height * label_part)
    )
    values = _values(sheet, sides, width - half if in_line else width, round(height * value_part))
    high = max(one.height for one in labels), max((one.height for one in values if one is not None), default=0)
    points = _points(sheet, sides, width - sheet.px(36), height - (max(high) if in_line else sum(high)))
    first, other = (
        _Cell(*parts, in_line)
        for parts in zip(labels, values, points, (sheet.theme.accent, sheet.theme.second), strict=True)
    )
    return first, other


def _parts(points: int, *, in_line: bool, valued: bool) -> tuple[float, float]:
    """How much of a panel's height a label and a value may take, the one beside the other or above it."""
    if not points:
        return (0.3, 0.7) if valued else (0.8, 0.0)
    least = 0.46 - 0.06 * min(points, 4)
    if in_line and valued:
        return least, least + 0.08
    return (0.19, 0.3) if valued else (0.2, 0.0)


def _values(sheet: Sheet, sides: tuple[Side, Side], width: int, height: int) -> list[Setting | None]:
    texts = [side.value.strip() for side in sides]
    if not any(texts):
        return [None, None]
    fitted = sheet.fit_all(
        (text or "0" for text in texts), Role.DISPLAY, (300, 30), lines=1, width=width, height=2 * max(1, height)
    )
    return [setting if text else None for text, setting in zip(texts, fitted, strict=True)]


def _points(sheet: Sheet, sides: tuple[Side, Side], width: int, height: int) -> list[tuple[Setting, ...]]:
    most = max(len(side.points) for side in sides)
    if not most:
        return [(), ()]
    room = max(1, height - sheet.px(_APART) * most)
    return sheet.fit_groups([side.points for side in sides], Role.TEXT, (60, 18), lines=2, width=width, height=room)


def _panel(sheet: Sheet, cell: _Cell, place: Box, pad: int) -> list[Piece]:
    theme, left, inner = sheet.theme, place.left + pad, place.width - 2 * pad
    radius = 0 if theme.poster else sheet.px(28)
    pieces = [Piece(panel(place.width, place.height, theme.ink, SURFACE, radius), place.left, place.top)]
    edge, apart = sheet.px(10), sheet.px(_APART)
    strip = panel(edge, place.height - 2 * radius, cell.colour)
    pieces.append(Piece(strip, sheet.begin(place.left, place.width, edge), place.top + radius))
    y = place.top + pad + max(0, (place.height - 2 * pad - cell.height(apart)) // 2)
    pieces += _head(sheet, cell, left, y, inner)
    y += cell.head
    for point in cell.points:
        y += apart
        pieces += _point(sheet, point, cell.colour, left, y, inner)
        y += point.height
    return pieces


def _head(sheet: Sheet, cell: _Cell, left: int, y: int, width: int) -> list[Piece]:
    """Label and value on one baseline, at either edge, or the value under the label."""
    if cell.value is None:
        return sheet.lines(cell.label, sheet.theme.ink, left, y, width)
    if not cell.in_line:
        pieces = sheet.lines(cell.label, sheet.theme.ink, left, y, width)
        return pieces + sheet.lines(cell.value, cell.colour, left, y + cell.label.height, width)
    shift = max(0, drop(cell.value) - drop(cell.label)) if len(cell.label.lines) == 1 else 0
    pieces = sheet.lines(cell.label, sheet.theme.ink, left, y + shift, width)
    rise = max(0, drop(cell.label) - drop(cell.value))
    return pieces + sheet.lines(cell.value, cell.colour, left, y + rise, width, "end")


def _point(sheet: Sheet, point: Setting, colour: Colour, left: int, y: int, width: int) -> list[Piece]:
    dot, indent = sheet.px(12), sheet.px(36)
    bullet = panel(dot, dot, colour, radius=0 if sheet.theme.poster else dot // 2)
    pieces = [Piece(bullet, sheet.begin(left, width, dot), y + middle(point) - dot // 2)]
    return pieces + sheet.lines(point, sheet.theme.ink, left + (0 if sheet.rtl else indent), y, width - indent)
