"""Captions to an ASS document for a strip of the frame: words placed one by one, user text inert, a font a script.

The strip is as small as what is drawn in it, so that libass has little to do; only the frames named change it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from PIL import Image

from ettametta.video.captions.layout import (
    BOX_PAD,
    BOX_PAD_HIGH,
    EMOJI_SIZE,
    MIDDLE,
    SetLine,
    SetWord,
    ink_edge,
    ink_rows,
    run_em,
    set_cue,
)
from ettametta.video.captions.look import CaptionLook
from ettametta.video.captions.states import LARGEST, CaptionPart, CueSpan, WordState, cue_spans, word_states
from ettametta.video.lettering.emoji import emoji_picture
from ettametta.video.lettering.fonts import Face, Fonts, Role
from ettametta.video.plan import Box, Canvas, SafeAreas
from ettametta.video.themes import Colour

#: Ink keeps this far from the edge of its strip, in pixels.
_EDGE = 3
_WORD_JOINER = "\u2060"
#: Stands on both sides of a right-to-left word: libass takes the width of a line from its outer letters, and gets it
#: wrong when those are made of several glyphs, as dotted Arabic ones are.
_NBSP = "\u00a0"
#: A corner of a circle as a Bézier curve: the distance of its handles, in radii.
_ROUND = 0.5523
_STYLE_FORMAT = (
    "Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, "
    "Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, "
    "MarginV, Encoding\n"
)
_EVENT_FORMAT = "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"


@dataclass(frozen=True, slots=True)
class CaptionPicture:
    """A small picture (RGBA) to lay over the frame at a place, from one frame of the segment up to another."""

    picture: Image.Image
    left: int
    top: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class CaptionSheet:
    """What a segment's captions are drawn from.

    `document` is ASS whose resolution is that of `area`, a part of the frame with even sides outside of which nothing
    is inked; `ink` is what letters, boxes and emoji cover of it at their largest. `frames` are the frames of the
    segment, ascending, at which the strip changes: it holds from one to the next and is empty before the first.
    `pictures` are laid over the strip.
    """

    document: str
    faces: frozenset[Face]
    area: Box
    frames: tuple[int, ...]
    ink: Box
    pictures: tuple[CaptionPicture, ...] = ()


@dataclass(frozen=True, slots=True)
class _SetSpan:
    """A cue on screen, laid out."""

    span: CueSpan
    lines: tuple[SetLine, ...]


def caption_sheet(
    parts: Sequence[CaptionPart], canvas: Canvas, areas: SafeAreas, look: CaptionLook, fonts: Fonts
) -> CaptionSheet | None:
    """The captions of one segment; None when none is seen in it.

    Args:
        parts: what the segment shows: a part of one scene, or the end of one and the beginning of the next.
        canvas: the whole frame.
        areas: where captions stand in it.
        look: how they look.
        fonts: what they are set in.

    Raises:
        MissingPart: no font covers a letter of the words.
    """
    spans = _set_spans(parts, canvas, areas, look, fonts)
    if not spans:
        return None
    writer = _Writer(canvas, look, fonts, _strip(spans, look, canvas))
    document = writer.document(spans)
    pictures = tuple(picture for item in spans for picture in _pictures(item, look, canvas))
    ink = _ink(spans, look, canvas)
    return CaptionSheet(document, frozenset(writer.faces), writer.strip, tuple(sorted(writer.changes)), ink, pictures)


def caption_document(
    parts: Sequence[CaptionPart], canvas: Canvas, areas: SafeAreas, look: CaptionLook, fonts: Fonts
) -> str:
    """Captions as an ASS document for the whole frame.

    Raises:
        MissingPart: no font covers a letter of the words.
    """
    writer = _Writer(canvas, look, fonts, Box(0, 0, canvas.width, canvas.height))
    return writer.document(_set_spans(parts, canvas, areas, look, fonts))


def _set_spans(
    parts: Sequence[CaptionPart], canvas: Canvas, areas: SafeAreas, look: CaptionLook, fonts: Fonts
) -> list[_SetSpan]:
    return [_SetSpan(span, set_cue(span, areas, look, canvas, fonts)) for span in cue_spans(parts, canvas.fps)]


def escape_ass(text: str) -> str:
    r"""User text as libass shows it: no override block, no `\N`, no line break can come out of it.

    A word joiner after a backslash keeps it from meaning anything (libass reads only known letters after one).
    """
    flat = " ".join(text.split())
    return flat.replace("\\", "\\" + _WORD_JOINER).replace("{", "\\{").replace("}", "\\}")


def _pictures(item: _SetSpan, look: CaptionLook, canvas: Canvas) -> Iterable[CaptionPicture]:
    """Each emoji from the frame on which its word is first seen until the cue goes."""
    for word in (word for line in item.lines for word in line.words if word.emoji):
        states = word_states(item.span, word.word, look.mode, canvas.fps)
        picture = emoji_picture(word.emoji, max(8, round(EMOJI_SIZE * word.em)))
        if states and picture is not None:
            left, middle = word.centre - picture.width / 2, word.baseline - MIDDLE * word.em
            top = round(middle - picture.height / 2)
            yield CaptionPicture(picture, round(left), top, states[0].start, item.span.end)


def _strip(spans: Iterable[_SetSpan], look: CaptionLook, canvas: Canvas) -> Box:
    """The part of the frame that holds all ink at its largest, with even sides and corners."""
    grown = LARGEST.get(look.mode, 1.0)
    margin = ink_edge(look, canvas) + _EDGE
    lefts, tops, rights, bottoms = [], [], [], []
    for line in (line for item in spans for line in item.lines):
        pad = (BOX_PAD * line.em if look.box else 0.0, BOX_PAD_HIGH * line.em if look.box else 0.0)
        lefts.append(line.left - pad[0])
        rights.append(line.left + line.width + pad[0])
        tops.append(line.top - pad[1])
        bottoms.append(line.top + line.height + pad[1])
        for word in line.words:
            lefts.append(word.centre - word.width * grown / 2 - 0.12 * word.em)
            rights.append(word.centre + word.width * grown / 2 + 0.12 * word.em)
            middle = word.baseline + (word.descent - word.ascent) / 2
            reach = grown * (word.ascent + word.descent) / 2
            tops.append(middle - reach)
            bottoms.append(middle + reach)
    left, top = _even(max(0.0, min(lefts) - margin)), _even(max(0.0, min(tops) - margin))
    right = _even(min(canvas.width, max(rights) + margin) + 1.999)
    bottom = _even(min(canvas.height, max(bottoms) + margin) + 1.999)
    return Box(left, top, min(right, canvas.width) - left, min(bottom, canvas.height) - top)


def _ink(spans: Iterable[_SetSpan], look: CaptionLook, canvas: Canvas) -> Box:
    """The pixels that letters and boxes cover at their largest."""
    grown, edge = LARGEST.get(look.mode, 1.0), ink_edge(look, canvas)
    corners: list[tuple[float, float, float, float]] = []
    for line in (line for item in spans for line in item.lines):
        if look.box is not None:
            pad, high = BOX_PAD * line.em, BOX_PAD_HIGH * line.em
            bottom = line.top + line.height + high
            corners.append((line.left - pad, line.top - high, line.left + line.width + pad, bottom))
        for word in line.words:
            half = word.width * grown / 2 + edge
            top, bottom = ink_rows(word, look, canvas)
            corners.append((word.centre - half, top, word.centre + half, bottom))
    lefts, tops, rights, bottoms = zip(*corners, strict=True)
    left, top = math.floor(min(lefts)), math.floor(min(tops))
    return Box(left, top, math.ceil(max(rights)) - left, math.ceil(max(bottoms)) - top)


def _even(value: float) -> int:
    return 2 * math.floor(value / 2)


class _Writer:
    def __init__(self, canvas: Canvas, look: CaptionLook, fonts: Fonts, strip: Box) -> None:
        self._canvas = canvas
        self._look = look
        self._base = next(iter(fonts.runs("a", look.role, look.face)), None) or next(
            iter(fonts.runs("a", Role.CAPTION))
        )
        self._border = look.outline_width * canvas.unit
        self.strip = strip
        self.faces: set[Face] = {self._base.face}
        self.changes: set[int] = set()

    def document(self, spans: Iterable[_SetSpan]) -> str:
        lines = [line for item in spans for line in self.cue(item)]
        return self.header() + "".join(f"{line}\n" for line in lines)

    def header(self) -> str:
        look, face = self._look, self._base.face
        size = _size(look.em * self._canvas.unit, face)
        style = (
            f"Caption,{face.facts.family},{size},{_bgr(look.ink)},{_bgr(look.ink)},{_bgr(look.outline)},"
            f"{_bgr((0, 0, 0), 0x70)},0,0,0,0,100,100,0,0,1,{self._border:.2f},{look.shadow * self._canvas.unit:.2f},"
            "5,0,0,0,-1"
        )
        language = f"Language: {look.language}\n" if look.language else ""
        return (
            f"[Script Info]\nScriptType: v4.00+\nWrapStyle: 2\nScaledBorderAndShadow: yes\n{language}"
            f"PlayResX: {self.strip.width}\nPlayResY: {self.strip.height}\nYCbCr Matrix: TV.709\n\n"
            f"[V4+ Styles]\n{_STYLE_FORMAT}Style: {style}\n\n[Events]\n{_EVENT_FORMAT}"
        )

    def cue(self, item: _SetSpan) -> list[str]:
        """The dialogues of one cue: boxes below, then words, the ones that move on top."""
        written = []
        for line in item.lines:
            if self._look.box is not None:
                written.append(self._dialogue(0, item.span.start, item.span.end, self._box(line, self._look.box)))
            for word in (word for word in line.words if word.runs):
                for state in word_states(item.span, word.word, self._look.mode, self._canvas.fps):
                    written += self._state(word, state)
        return written

    def _state(self, word: SetWord, state: WordState) -> list[str]:
        if state.paint == "sweep" and word.rtl:
            return [self._state_line(word, part, clip) for part, clip in self._swept_from_right(word, state)]
        return [self._state_line(word, state, "")]

    def _state_line(self, word: SetWord, state: WordState, clip: str) -> str:
        layer = 2 if state.paint == "accent" else 1
        return self._dialogue(layer, state.start, state.end, self._word(word, state, clip))

    def _swept_from_right(self, word: SetWord, state: WordState) -> Iterable[tuple[WordState, str]]:
        """A sweep as plain frames with a growing clip: libass fills from left to right only."""
        yield replace(state, paint="ink"), ""
        right = word.centre + word.width / 2 + word.em - self.strip.left
        begin = state.start + state.sweep_from
        for frame in range(max(state.start, begin), self._swept(state)):
            part = min(1.0, (frame + 1 - begin) / state.sweep_frames)
            edge = word.centre + word.width * (0.5 - part) - self.strip.left
            clip = f"\\clip({edge:.0f},0,{right:.0f},{self.strip.height})"
            yield replace(state, paint="accent", start=frame, end=frame + 1), clip
        if self._swept(state) < state.end:
            yield replace(state, paint="accent", start=max(state.start, self._swept(state))), ""

    def _dialogue(self, layer: int, start: int, end: int, text: str) -> str:
        self.changes |= {start, end}
        fps = self._canvas.fps
        return f"Dialogue: {layer},{_ass_time(start, fps)},{_ass_time(end, fps)},Caption,,0,0,0,,{text}"

    def _word(self, word: SetWord, state: WordState, clip: str) -> str:
        """One word about its middle; a word whose script has its own font is written in runs."""
        middle = word.baseline + (word.descent - word.ascent) / 2
        place = f"\\pos({word.centre - self.strip.left:.2f},{middle - self.strip.top:.2f})"
        grown = f"\\fscx{state.scale * 100:.0f}\\fscy{state.scale * 100:.0f}" if state.scale != 1.0 else ""
        edge = _NBSP if word.rtl else ""
        parts = [f"{{{place}{grown}{clip}{self._paint(state)}}}"]
        for at, run in enumerate(word.runs):
            self.faces.add(run.face)
            look = f"{{\\fn{run.face.facts.family}\\fs{_size(run_em(run, word.em), run.face)}}}"
            before = edge + word.seen.before if at == 0 else ""
            parts.append(f"{look}{before}{escape_ass(run.text)}")
        return "".join(parts) + word.seen.after + edge

    def _paint(self, state: WordState) -> str:
        look = self._look
        if state.paint != "sweep":
            return f"\\c{_bgr(look.accent if state.paint == 'accent' else look.ink)}"
        self.changes |= set(range(max(state.start, state.start + state.sweep_from), self._swept(state)))
        hundredths = [round(frames * 100 / self._canvas.fps) for frames in (state.sweep_from, state.sweep_frames)]
        colours = f"\\1c{_bgr(look.accent)}\\2c{_bgr(look.ink)}"
        return f"{colours}\\k{hundredths[0]}\\kf{hundredths[1]}"

    @staticmethod
    def _swept(state: WordState) -> int:
        """The first frame of the state in which the sweep is over, or its end."""
        return min(state.end, state.start + state.sweep_from + state.sweep_frames + 1)

    def _box(self, line: SetLine, colour: Colour) -> str:
        pad, high = BOX_PAD * line.em, BOX_PAD_HIGH * line.em
        width, height = line.width + 2 * pad, line.height + 2 * high
        radius = 0.26 * line.em if self._look.box_rounded else 0.0
        place = f"\\an7\\pos({line.left - pad - self.strip.left:.2f},{line.top - high - self.strip.top:.2f})"
        return f"{{{place}\\bord0\\shad0\\c{_bgr(colour)}\\p1}}{_rounded(width, height, radius)}{{\\p0}}"


def _rounded(width: float, height: float, radius: float) -> str:
    """An ASS drawing of a rectangle with round corners, from its top left corner."""
    w, h, r, c = width, height, radius, radius * (1 - _ROUND)
    path = (
        f"m {r:.1f} 0 l {w - r:.1f} 0 b {w - c:.1f} 0 {w:.1f} {c:.1f} {w:.1f} {r:.1f} l {w:.1f} {h - r:.1f} "
        f"b {w:.1f} {h - c:.1f} {w - c:.1f} {h:.1f} {w - r:.1f} {h:.1f} l {r:.1f} {h:.1f} "
        f"b {c:.1f} {h:.1f} 0 {h - c:.1f} 0 {h - r:.1f} l 0 {r:.1f} b 0 {c:.1f} {c:.1f} 0 {r:.1f} 0"
    )
    return path.replace(".0 ", " ")


def _size(em: float, face: Face) -> str:
    """The libass font size of an em size in pixels."""
    return f"{em * face.line_ratio:.1f}"


def _bgr(colour: Colour, alpha: int = 0) -> str:
    red, green, blue = colour
    return f"&H{alpha:02X}{blue:02X}{green:02X}{red:02X}&"


def _ass_time(frame: int, fps: int) -> str:
    """The last hundredth of a second at or before a frame: the frame is the first that is not earlier."""
    seconds, hundredths = divmod(frame * 100 // fps, 100)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}.{hundredths:02}"
