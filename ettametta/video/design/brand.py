"""A person's brand kit over a theme: colours that stay readable, fonts by family, opening and closing cards."""

from __future__ import annotations

from dataclasses import replace

from ettametta.storyboard import Brand, CardVisual, Scene, Storyboard
from ettametta.video.design.contrast import LARGE, TEXT, luminance, mixed, readable
from ettametta.video.lettering.fonts import Fonts, Role
from ettametta.video.themes import Colour, Theme, grounds

#: How long opening and closing cards stand, in seconds.
INTRO_S, OUTRO_S = 1.8, 2.6
_INTRO_ID, _OUTRO_ID = "brandintro", "brandoutro"


def branded(theme: Theme, brand: Brand | None) -> Theme:
    """The theme in a brand's colours, moved where they would not be readable.

    A background makes a whole palette; ink and accent alone replace the theme's. Text keeps a contrast of 4.5 to all
    that the background is painted with, accents (large figures, bars, rules) one of 3.
    """
    if brand is None or not (brand.background or brand.ink or brand.accent):
        return theme
    own = _on_background(theme, _rgb(brand.background)) if brand.background else theme
    behind = grounds(own)
    ink = readable(_rgb(brand.ink) if brand.ink else own.ink, behind, TEXT)
    accent = readable(_rgb(brand.accent) if brand.accent else own.accent, behind, LARGE)
    outline = own.caption_outline
    return replace(
        own,
        name=f"{theme.name} of a brand",
        ink=ink,
        muted=readable(mixed(ink, behind[0], 0.3), behind, TEXT),
        accent=accent,
        second=readable(own.second, behind, LARGE),
        caption_accent=readable(accent if brand.accent else own.caption_accent, (outline,), TEXT),
    )


def _on_background(theme: Theme, ground: Colour) -> Theme:
    """A palette round one colour: a gradient of its own shades, quiet glows, captions that contrast with themselves."""
    dark = luminance(ground) < 0.18
    end: Colour = (0, 0, 0) if dark else (255, 255, 255)
    ink = mixed((255, 255, 255), ground, 0.04) if dark else mixed((0, 0, 0), ground, 0.1)
    lights = mixed(ground, theme.accent, 0.16), mixed(ground, (255, 255, 255) if dark else (0, 0, 0), 0.07)
    return replace(
        theme,
        top=ground,
        bottom=mixed(ground, end, 0.18),
        glows=lights,
        ink=ink,
        caption_ink=(255, 255, 255),
        caption_outline=mixed(ground, (0, 0, 0), 0.55 if dark else 0.88),
    )


def brand_fonts(fonts: Fonts, brand: Brand | None) -> Fonts:
    """The fonts with a brand's families for headings and for text.

    Raises:
        InvalidInput: no installed font has that family name; the hint lists those there are.
    """
    if brand is None or not (brand.heading_font or brand.text_font):
        return fonts
    dress = {}
    if brand.heading_font:
        dress[Role.DISPLAY] = dress[Role.BOLD] = fonts.named(brand.heading_font)
    if brand.text_font:
        dress[Role.TEXT] = dress[Role.NOTE] = fonts.named(brand.text_font)
    return fonts.dressed(dress)


def with_brand(storyboard: Storyboard) -> Storyboard:
    """The storyboard with its brand's silent opening and closing cards; adding them twice changes nothing."""
    brand = storyboard.brand
    scenes = [scene for scene in storyboard.scenes if scene.id not in {_INTRO_ID, _OUTRO_ID}]
    if brand is not None and brand.intro.strip():
        scenes.insert(0, _card(_INTRO_ID, "title", brand.intro, brand.name, INTRO_S))
    if brand is not None and brand.outro.strip():
        scenes.append(_card(_OUTRO_ID, "closing", brand.outro, brand.name, OUTRO_S))
    return storyboard.model_copy(update={"scenes": tuple(scenes)}) if scenes else storyboard


def _card(scene_id: str, kind: str, text: str, name: str, seconds: float) -> Scene:
    note = name.strip() if name.strip().casefold() != text.strip().casefold() else ""
    visual = CardVisual.model_validate({"kind": kind, "text": text.strip(), "note": note})
    return Scene(id=scene_id, visual=visual, min_duration_s=seconds, pinned=True)


def _rgb(code: str) -> Colour:
    return int(code[1:3], 16), int(code[3:5], 16), int(code[5:7], 16)
