"""Setting type with Pillow: balanced lines, the largest size that fits, right-to-left order, optical left edges."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from PIL import Image, ImageDraw

from ettametta.kit.languages import reads_from_right
from ettametta.video.lettering.emoji import emoji_picture, split_emoji
from ettametta.video.lettering.fonts import EMOJI_SIDE, Fonts, Role, Run
from ettametta.video.themes import Colour

#: Where lines meet: at the edge where reading begins, in the middle, or at the edge where it ends.
Align = Literal["start", "centre", "end"]
_SHRINK = 0.95
#: Below this part of the largest size type is small enough to break words instead.
_SMALL = 0.6
#: Widths are measured once, at this em size, and scaled; a little is added for what rounding and kerning change.
_MEASURED_AT = 200
_SAFETY = 1.008
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
    #: Whether the whole text is read from the right, whatever letter a line begins with.
    rtl: bool = False

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


def fit(text: str, role: Role, box: FitBox, fonts: Fonts, language: str = "") -> Setting:
    """The largest setting that fits the box; at the smallest size the text is set even when it is too long.

    `language` (ISO 639) decides the direction of a line with letters of both.

    Raises:
        MissingPart: no font covers a letter of the text.
    """
    pieces, rtl = _pieces(text, role, fonts), is_rtl(text, language)
    for force in (False, True):
        size = box.largest * (_SMALL if force else 1.0)
        while size > box.smallest:
            setting = _set(pieces, role, round(size), box, force=force)
            if setting is not None and _is_good(setting, box):
                return replace(setting, rtl=rtl)
            size *= _SHRINK
    return _smallest(pieces, role, box, rtl=rtl)


def fit_together(
    texts: Sequence[str], role: Role, box: FitBox, fonts: Fonts, language: str = ""
) -> tuple[Setting, ...]:
    """The largest size at which each text takes at most `max_lines` lines and all together the box's height.

    Raises:
        MissingPart: no font covers a letter of the texts.
    """
    known = [(_pieces(text, role, fonts), is_rtl(text, language)) for text in texts]
    for force in (False, True):
        size = box.largest * (_SMALL if force else 1.0)
        while size > box.smallest:
            found = [_set(pieces, role, round(size), box, force=force) for pieces, _ in known]
            settings = [setting for setting in found if setting is not None and len(setting.lines) <= box.max_lines]
            if len(settings) == len(known) and sum(setting.height for setting in settings) <= box.height:
                return tuple(replace(one, rtl=rtl) for one, (_, rtl) in zip(settings, known, strict=True))
            size *= _SHRINK
    return tuple(_smallest(pieces, role, box, rtl=rtl) for pieces, rtl in known)


def _smallest(pieces: list[_Piece], role: Role, box: FitBox, *, rtl: bool) -> Setting:
    """All of a text at the smallest size: broken between words when they fit, else after any letter."""
    setting = _set(pieces, role, box.smallest, box, force=False)
    if setting is None:
        lines = _wrap(_letters(pieces), box.width / box.smallest)
        setting = Setting(tuple(map(_text, lines)), box.smallest, round(box.smallest * box.spacing), role)
    return replace(setting, rtl=rtl)


def _is_good(setting: Setting, box: FitBox) -> bool:
    """Inside the box, and not broken at hyphens more than once while the type could still be smaller instead."""
    hyphens = sum(1 for line in setting.lines[:-1] if line[-1:] in tuple(_HYPHENS))
    broken = hyphens > 1 and setting.size > _SMALL * box.largest
    return len(setting.lines) <= box.max_lines and setting.height <= box.height and not broken


def draw_line(
    line: str, setting: Setting, colour: Colour, fonts: Fonts, align: Align, width: int
) -> tuple[Image.Image, int, int]:
    """Draw one line on a transparent picture just large enough.

    Returns:
        The picture, and where it goes: x from the left of a box `width` pixels wide, y from the top of the line's box.
    """
    rtl = setting.rtl or is_rtl(line)
    runs = _visual_order(_runs(line, setting.role, fonts), rtl=rtl)
    advances = [_advance(run, setting, fonts) for run in runs]
    direction = "rtl" if rtl else None  # brackets that stand alone are mirrored in a right-to-left line
    pad = setting.size // 2
    sheet = Image.new("L", (int(sum(advances)) + 2 * pad, setting.leading + 2 * pad), 0)
    pen, baseline = ImageDraw.Draw(sheet), pad + round(setting.leading * 0.76)
    emoji: list[tuple[Image.Image, int, int]] = []
    x = float(pad)
    for run, advance in zip(runs, advances, strict=True):
        face = run.face.pillow(setting.size)
        if _is_emoji(run):
            capitals = fonts.capitals(setting.role, setting.size)
            emoji.append(_emoji(run.text, round(x), round(advance), baseline, capitals))
        else:
            pen.text((x, baseline), run.text, 255, face, anchor="ls", direction=direction)
        x += advance
    whole = Image.new("RGBA", sheet.size, (*colour, 0))
    whole.putalpha(sheet)
    for small, left, top in emoji:
        whole.alpha_composite(small, (left, top))
    ink = whole.getchannel("A").getbbox() or (pad, pad, pad + 2, pad + 2)
    picture = whole.crop(ink)
    return picture, _left(line, setting, fonts, align, width, picture.width), ink[1] - pad


def _runs(line: str, role: Role, fonts: Fonts) -> tuple[Run, ...]:
    """Stretches of one font, and each emoji that is shown as a picture as a run of its own."""
    runs: list[Run] = []
    for piece in split_emoji(line):
        runs += [Run(piece.text, fonts.runs("H", role)[0].face)] if piece.emoji else fonts.runs(piece.text, role)
    return tuple(runs)


def _advance(run: Run, setting: Setting, fonts: Fonts) -> float:
    if _is_emoji(run):
        return fonts.width(run.text, setting.role, setting.size)
    return run.face.pillow(setting.size).getlength(run.text)


def _is_emoji(run: Run) -> bool:
    return [piece.emoji for piece in split_emoji(run.text)] == [True]


def _emoji(cluster: str, left: int, advance: int, baseline: int, capitals: int) -> tuple[Image.Image, int, int]:
    """The picture with its place: in the middle of its advance and of the capitals beside it."""
    side = round(capitals * EMOJI_SIDE)
    picture = emoji_picture(cluster, side) or Image.new("RGBA", (side, side))
    return picture, left + (advance - side) // 2, baseline - (capitals + side) // 2


def is_rtl(text: str, language: str = "") -> bool:
    """Whether the first strongly directed letter is right-to-left (UAX 9, rules P2 and P3).

    In a language that is read from the right one such letter anywhere decides: a line may begin with a foreign word.
    """
    if reads_from_right(language):
        return any(unicodedata.bidirectional(char) in _RTL for char in text)
    for char in text:
        direction = unicodedata.bidirectional(char)
        if direction in _RTL:
            return True
        if direction == "L":
            return False
    return False


def _left(line: str, setting: Setting, fonts: Fonts, align: Align, width: int, ink_width: int) -> int:
    """Ink, not side bearings, meets the edge; an opening quotation mark hangs outside it."""
    if align == "centre":
        return (width - ink_width) // 2
    rtl = setting.rtl or is_rtl(line)
    if rtl == (align == "start"):
        return width - ink_width
    if rtl:
        return 0
    return -round(fonts.width(line[0], setting.role, setting.size)) if line[:1] in tuple(_HANGING) else 0


def _visual_order(runs: tuple[Run, ...], *, rtl: bool) -> list[Run]:
    """Runs from left to right; Pillow orders the letters inside a run itself."""
    if not rtl:
        return list(runs)
    ordered: list[Run] = []
    pending: list[Run] = []
    for run in reversed([part for whole in runs for part in _edges_apart(whole)]):
        directions = {unicodedata.bidirectional(char) for char in run.text}
        if directions & _LTR and not directions & _RTL:  # numbers inside a right-to-left run are ordered by Pillow
            pending.append(run)
        else:
            ordered += [*reversed(pending), run]
            pending = []
    return [*ordered, *reversed(pending)]


def _edges_apart(run: Run) -> list[Run]:
    """In a right-to-left line the marks round a left-to-right run belong to the line, not to the run (UAX 9, N2)."""
    if _is_emoji(run) or any(unicodedata.bidirectional(char) in _RTL for char in run.text):
        return [run]
    strong = [at for at, char in enumerate(run.text) if unicodedata.bidirectional(char) in _LTR]
    if not strong:
        return [run]
    cuts = (run.text[: strong[0]], run.text[strong[0] : strong[-1] + 1], run.text[strong[-1] + 1 :])
    return [Run(text, run.face) for text in cuts if text]


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of a text that a line may end after; widths in ems, with and without the space behind it."""

    text: str
    width: float
    solid: float


def _pieces(text: str, role: Role, fonts: Fonts) -> list[_Piece]:
    """Words with their space, parts up to a hyphen, single wide (CJK) letters."""
    texts: list[str] = []
    for word in _words(text):
        for at, char in enumerate(word):
            wide = unicodedata.east_asian_width(char) in {"W", "F"} and unicodedata.category(char)[0] == "L"
            if at == 0 or wide or (word[at - 1] in _HYPHENS and at >= 3 and char.isalpha()):
                texts.append(char)
            else:
                texts[-1] += char
        texts[-1] += " "
    texts = texts or [" "]
    known = {part: fonts.width(part, role, _MEASURED_AT) / _MEASURED_AT * _SAFETY for part in {*texts, " "}}
    return [_Piece(part, known[part], known[part] - (known[" "] if part.endswith(" ") else 0.0)) for part in texts]


def _words(text: str) -> list[str]:
    """What stands between spaces; an emoji keeps with the word before it (the first with the one after it)."""
    words: list[str] = []
    for word in text.split():
        if words and (_only_emoji(word) or _only_emoji(words[-1])):
            words[-1] += f" {word}"
        else:
            words.append(word)
    return words


def _only_emoji(text: str) -> bool:
    return all(piece.emoji or not piece.text.strip() for piece in split_emoji(text))


def _letters(pieces: Iterable[_Piece]) -> list[_Piece]:
    """Pieces taken apart, so that a line may end after any letter (of the same width, nearly enough)."""
    letters: list[_Piece] = []
    for piece in pieces:
        split = split_emoji(piece.text)
        chars = [char for part in split for char in ([part.text] if part.emoji else part.text)]
        each = piece.width / len(chars)
        letters += [_Piece(char, each * 1.1, each * 1.1 * (char != " ")) for char in chars]
    return letters


def _set(pieces: list[_Piece], role: Role, size: int, box: FitBox, *, force: bool) -> Setting | None:
    """Balanced lines at one size, or None when a word is wider than the box and we may not break it by force."""
    room = box.width / size
    fitting: list[_Piece] = []
    for piece in pieces:
        if piece.solid <= room:
            fitting.append(piece)
        elif force:
            fitting += _letters([piece])
        else:
            return None
    return Setting(tuple(map(_text, _balance(fitting, room))), size, round(size * box.spacing), role)


def _text(line: Sequence[_Piece]) -> str:
    return "".join(piece.text for piece in line).strip()


_Ways = dict[int, tuple[float, tuple[Sequence[_Piece], ...]]]


def _balance(pieces: list[_Piece], room: float) -> tuple[Sequence[_Piece], ...]:
    """As few lines as greedy breaking makes, their lengths as even as they can be, the last one included.

    The least sum of squared lengths over all ways to break into that many lines (dynamic programming).
    """
    ways: _Ways = {0: (0.0, ())}
    for _ in _wrap(pieces, room):
        ways = _one_more_line(ways, pieces, room)
    return ways[len(pieces)][1]


def _one_more_line(ways: _Ways, pieces: list[_Piece], room: float) -> _Ways:
    """From the best way to set the first n pieces, for each n, the best ways with a line more."""
    longer: _Ways = {}
    for start, (cost, lines) in ways.items():
        advance = 0.0
        for end in range(start + 1, len(pieces) + 1):
            length = advance + pieces[end - 1].solid
            advance += pieces[end - 1].width
            if length > room and end > start + 1:
                break
            if end not in longer or cost + length**2 < longer[end][0]:
                longer[end] = (cost + length**2, (*lines, pieces[start:end]))
    return longer


def _wrap(pieces: list[_Piece], room: float) -> list[list[_Piece]]:
    """Greedy lines: each as full as it gets."""
    lines: list[list[_Piece]] = [[]]
    advance = 0.0
    for piece in pieces:
        if lines[-1] and advance + piece.solid > room:
            lines.append([])
            advance = 0.0
        lines[-1].append(piece)
        advance += piece.width
    return lines
