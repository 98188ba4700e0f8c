"""The edit plan of a video as frozen, versioned JSON (docs/storyboard.md). All times are seconds."""

from __future__ import annotations

from typing_extensions import TypeIs

from ettametta.storyboard.board import (
    ASPECTS,
    MAX_NARRATION_CHARS,
    MAX_SCENES,
    Aspect,
    Citation,
    CitedPicture,
    Pronunciation,
    RecordingCut,
    Role,
    Scene,
    Storyboard,
)
from ettametta.storyboard.style import (
    Brand,
    CaptionMode,
    CaptionStyle,
    HexColour,
    Mood,
    Music,
    Style,
    Transition,
    TransitionKind,
)
from ettametta.storyboard.visuals import (
    CardVisual,
    ChartPoint,
    ChartVisual,
    ClipVisual,
    ComparisonVisual,
    DesignedVisual,
    FileVisual,
    Fit,
    ListVisual,
    Motion,
    PhotoVisual,
    Side,
    TimelineEvent,
    TimelineVisual,
    Visual,
)

__all__ = [
    "ASPECTS", "MAX_NARRATION_CHARS", "MAX_SCENES", "Aspect", "Brand", "CaptionMode", "CaptionStyle", "CardVisual",
    "ChartPoint", "ChartVisual", "Citation", "CitedPicture", "ClipVisual", "ComparisonVisual", "DesignedVisual",
    "FileVisual", "Fit", "HexColour", "ListVisual", "Mood", "Motion", "Music", "PhotoVisual", "Pronunciation",
    "RecordingCut", "Role", "Scene", "Side", "Storyboard", "Style", "TimelineEvent", "TimelineVisual", "Transition",
    "TransitionKind", "Visual", "is_from_file",
]  # fmt: skip


def is_from_file(visual: DesignedVisual | FileVisual) -> TypeIs[FileVisual]:
    """Whether a visual is shown from a file, and so has an asset."""
    return isinstance(visual, PhotoVisual | ClipVisual)
