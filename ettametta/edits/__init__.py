"""Edits of a storyboard as typed operations, carried out purely, and the difference between two versions in words."""

from ettametta.edits.apply import apply
from ettametta.edits.diff import describe, diff
from ettametta.edits.operations import (
    MAX_OPERATIONS,
    CaptionChanges,
    DeleteScene,
    InsertScene,
    MergeScenes,
    MoveScene,
    MusicChanges,
    Operation,
    Operations,
    PinVisual,
    Restyle,
    Retime,
    SetAspect,
    SetCitations,
    SetEmphasis,
    SetLanguage,
    SetLengthTarget,
    SetNarration,
    SetOnScreen,
    SetPronunciation,
    SetTitle,
    SetTransition,
    SetVisual,
    SetVoice,
    SplitScene,
    SwapScenes,
    SwapVisual,
    as_json,
    parse,
    without_nul,
)
from ettametta.edits.places import Pictures, scene_named

__all__ = [
    "MAX_OPERATIONS", "CaptionChanges", "DeleteScene", "InsertScene", "MergeScenes", "MoveScene", "MusicChanges",
    "Operation", "Operations", "Pictures", "PinVisual", "Restyle", "Retime", "SetAspect", "SetCitations",
    "SetEmphasis", "SetLanguage", "SetLengthTarget", "SetNarration", "SetOnScreen", "SetPronunciation", "SetTitle",
    "SetTransition", "SetVisual", "SetVoice", "SplitScene", "SwapScenes", "SwapVisual", "apply", "as_json",
    "describe", "diff", "parse", "scene_named", "without_nul",
]  # fmt: skip
