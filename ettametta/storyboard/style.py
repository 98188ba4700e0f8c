"""How a video looks and sounds as a whole: captions, transitions, theme, music, brand."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ettametta.storyboard.visuals import Fit, Frozen

#: A colour as #RRGGBB.
HexColour = Annotated[str, Field(pattern=r"^#[0-9A-Fa-f]{6}$")]

TransitionKind = Literal[
    "cut", "fade", "fade_black", "slide_left", "slide_right", "slide_up", "slide_down", "wipe_left", "wipe_up",
    "zoom_in", "zoom_out",
]  # fmt: skip
CaptionMode = Literal["highlight", "pop", "karaoke", "one_word", "sentence", "minimal", "off"]
Mood = Literal["calm", "upbeat", "dramatic", "playful", "dreamy"]


class Transition(Frozen):
    """How a scene follows the one before: a cut, or a change that takes `duration_s`, half of it in either scene."""

    kind: TransitionKind = "cut"
    duration_s: float = Field(default=0.4, ge=0.1, le=1.2)


class CaptionStyle(Frozen):
    """How spoken words are shown. A colour or font that is None is the theme's."""

    mode: CaptionMode = "highlight"
    position: Literal["bottom", "centre", "top"] = "bottom"
    y_percent: float | None = Field(
        default=None, ge=5, le=95, description="middle of the captions, from the top; wins over `position`"
    )
    font: str | None = Field(default=None, max_length=60, description="family of an installed font")
    size: float = Field(default=1.0, ge=0.5, le=2.0, description="1.0 is the style's own size")
    ink: HexColour | None = None
    accent: HexColour | None = Field(default=None, description="the word being spoken")
    outline: HexColour | None = None
    outline_width: float = Field(default=1.0, ge=0, le=3, description="1.0 is the style's own width")
    box: HexColour | None = Field(default=None, description="a box behind the words; None for none")
    box_rounded: bool = True
    uppercase: bool = False


class Style(Frozen):
    """How it looks: a named theme, captions, and what scenes do unless they say otherwise."""

    theme: str = Field(default="midnight", max_length=40)
    captions: CaptionStyle = CaptionStyle()
    transition: Transition = Transition()
    transition_sounds: bool = False
    fit: Fit = "auto"


class Music(Frozen):
    """A bed under the voice, by mood, by a bundled track's name, or from the person's own file; looped on the beat."""

    mood: Mood | None = None
    track: str = Field(default="", max_length=80, description="name of a bundled track")
    asset_key: str = Field(default="", max_length=300, description="storage key of the person's own file")
    below_voice_lu: float = Field(default=18.0, ge=0, le=50, description="how much quieter than the voice it is")
    duck_lu: float = Field(default=6.0, ge=0, le=30, description="how much further it goes down while somebody speaks")
    start_s: float = Field(default=0.0, ge=0, allow_inf_nan=False, description="where in the track it begins")
    fade_out_s: float = Field(default=1.5, ge=0, le=10)


class Brand(Frozen):
    """A person's brand kit. What is empty or None is left to the theme."""

    name: str = Field(default="", max_length=60)
    logo_key: str = Field(default="", max_length=300, description="storage key of a PNG or JPEG")
    logo_corner: Literal["top_left", "top_right", "bottom_left", "bottom_right"] = "top_right"
    logo_size: float = Field(default=0.12, ge=0.04, le=0.4, description="its longer side, in parts of the short side")
    ink: HexColour | None = None
    accent: HexColour | None = None
    background: HexColour | None = None
    heading_font: str | None = Field(default=None, max_length=60, description="family of an installed font")
    text_font: str | None = Field(default=None, max_length=60, description="family of an installed font")
    lower_third: str = Field(default="", max_length=60, description="a line shown in the first scene, such as a handle")
    intro: str = Field(default="", max_length=80, description="text of a silent opening card; empty: none")
    outro: str = Field(default="", max_length=80, description="text of a silent closing card; empty: none")
