"""Setting type with Pillow: balanced lines, the largest size that fits, right-to-left order, optical left edges."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from PIL import Image, ImageDraw

from ettametta.video.fonts import Fonts, Role, Run
from ettametta.video.themes import Colour

_SHRINK = 0.95
#: Below this part of the largest size type is small enough to break words instead.
_SMALL = 0.6
_HYPHENS = "-‐–—/"
_HANGING = "“\"‘'«„"
_RTL = frozenset({"R", "AL"})
#: Left-to-right letters and numbers, with what belongs to numbers.
_LTR = frozenset({"L", "EN", "ET"})


@dataclass(frozen=True, slots=True)
class Setting:
    """A text set in lines: em size in pixels, distance of baselines in pixels."""

    lines: tuple[str, ...]
    size: int
    leading: int
    role: Role

    @property
    def height(self) -> int:
        """Pixels from the top of the first line box to the bottom of the last."""
        return self.leading * len(self.lines)


@dataclass(frozen=True, slots=True)
class FitBox:
    """What a text has to fit: pixels, lines, and the em sizes to try."""

    width: int
    height: int
    max_lines: int
    largest: int
    smallest: int
    #: Baseline distance in ems.
    spacing: float


def fit(text: str, role: Role, box: FitBox, fonts: Fonts) -> Setting:
    """The largest setting that fits the box; at the smallest size the text is set even when it is too long.

    Raises:
        MissingPart: no font covers a letter of the text.
    """
    for force in (False, True):
        size = box.largest * (_SMALL if force else 1.0)
        while size > box.smallest:
            setting = _set(text, role, round(size), box, fonts, force=force)
            if setting is not None and _is_good(setting, box):
                return setting
            size *= _SHRINK
    return _set_anyway(text, role, box, fonts)


def _is_good(setting: Setting, box: FitBox) -> bool:
    """Inside the box, and not broken at hyphens more than once while the type could still be smaller instead."""
    hyphens = sum(1 for line in setting.lines[:-1] if line[-1:] in tuple(_HYPHENS))
    broken = hyphens > 1 and setting.size > _SMALL * box.largest
    return len(setting.lines) <= box.max_lines and setting.height <= box.height and not broken


def draw_line(
    line: str, setting: Setting, colour: Colour, fonts: Fonts, align: Literal["start", "centre"], width: int
) -> tuple[Image.Image, int, int]:
    """Draw one line on a transparent picture just large enough.

    Returns:
        The picture, and where it goes: x from the left of a box `width` pixels wide, y from the top of the line's box.
    """
    runs = _visual_order(fonts.runs(line, setting.role), rtl=is_rtl(line))
    advances = [run.face.pillow(setting.size).getlength(run.text) for run in runs]
    direction = "rtl" if is_rtl(line) else None  # brackets that stand alone are mirrored in a right-to-left line
    pad = setting.size // 2
    sheet = Image.new("L", (int(sum(advances)) + 2 * pad, setting.leading + 2 * pad), 0)
    pen = ImageDraw.Draw(sheet)
    x = float(pad)
    for run, advance in zip(runs, advances, strict=True):
        pen.text(
            (x, pad + round(setting.leading * 0.76)),
            run.text,
            255,
            run.face.pillow(setting.size),
            anchor="ls",
            direction=direction,
        )
        x += advance
    ink = sheet.getbbox() or (pad, pad, pad + 2, pad + 2)
    mask = sheet.crop(ink)
    picture = Image.new("RGBA", mask.size, (*colour, 0))
    picture.putalpha(mask)
    return picture, _left(line, setting, fonts, align, width, mask.width), ink[1] - pad


def is_rtl(text: str) -> bool:
    """Whether the first strongly directed letter is right-to-left (UAX 9, rules P2 and P3)."""
    for char in text:
        direction = unicodedata.bidirectional(char)
        if direction in _RTL:
            return True
        if direction == "L":
            return False
    return False


def _left(
    line: str, setting: Setting, fonts: Fonts, align: Literal["start", "centre"], width: int, ink_width: int
) -> int:
    """Ink, not side bearings, meets the edge; an opening quotation mark hangs outside it."""
    if align == "centre":
        return (width - ink_width) // 2
    if is_rtl(line):
        return width - ink_width
    return -round(fonts.width(line[0], setting.role, setting.size)) if line[:1] in tuple(_HANGING) else 0


def _visual_order(runs: tuple[Run, ...], *, rtl: bool) -> list[Run]:
    """Runs from left to right; Pillow orders the letters inside a run itself."""
    if not rtl:
        return list(runs)
    ordered: list[Run] = []
    pending: list[Run] = []
    for run in reversed([part for whole in runs for part in _edges_apart(whole)]):
        if any(unicodedata.bidirectional(char) in _LTR for char in run.text):
            pending.append(run)
        else:
            ordered += [*reversed(pending), run]
            pending = []
    return [*ordered, *reversed(pending)]


def _edges_apart(run: Run) -> list[Run]:
    """In a right-to-left line the marks round a left-to-right run belong to the line, not to the run (UAX 9, N2)."""
    if any(unicodedata.bidirectional(char) in _RTL for char in run.text):
        return [run]
    strong = [at for at, char in enumerate(run.text) if unicodedata.bidirectional(char) in _LTR]
    if not strong:
        return [run]
    cuts = (run.text[: strong[0]], run.text[strong[0] : strong[-1] + 1], run.text[strong[-1] + 1 :])
    return [Run(text, run.face) for text in cuts if text]


def _set(text: str, role: Role, size: int, box: FitBox, fonts: Fonts, *, force: bool) -> Setting | None:
    """Balanced lines at one size, or None when a word is wider than the box and we may not break it by force."""
    measure = _measurer(role, size, fonts)
    words: list[str] = []
    for word in _breakable(text):
        if measure(word.strip()) <= box.width:
            words.append(word)
        elif force:
            words += word
        else:
            return None
    return Setting(_balance(words, box.width, measure), size, round(size * box.spacing), role)


def _set_anyway(text: str, role: Role, box: FitBox, fonts: Fonts) -> Setting:
    """The last resort: the smallest size, however many lines it takes."""
    measure = _measurer(role, box.smallest, fonts)
    lines = _wrap(list(" ".join(text.split())), box.width, measure)
    return Setting(tuple(lines), box.smallest, round(box.smallest * box.spacing), role)


def _measurer(role: Role, size: int, fonts: Fonts) -> Callable[[str], float]:
    known: dict[str, float] = {}

    def measure(text: str) -> float:
        if text not in known:
            known[text] = fonts.width(text, role, size)
        return known[text]

    return measure


def _breakable(text: str) -> list[str]:
    """Pieces a line may end after: words with their space, parts up to a hyphen, single wide (CJK) letters."""
    pieces: list[str] = []
    for word in text.split():
        for at, char in enumerate(word):
            wide = unicodedata.east_asian_width(char) in {"W", "F"} and unicodedata.category(char)[0] == "L"
            if at == 0 or wide or (word[at - 1] in _HYPHENS and at >= 3 and char.isalpha()):
                pieces.append(char)
            else:
                pieces[-1] += char
        pieces[-1] += " "
    return pieces or [" "]


def _balance(words: list[str], width: int, measure: Callable[[str], float]) -> tuple[str, ...]:
    """As few lines as greedy breaking makes, their lengths as even as they can be, the last one included.

    The least sum of squared lengths over all ways to break into that many lines (dynamic programming).
    """
    count = len(_wrap(words, width, measure))
    best: list[dict[int, tuple[float, tuple[str, ...]]]] = [{0: (0.0, ())}]
    for _ in range(count):
        best.append(_one_more_line(best[-1], words, width, measure))
    return best[-1][len(words)][1]


def _one_more_line(
    ways: dict[int, tuple[float, tuple[str, ...]]], words: list[str], width: int, measure: Callable[[str], float]
) -> dict[int, tuple[float, tuple[str, ...]]]:
    """From the best way to set the first n words, for each n, the best ways with a line more."""
    longer: dict[int, tuple[float, tuple[str, ...]]] = {}
    for start, (cost, lines) in ways.items():
        for end in range(start + 1, len(words) + 1):
            line = "".join(words[start:end]).strip()
            length = measure(line)
            if length > width and end > start + 1:
                break
            total = cost + length**2
            if end not in longer or total < longer[end][0]:
                longer[end] = (total, (*lines, line))
    return longer


def _wrap(words: list[str], width: float, measure: Callable[[str], float]) -> list[str]:
    lines = [""]
    for word in words:
        if lines[-1] and measure((lines[-1] + word).strip()) > width:
            lines.append("")
        lines[-1] += word
    return [line.strip() for line in lines]
