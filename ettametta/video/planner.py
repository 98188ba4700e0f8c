"""Pure planning: a storyboard and measured narration become a timeline in integer frames."""

from __future__ import annotations

import math
from collections.abc import Mapping

from ettametta.errors import InvalidInput
from ettametta.storyboard import CaptionStyle, Scene, Storyboard
from ettametta.video.captions.cues import cue_limits, cues_from_words
from ettametta.video.plan import SAMPLE_RATE, Canvas, Cue, Narration, ScenePlan, Timeline
from ettametta.video.safe_areas import safe_areas as safe_areas  # noqa: PLC0414  # where it was looked for before

#: The picture is seen this long before the first word of a scene, so that a cut and a word do not collide.
LEAD_S = 0.10
#: The last scene is held this much longer, so that the video does not end on a breath.
CLOSING_HOLD_S = 0.6
#: The shortest scene that can be read.
MIN_SCENE_S = 1.0


def plan_timeline(storyboard: Storyboard, narration: Mapping[str, Narration]) -> Timeline:
    """Lay the scenes out, each rounded up to whole frames by itself.

    A scene's length depends only on the scene (so an edit never moves another scene's frames); sound is placed from the
    frames, so rounding cannot add up to a drift.

    Raises:
        InvalidInput: a scene has no narration, or its length is not a positive number.
    """
    canvas = Canvas(even(storyboard.width), even(storyboard.height), storyboard.fps)
    scenes: list[ScenePlan] = []
    start = 0
    for index, scene in enumerate(storyboard.scenes):
        hold = CLOSING_HOLD_S if index == len(storyboard.scenes) - 1 else 0.0
        plan = _plan_scene(scene, index, start, narration.get(scene.id), canvas, hold, storyboard.style.captions)
        scenes.append(plan)
        start += plan.frames
    return Timeline(canvas, tuple(scenes))


def even(pixels: int) -> int:
    """The next lower even number: 4:2:0 pictures have even sides."""
    return pixels - pixels % 2


def _plan_scene(
    scene: Scene,
    index: int,
    start: int,
    speech: Narration | None,
    canvas: Canvas,
    hold_s: float,
    captions: CaptionStyle,
) -> ScenePlan:
    if not scene.narration.strip():
        return _plan_silence(scene, index, start, canvas)
    if speech is None or not math.isfinite(speech.duration_s) or speech.duration_s <= 0:
        raise InvalidInput(
            f"Scene {scene.id} has no narration to time it by.",
            hint="Make its narration first, then render again.",
            code="video.no_narration",
        )
    seconds = max(MIN_SCENE_S, scene.min_duration_s or 0.0, LEAD_S + speech.duration_s + scene.pause_after_s + hold_s)
    frames = math.ceil(round(seconds * canvas.fps, 6))
    cues: tuple[Cue, ...] = ()
    if captions.mode != "off":
        limits = cue_limits(captions, canvas)
        cues = cues_from_words(speech.words, LEAD_S, frames / canvas.fps, limits, scene.emphasis)
    return ScenePlan(scene.id, index, start, frames, round(LEAD_S * SAMPLE_RATE), scene.visual, cues)


def _plan_silence(scene: Scene, index: int, start: int, canvas: Canvas) -> ScenePlan:
    frames = math.ceil(round(max(MIN_SCENE_S, scene.min_duration_s or 0.0) * canvas.fps, 6))
    return ScenePlan(scene.id, index, start, frames, None, scene.visual, ())
