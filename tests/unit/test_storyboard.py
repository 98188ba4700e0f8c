"""The storyboard's schema: versions, what is refused, and what a scene falls back to."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from ettametta.storyboard import (
    CardVisual,
    ChartPoint,
    ChartVisual,
    PhotoVisual,
    Scene,
    Storyboard,
    Style,
    Transition,
    is_from_file,
)


def scene(name: str = "a", **more: Any) -> dict[str, Any]:
    return {"id": name, "narration": "Hello.", "visual": {"kind": "title", "text": "Hello"}, **more}


def board(*scenes: dict[str, Any], **more: Any) -> Storyboard:
    return Storyboard.model_validate({"title": "T", "language": "en", "scenes": scenes or (scene(),), **more})


def test_version_1_is_read_as_version_2() -> None:
    old = board(version=1, style={"theme": "paper", "captions": "off"})
    assert (old.version, old.style.theme, old.style.captions.mode) == (2, "paper", "off")
    assert Storyboard.model_validate_json(old.model_dump_json()) == old


def test_a_newer_version_is_refused() -> None:
    with pytest.raises(ValidationError, match="version"):
        board(version=3)


@pytest.mark.parametrize(
    "bad",
    [
        scene(narration=" "),
        scene(visual={"kind": "list", "items": ["one"]}),
        scene(visual={"kind": "bar_chart", "points": [{"label": "a", "value": float("nan")}] * 2}),
        scene(visual={"kind": "photo", "asset_key": "k", "width": 0, "height": 1}),
        scene(recording={"asset_key": "k", "start_s": 2, "end_s": 1}),
        scene(unknown=1),
    ],
)
def test_what_cannot_be_shown_is_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        board(bad)


def test_two_scenes_may_not_have_the_same_id() -> None:
    with pytest.raises(ValidationError, match="same id"):
        board(scene("a"), scene("a"))


def test_a_silent_scene_needs_a_length() -> None:
    assert board(scene(narration="", min_duration_s=2)).scenes[0].min_duration_s == 2


def test_a_transition_is_the_scenes_own_or_the_styles() -> None:
    style = Style(transition=Transition(kind="fade"))
    two = board(scene("a"), scene("b"), scene("c", transition={"kind": "cut"}), style=style.model_dump())
    assert [two.transition_into(at).kind for at in range(3)] == ["cut", "fade", "cut"]


def test_what_has_a_file_is_told_from_what_is_drawn() -> None:
    chart = ChartVisual(kind="bar_chart", points=(ChartPoint(label="a", value=1), ChartPoint(label="b", value=2)))
    assert not is_from_file(chart)
    assert not is_from_file(CardVisual(kind="title", text="x"))
    assert is_from_file(PhotoVisual(asset_key="k", width=1, height=1))


def test_json_keeps_everything() -> None:
    full = board(
        scene(emphasis=["Hello"], query="hello world", on_screen="Hi"), music={"mood": "calm"}, brand={"name": "X"}
    )
    assert Storyboard.model_validate(json.loads(full.model_dump_json())) == full
    assert isinstance(full.scenes[0], Scene)
