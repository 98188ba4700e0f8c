"""What a person may ask of a video beside its subject: shape, look, voice, sound, pictures, and how far to go.

Everything has a default; the drafting steps carry it out.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ettametta.storyboard import (
    Aspect,
    Brand,
    CaptionStyle,
    Fit,
    Music,
    Pronunciation,
    Transition,
)
from ettametta.storyboard.visuals import Frozen

#: Where pictures come from: searched and generated as is set up, only the person's own, only designed scenes.
Pictures = Literal["auto", "own", "designed"]
#: Which licences an asset may have: any open one, without share-alike, without attribution, or public domain alone.
LicencePolicy = Literal["open", "no_share_alike", "no_attribution", "public_domain"]
StopAfter = Literal["script", "storyboard", "visuals", "narration"]


class VideoOptions(Frozen):
    """Wishes for one video; what is None is chosen by Ettametta."""

    # shape
    aspect: Aspect = "9:16"
    resolution: Literal[480, 720, 1080, 1440, 2160] = Field(default=1080, description="pixels of the short side")
    draft: bool = Field(default=False, description="first a quick look at 480 pixels; `finish` makes it in full")
    fps: Literal[24, 25, 30, 50, 60] = 30
    # look
    theme: str | None = Field(default=None, max_length=40)
    captions: CaptionStyle = CaptionStyle()
    transition: Transition = Transition()
    shuffle_transitions: bool = False
    transition_sounds: bool = False
    fit: Fit = "auto"
    brand: Brand | None = None
    # sound
    voice: str | None = Field(default=None, max_length=80, description="provider:voice, or a voice's name")
    pace: float = Field(default=1.0, ge=0.5, le=2.0)
    pronunciations: tuple[Pronunciation, ...] = Field(default=(), max_length=100)
    narration_asset_id: str | None = Field(default=None, description="the person's own recording, instead of a voice")
    music: Music | None = None
    music_asset_id: str | None = Field(
        default=None, max_length=64, description="the person's own sound, uploaded, to be the music"
    )
    music_licence: str = Field(
        default="", max_length=200, description="what the person says of that sound's licence and author; credited so"
    )
    loudness_lufs: float = Field(default=-14.0, ge=-30, le=-8)
    # words
    tone: str = Field(default="", max_length=200)
    instructions: str = Field(default="", max_length=2_000, description="further wishes for whoever writes the script")
    paragraphs: int | None = Field(default=None, ge=1, le=10, description="in how many parts to tell it, with a model")
    hooks: int = Field(default=1, ge=1, le=5, description="how many different openings to offer")
    # pictures
    pictures: Pictures = "auto"
    sources: tuple[Annotated[str, Field(max_length=40)], ...] = Field(
        default=(), max_length=20, description="picture providers to search, best first; empty: all that are set up"
    )
    search_terms: tuple[Annotated[str, Field(min_length=1, max_length=80)], ...] = Field(default=(), max_length=30)
    licences: LicencePolicy = "open"
    order: Literal["matched", "sequential", "random"] = "matched"
    clip_length_s: float | None = Field(default=None, ge=1, le=30, description="the longest one picture is shown")
    clip_speed: float = Field(default=1.0, ge=0.25, le=4.0)
    # how far
    stop_after: StopAfter | None = None
