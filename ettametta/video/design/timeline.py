"""Timelines: events down a line in a tall frame, along one in a wide frame."""

from __future__ import annotations

from PIL import Image

from ettametta.storyboard import TimelineVisual
from ettametta.video.design.layers import Piece, panel, ring
from ettametta.video.design.sheet import FIRST_S, STEP_S, Frame, Sheet, frame, middle
from ettametta.video.lettering.fonts import Role

_LINE_ALPHA = 110


def draw_timeline(sheet: Sheet, visual: TimelineVisual) -> None:
    """Each event enters with its date, its bead and the line that leads to it."""
    whole = frame(sheet, visual.title, visual.note)
    if sheet.tall:
        _down(sheet, visual, whole)
    else:
        _along(sheet, visual, whole)
    whole.close(_enters(len(visual.events)))


def _enters(number: int) -> float:
    return FIRST_S + STEP_S * 1.8 * (number + 1)


def _down(sheet: Sheet, visual: TimelineVisual, whole: Frame) -> None:
    count, indent, dot = len(visual.events), sheet.px(84), sheet.px(34)
    gap = min(sheet.px(40), round(whole.room * 0.03))
    room, width = max(1, whole.room - gap * (count - 1)), sheet.box.width - indent
    whens = sheet.fit_all(
        (event.when for event in visual.events), Role.DISPLAY, (84, 26), lines=1, width=width, height=room * 2 // 5
    )
    whats = sheet.fit_all(
        (event.what for event in visual.events), Role.TEXT, (56, 24), lines=3, width=width, height=room * 3 // 5
    )
    body = sum(one.height for one in (*whens, *whats)) + gap * (count - 1)
    more = whole.spread(body, count - 1, sheet.px(56))
    gap += more
    y = whole.open(body + more * (count - 1))
    left, before = sheet.box.left + (0 if sheet.rtl else indent), 0
    for number, (when, what) in enumerate(zip(whens, whats, strict=True)):
        at = y + middle(when)
        pieces = _upright(sheet, dot, before, at) if number else []
        pieces.append(Piece(_bead(sheet, dot, last=number == count - 1), sheet.x(0, dot), at - dot // 2))
        pieces += sheet.lines(when, sheet.theme.accent, left, y, width)
        pieces += sheet.lines(what, sheet.theme.ink, left, y + when.height, width)
        sheet.add(pieces, _enters(number))
        before, y = at, y + when.height + what.height + gap


def _upright(sheet: Sheet, dot: int, upper: int, lower: int) -> list[Piece]:
    """The line between the beads at two rows."""
    thick, apart = sheet.px(4), dot // 2 + sheet.px(10)
    length = lower - upper - 2 * apart
    if length < 1:
        return []
    line = panel(thick, length, sheet.theme.ink, _LINE_ALPHA, thick // 2)
    return [Piece(line, sheet.x((dot - thick) // 2, thick), upper + apart)]


def _along(sheet: Sheet, visual: TimelineVisual, whole: Frame) -> None:
    count, dot, gap = len(visual.events), sheet.px(34), sheet.px(36)
    column = sheet.box.width // count
    width = column - gap
    whens = sheet.fit_all(
        (event.when for event in visual.events), Role.DISPLAY, (84, 24), lines=2, width=width, height=whole.room * count
    )
    whats = sheet.fit_all(
        (event.what for event in visual.events), Role.TEXT, (48, 20), lines=5, width=width,
        height=whole.room * count // 2,
    )  # fmt: skip
    high, deep = max(one.height for one in whens), max(one.height for one in whats)
    y = whole.open(high + gap + dot + gap // 2 + deep)
    at = y + high + gap // 2 + dot // 2
    for number, (when, what) in enumerate(zip(whens, whats, strict=True)):
        left = sheet.x(number * column, width)
        pieces = _level(sheet, dot, number * column, column, at) if number else []
        pieces.append(Piece(_bead(sheet, dot, last=number == count - 1), sheet.x(number * column, dot), at - dot // 2))
        pieces += sheet.lines(when, sheet.theme.accent, left, y + high - when.height, width)
        pieces += sheet.lines(what, sheet.theme.ink, left, at + dot // 2 + gap // 2, width)
        sheet.add(pieces, _enters(number))


def _level(sheet: Sheet, dot: int, offset: int, column: int, row: int) -> list[Piece]:
    """The line to the bead at `offset` from the one a column before."""
    thick, apart = sheet.px(4), sheet.px(10)
    length = column - dot - 2 * apart
    line = panel(length, thick, sheet.theme.ink, _LINE_ALPHA, thick // 2)
    return [Piece(line, sheet.x(offset - length - apart, length), row - thick // 2)]


def _bead(sheet: Sheet, size: int, *, last: bool) -> Image.Image:
    """A ring; the last event's is filled."""
    return ring(size, size // 2 if last else sheet.px(7), sheet.theme.accent)
