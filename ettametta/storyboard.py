"""The storyboard: the edit plan of a video as frozen, versioned JSON. Scenes have stable ids; all times are seconds.

It says what is to be seen and heard, never how: timing comes from measured narration (`ettametta.video.planner`).
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

#: Version of the JSON written by this code (the `version` field); readers refuse a newer one.
STORYBOARD_VERSION = 1

MAX_SCENES = 60
MAX_NARRATION_CHARS = 1_200


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Citation(_Frozen):
    """A place a claim or an asset rests on. Unknown is None, never guessed."""

    title: str
    url: str | None = None
    author: str | None = None
    publisher: str | None = None
    published: str | None = Field(default=None, description="ISO 8601 date as the source gave it")
    licence: str | None = None


class CardVisual(_Frozen):
    """A designed typographic scene. `text` is what is set; `note` a smaller second line (an attribution, a unit)."""

    kind: Literal["title", "statement", "quote", "number", "closing"]
    text: str = Field(min_length=1, max_length=200)
    note: str = Field(default="", max_length=120)


class PhotoVisual(_Frozen):
    """A still picture from the person's files, moved slowly (Ken Burns)."""

    kind: Literal["photo"] = "photo"
    asset_key: str = Field(description="storage key of the picture")
    width: int = Field(gt=0, description="pixels")
    height: int = Field(gt=0, description="pixels")


class ClipVisual(_Frozen):
    """A moving picture from the person's files, cut from `start_s`, silent, looped when it is too short."""

    kind: Literal["clip"] = "clip"
    asset_key: str = Field(description="storage key of the clip")
    width: int = Field(gt=0, description="pixels")
    height: int = Field(gt=0, description="pixels")
    duration_s: float = Field(gt=0)
    start_s: float = Field(default=0.0, ge=0)


Visual = Annotated[CardVisual | PhotoVisual | ClipVisual, Field(discriminator="kind")]


class Scene(_Frozen):
    """One scene: what is said, what is seen, and which citations (indexes into the storyboard's) it rests on."""

    id: str = Field(pattern=r"^[a-z0-9]{1,32}$", description="stable over revisions")
    narration: str = Field(min_length=1, max_length=MAX_NARRATION_CHARS)
    visual: Visual
    citations: tuple[int, ...] = ()
    pause_after_s: float = Field(default=0.25, ge=0, le=5)


class Style(_Frozen):
    """How it looks: a named theme and whether captions are burnt in."""

    theme: str = "midnight"
    captions: Literal["highlight", "off"] = "highlight"


class Storyboard(_Frozen):
    """A whole video as data."""

    version: Literal[1] = 1
    title: str = Field(min_length=1, max_length=200)
    language: str = Field(pattern=r"^[a-z]{2,3}$", description="ISO 639 code of the narration")
    width: int = Field(default=1080, ge=64, le=4096)
    height: int = Field(default=1920, ge=64, le=4096)
    fps: int = Field(default=30, ge=10, le=60)
    speech_provider: str = "hibari"
    voice: str = "default"
    pace: float = Field(default=1.0, ge=0.5, le=2.0, description="1.0 is the voice's own speed")
    loudness_lufs: float = Field(default=-14.0, ge=-30, le=-8)
    style: Style = Style()
    scenes: tuple[Scene, ...] = Field(min_length=1, max_length=MAX_SCENES)
    citations: tuple[Citation, ...] = ()
    made_by: str = Field(default="", description="who wrote the words, honestly: a model's name or 'offline writer'")
