"""What is seen in a scene: a designed card, list, comparison, timeline or chart, or a photo or clip from a file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

#: How a photo or clip meets the frame: cropped to fill it, whole on a plain ground, or whole on a blurred copy of
#: itself; `auto` crops unless too little would be left.
Fit = Literal["auto", "cover", "contain", "blur"]
#: How a still is moved; `auto` lets the engine choose by the picture's shape.
Motion = Literal["auto", "still", "push_in", "pull_out", "pan_left", "pan_right", "pan_up", "pan_down"]

#: A place along a side, as a part 0..1 of it.
Part = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class Frozen(BaseModel):
    """A value that cannot change and holds nothing unknown."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class CardVisual(Frozen):
    """A designed typographic scene. `text` is what is set; `note` a smaller second line (an attribution, a unit)."""

    kind: Literal["title", "statement", "quote", "number", "closing"]
    text: str = Field(min_length=1, max_length=200)
    note: str = Field(default="", max_length=120)


class ListVisual(Frozen):
    """Two to six short items under a heading, entering one after another."""

    kind: Literal["list"] = "list"
    title: str = Field(default="", max_length=100)
    items: tuple[Annotated[str, Field(min_length=1, max_length=90)], ...] = Field(min_length=2, max_length=6)
    numbered: bool = False
    note: str = Field(default="", max_length=120)


class Side(Frozen):
    """One side of a comparison: what it is called, its figure or word, and up to four points."""

    label: str = Field(min_length=1, max_length=40)
    value: str = Field(default="", max_length=30)
    points: tuple[Annotated[str, Field(min_length=1, max_length=60)], ...] = Field(default=(), max_length=4)


class ComparisonVisual(Frozen):
    """Two things side by side (or one above the other, in a tall frame)."""

    kind: Literal["comparison"] = "comparison"
    title: str = Field(default="", max_length=100)
    left: Side
    right: Side
    note: str = Field(default="", max_length=120)


class TimelineEvent(Frozen):
    """A moment of a timeline: when (as it is to be read) and what."""

    when: str = Field(min_length=1, max_length=24)
    what: str = Field(min_length=1, max_length=80)


class TimelineVisual(Frozen):
    """Two to six events in order."""

    kind: Literal["timeline"] = "timeline"
    title: str = Field(default="", max_length=100)
    events: tuple[TimelineEvent, ...] = Field(min_length=2, max_length=6)
    note: str = Field(default="", max_length=120)


class ChartPoint(Frozen):
    """A measured value and what it belongs to."""

    label: str = Field(min_length=1, max_length=30)
    value: float = Field(allow_inf_nan=False, ge=-1e15, le=1e15)


class ChartVisual(Frozen):
    """A chart from data: bars (2 to 8 points) or a line (2 to 60). `unit` stands behind each value as it is written."""

    kind: Literal["bar_chart", "line_chart"]
    title: str = Field(default="", max_length=100)
    points: tuple[ChartPoint, ...] = Field(min_length=2, max_length=60)
    unit: str = Field(default="", max_length=12)
    highlight: int | None = Field(default=None, ge=0, description="index of the point that matters")
    note: str = Field(default="", max_length=120, description="where the figures come from")


class PhotoVisual(Frozen):
    """A still picture from a file, moved slowly (Ken Burns)."""

    kind: Literal["photo"] = "photo"
    asset_key: str = Field(description="storage key of the picture")
    width: int = Field(gt=0, description="pixels")
    height: int = Field(gt=0, description="pixels")
    fit: Fit = "auto"
    motion: Motion = "auto"
    focus: tuple[Part, Part] | None = Field(
        default=None, description="the point that stays in the frame, as parts 0..1 of width and height"
    )


class ClipVisual(Frozen):
    """A moving picture from a file, cut from `start_s`, silent, looped when it is too short."""

    kind: Literal["clip"] = "clip"
    asset_key: str = Field(description="storage key of the clip")
    width: int = Field(gt=0, description="pixels")
    height: int = Field(gt=0, description="pixels")
    duration_s: float = Field(gt=0)
    start_s: float = Field(default=0.0, ge=0)
    speed: float = Field(default=1.0, ge=0.25, le=4.0, description="2.0 plays it twice as fast")
    fit: Fit = "auto"
    focus: tuple[Part, Part] | None = None


#: What the engine draws itself.
DesignedVisual = CardVisual | ListVisual | ComparisonVisual | TimelineVisual | ChartVisual
#: What is shown from a file.
FileVisual = PhotoVisual | ClipVisual

Visual = Annotated[DesignedVisual | FileVisual, Field(discriminator="kind")]
