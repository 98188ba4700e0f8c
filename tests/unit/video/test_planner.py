"""The timeline: whole frames, no drift, an edit of one scene leaves the others alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ettametta.errors import InvalidInput
from ettametta.providers.speech.base import Word
from ettametta.storyboard import CardVisual, Scene, Storyboard, Style
from ettametta.video.plan import SAMPLE_RATE, Canvas, Narration
from ettametta.video.planner import LEAD_S, MIN_SCENE_S, plan_timeline, safe_areas


def board(count: int, *, fps: int = 30, captions: str = "highlight", pauses: list[float] | None = None) -> Storyboard:
    scenes = tuple(
        Scene(
            id=f"s{n}",
            narration="a word",
            visual=CardVisual(kind="statement", text="x"),
            pause_after_s=pauses[n] if pauses else 0.25,
        )
        for n in range(count)
    )
    style = Style.model_validate({"captions": {"mode": captions}})
    return Storyboard(title="t", language="en", fps=fps, scenes=scenes, style=style)


def speeches(lengths: list[float]) -> dict[str, Narration]:
    return {f"s{n}": Narration(Path("x.wav"), s, (Word("word", 0.1, min(s, 0.4)),)) for n, s in enumerate(lengths)}


@given(st.lists(st.floats(0.01, 60), min_size=1, max_size=30), st.integers(10, 60))
def test_scenes_follow_one_another_and_fit_their_narration(lengths: list[float], fps: int) -> None:
    timeline = plan_timeline(board(len(lengths), fps=fps), speeches(lengths))
    start = 0
    for scene, length in zip(timeline.scenes, lengths, strict=True):
        assert scene.start_frame == start
        assert scene.frames >= MIN_SCENE_S * fps
        assert scene.frames / fps >= LEAD_S + length + 0.25 - 1e-5
        assert scene.frames / fps <= max(MIN_SCENE_S, LEAD_S + length + 0.25) + 0.6 + 1 / fps
        start += scene.frames
    assert timeline.frames == start == sum(scene.frames for scene in timeline.scenes)
    assert abs(timeline.samples - timeline.duration_s * SAMPLE_RATE) <= 0.5


def test_an_edit_moves_only_the_scenes_after_it() -> None:
    before = plan_timeline(board(4), speeches([2.013, 3.017, 2.5, 1.9]))
    after = plan_timeline(board(4), speeches([2.013, 4.444, 2.5, 1.9]))
    assert [s.frames for s in before.scenes[2:]] == [s.frames for s in after.scenes[2:]]
    assert before.scenes[3].cues == after.scenes[3].cues


def test_captions_can_be_off() -> None:
    timeline = plan_timeline(board(1, captions="off"), speeches([2.0]))
    assert timeline.scenes[0].cues == ()


@pytest.mark.parametrize("length", [0.0, -1.0, float("nan"), float("inf")])
def test_a_scene_without_a_length_is_refused(length: float) -> None:
    with pytest.raises(InvalidInput, match="Scene s0 has no narration"):
        plan_timeline(board(1), speeches([length]))


def test_a_scene_without_narration_is_refused() -> None:
    with pytest.raises(InvalidInput, match="Scene s1 has no narration"):
        plan_timeline(board(2), speeches([2.0]))


@pytest.mark.parametrize(("width", "height"), [(1080, 1920), (1920, 1080), (1080, 1080), (270, 480)])
def test_captions_stand_below_the_card_and_above_the_buttons(width: int, height: int) -> None:
    areas = safe_areas(Canvas(width, height, 30))
    assert areas.card.bottom < areas.caption.top
    free_below = 1 - areas.caption.bottom / height
    assert free_below >= (0.2 if height > width else 0.05)
    assert 0.08 * width <= areas.caption.left + 1
    assert areas.card.left + areas.card.width + areas.card.left == pytest.approx(width, abs=1)
