"""Themes: the palettes a video is drawn in. Colours are sRGB triples, 0-255."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ettametta.errors import InvalidInput

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Theme:
    """One look. `glows` are laid over the base gradient; captions have their own ink, outline and highlight."""

    name: str
    top: Colour
    bottom: Colour
    glows: tuple[Colour, Colour]
    ink: Colour
    muted: Colour
    accent: Colour
    #: The other side of a comparison.
    second: Colour
    ornament: Literal["rings", "disc", "beams"]
    caption_ink: Colour
    caption_outline: Colour
    caption_accent: Colour
    #: Headings are set in narrow capitals, as on a poster; else in bold upper and lower case.
    poster: bool = True

    @property
    def light_captions(self) -> bool:
        """Whether captions are lighter than their outline."""
        return sum(self.caption_ink) > sum(self.caption_outline)


def _rgb(code: str) -> Colour:
    return int(code[0:2], 16), int(code[2:4], 16), int(code[4:6], 16)


THEMES = {
    theme.name: theme
    for theme in (
        Theme(
            name="midnight",
            top=_rgb("0C1238"),
            bottom=_rgb("1D1150"),
            glows=(_rgb("3A56F0"), _rgb("8A2BD0")),
            ink=_rgb("F5F7FF"),
            muted=_rgb("B4BEF2"),
            accent=_rgb("5CF2D6"),
            second=_rgb("B79CFF"),
            ornament="rings",
            caption_ink=_rgb("FFFFFF"),
            caption_outline=_rgb("0A0C26"),
            caption_accent=_rgb("5CF2D6"),
        ),
        Theme(
            name="paper",
            top=_rgb("F6F0E4"),
            bottom=_rgb("E7DAC4"),
            glows=(_rgb("FFFDF6"), _rgb("E9C9A4")),
            ink=_rgb("1D1916"),
            muted=_rgb("6A5F53"),
            accent=_rgb("D3341A"),
            second=_rgb("1F5F7A"),
            ornament="disc",
            caption_ink=_rgb("1D1916"),
            caption_outline=_rgb("FBF6EC"),
            caption_accent=_rgb("D3341A"),
        ),
        Theme(
            name="ember",
            top=_rgb("1E0B10"),
            bottom=_rgb("3C1014"),
            glows=(_rgb("F0561D"), _rgb("A81E36")),
            ink=_rgb("FFF4E8"),
            muted=_rgb("EBC0A2"),
            accent=_rgb("FFB32E"),
            second=_rgb("FF7A59"),
            ornament="beams",
            caption_ink=_rgb("FFFFFF"),
            caption_outline=_rgb("22080A"),
            caption_accent=_rgb("FFB32E"),
        ),
        Theme(
            name="tide",
            top=_rgb("05262E"),
            bottom=_rgb("0B4650"),
            glows=(_rgb("19A596"), _rgb("0E6C8F")),
            ink=_rgb("F1FFFB"),
            muted=_rgb("A9DAD3"),
            accent=_rgb("FF8F66"),
            second=_rgb("7FE3D4"),
            ornament="rings",
            caption_ink=_rgb("FFFFFF"),
            caption_outline=_rgb("03191F"),
            caption_accent=_rgb("FFB08F"),
        ),
    )
}


def theme_named(name: str) -> Theme:
    """The theme of that name.

    Raises:
        InvalidInput: there is none.
    """
    if name not in THEMES:
        raise InvalidInput(
            f"There is no theme called {name[:40]}.", hint=f"Choose one of: {', '.join(THEMES)}.", code="video.no_theme"
        )
    return THEMES[name]
