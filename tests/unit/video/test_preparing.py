"""What of a card stands at a scene's first frame."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ettametta.storyboard import CardVisual, Scene, Storyboard
from ettametta.video.lettering.fonts import Fonts
from ettametta.video.planner import plan_timeline
from ettametta.video.preparing import SceneJob, prepare
from ettametta.video.safe_areas import safe_areas
from ettametta.video.themes import THEMES


@pytest.mark.parametrize("dissolves", [False, True])
async def test_text_stands_at_a_cut_and_enters_in_a_dissolve(dissolves: bool, tmp_path: Path) -> None:
    card = CardVisual(kind="title", text="Honey")
    scenes = tuple(Scene(id=name, visual=card, min_duration_s=1.0) for name in "ab")
    board = Storyboard(title="T", language="en", width=144, height=256, scenes=scenes)
    timeline = plan_timeline(board, {})
    job = SceneJob(
        timeline.scenes[1],
        scenes[1],
        timeline.canvas,
        safe_areas(timeline.canvas),
        THEMES["midnight"],
        "auto",
        "en",
        None,
    )
    made = await prepare(replace(job, dissolves=dissolves), Fonts.locate(), tmp_path)
    first = made.layers[0]
    assert (first.enter_frame, first.enter) == ((0, "fade") if dissolves else (None, "none"))
