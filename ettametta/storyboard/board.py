"""The storyboard: scenes with stable ids, and what holds for the whole video. Readers take version 1 as well.

It says what is to be seen and heard, never how: timing comes from measured narration (`ettametta.video.planner`).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from ettametta.storyboard.style import Brand, Music, Style, Transition
from ettametta.storyboard.upgrade import upgraded
from ettametta.storyboard.visuals import Frozen, Visual

MAX_SCENES = 60
MAX_NARRATION_CHARS = 1_200

#: The frames people ask for, by aspect: pixels across and down.
ASPECTS: dict[str, tuple[int, int]] = {
    "9:16": (1080, 1920), "16:9": (1920, 1080), "1:1": (1080, 1080), "4:5": (1080, 1350),
}  # fmt: skip
Aspect = Literal["9:16", "16:9", "1:1", "4:5"]
Role = Literal["hook", "beat", "payoff", "cta"]


class CitedPicture(Frozen):
    """The picture of an article, where the page itself states the picture's licence."""

    url: str = Field(max_length=2_000)
    title: str = Field(default="", max_length=300)
    author: str | None = Field(default=None, max_length=200)
    licence: str = Field(min_length=1, max_length=300, description="as the page states it")


class Citation(Frozen):
    """A place a claim or an asset rests on. Unknown is None, never guessed."""

    title: str
    url: str | None = None
    author: str | None = None
    publisher: str | None = None
    published: str | None = Field(default=None, description="ISO 8601 date as the source gave it")
    licence: str | None = None
    picture: CitedPicture | None = None


class RecordingCut(Frozen):
    """The part of the person's own recording that narrates a scene, in seconds from the start of the file."""

    asset_key: str = Field(description="storage key of the recording")
    start_s: float = Field(ge=0)
    end_s: float = Field(gt=0)

    @model_validator(mode="after")
    def _forward(self) -> RecordingCut:
        if self.end_s <= self.start_s:
            message = "a recording's cut must end after it starts"
            raise ValueError(message)
        return self


class Scene(Frozen):
    """One scene: what is said, what is seen, and which citations (indexes into the storyboard's) it rests on.

    A scene without narration is silent and lasts `min_duration_s`.
    """

    id: str = Field(pattern=r"^[a-z0-9]{1,32}$", description="stable over revisions")
    narration: str = Field(default="", max_length=MAX_NARRATION_CHARS)
    recording: RecordingCut | None = Field(
        default=None, description="the person's own voice instead of a synthetic one"
    )
    visual: Visual
    role: Role = "beat"
    query: str = Field(default="", max_length=120, description="what to search pictures for; empty: a designed scene")
    pinned: bool = Field(default=False, description="the person chose this visual: no search replaces it")
    generate: str = Field(
        default="", max_length=1_500, description="what an image model is to make, once its cost is approved"
    )
    on_screen: str = Field(default="", max_length=120, description="a heading over a photo or clip")
    emphasis: tuple[Annotated[str, Field(min_length=1, max_length=60)], ...] = Field(
        default=(), max_length=12, description="words of the narration that captions stress"
    )
    transition: Transition | None = Field(default=None, description="from the scene before; None: the style's")
    citations: tuple[int, ...] = ()
    pause_after_s: float = Field(default=0.25, ge=0, le=5)
    min_duration_s: float | None = Field(default=None, gt=0, le=60)

    @model_validator(mode="after")
    def _has_a_length(self) -> Scene:
        if not self.narration.strip() and self.min_duration_s is None:
            message = "a scene without narration needs min_duration_s"
            raise ValueError(message)
        return self


class Pronunciation(Frozen):
    """How a word or phrase is to be said, spelled the way the voice reads it right. Captions keep the word."""

    word: str = Field(min_length=1, max_length=60)
    say: str = Field(min_length=1, max_length=120)


class Storyboard(Frozen):
    """A whole video as data."""

    version: Literal[2] = 2
    title: str = Field(min_length=1, max_length=200)
    language: str = Field(pattern=r"^[a-z]{2,3}$", description="ISO 639 code of the narration")
    width: int = Field(default=1080, ge=64, le=4096)
    height: int = Field(default=1920, ge=64, le=4096)
    fps: int = Field(default=30, ge=10, le=60)
    length_target_s: float | None = Field(default=None, gt=0, le=3600)
    speech_provider: str = "hibari"
    voice: str = "default"
    pace: float = Field(default=1.0, ge=0.5, le=2.0, description="1.0 is the voice's own speed")
    pronunciations: tuple[Pronunciation, ...] = Field(default=(), max_length=100)
    loudness_lufs: float = Field(default=-14.0, ge=-30, le=-8)
    style: Style = Style()
    music: Music | None = None
    brand: Brand | None = None
    scenes: tuple[Scene, ...] = Field(min_length=1, max_length=MAX_SCENES)
    citations: tuple[Citation, ...] = ()
    made_by: str = Field(default="", description="who wrote the words, honestly: a model's name or 'offline writer'")

    @model_validator(mode="before")
    @classmethod
    def _newest(cls, data: Any) -> Any:
        return upgraded(data) if isinstance(data, dict) else data

    @model_validator(mode="after")
    def _ids_differ(self) -> Storyboard:
        ids = [scene.id for scene in self.scenes]
        if len(set(ids)) != len(ids):
            message = "two scenes have the same id"
            raise ValueError(message)
        return self

    @property
    def narration(self) -> str:
        """All that is said, as one text."""
        return " ".join(scene.narration for scene in self.scenes if scene.narration)

    def transition_into(self, index: int) -> Transition:
        """How the scene at this index follows the one before; the first is always cut to."""
        if index == 0:
            return Transition()
        return self.scenes[index].transition or self.style.transition
