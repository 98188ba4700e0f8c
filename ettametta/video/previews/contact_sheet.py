"""A contact sheet: a frame of each scene in a grid, with its number, its length and its first words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image

from ettametta.errors import MissingPart
from ettametta.video.lettering.fonts import Fonts, Role
from ettametta.video.lettering.typeset import FitBox, draw_line, fit

_GROUND, _INK, _FAINT = (22, 22, 26), (244, 244, 246), (160, 160, 170)
_MARGIN, _GAP, _WORDS_HIGH = 36, 24, 92
#: Cells are this wide when frames are tall, and this when they are wide, in pixels.
_TALL_WIDTH, _WIDE_WIDTH = 250, 400


@dataclass(frozen=True, slots=True)
class SheetScene:
    """What a cell shows: the frame, what is said or read in the scene, and its length in seconds."""

    picture: Image.Image
    words: str
    length_s: float


def contact_sheet(scenes: Sequence[SheetScene], fonts: Fonts) -> Image.Image:
    """Draw the sheet, at most about 1,700 pixels wide; its height follows from the number of scenes.

    Words that no installed font can draw are left out.
    """
    first = scenes[0].picture
    tall = first.height >= first.width
    width = _TALL_WIDTH if tall else _WIDE_WIDTH
    height = round(width * first.height / first.width)
    columns = _columns(len(scenes), 6 if tall else 4)
    rows = math.ceil(len(scenes) / columns)
    size = (
        2 * _MARGIN + columns * (width + _GAP) - _GAP,
        2 * _MARGIN + rows * (height + _WORDS_HIGH + _GAP) - _GAP,
    )
    sheet = Image.new("RGB", size, _GROUND)
    for number, scene in enumerate(scenes):
        left = _MARGIN + (number % columns) * (width + _GAP)
        top = _MARGIN + (number // columns) * (height + _WORDS_HIGH + _GAP)
        picture = scene.picture.convert("RGB").resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2.0)
        sheet.paste(picture, (left, top))
        _caption(sheet, scene, number + 1, (left, top + height), width, fonts)
    return sheet


def _columns(count: int, most: int) -> int:
    """As many columns as leave the last row fullest, wide rather than tall."""
    if count <= most:
        return count
    return max(range(max(2, most - 2), most + 1), key=lambda columns: ((count - 1) % columns, columns))


def _caption(
    sheet: Image.Image, scene: SheetScene, number: int, place: tuple[int, int], width: int, fonts: Fonts
) -> None:
    left, top = place
    _write(sheet, str(number), Role.BOLD, (left, top + 8, width), _INK, fonts)
    _write(sheet, f"{scene.length_s:.1f} s", Role.NOTE, (left, top + 8, width), _FAINT, fonts, at_end=True)
    words = " ".join(scene.words.split())[:80]
    if words:
        _write(sheet, words, Role.NOTE, (left, top + 38, width), _FAINT, fonts)


def _write(
    sheet: Image.Image,
    text: str,
    role: Role,
    place: tuple[int, int, int],
    colour: tuple[int, int, int],
    fonts: Fonts,
    *,
    at_end: bool = False,
) -> None:
    """At most two lines; what is longer is cut."""
    left, top, width = place
    try:
        setting = fit(text, role, FitBox(width, 10_000, 99, 20, 19, 1.3), fonts)
    except MissingPart:
        return
    lines = [*setting.lines[:2]]
    if len(setting.lines) > 2:
        lines[1] = lines[1].rsplit(" ", 1)[0].rstrip(",;:. ") + " …"
    for row, line in enumerate(lines):
        picture, x, down = draw_line(line, setting, colour, fonts, "end" if at_end else "start", width)
        sheet.paste(picture, (max(0, left + x), top + row * setting.leading + down), picture)
