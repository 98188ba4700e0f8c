"""Designed typographic scenes: a moving background and text layers that enter one after another.

Pure up to the drawing: equal arguments give equal pictures. Text stays inside the card's safe box.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from PIL import Image, ImageDraw

from ettametta.storyboard import CardVisual, DesignedVisual
from ettametta.video.backdrop import paint_backdrop
from ettametta.video.fonts import Fonts, Role
from ettametta.video.plan import Box, Canvas
from ettametta.video.themes import Colour, Theme
from ettametta.video.typeset import FitBox, Setting, draw_line, fit, is_rtl

#: A number with what belongs to it: sign, currency, digits with separators, percent or degree or unit of a few letters.
_NUMBER = re.compile(
    r"[~≈<>+\-−–]?\s?[$€£¥₹]?\s?"
    r"(?:\d{1,3}(?:[\s'’]\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d+)*)"
    r"(?:\s?(?:[%‰$€£¥₹×]|°[CF]?|[a-zA-Zµ²³/]{1,4}\b))?"
)
_STAGGER_S = 0.07


@dataclass(frozen=True, slots=True)
class Layer:
    """A transparent picture at a place in the frame; it fades in and rises from `enter_s` of the scene."""

    picture: Image.Image
    left: int
    top: int
    enter_s: float


@dataclass(frozen=True, slots=True)
class CardArt:
    """All pictures of one card."""

    backdrop: Image.Image
    layers: tuple[Layer, ...]


def draw_card(card: DesignedVisual, theme: Theme, canvas: Canvas, box: Box, seed: int, fonts: Fonts) -> CardArt:
    """Draw one card.

    Raises:
        MissingPart: no font covers a letter of its text.
    """
    sheet = _Sheet(theme, canvas, box, fonts)
    if not isinstance(card, CardVisual):
        raise NotImplementedError(card.kind)
    _LAYOUTS[card.kind](sheet, card)
    return CardArt(paint_backdrop(theme, canvas, seed), tuple(sheet.layers))


@dataclass(slots=True)
class _Block:
    """Lines of one setting in one colour, with the space above them in pixels."""

    setting: Setting
    colour: Colour
    above: int = 0


@dataclass(slots=True)
class _Sheet:
    """Where a layout puts its pictures. `px` turns design pixels into real ones."""

    theme: Theme
    canvas: Canvas
    box: Box
    fonts: Fonts
    layers: list[Layer] = field(default_factory=list)

    def px(self, design: float) -> int:
        return round(design * self.canvas.unit)

    def fit(self, text: str, role: Role, sizes: tuple[int, int], lines: int, spacing: float, part: float) -> Setting:
        """Fit a text into a part of the box's height; sizes are largest and smallest em in design pixels."""
        room = FitBox(
            self.box.width, round(self.box.height * part), lines, self.px(sizes[0]), self.px(sizes[1]), spacing
        )
        return fit(text, role, room, self.fonts)

    def note(self, card: CardVisual, prefix: str = "") -> list[_Block]:
        if not card.note.strip():
            return []
        setting = self.fit(prefix + card.note.strip(), Role.NOTE, (44, 26), 3, 1.35, 0.25)
        return [_Block(setting, self.theme.muted, self.px(40))]

    def stack(
        self, blocks: list[_Block], align: Literal["start", "centre"], *, above: int = 0, indent: int = 0
    ) -> tuple[int, int]:
        """Set blocks under one another, centred in the box together with `above` pixels kept free over them.

        Returns:
            Top and bottom of the blocks in the frame.
        """
        total = above + sum(block.above + block.setting.height for block in blocks)
        top = self.box.top + max(0, (self.box.height - total) // 2) + above
        y = top
        for block in blocks:
            y += block.above
            for line in block.setting.lines:
                self._line(line, block, y, align, indent)
                y += block.setting.leading
        return top, y

    def mark(self, picture: Image.Image, left: int, top: int) -> None:
        """Put an ornament that enters first."""
        self.layers.insert(0, Layer(picture, left, top, 0.0))

    def bar(self, width: int, height: int, left: int, top: int) -> None:
        """An accent bar with round ends."""
        scale = 4
        big = Image.new("L", (width * scale, height * scale), 0)
        radius = min(width, height) * scale // 2
        ImageDraw.Draw(big).rounded_rectangle((0, 0, width * scale - 1, height * scale - 1), radius, fill=255)
        picture = Image.new("RGBA", (width, height), (*self.theme.accent, 0))
        picture.putalpha(big.resize((width, height), Image.Resampling.LANCZOS))
        self.mark(picture, left, top)

    def _line(self, line: str, block: _Block, y: int, align: Literal["start", "centre"], indent: int) -> None:
        picture, x, down = draw_line(line, block.setting, block.colour, self.fonts, align, self.box.width - indent)
        # some marks hang out far to the left of where they are set; none may leave the frame
        left = max(0, self.box.left + x + (0 if is_rtl(line) else indent))
        self.layers.append(Layer(picture, left, y + down, 0.06 + _STAGGER_S * len(self.layers)))


def _edge(sheet: _Sheet, text: str, width: int) -> int:
    """The left of something `width` pixels wide at the edge where the text begins."""
    return sheet.box.left + (sheet.box.width - width if is_rtl(text) else 0)


def _title(sheet: _Sheet, card: CardVisual) -> None:
    setting = sheet.fit(card.text.upper(), Role.DISPLAY, (210, 60), 6, 1.16, 0.78)
    bar, gap = (sheet.px(132), sheet.px(14)), sheet.px(52)
    top, _ = sheet.stack([_Block(setting, sheet.theme.ink), *sheet.note(card)], "start", above=bar[1] + gap)
    sheet.bar(*bar, _edge(sheet, card.text, bar[0]), top - gap - bar[1] + sheet.px(8))


def _statement(sheet: _Sheet, card: CardVisual) -> None:
    rule, gap = sheet.px(10), sheet.px(44)
    room = FitBox(sheet.box.width - rule - gap, round(sheet.box.height * 0.8), 8, sheet.px(112), sheet.px(40), 1.22)
    setting = fit(card.text, Role.BOLD, room, sheet.fonts)
    note = sheet.note(card)
    top, bottom = sheet.stack([_Block(setting, sheet.theme.ink), *note], "start", indent=rule + gap)
    sheet.bar(rule, bottom - top, _edge(sheet, card.text, rule), top)


def _quote(sheet: _Sheet, card: CardVisual) -> None:
    bare = card.text.strip().strip('“”"«»„')
    setting = sheet.fit(bare, Role.TEXT, (96, 38), 9, 1.28, 0.66)
    sign = Setting(("“",), sheet.px(330), sheet.px(330), Role.DISPLAY)
    picture, _, _ = draw_line("“", sign, sheet.theme.accent, sheet.fonts, "start", sheet.box.width)
    gap = sheet.px(46)
    blocks = [_Block(setting, sheet.theme.ink), *sheet.note(card, "" if is_rtl(card.text) else "— ")]
    top, _ = sheet.stack(blocks, "start", above=picture.height + gap)
    sheet.mark(picture, _edge(sheet, card.text, picture.width), top - gap - picture.height)


def _number(sheet: _Sheet, card: CardVisual) -> None:
    found = _NUMBER.search(card.text)
    if found is None:
        _statement(sheet, card)
        return
    figure = found.group().strip()
    rest = f"{card.text[: found.start()].strip()} {card.text[found.end() :].strip()}".strip(" ,;:—–-")
    lead = sheet.fit(figure, Role.DISPLAY, (470, 90), 1, 1.14, 0.55)
    blocks = [_Block(lead, sheet.theme.accent)]
    if rest:
        blocks.append(_Block(sheet.fit(rest, Role.BOLD, (76, 34), 4, 1.24, 0.3), sheet.theme.ink, sheet.px(34)))
    sheet.stack([*blocks, *sheet.note(card)], "start")


def _closing(sheet: _Sheet, card: CardVisual) -> None:
    setting = sheet.fit(card.text, Role.BOLD, (108, 40), 6, 1.2, 0.6)
    ring, gap = sheet.px(120), sheet.px(56)
    blocks = [_Block(setting, sheet.theme.ink), *sheet.note(card)]
    top, _ = sheet.stack(blocks, "centre", above=ring + gap)
    sheet.mark(
        _ring(ring, sheet.px(12), sheet.theme.accent), sheet.box.left + (sheet.box.width - ring) // 2, top - gap - ring
    )


def _ring(size: int, thick: int, colour: Colour) -> Image.Image:
    """A ring with a dot in it: a full stop one can see."""
    scale = 4
    big = Image.new("L", (size * scale, size * scale), 0)
    pen = ImageDraw.Draw(big)
    last = size * scale - 1
    pen.ellipse((0, 0, last, last), outline=255, width=thick * scale)
    inner = round(last * 0.36)
    pen.ellipse((inner, inner, last - inner, last - inner), fill=255)
    picture = Image.new("RGBA", (size, size), (*colour, 0))
    picture.putalpha(big.resize((size, size), Image.Resampling.LANCZOS))
    return picture


_LAYOUTS = {"title": _title, "statement": _statement, "quote": _quote, "number": _number, "closing": _closing}
