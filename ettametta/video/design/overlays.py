"""What is laid over pictures: a heading on a panel, a lower third in the first scene, the logo in its corner."""

from __future__ import annotations

from dataclasses import replace

from PIL import Image

from ettametta.storyboard import Brand, Scene, is_from_file
from ettametta.video.design.layers import Layer, Piece, panel
from ettametta.video.design.sheet import Sheet
from ettametta.video.lettering.fonts import Fonts, Role
from ettametta.video.lettering.typeset import is_rtl
from ettametta.video.plan import Box, Canvas, SafeAreas
from ettametta.video.themes import Theme

#: Opacity of a panel over a picture, 0-255: enough for text on it to be read over white and over black.
_PANEL = 246
_HEADING_S, _LOWER_THIRD_S = 0.12, 0.5
#: The height kept free for a lower third, in design pixels.
_THIRD = 96


def draw_overlays(  # noqa: PLR0913 -- each is a thing of its own
    scene: Scene,
    brand: Brand | None,
    logo: Image.Image | None,
    theme: Theme,
    canvas: Canvas,
    areas: SafeAreas,
    fonts: Fonts,
    *,
    opening: bool = False,
    language: str = "",
) -> tuple[Layer, ...]:
    """Draw what stands over a scene's picture; empty when nothing does.

    Args:
        scene: its heading is drawn over photos and clips only: designed scenes have their own.
        brand: where logo and lower third come from.
        logo: the opened picture, any mode.
        theme: already `branded`.
        canvas: the frame.
        areas: everything stands in its card area.
        fonts: already the brand's.
        opening: whether it is the first scene, which carries the lower third.
        language: ISO 639; the direction of lines with letters of both is that of the language.

    Raises:
        MissingPart: no font covers a letter of its text.
    """
    sheet = Sheet(theme, canvas, areas.card, fonts, language=language)
    if is_from_file(scene.visual) and scene.on_screen.strip():
        _heading(sheet, scene.on_screen.strip(), *_beside_logo(sheet, brand, logo, "top"))
    if opening and brand is not None and brand.lower_third.strip():
        _lower_third(sheet, brand.lower_third.strip(), *_beside_logo(sheet, brand, logo, "bottom"))
    if brand is not None and logo is not None:
        sheet.layers.append(_logo(logo, brand, canvas, areas.card))
    return tuple(sheet.layers)


def card_room(box: Box, brand: Brand | None, canvas: Canvas, *, opening: bool = False) -> Box:
    """The part of the card area that logo and lower third leave to a designed scene."""
    if brand is None:
        return box
    above = below = 0
    if brand.logo_key:
        high = round(brand.logo_size * min(canvas.width, canvas.height) + 24 * canvas.unit)
        above, below = (high, 0) if brand.logo_corner.startswith("top") else (0, high)
    if opening and brand.lower_third.strip():
        below = max(below, round((_THIRD + 24) * canvas.unit))
    most = box.height // 3
    above, below = min(above, most), min(below, most)
    return replace(box, top=box.top + above, height=box.height - above - below)


def _beside_logo(sheet: Sheet, brand: Brand | None, logo: Image.Image | None, row: str) -> tuple[int, str]:
    """Pixels of width that a text leaves to a logo in the same row (top or bottom), and on which side that is."""
    if brand is None or logo is None or not brand.logo_corner.startswith(row):
        return 0, ""
    wide = round(brand.logo_size * min(sheet.canvas.width, sheet.canvas.height)) + sheet.px(24)
    return wide, brand.logo_corner.removeprefix(f"{row}_")


def _heading(sheet: Sheet, text: str, taken: int, logo_side: str) -> None:
    """Bold text on a panel of the theme's ground with an edge of its accent, at the top of the area."""
    sheet.rtl = is_rtl(text, sheet.language)
    at_start = logo_side == ("right" if sheet.rtl else "left")
    pad, edge = sheet.px(34), sheet.px(10)
    width = sheet.box.width - taken - 2 * pad - edge
    setting = sheet.fit(
        text, Role.BOLD, (64, 34), lines=3, spacing=1.2, height=round(sheet.box.height * 0.3), width=width
    )
    wide = max(round(sheet.fonts.width(line, Role.BOLD, setting.size)) for line in setting.lines)
    whole, high = min(wide, width) + 2 * pad + edge, setting.height + pad
    left, top = sheet.x(taken if at_start else 0, whole), sheet.box.top
    ground = panel(whole, high, sheet.theme.top, _PANEL, 0 if sheet.theme.poster else sheet.px(18))
    strip = panel(edge, high, sheet.theme.accent)
    inner = left + (pad if sheet.rtl else pad + edge)
    pieces = [Piece(ground, left, top), Piece(strip, sheet.begin(left, whole, edge), top)]
    pieces += sheet.lines(setting, sheet.theme.ink, inner, top + pad // 2, min(wide, width) + 2)
    sheet.add(pieces, _HEADING_S)


def _lower_third(sheet: Sheet, text: str, taken: int, logo_side: str) -> None:
    """A line on a panel at the bottom of the area, with an edge of accent."""
    sheet.rtl = is_rtl(text, sheet.language)
    at_start = logo_side == ("right" if sheet.rtl else "left")
    pad, edge, high = sheet.px(28), sheet.px(10), sheet.px(_THIRD)
    width = sheet.box.width - taken - 2 * pad - edge
    setting = sheet.fit(text, Role.TEXT, (44, 24), lines=1, spacing=1.2, height=high, width=width)
    wide = round(sheet.fonts.width(setting.lines[0], Role.TEXT, setting.size))
    whole = min(wide, width) + 2 * pad + edge
    left, top = sheet.x(taken if at_start else 0, whole), sheet.box.bottom - high
    ground = panel(whole, high, sheet.theme.top, _PANEL, 0 if sheet.theme.poster else sheet.px(18))
    pieces = [
        Piece(ground, left, top),
        Piece(panel(edge, high, sheet.theme.accent), sheet.begin(left, whole, edge), top),
    ]
    inner = left + (pad if sheet.rtl else pad + edge)
    pieces += sheet.lines(setting, sheet.theme.ink, inner, top + (high - setting.height) // 2, min(wide, width) + 2)
    sheet.add(pieces, _LOWER_THIRD_S, "fade" if sheet.rtl else "wipe_right")


def _logo(logo: Image.Image, brand: Brand, canvas: Canvas, box: Box) -> Layer:
    """The logo, its longer side as large as the brand says, in its corner; it just stands there in every scene."""
    side = max(2, round(brand.logo_size * min(canvas.width, canvas.height)))
    scale = side / max(logo.size)
    size = max(1, round(logo.width * scale)), max(1, round(logo.height * scale))
    picture = logo.convert("RGBA").resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    left = box.left if brand.logo_corner.endswith("left") else box.left + box.width - size[0]
    top = box.top if brand.logo_corner.startswith("top") else box.bottom - size[1]
    return Layer(picture, left, top, 0.0, "none")
