"""Cues to an ASS document: the spoken word is coloured, user text is inert, each script gets a font that covers it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ettametta.video.fonts import Face, Fonts, Role
from ettametta.video.plan import Box, Canvas, Cue, CueWord, line_text
from ettametta.video.themes import Colour, Theme

#: Em size of captions in design pixels (1080 wide); longer lines are set smaller, down to the floor.
CAPTION_EM = 78
#: Distance of a cue's two baselines, in ems: libass's own line height is far too open for Poppins.
LEADING = 1.24
CAPTION_EM_FLOOR = 30
#: How much letters of a variable font are thickened on each side, in ems.
THICKEN = 0.022
_WORD_JOINER = "\u2060"


@dataclass(frozen=True, slots=True)
class CaptionEvent:
    """What is seen while one word is spoken: a cue with that word lit, in hundredths of a second of the scene."""

    cue: Cue
    active: int
    start_cs: int
    end_cs: int


@dataclass(frozen=True, slots=True)
class CaptionSheet:
    """What libass needs for one scene: the document and the fonts it names."""

    document: str
    faces: frozenset[Face]


def caption_events(cues: Sequence[Cue]) -> tuple[CaptionEvent, ...]:
    """One event per spoken word, end to end within a cue; words too short for a hundredth of a second are skipped."""
    events = []
    for cue in cues:
        words = cue.words
        for at, word in enumerate(words):
            until = words[at + 1].start_ms if at + 1 < len(words) else cue.end_ms
            start, end = round(word.start_ms / 10), round(until / 10)
            if end > start:
                events.append(CaptionEvent(cue, at, start, end))
    return tuple(events)


def caption_sheet(cues: Sequence[Cue], canvas: Canvas, area: Box, theme: Theme, fonts: Fonts) -> CaptionSheet:
    """The ASS document of one scene, captions resting on the bottom of `area`.

    Raises:
        MissingPart: no font covers a letter of the words.
    """
    writer = _Writer(canvas, area, theme, fonts)
    lines = [line for event in caption_events(cues) for line in writer.dialogues(event)]
    return CaptionSheet(writer.header() + "".join(f"{line}\n" for line in lines), frozenset(writer.faces))


def escape_ass(text: str) -> str:
    r"""User text as libass shows it: no override block, no `\N`, no line break can come out of it.

    A word joiner after a backslash keeps it from meaning anything (libass reads only known letters after one).
    """
    flat = " ".join(text.split())
    return flat.replace("\\", "\\" + _WORD_JOINER).replace("{", "\\{").replace("}", "\\}")


class _Writer:
    def __init__(self, canvas: Canvas, area: Box, theme: Theme, fonts: Fonts) -> None:
        self._canvas = canvas
        self._area = area
        self._theme = theme
        self._fonts = fonts
        self._base = next(iter(fonts.runs("a", Role.CAPTION))).face
        self._outline = 6.5 * canvas.unit
        self.faces: set[Face] = {self._base}

    def header(self) -> str:
        canvas, theme, area = self._canvas, self._theme, self._area
        style = (
            f"Caption,{self._base.facts.family},{self._size(CAPTION_EM, self._base)},{_bgr(theme.caption_ink)},"
            f"{_bgr(theme.caption_ink)},{_bgr(theme.caption_outline)},{_bgr(theme.caption_outline, 0x70)},"
            f"0,0,0,0,100,100,0,0,1,{self._outline:.1f},{2.5 * canvas.unit:.1f},2,{area.left},{area.left},"
            f"{canvas.height - area.bottom},-1"
        )
        return (
            "[Script Info]\nScriptType: v4.00+\nWrapStyle: 2\nScaledBorderAndShadow: yes\n"
            f"PlayResX: {canvas.width}\nPlayResY: {canvas.height}\nYCbCr Matrix: TV.709\n\n[V4+ Styles]\n"
            "Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, "
            "Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, "
            f"MarginL, MarginR, MarginV, Encoding\nStyle: {style}\n\n[Events]\n"
            "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
        )

    def dialogues(self, event: CaptionEvent) -> list[str]:
        """One Dialogue for each line, placed by us; the last line rests on the bottom of the area."""
        em = self._fitting_em(event.cue)
        lit = event.cue.words[event.active]
        pop = "\\fscx94\\fscy94\\t(0,90,\\fscx100\\fscy100)" if event.active == 0 else ""
        times = f"{_ass_time(event.start_cs)},{_ass_time(event.end_cs)}"
        below = len(event.cue.lines) - 1
        written = []
        for at, line in enumerate(event.cue.lines):
            y = self._area.bottom - round((below - at) * em * LEADING * self._canvas.unit)
            place = f"{{\\pos({self._canvas.width // 2},{y}){pop}}}"
            start = f"Dialogue: 0,{times},Caption,,0,0,0,,{place}"
            written.append(start + self._line(line, lit, em, over=False))
            if self._is_thin(line):
                written.append(start.replace(" 0,", " 1,", 1) + self._line(line, lit, em, over=True))
        return written

    def _line(self, line: tuple[CueWord, ...], lit: CueWord, em: int, *, over: bool) -> str:
        parts = (word.space + self._word(word, em, lit=word is lit, over=over) for word in line)
        return "".join(parts).lstrip()

    def _is_thin(self, line: tuple[CueWord, ...]) -> bool:
        """Whether a word is set in a variable font, which libass can only show at its regular weight."""
        return any(run.face.facts.variable for word in line for run in self._fonts.runs(word.text, Role.CAPTION))

    def _word(self, word: CueWord, em: int, *, lit: bool, over: bool) -> str:
        """One word; `over` is the second layer that thickens thin letters by an outline of their own colour."""
        colour = _bgr(self._theme.caption_accent if lit else self._theme.caption_ink)
        parts = [f"{{\\c{colour}\\3c{colour}\\shad0}}" if over else f"{{\\c{colour}}}"]
        for run in self._fonts.runs(word.text, Role.CAPTION):
            self.faces.add(run.face)
            extra = THICKEN * em * self._canvas.unit if run.face.facts.variable else 0.0
            border = extra if over else self._outline + extra
            look = f"\\fn{run.face.facts.family}\\fs{self._size(em, run.face)}\\b0\\bord{border:.1f}"
            parts.append(f"{{{look}}}{escape_ass(run.text)}")
        return "".join(parts)

    def _size(self, em: int, face: Face) -> int:
        """The libass font size of an em size in design pixels."""
        return round(em * self._canvas.unit * face.line_ratio)

    def _fitting_em(self, cue: Cue) -> int:
        """The em size at which the widest line stays inside the area."""
        widest = max(self._fonts.width(line_text(line), Role.CAPTION, 100) for line in cue.lines) / 100
        room = self._area.width / self._canvas.unit
        return max(CAPTION_EM_FLOOR, min(CAPTION_EM, int(room / max(widest, 0.1))))


def _bgr(colour: Colour, alpha: int = 0) -> str:
    red, green, blue = colour
    return f"&H{alpha:02X}{blue:02X}{green:02X}{red:02X}&"


def _ass_time(hundredths: int) -> str:
    seconds, hundredths = divmod(hundredths, 100)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}.{hundredths:02}"
