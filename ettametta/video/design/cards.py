"""Designed scenes: a moving background and transparent layers that enter in reading order.

Pure up to the drawing: equal arguments give equal pictures. What is drawn stays inside the card's safe box.
"""

from __future__ import annotations

import re
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
from ettametta.video.design.layers import Layer, panel, ring
from ettametta.video.design.panels import draw_comparison, draw_list
from ettametta.video.design.sheet import FIRST_S, STEP_S, Sheet, display
from ettametta.video.design.timeline import draw_timeline
from ettametta.video.lettering.fonts import Fonts, Role
from ettametta.video.lettering.typeset import Align, Setting, draw_line, is_rtl
from ettametta.video.plan import Box, Canvas
from ettametta.video.themes import Colour, Theme

__all__ = ["CardArt", "Layer", "draw_card"]

#: A number with what belongs to it: sign, currency, digits with separators, percent or degree or unit of a few letters.
_NUMBER = re.compile(
    r"[~≈<>+\-−–]?\s?[$€£¥₹]?\s?"
    r"(?:\d{1,3}(?:[\s'’]\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)*)"
    r"(?:\s?(?:[%‰$€£¥₹×]|°[CF]?|[a-zA-Zµ²³/]{1,4}\b))?"
)
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
    sheet = Sheet(theme, canvas, box, fonts, is_rtl(_all_text(card)), language)
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
        each = max(1, -(-len(pieces) // _WAVES))
        for start in range(0, len(pieces), each):
            sheet.add(pieces[start : start + each], enter_s)
            enter_s += STEP_S / 2
        y += block.setting.height
    return top, y


def _mark(sheet: Sheet, picture: Image.Image, left: int, top: int) -> None:
    """Put an ornament that enters first."""
    sheet.layers.insert(0, Layer(picture, left, top, 0.0, "wipe_right" if not sheet.rtl else "fade"))


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
    found = _NUMBER.search(card.text)
    if found is None:
        _statement(sheet, card)
        return
    figure = found.group().strip()
    rest = f"{card.text[: found.start()].strip()} {card.text[found.end() :].strip()}".strip(" ,;:—–-")
    lead = _fit(sheet, figure, Role.DISPLAY, (470, 90), 1, 1.14, 0.55)
    blocks = [_Block(lead, sheet.theme.accent)]
    if rest:
        blocks.append(_Block(_fit(sheet, rest, Role.BOLD, (76, 34), 4, 1.24, 0.3), sheet.theme.ink, sheet.px(34)))
    _stack(sheet, [*blocks, *_note(sheet, card)], "start")


def _closing(sheet: Sheet, card: CardVisual) -> None:
    setting = _fit(sheet, card.text, _big(sheet), (108, 40), 6, 1.2, 0.6)
    size, gap = sheet.px(120), sheet.px(56)
    blocks = [_Block(setting, sheet.theme.ink), *_note(sheet, card)]
    top, _ = _stack(sheet, blocks, "centre", above=size + gap)
    sign = ring(size, sheet.px(12), sheet.theme.accent, dot=0.28)
    _mark(sheet, sign, sheet.box.left + (sheet.box.width - size) // 2, top - gap - size)


_LAYOUTS = {"title": _title, "statement": _statement, "quote": _quote, "number": _number, "closing": _closing}
