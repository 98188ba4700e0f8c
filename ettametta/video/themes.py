"""Themes: the palettes a video is drawn in. Colours are sRGB triples, 0-255."""

from __future__ import annotations

from dataclasses import dataclass

from ettametta.errors import InvalidInput

Colour = tuple[int, int, int]
#: How much of a glow's colour there is in its middle.
GLOW = 0.62


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
    #: The name of what is drawn over the background (`ornaments.ORNAMENTS`).
    ornament: str
    caption_ink: Colour
    caption_outline: Colour
    caption_accent: Colour
    #: Headings are set in capitals and corners are square, as on a poster; else upper and lower case, round corners.
    poster: bool = True
    #: File names of the faces for headings and for text; empty, or not installed: the usual ones.
    heading_face: str = ""
    text_face: str = ""

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
            muted=_rgb("C6CEF8"),
            accent=_rgb("5CF2D6"),
            second=_rgb("CDB8FF"),
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
            muted=_rgb("5A5046"),
            accent=_rgb("A8230D"),
            second=_rgb("1F5F7A"),
            ornament="disc",
            caption_ink=_rgb("1D1916"),
            caption_outline=_rgb("FBF6EC"),
            caption_accent=_rgb("C22D14"),
        ),
        Theme(
            name="ember",
            top=_rgb("1E0B10"),
            bottom=_rgb("3C1014"),
            glows=(_rgb("C2410F"), _rgb("A81E36")),
            ink=_rgb("FFF4E8"),
            muted=_rgb("F6D3BA"),
            accent=_rgb("FFC04A"),
            second=_rgb("FFB59E"),
            ornament="beams",
            caption_ink=_rgb("FFFFFF"),
            caption_outline=_rgb("22080A"),
            caption_accent=_rgb("FFB32E"),
        ),
        Theme(
            name="tide",
            top=_rgb("05262E"),
            bottom=_rgb("0B4650"),
            glows=(_rgb("0C6B64"), _rgb("0E6C8F")),
            ink=_rgb("F1FFFB"),
            muted=_rgb("C3EBE5"),
            accent=_rgb("FFBE9F"),
            second=_rgb("8FF0DF"),
            ornament="waves",
            caption_ink=_rgb("FFFFFF"),
            caption_outline=_rgb("03191F"),
            caption_accent=_rgb("FFB08F"),
        ),
        Theme(
            name="gallery",
            top=_rgb("FBFAF7"),
            bottom=_rgb("F1EFE9"),
            glows=(_rgb("FFFFFF"), _rgb("DDE3F5")),
            ink=_rgb("14130F"),
            muted=_rgb("5B5850"),
            accent=_rgb("1A3FD0"),
            second=_rgb("B01E45"),
            ornament="columns",
            caption_ink=_rgb("14130F"),
            caption_outline=_rgb("FFFFFF"),
            caption_accent=_rgb("1A3FD0"),
            poster=False,
            heading_face="DMSerifDisplay-Regular.ttf",
        ),
        Theme(
            name="pop",
            top=_rgb("FFD60A"),
            bottom=_rgb("FFC400"),
            glows=(_rgb("FFE45C"), _rgb("FFAE00")),
            ink=_rgb("15130C"),
            muted=_rgb("4A3F10"),
            accent=_rgb("0A34C2"),
            second=_rgb("A3123C"),
            ornament="halftone",
            caption_ink=_rgb("15130C"),
            caption_outline=_rgb("FFE45C"),
            caption_accent=_rgb("A3123C"),
            heading_face="ArchivoBlack-Regular.ttf",
        ),
        Theme(
            name="swiss",
            top=_rgb("C20F2C"),
            bottom=_rgb("B80D28"),
            glows=(_rgb("C91430"), _rgb("9E0A20")),
            ink=_rgb("FFFFFF"),
            muted=_rgb("FFE3E6"),
            accent=_rgb("FFEF5A"),
            second=_rgb("FFD9DE"),
            ornament="shapes",
            caption_ink=_rgb("FFFFFF"),
            caption_outline=_rgb("4A0410"),
            caption_accent=_rgb("FFE14D"),
            poster=False,
            heading_face="Poppins-Bold.ttf",
        ),
        Theme(
            name="chalkboard",
            top=_rgb("24332D"),
            bottom=_rgb("1A2521"),
            glows=(_rgb("33463E"), _rgb("22382F")),
            ink=_rgb("F6F3E8"),
            muted=_rgb("CFD6CB"),
            accent=_rgb("FFE28A"),
            second=_rgb("A9DBFF"),
            ornament="chalk",
            caption_ink=_rgb("FFFFFF"),
            caption_outline=_rgb("121A17"),
            caption_accent=_rgb("FFE28A"),
            poster=False,
            heading_face="Kalam-Bold.ttf",
            text_face="Kalam-Bold.ttf",
        ),
        Theme(
            name="neon",
            top=_rgb("07060F"),
            bottom=_rgb("140A2B"),
            glows=(_rgb("4A0F66"), _rgb("0B3A66")),
            ink=_rgb("FFFFFF"),
            muted=_rgb("C9C4EA"),
            accent=_rgb("29F3FF"),
            second=_rgb("FF5FD2"),
            ornament="horizon",
            caption_ink=_rgb("FFFFFF"),
            caption_outline=_rgb("05040C"),
            caption_accent=_rgb("29F3FF"),
            poster=False,
            heading_face="SpaceGrotesk[wght].ttf",
            text_face="SpaceGrotesk[wght].ttf",
        ),
        Theme(
            name="pastel",
            top=_rgb("FDE7EA"),
            bottom=_rgb("E6EDFF"),
            glows=(_rgb("FFD9C9"), _rgb("CFE3F7")),
            ink=_rgb("2A2042"),
            muted=_rgb("5E5380"),
            accent=_rgb("6A2FD0"),
            second=_rgb("B01F63"),
            ornament="blobs",
            caption_ink=_rgb("2A2042"),
            caption_outline=_rgb("FFFFFF"),
            caption_accent=_rgb("6A2FD0"),
            poster=False,
            heading_face="Poppins-ExtraBold.ttf",
        ),
        Theme(
            name="noir",
            top=_rgb("0A0A0B"),
            bottom=_rgb("151313"),
            glows=(_rgb("26211A"), _rgb("1C1A20")),
            ink=_rgb("F6F2E9"),
            muted=_rgb("C9C2B4"),
            accent=_rgb("E2BE7C"),
            second=_rgb("B7C4D6"),
            ornament="arcs",
            caption_ink=_rgb("FFFFFF"),
            caption_outline=_rgb("050505"),
            caption_accent=_rgb("E2BE7C"),
            poster=False,
            heading_face="DMSerifDisplay-Regular.ttf",
        ),
    )
}


def grounds(theme: Theme) -> tuple[Colour, ...]:
    """The colours a theme's background is painted with, at their strongest: what text has to stand out from."""
    (first, second), (top, bottom) = theme.glows, (theme.top, theme.bottom)
    return top, bottom, *(_between(base, glow) for base in (top, bottom) for glow in (first, second))


def _between(base: Colour, glow: Colour) -> Colour:
    red, green, blue = (round(a + (b - a) * GLOW) for a, b in zip(base, glow, strict=True))
    return red, green, blue


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
