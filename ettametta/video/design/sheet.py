"""The sheet a designed scene is laid out on: design pixels, fitted type, reading direction, layers in reading order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from ettametta.video.design.layers import Enter, Layer, Piece, merged
from ettametta.video.lettering.fonts import Fonts, Role
from ettametta.video.lettering.typeset import Align, FitBox, Setting, draw_line, fit, fit_together
from ettametta.video.plan import Box, Canvas
from ettametta.video.themes import Colour, Theme

#: When the first text enters, and how much later what is read next does, in seconds.
FIRST_S, STEP_S = 0.06, 0.14
_SPACING = 1.22


@dataclass(slots=True)
class Sheet:
    """Where a layout puts its pictures. `rtl`: the scene is read from the right, and laid out mirrored."""

    theme: Theme
    canvas: Canvas
    box: Box
    fonts: Fonts
    rtl: bool = False
    language: str = "en"
    layers: list[Layer] = field(default_factory=list)

    def px(self, design: float) -> int:
        """Design pixels to real ones, at least one."""
        return max(1, round(design * self.canvas.unit))

    @property
    def tall(self) -> bool:
        """Whether the box has more room downwards than a square would."""
        return self.box.width < 1.35 * self.box.height

    @property
    def right(self) -> int:
        """The first column beyond the box."""
        return self.box.left + self.box.width

    def x(self, offset: int, width: int) -> int:
        """The left of something `width` wide that begins `offset` pixels after the edge where reading begins."""
        return self.right - offset - width if self.rtl else self.box.left + offset

    def begin(self, left: int, width: int, part: int) -> int:
        """The left of something `part` wide at that edge of a space `width` wide where reading begins."""
        return left + (width - part if self.rtl else 0)

    def fit(
        self, text: str, role: Role, sizes: tuple[int, int], *, lines: int, spacing: float, height: int, width: int = 0
    ) -> Setting:
        """Fit a text; sizes are the largest and smallest em in design pixels, `width` is the box's unless given."""
        room = FitBox(width or self.box.width, height, lines, self.px(sizes[0]), self.px(sizes[1]), spacing)
        return fit(text, role, room, self.fonts, self.language)

    def fit_all(
        self, texts: Iterable[str], role: Role, sizes: tuple[int, int], *, lines: int, width: int, height: int
    ) -> tuple[Setting, ...]:
        """Fit several texts at one size; `height` is for all of them together."""
        room = FitBox(width, height, lines, self.px(sizes[0]), self.px(sizes[1]), _SPACING)
        return fit_together(tuple(texts), role, room, self.fonts, self.language)

    def fit_groups(
        self,
        groups: Sequence[Sequence[str]],
        role: Role,
        sizes: tuple[int, int],
        *,
        lines: int,
        width: int,
        height: int,
    ) -> list[tuple[Setting, ...]]:
        """Fit groups of texts at one size; `height` is for each group."""
        fitted = [
            self.fit_all(group, role, sizes, lines=lines, width=width, height=height) if group else ()
            for group in groups
        ]
        size = min(setting.size for group in fitted for setting in group)
        room = FitBox(width, height, lines, size, size - 1, _SPACING)
        return [fit_together(group, role, room, self.fonts, self.language) if group else () for group in groups]

    def lines(
        self, setting: Setting, colour: Colour, left: int, top: int, width: int, align: Align = "start"
    ) -> list[Piece]:
        """A set text at a place, line by line, within `width` pixels from `left`; `start` is where the scene's is."""
        if setting.rtl != self.rtl and align != "centre":
            align = "end" if align == "start" else "start"
        pieces = []
        for number, line in enumerate(setting.lines):
            if not line.strip():
                continue
            picture, x, down = draw_line(line, setting, colour, self.fonts, align, width)
            # some marks hang out far to the side of where they are set; none may leave the frame
            at = max(0, min(left + x, self.canvas.width - picture.width))
            pieces.append(Piece(picture, at, top + number * setting.leading + down))
        return pieces

    def add(self, pieces: Iterable[Piece], enter_s: float, enter: Enter = "rise") -> None:
        """Make one layer of pieces that enter together."""
        layer = merged(pieces, enter_s, enter)
        if layer is not None:
            self.layers.append(layer)


@dataclass(slots=True)
class Frame:
    """Heading, body and note of a scene, centred in the box as a whole."""

    sheet: Sheet
    heading: Setting | None
    note: Setting | None
    _note_top: int = 0

    @property
    def _gap(self) -> int:
        return self.sheet.px(46 if self.sheet.tall else 30)

    @property
    def room(self) -> int:
        """Pixels of height that heading and note leave to the body."""
        taken = (self.heading.height + self._gap if self.heading else 0) + (
            self.note.height + self._gap * 3 // 4 if self.note else 0
        )
        return self.sheet.box.height - taken

    def spread(self, body: int, gaps: int, most: int) -> int:
        """Pixels to add to each of that many gaps of a body, so that it fills its room without falling apart."""
        return max(0, min(most, (round(self.room * 0.94) - body) // max(1, gaps)))

    def open(self, body: int) -> int:
        """Set the heading for a body of that height; the row where the body begins."""
        sheet = self.sheet
        top = sheet.box.top + max(0, (self.room - body) // 2)
        self._note_top = top + sheet.box.height - self.room + body - (self.note.height if self.note else 0)
        if self.heading:
            lines = sheet.lines(self.heading, sheet.theme.ink, sheet.box.left, top, sheet.box.width)
            sheet.add(_below(lines, sheet.box.top), 0.0, "none")
            top += self.heading.height + self._gap
        return top

    def close(self, enter_s: float) -> None:
        """Set the note."""
        if self.note:
            sheet = self.sheet
            sheet.add(
                sheet.lines(self.note, sheet.theme.muted, sheet.box.left, self._note_top, sheet.box.width),
                enter_s,
                "fade",
            )


def _below(lines: list[Piece], top: int) -> list[Piece]:
    """Lines moved down where their ink would stand over `top`: accents rise higher than a line's leading."""
    inked = [(line.top, line.picture.getchannel("A").getbbox()) for line in lines]
    over = max((top - at - ink[1] for at, ink in inked if ink), default=0)
    return [replace(line, top=line.top + over) for line in lines] if over > 0 else lines


def frame(sheet: Sheet, title: str, note: str) -> Frame:
    """Fit heading and note, each when there is one."""
    tall = sheet.box.height
    heading = None
    if title.strip():
        text, sizes = display(sheet, title.strip()), (104, 44) if sheet.theme.poster else (88, 36)
        lines = 3 if sheet.tall else 2
        heading = sheet.fit(text, Role.DISPLAY, sizes, lines=lines, spacing=1.18, height=round(tall * 0.24))
    small = (
        sheet.fit(note.strip(), Role.NOTE, (34, 22), lines=2, spacing=1.35, height=round(tall * 0.1))
        if note.strip()
        else None
    )
    return Frame(sheet, heading, small)


def drop(text: Setting) -> int:
    """From the top of a setting to its first baseline, in pixels."""
    return round(text.leading * 0.76)


def middle(text: Setting) -> int:
    """From the top of a setting to half the height of its first line's capitals, in pixels."""
    return round(text.leading * 0.76 - text.size * 0.35)


def display(sheet: Sheet, text: str) -> str:
    """A heading as the theme writes it: posters shout."""
    return text.upper() if sheet.theme.poster else text
