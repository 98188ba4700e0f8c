"""Designed scenes: a moving background and transparent layers that enter in reading order.

Pure up to the drawing: equal arguments give equal pictures. What is drawn stays inside the card's safe box.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image

from ettametta.storyboard import (
    CardVisual,
    ChartVisual,
    ComparisonVisual,
    DesignedVisual,
    ListVisual,
    TimelineVisual,
)
from ettametta.video.design.backdrop import paint_backdrop
from ettametta.video.design.charts import draw_chart
from ettametta.video.design.figure_text import find_figure
from ettametta.video.design.layers import Layer, Piece, panel, ring
from ettametta.video.design.panels import draw_comparison, draw_list
from ettametta.video.design.sheet import FIRST_S, STEP_S, Sheet, display
from ettametta.video.design.timeline import draw_timeline
from ettametta.video.lettering.fonts import Fonts, Role
from ettametta.video.lettering.typeset import Align, Setting, draw_line, is_rtl
from ettametta.video.plan import Box, Canvas
from ettametta.video.themes import Colour, Theme

__all__ = ["CardArt", "Layer", "draw_card"]

#: Lines of one text enter in at most this many layers.
_WAVES = 3


@dataclass(frozen=True, slots=True)
class CardArt:
    """All pictures of one card, its layers in reading order."""

    backdrop: Image.Image
    layers: tuple[Layer, ...]


def draw_card(
    card: DesignedVisual, theme: Theme, canvas: Canvas, box: Box, seed: int, fonts: Fonts, language: str = "en"
) -> CardArt:
    """Draw one designed scene. `language` is an ISO 639 code: figures of charts are grouped the way it groups them.

    Raises:
        MissingPart: no font covers a letter of its text.
    """
    fonts = fonts.styled(theme.heading_face, theme.text_face)
    sheet = Sheet(theme, canvas, box, fonts, is_rtl(_all_text(card), language), language)
    if isinstance(card, CardVisual):
        _LAYOUTS[card.kind](sheet, card)
    elif isinstance(card, ListVisual):
        draw_list(sheet, card)
    elif isinstance(card, ComparisonVisual):
        draw_comparison(sheet, card)
    elif isinstance(card, TimelineVisual):
        draw_timeline(sheet, card)
    else:
        draw_chart(sheet, card)
    return CardArt(paint_backdrop(theme, canvas, seed), tuple(sheet.layers))


def _all_text(card: DesignedVisual) -> str:
    """What decides whether a scene is read from the right: its texts in the order they are read."""
    if isinstance(card, CardVisual):
        return card.text
    if isinstance(card, ListVisual):
        return " ".join((card.title, *card.items))
    if isinstance(card, ComparisonVisual):
        return f"{card.title} {card.left.label} {card.right.label}"
    if isinstance(card, TimelineVisual):
        return " ".join((card.title, *(event.what for event in card.events)))
    assert isinstance(card, ChartVisual)  # noqa: S101 - tells mypy what is left of the union
    return " ".join((card.title, *(point.label for point in card.points)))


@dataclass(slots=True)
class _Block:
    """Lines of one setting in one colour, with the space above them in pixels."""

    setting: Setting
    colour: Colour
    above: int = 0
    #: Stands behind the first line, on its baseline.
    unit: Setting | None = None


def _note(sheet: Sheet, card: CardVisual, prefix: str = "") -> list[_Block]:
    if not card.note.strip():
        return []
    setting = _fit(sheet, prefix + card.note.strip(), Role.NOTE, (44, 26), 3, 1.35, 0.25)
    return [_Block(setting, sheet.theme.muted, sheet.px(40))]


def _fit(
    sheet: Sheet, text: str, role: Role, sizes: tuple[int, int], lines: int, spacing: float, part: float
) -> Setting:
    """Fit a text into a part of the box's height."""
    return sheet.fit(text, role, sizes, lines=lines, spacing=spacing, height=round(sheet.box.height * part))


def _stack(sheet: Sheet, blocks: Sequence[_Block], align: Align, *, above: int = 0, indent: int = 0) -> tuple[int, int]:
    """Set blocks under one another, centred in the box together with `above` pixels kept free over them.

    Returns:
        Top and bottom of the blocks in the frame.
    """
    total = above + sum(block.above + block.setting.height for block in blocks)
    top = sheet.box.top + max(0, (sheet.box.height - total) // 2) + above
    left, y = sheet.box.left + (0 if sheet.rtl else indent), top
    enter_s = FIRST_S
    for block in blocks:
        y += block.above
        pieces = sheet.lines(block.setting, block.colour, left, y, sheet.box.width - indent, align)
        rows = [[piece] for piece in pieces]
        if block.unit is not None:
            rows[0] += _behind(sheet, pieces[0], block, y)
        each = max(1, -(-len(rows) // _WAVES))
        for start in range(0, len(rows), each):
            standing = not sheet.layers  # a scene that began with an empty ground would flicker at a cut
            wave = [piece for row in rows[start : start + each] for piece in row]
            sheet.add(wave, 0.0 if standing else enter_s, "none" if standing else "rise")
            enter_s += STEP_S / 2
        y += block.setting.height
    return top, y


def _behind(sheet: Sheet, first: Piece, block: _Block, y: int) -> list[Piece]:
    """The unit of a block, after its first line in the direction of reading."""
    assert block.unit is not None  # noqa: S101 - the caller asked
    wide = first.picture.width + _apart(block.setting)
    left = sheet.box.left + (0 if sheet.rtl else wide)
    return sheet.lines(block.unit, block.colour, left, y, sheet.box.width - wide)


def _mark(sheet: Sheet, picture: Image.Image, left: int, top: int) -> None:
    """Put an ornament that stands first."""
    sheet.layers.insert(0, Layer(picture, left, top, 0.0, "none"))


def _bar(sheet: Sheet, width: int, height: int, left: int, top: int) -> None:
    """An accent bar with round ends."""
    _mark(sheet, panel(width, height, sheet.theme.accent, radius=min(width, height) // 2), left, top)


def _big(sheet: Sheet) -> Role:
    """What sentences that fill a card are set in: the heading face where it is made for upper and lower case."""
    return Role.BOLD if sheet.theme.poster else Role.DISPLAY


def _title(sheet: Sheet, card: CardVisual) -> None:
    largest = 210 if sheet.theme.poster else 150
    setting = _fit(sheet, display(sheet, card.text), Role.DISPLAY, (largest, 60), 6, 1.16, 0.78)
    bar, gap = (sheet.px(132), sheet.px(14)), sheet.px(52)
    blocks = [_Block(setting, sheet.theme.ink), *_note(sheet, card)]
    top, _ = _stack(sheet, blocks, "start", above=bar[1] + gap)
    _bar(sheet, *bar, sheet.x(0, bar[0]), top - gap - bar[1] + sheet.px(8))


def _statement(sheet: Sheet, card: CardVisual) -> None:
    rule, gap = sheet.px(10), sheet.px(44)
    setting = sheet.fit(
        card.text, _big(sheet), (112, 40), lines=8, spacing=1.22, height=round(sheet.box.height * 0.8),
        width=sheet.box.width - rule - gap,
    )  # fmt: skip
    blocks = [_Block(setting, sheet.theme.ink), *_note(sheet, card)]
    top, bottom = _stack(sheet, blocks, "start", indent=rule + gap)
    _bar(sheet, rule, bottom - top, sheet.x(0, rule), top)


def _quote(sheet: Sheet, card: CardVisual) -> None:
    bare = card.text.strip().strip('“”"«»„') or card.text
    setting = _fit(sheet, bare, Role.TEXT if sheet.theme.poster else Role.DISPLAY, (96, 38), 9, 1.28, 0.66)
    sign = Setting(("“",), sheet.px(330), sheet.px(330), Role.DISPLAY)
    picture, _, _ = draw_line("“", sign, sheet.theme.accent, sheet.fonts, "start", sheet.box.width)
    gap = sheet.px(46)
    blocks = [_Block(setting, sheet.theme.ink), *_note(sheet, card, "" if sheet.rtl else "— ")]
    top, _ = _stack(sheet, blocks, "start", above=picture.height + gap)
    _mark(sheet, picture, sheet.x(0, picture.width), top - gap - picture.height)


def _number(sheet: Sheet, card: CardVisual) -> None:
    found = find_figure(card.text)
    if found is None:
        _statement(sheet, card)
        return
    lead, unit = _figure(sheet, found.figure, found.unit)
    blocks = [_Block(lead, sheet.theme.accent, unit=unit)]
    if found.rest:
        text = _fit(sheet, found.rest, Role.BOLD, (76, 34), 4, 1.24, 0.3)
        blocks.append(_Block(text, sheet.theme.ink, sheet.px(34)))
    _stack(sheet, [*blocks, *_note(sheet, card)], "start")


def _figure(sheet: Sheet, figure: str, unit: str) -> tuple[Setting, Setting | None]:
    """The figure as large as it can be with its unit, smaller, on the same line."""
    lead = _fit(sheet, figure, Role.DISPLAY, (470, 90), 1, 1.14, 0.55)
    if not unit:
        return lead, None
    small = _unit(unit, lead)
    wide = sheet.fonts.width(figure, Role.DISPLAY, lead.size)
    both = wide + sheet.fonts.width(unit, Role.BOLD, small.size) + _apart(lead)
    if both > sheet.box.width:
        room = round(wide * sheet.box.width / both)
        height = round(sheet.box.height * 0.55)
        lead = sheet.fit(figure, Role.DISPLAY, (470, 60), lines=1, spacing=1.14, height=height, width=room)
    return lead, _unit(unit, lead)


def _unit(unit: str, lead: Setting) -> Setting:
    return Setting((unit,), max(1, round(lead.size * 0.42)), lead.leading, Role.BOLD, is_rtl(unit))


def _apart(lead: Setting) -> int:
    """Pixels between a figure and its unit."""
    return round(lead.size * 0.15)


def _closing(sheet: Sheet, card: CardVisual) -> None:
    setting = _fit(sheet, card.text, _big(sheet), (108, 40), 6, 1.2, 0.6)
    size, gap = sheet.px(120), sheet.px(56)
    blocks = [_Block(setting, sheet.theme.ink), *_note(sheet, card)]
    top, _ = _stack(sheet, blocks, "centre", above=size + gap)
    sign = ring(size, sheet.px(12), sheet.theme.accent, dot=0.28)
    _mark(sheet, sign, sheet.box.left + (sheet.box.width - size) // 2, top - gap - size)


_LAYOUTS = {"title": _title, "statement": _statement, "quote": _quote, "number": _number, "closing": _closing}
