"""How captions look: a style asked for becomes sizes, colours and a font, and can be read on any ground.

The contrast rule is WCAG 2.2's: 4.5 to 1 (success criterion 1.4.3), between the letters and what stands round them.
"""

from __future__ import annotations

from dataclasses import dataclass

from ettametta.storyboard import CaptionMode, CaptionStyle
from ettametta.video.lettering.fonts import Face, Fonts, Role
from ettametta.video.themes import Colour, Theme

#: Letters that touch their ground by no more than this contrast cannot be read by all.
MIN_CONTRAST = 4.5
#: An outline thinner than this (design pixels) parts letters from no ground.
_MIN_OUTLINE = 2.0
_BLACK: Colour = (0, 0, 0)
_WHITE: Colour = (255, 255, 255)


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a mode sets before the style changes it, in design pixels."""

    em: float
    role: Role
    outline: float
    shadow: float
    lines: int = 2


_KINDS: dict[CaptionMode, _Kind] = {
    "highlight": _Kind(80, Role.CAPTION, 6.5, 2.5),
    "pop": _Kind(86, Role.CAPTION, 7.0, 3.0),
    "karaoke": _Kind(80, Role.CAPTION, 6.5, 2.5),
    "one_word": _Kind(164, Role.CAPTION, 10.0, 4.0, lines=1),
    "sentence": _Kind(60, Role.BOLD, 5.0, 2.0),
    "minimal": _Kind(47, Role.TEXT, 2.6, 2.0),
}


@dataclass(frozen=True, slots=True)
class CaptionLook:
    """Captions ready to be drawn. `em`, `outline_width` and `shadow` are design pixels; `box` None is no box."""

    mode: CaptionMode
    em: float
    lines: int
    role: Role
    face: Face | None
    ink: Colour
    accent: Colour
    outline: Colour
    outline_width: float
    shadow: float
    box: Colour | None
    box_rounded: bool
    uppercase: bool
    language: str

    @property
    def ground(self) -> Colour | None:
        """What stands round the letters whatever the picture is; None when nothing does."""
        if self.box is not None:
            return self.box
        return self.outline if self.outline_width >= _MIN_OUTLINE else None


def caption_look(style: CaptionStyle, theme: Theme, fonts: Fonts, language: str = "") -> CaptionLook:
    """The look of a style in a theme. Letters that could not be read on every ground are given an outline.

    `language` (ISO 639) chooses among the forms a font has for one character, as Chinese and Japanese ones.

    Raises:
        InvalidInput: the font asked for is not installed.
    """
    kind = _KINDS.get(style.mode, _KINDS["highlight"])
    ink = _colour(style.ink, theme.caption_ink)
    box = _colour(style.box, _BLACK) if style.box else None
    asked = _colour(style.outline, theme.caption_outline)
    width = kind.outline * style.outline_width * style.size
    if box is None and (width < _MIN_OUTLINE or contrast(ink, asked) < MIN_CONTRAST):
        width, asked = max(width, _MIN_OUTLINE + 0.6), _readable(asked, ink)
    return CaptionLook(
        mode=style.mode,
        em=kind.em * style.size,
        lines=kind.lines,
        role=kind.role,
        face=fonts.named(style.font) if style.font else None,
        ink=ink if box is None else _readable(ink, box),
        accent=_colour(style.accent, theme.caption_accent),
        outline=asked,
        outline_width=width if box is None or style.outline else 0.0,
        shadow=kind.shadow if box is None else 0.0,
        box=box,
        box_rounded=style.box_rounded,
        uppercase=style.uppercase,
        language=language if language.isascii() and language.isalpha() else "",
    )


def contrast(one: Colour, other: Colour) -> float:
    """Contrast of two sRGB colours from 1 to 21 (WCAG 2.2, "contrast ratio")."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def least_contrast(look: CaptionLook) -> float:
    """Contrast of the letters with what stands round them on the worst ground: 1.0 without outline and box."""
    return contrast(look.ink, look.ground) if look.ground is not None else 1.0


def style_warnings(style: CaptionStyle, theme: Theme) -> tuple[str, ...]:
    """What of a style is changed because its letters could not be read, as sentences for the person who asked."""
    ink = _colour(style.ink, theme.caption_ink)
    if style.box:
        readable = contrast(ink, _colour(style.box, _BLACK)) >= MIN_CONTRAST
        return () if readable else ("The letters are too close to their box in colour: black or white is used.",)
    if contrast(ink, _colour(style.outline, theme.caption_outline)) < MIN_CONTRAST:
        return ("The letters are too close to their outline in colour: a black or white outline is used.",)
    kind = _KINDS.get(style.mode, _KINDS["highlight"])
    if kind.outline * style.outline_width * style.size < _MIN_OUTLINE:
        return ("Letters without an outline or a box cannot be read on every picture: a thin outline is kept.",)
    return ()


def _readable(colour: Colour, against: Colour) -> Colour:
    """The colour itself, or black or white when it cannot be told from the other."""
    return (
        colour if contrast(colour, against) >= MIN_CONTRAST else max(_BLACK, _WHITE, key=lambda c: contrast(c, against))
    )


def _luminance(colour: Colour) -> float:
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (channel / 255 for channel in colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _colour(code: str | None, other: Colour) -> Colour:
    return (int(code[1:3], 16), int(code[3:5], 16), int(code[5:7], 16)) if code else other
