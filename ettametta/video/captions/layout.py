"""Where each word of a cue stands: measured, in the right order for either direction of writing, small enough to fit.

Words are placed one by one, so that each can move, be coloured and be boxed alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ettametta.video.captions.look import CaptionLook
from ettametta.video.captions.states import LARGEST, CueSpan
from ettametta.video.lettering.bidi import Seen, visual_order
from ettametta.video.lettering.emoji import Piece, split_emoji
from ettametta.video.lettering.fonts import Fonts, Run
from ettametta.video.lettering.typeset import is_rtl
from ettametta.video.plan import Box, Canvas, CueWord, SafeAreas

Hold = Literal["top", "middle", "bottom"]

#: Distance of baselines in ems: for letters of the Latin kind, and for scripts with marks above and below.
LEADING, HIGH_LEADING = 1.24, 1.5
#: How much larger stressed words are.
STRESS = 1.14
#: How far a box stands out beyond its line, in ems: at the ends, and above and below.
BOX_PAD, BOX_PAD_HIGH = 0.34, 0.06

#: An emoji's picture and the room it takes, in ems.
EMOJI_SIZE, EMOJI_WIDTH = 1.1, 1.2
#: Where the middle of capitals stands over the baseline, in ems.
MIDDLE = 0.36

_FLOOR_EM = 26.0
#: What letters reach below the band of their line, in ems, and what those of scripts with marks below add.
_BELOW, _BELOW_HIGH = 0.03, 0.16
_MEASURED_AT = 500
_SPACE = 0.27
#: How much a script is enlarged to look as large as Poppins beside it, by the name of its font.
_SCRIPT_SCALE = {"Arabic": 1.18, "Hebrew": 1.1, "Thai": 1.16, "Khmer": 1.16, "Lao": 1.12, "CJK": 0.98}


@dataclass(frozen=True, slots=True)
class SetWord:
    """A word, or a part of one beside an emoji, in its place: all numbers in pixels of the frame.

    `emoji` is the emoji that stands here as a picture; then there are no runs.
    """

    word: CueWord
    seen: Seen
    runs: tuple[Run, ...]
    em: float
    space: float
    width: float
    emoji: str = ""
    centre: float = 0.0
    baseline: float = 0.0
    #: Pixels of the letters' own ink above and below the baseline.
    rise: float = 0.0
    fall: float = 0.0

    @property
    def rtl(self) -> bool:
        """Whether the word itself is written from right to left."""
        return is_rtl("".join(run.text for run in self.runs))

    @property
    def ascent(self) -> float:
        """Pixels from the baseline to the top of the tallest font's line box."""
        return max((run_em(run, self.em) * run.face.facts.win_ascent / _upm(run) for run in self.runs), default=0.0)

    @property
    def descent(self) -> float:
        """Pixels from the baseline to the bottom of the deepest font's line box."""
        return max((run_em(run, self.em) * run.face.facts.win_descent / _upm(run) for run in self.runs), default=0.0)


@dataclass(frozen=True, slots=True)
class SetLine:
    """A line of placed words with the band it takes, in pixels of the frame; `em` is the size of its plain words."""

    words: tuple[SetWord, ...]
    em: float
    left: float
    width: float
    top: float
    height: float


def run_em(run: Run, em: float) -> float:
    """The em size at which a run looks as large as Poppins at `em`."""
    family = run.face.facts.family
    return em * next((scale for name, scale in _SCRIPT_SCALE.items() if name in family), 1.0)


def set_cue(span: CueSpan, areas: SafeAreas, look: CaptionLook, canvas: Canvas, fonts: Fonts) -> tuple[SetLine, ...]:
    """Lay a cue out in the caption area, at the look's size or as much smaller as its widest line needs.

    Raises:
        MissingPart: no font covers a letter of the words.
    """
    area, hold = areas.caption, areas.hold
    lines = [_measured(line, look, fonts, rtl=span.rtl) for line in span.cue.lines]
    leading = HIGH_LEADING if any(_is_high(word) for line in lines for word in line) else LEADING
    em = _fitting_em(lines, leading, area, look, canvas)
    height = leading * em
    pad = ink_edge(look, canvas) + (BOX_PAD_HIGH * em if look.box else 0.0)
    top = _top(area, hold, height * len(lines), pad, pad + _deep(leading, look) * em)
    placed = tuple(_placed(line, em, area, top + at * height, height) for at, line in enumerate(lines))
    return _moved_in(placed, area, hold, look, canvas)


def ink_rows(word: SetWord, look: CaptionLook, canvas: Canvas) -> tuple[float, float]:
    """Top and bottom of a word at its largest, with outline and shadow: it grows about the middle of its line box."""
    grown, edge = LARGEST.get(look.mode, 1.0), ink_edge(look, canvas)
    middle = word.baseline + (word.descent - word.ascent) / 2
    top = middle - grown * (middle - word.baseline + word.rise) - edge
    return top, middle + grown * (word.baseline + word.fall - middle) + edge


def _deep(leading: float, look: CaptionLook) -> float:
    """What letters reach below their line's band, in ems: those of scripts with marks below, and growing ones."""
    return _BELOW + (LARGEST.get(look.mode, 1.0) - 1) * 0.9 + (_BELOW_HIGH if leading == HIGH_LEADING else 0.0)


def _moved_in(
    lines: tuple[SetLine, ...], area: Box, hold: Hold, look: CaptionLook, canvas: Canvas
) -> tuple[SetLine, ...]:
    """Rare letters reach farther than others: then the cue moves, so that no ink leaves the area where it stands.

    Where two high lines need more than the area, they reach into the gap towards the designed text.
    """
    rows = [ink_rows(word, look, canvas) for line in lines for word in line.words]
    up = max(0.0, max(bottom for _, bottom in rows) - area.bottom)
    down = max(0.0, area.top - min(top for top, _ in rows))
    shift = (down or -up) if hold == "top" else (-up or down)
    if shift == 0:
        return lines
    return tuple(
        replace(
            line,
            top=line.top + shift,
            words=tuple(replace(word, baseline=word.baseline + shift) for word in line.words),
        )
        for line in lines
    )


def _measured(line: Sequence[CueWord], look: CaptionLook, fonts: Fonts, *, rtl: bool) -> list[SetWord]:
    """Words from left to right, measured at an em of one pixel."""
    texts = [word.text.upper() if look.uppercase else word.text for word in line]
    words: list[SetWord] = []
    for seen in visual_order(texts, rtl=rtl):
        joined = bool(words) and line[max(seen.index, words[-1].seen.index)].joined
        pieces = split_emoji(texts[seen.index])
        for at, piece in enumerate(reversed(pieces) if is_rtl(texts[seen.index]) else pieces):
            space = _SPACE if words and not joined and at == 0 else 0.0
            words.append(_piece(piece, line[seen.index], seen, space, look, fonts))
    return words


def _piece(piece: Piece, word: CueWord, seen: Seen, space: float, look: CaptionLook, fonts: Fonts) -> SetWord:
    scale = STRESS if word.stressed else 1.0
    if piece.emoji:
        return SetWord(
            word,
            seen,
            (),
            scale,
            space,
            scale * EMOJI_WIDTH,
            piece.text,
            rise=scale * (MIDDLE + EMOJI_SIZE / 2),
            fall=scale * (EMOJI_SIZE / 2 - MIDDLE),
        )
    runs = fonts.runs(piece.text, look.role, look.face)
    width = sum(run_em(run, run.face.pillow(_MEASURED_AT).getlength(run.text)) for run in runs) / _MEASURED_AT
    rise, fall = _ink(runs)
    return SetWord(word, seen, runs, scale, space, scale * width, rise=scale * rise, fall=scale * fall)


def _ink(runs: Sequence[Run]) -> tuple[float, float]:
    """How far the letters reach over and under the baseline, in ems."""
    boxes = [(run_em(run, 1.0), run.face.pillow(_MEASURED_AT).getbbox(run.text, anchor="ls")) for run in runs]
    rise = max((-em * box[1] for em, box in boxes), default=0.0)
    fall = max((em * box[3] for em, box in boxes), default=0.0)
    return rise / _MEASURED_AT, fall / _MEASURED_AT


def _is_high(word: SetWord) -> bool:
    """Whether its script writes marks high above or deep below."""
    return any("\u0590" <= char <= "\u1aff" for run in word.runs for char in run.text)


def _fitting_em(
    lines: Sequence[Sequence[SetWord]], leading: float, area: Box, look: CaptionLook, canvas: Canvas
) -> float:
    widest = max(_line_width(line) for line in lines) * LARGEST.get(look.mode, 1.0) + (2 * BOX_PAD if look.box else 0.0)
    edge = ink_edge(look, canvas)
    room = area.width - 2 * edge
    tall = (area.height - 2 * edge) / (
        leading * len(lines) + _deep(leading, look) + (2 * BOX_PAD_HIGH if look.box else 0.0)
    )
    return max(_FLOOR_EM * canvas.unit, min(look.em * canvas.unit, room / max(widest, 0.1), tall))


def ink_edge(look: CaptionLook, canvas: Canvas) -> float:
    """Pixels of outline and shadow round the letters, all of which keep inside the caption area."""
    return (look.outline_width + look.shadow) * canvas.unit


def _line_width(line: Sequence[SetWord]) -> float:
    return sum(word.space + word.width for word in line)


def _top(area: Box, hold: Hold, height: float, above: float, below: float) -> float:
    """Top of the first line's band; so many pixels above and below it are kept for ink that reaches out of it."""
    if hold == "top":
        return area.top + above
    return area.bottom - height - below if hold == "bottom" else area.top + (area.height - height) / 2


def _placed(line: Sequence[SetWord], em: float, area: Box, top: float, height: float) -> SetLine:
    width = _line_width(line) * em
    left = area.left + (area.width - width) / 2
    baseline = top + height / 2 + MIDDLE * em
    words, x = [], left
    for word in line:
        x += word.space * em
        wide = word.width * em
        words.append(
            replace(
                word,
                em=word.em * em,
                width=wide,
                centre=x + wide / 2,
                baseline=baseline,
                rise=word.rise * em,
                fall=word.fall * em,
            )
        )
        x += wide
    return SetLine(tuple(words), em, left, width, top, height)


def _upm(run: Run) -> int:
    return run.face.facts.units_per_em
