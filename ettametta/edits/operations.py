"""What can be changed in a storyboard: one frozen model for each operation, told apart by `op` (docs/editing.md).

A scene is named by its id, or by its number counted from 1 as the storyboard stands before the first operation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from ettametta.errors import InvalidInput
from ettametta.storyboard import (
    MAX_NARRATION_CHARS,
    Aspect,
    Brand,
    CaptionMode,
    Citation,
    Fit,
    HexColour,
    Mood,
    Transition,
    TransitionKind,
    Visual,
)
from ettametta.storyboard.visuals import Frozen

#: More changes at once are a new video.
MAX_OPERATIONS = 100

SceneRef = Annotated[
    str,
    Field(min_length=1, max_length=32, coerce_numbers_to_str=True, description="id of a scene, or its number from 1"),
]
_Narration = Annotated[str, Field(max_length=MAX_NARRATION_CHARS)]


class SetNarration(Frozen):
    """Say something else in a scene. An empty text makes it silent."""

    op: Literal["set_narration"] = "set_narration"
    scene: SceneRef
    text: _Narration


class SetOnScreen(Frozen):
    """Put another heading over a scene's photo or clip; on a designed scene, change its words. Empty: none."""

    op: Literal["set_on_screen"] = "set_on_screen"
    scene: SceneRef
    text: str = Field(max_length=120)


class SetVisual(Frozen):
    """Show exactly this in a scene: a card, list, comparison, timeline or chart. No search replaces it afterwards."""

    op: Literal["set_visual"] = "set_visual"
    scene: SceneRef
    visual: Visual


class SwapVisual(Frozen):
    """Show another picture in a scene: the person's own file, one that a search showed, or the next one."""

    op: Literal["swap_visual"] = "swap_visual"
    scene: SceneRef
    query: str | None = Field(default=None, max_length=120, description="what to search for; None: as before")
    asset_id: str | None = Field(default=None, max_length=64, description="a photo or clip that was uploaded")
    found: str | None = Field(default=None, max_length=300, description="identity of a picture that a search showed")


class PinVisual(Frozen):
    """Keep a scene's visual whatever is searched for later, or let it go again."""

    op: Literal["pin_visual"] = "pin_visual"
    scene: SceneRef
    pinned: bool = True


class SetEmphasis(Frozen):
    """Stress these words of a scene in its captions."""

    op: Literal["set_emphasis"] = "set_emphasis"
    scene: SceneRef
    words: tuple[Annotated[str, Field(min_length=1, max_length=60)], ...] = Field(max_length=12)


class MoveScene(Frozen):
    """Put a scene at another place."""

    op: Literal["move_scene"] = "move_scene"
    scene: SceneRef
    to: int = Field(ge=1, description="its new number, from 1")


class SwapScenes(Frozen):
    """Let two scenes change places."""

    op: Literal["swap_scenes"] = "swap_scenes"
    scene: SceneRef
    other: SceneRef


class InsertScene(Frozen):
    """Add a scene after another; after None it is the first. Without a visual its words are set on a card."""

    op: Literal["insert_scene"] = "insert_scene"
    after: SceneRef | None = None
    narration: _Narration = ""
    visual: Visual | None = None
    on_screen: str = Field(default="", max_length=120)
    query: str = Field(default="", max_length=120, description="what to search a picture for")
    min_duration_s: float | None = Field(default=None, gt=0, le=60)


class DeleteScene(Frozen):
    """Take a scene out. The last one stays."""

    op: Literal["delete_scene"] = "delete_scene"
    scene: SceneRef


class Retime(Frozen):
    """Change the silence after a scene's words, or how long the scene lasts at least (0: as its words need)."""

    op: Literal["retime"] = "retime"
    scene: SceneRef
    pause_after_s: float | None = Field(default=None, ge=0, le=5)
    min_duration_s: float | None = Field(default=None, ge=0, le=60)


class SplitScene(Frozen):
    """Make two scenes of one: the second begins with these words, or at the sentence or clause nearest the middle."""

    op: Literal["split_scene"] = "split_scene"
    scene: SceneRef
    before: str = Field(default="", max_length=200, description="the words the second scene begins with")
    only_phrases: bool = Field(default=False, description="never in the middle of a clause")


class MergeScenes(Frozen):
    """Join a scene with the one that follows; the first one's visual stays."""

    op: Literal["merge_scenes"] = "merge_scenes"
    scene: SceneRef


class CaptionChanges(Frozen):
    """What changes in the captions; None: stays as it is."""

    mode: CaptionMode | None = None
    position: Literal["bottom", "centre", "top"] | None = None
    y_percent: float | None = Field(default=None, ge=5, le=95)
    font: str | None = Field(default=None, max_length=60)
    size: float | None = Field(default=None, ge=0.5, le=2.0)
    ink: HexColour | None = None
    accent: HexColour | None = None
    outline: HexColour | None = None
    outline_width: float | None = Field(default=None, ge=0, le=3)
    box: HexColour | None = None
    box_rounded: bool | None = None
    uppercase: bool | None = None


class MusicChanges(Frozen):
    """What changes in the music; None: stays as it is. One of mood, track and asset_id replaces what is heard."""

    mood: Mood | None = None
    track: str | None = Field(default=None, max_length=80)
    asset_id: str | None = Field(default=None, max_length=64, description="a music file that was uploaded")
    below_voice_lu: float | None = Field(default=None, ge=0, le=50)
    duck_lu: float | None = Field(default=None, ge=0, le=30)
    start_s: float | None = Field(default=None, ge=0)
    fade_out_s: float | None = Field(default=None, ge=0, le=10)


#: What can be put back to the theme's own, or taken away.
Cleared = Literal[
    "music", "brand", "caption_font", "caption_ink", "caption_accent", "caption_outline", "caption_box",
    "caption_y_percent",
]  # fmt: skip


class Restyle(Frozen):
    """Change how the whole video looks and sounds; None: stays as it is. `clear` takes things away first."""

    op: Literal["restyle"] = "restyle"
    theme: str | None = Field(default=None, min_length=1, max_length=40)
    captions: CaptionChanges | None = None
    transition: Transition | None = None
    transition_sounds: bool | None = None
    fit: Fit | None = None
    brand: Brand | None = None
    music: MusicChanges | None = None
    loudness_lufs: float | None = Field(default=None, ge=-30, le=-8)
    clear: tuple[Cleared, ...] = ()


class SetTransition(Frozen):
    """How a scene follows the one before; None: as the style says."""

    op: Literal["set_transition"] = "set_transition"
    scene: SceneRef
    kind: TransitionKind | None
    duration_s: float = Field(default=0.4, ge=0.1, le=1.2)


class SetVoice(Frozen):
    """Let another voice speak, or the same one faster or slower; None: stays as it is."""

    op: Literal["set_voice"] = "set_voice"
    provider: str | None = Field(default=None, min_length=1, max_length=40)
    voice: str | None = Field(default=None, min_length=1, max_length=80)
    pace: float | None = Field(default=None, ge=0.5, le=2.0)


class SetPronunciation(Frozen):
    """Say a word as it is spelled here; an empty spelling forgets it."""

    op: Literal["set_pronunciation"] = "set_pronunciation"
    word: str = Field(min_length=1, max_length=60)
    say: str = Field(default="", max_length=120)


class SetLanguage(Frozen):
    """Correct in which language the words are. To have them translated, dub the video."""

    op: Literal["set_language"] = "set_language"
    language: str = Field(pattern=r"^[a-z]{2,3}$")


class SetAspect(Frozen):
    """Change the shape of the frame, and if wanted its size (pixels of the short side) and frames a second."""

    op: Literal["set_aspect"] = "set_aspect"
    aspect: Aspect | None = None
    resolution: Literal[480, 720, 1080, 1440, 2160] | None = None
    fps: Literal[24, 25, 30, 50, 60] | None = None


class SetLengthTarget(Frozen):
    """How long the video should be, in seconds; None: as long as its words."""

    op: Literal["set_length_target"] = "set_length_target"
    seconds: float | None = Field(gt=0, le=3600)


class SetTitle(Frozen):
    """Call the video something else."""

    op: Literal["set_title"] = "set_title"
    title: str = Field(min_length=1, max_length=200)


class SetCitations(Frozen):
    """What a scene's words rest on."""

    op: Literal["set_citations"] = "set_citations"
    scene: SceneRef
    citations: tuple[Citation, ...] = Field(max_length=20)


Operation = Annotated[
    SetNarration | SetOnScreen | SetVisual | SwapVisual | PinVisual | SetEmphasis | MoveScene | SwapScenes
    | InsertScene | DeleteScene | Retime | SplitScene | MergeScenes | Restyle | SetTransition | SetVoice
    | SetPronunciation | SetLanguage | SetAspect | SetLengthTarget | SetTitle | SetCitations,
    Field(discriminator="op"),
]  # fmt: skip
Operations = Annotated[tuple[Operation, ...], Field(min_length=1, max_length=MAX_OPERATIONS)]

_ADAPTER: TypeAdapter[tuple[Operation, ...]] = TypeAdapter(Operations)


def parse(data: Any) -> tuple[Operation, ...]:
    """Operations from JSON values.

    Raises:
        InvalidInput: they are not operations; the sentence says which part does not fit.
    """
    try:
        return _ADAPTER.validate_python(data)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the list"
        raise InvalidInput(
            f"The edit cannot be read at {where[:80]}: {first['msg']}.",
            hint="docs/editing.md lists every operation with an example.",
            code="edit.bad_operation",
        ) from None


def without_nul(operations: Sequence[Operation]) -> tuple[Operation, ...]:
    """The operations without the character NUL, which PostgreSQL takes in no text and no program in its arguments.

    Raises:
        InvalidInput: a text that must say something says nothing without it.
    """
    said = as_json(operations)
    clean = _without_nul(said)
    return tuple(operations) if clean == said else parse(clean)


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, dict):
        return {key: _without_nul(one) for key, one in value.items()}
    return [_without_nul(one) for one in value] if isinstance(value, list) else value


def as_json(operations: Sequence[Operation]) -> list[dict[str, Any]]:
    """The operations as JSON values."""
    return [operation.model_dump(mode="json") for operation in operations]
