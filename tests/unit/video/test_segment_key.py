"""A segment is kept under all it depends on: another value of any one of them is another key."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from ettametta.storyboard import Brand, CardVisual, PhotoVisual, Scene
from ettametta.video.commands import EncoderSettings
from ettametta.video.plan import Box, Canvas, ScenePlan
from ettametta.video.preparing import SceneJob
from ettametta.video.safe_areas import safe_areas
from ettametta.video.scene_graph import Stretch
from ettametta.video.segments import SegmentJob, segment_key
from ettametta.video.themes import theme_named

CANVAS = Canvas(216, 384, 10)
CARD = CardVisual(kind="title", text="Tea")
PHOTO = PhotoVisual(asset_key="k", width=9, height=9)


def scene_job(**changes: Any) -> SceneJob:
    visual = changes.pop("visual", CARD)
    shown = Scene(id="a", narration="Tea is old.", visual=visual)
    plan = ScenePlan("a", 1, 0, 30, 4800, visual, ())
    job = SceneJob(plan, shown, CANVAS, safe_areas(CANVAS), theme_named("paper"), "auto", "en", None)
    return dataclasses.replace(job, **changes)


def job(**changes: Any) -> SegmentJob:
    encoder = changes.pop("encoder", EncoderSettings())
    stretch = changes.pop("stretch", Stretch(0, 30))
    return SegmentJob("scene-001", 0, 30, scene_job(**changes), None, None, stretch, None, encoder)


async def key(made: SegmentJob) -> str:
    return await segment_key(made, "ffmpeg 1")


def moved(box: Box) -> Box:
    return dataclasses.replace(box, top=box.top + 2)


AREAS = safe_areas(CANVAS)


@pytest.mark.parametrize(
    "changed",
    [
        job(visual=CardVisual(kind="title", text="Coffee")),
        job(visual=PHOTO),
        job(visual=PHOTO.model_copy(update={"motion": "push_in"})),
        job(visual=PHOTO.model_copy(update={"fit": "blur"})),
        job(visual=PHOTO.model_copy(update={"focus": (0.1, 0.9)})),
        job(fit="contain"),
        job(language="ar"),
        job(dissolves=True),
        job(theme=theme_named("ember")),
        job(areas=dataclasses.replace(AREAS, card=moved(AREAS.card))),
        job(areas=dataclasses.replace(AREAS, caption=moved(AREAS.caption))),
        job(brand=Brand(heading_font="Anton")),
        job(shown=Scene(id="a", narration="Tea is old.", visual=CARD, on_screen="A heading")),
        job(canvas=Canvas(216, 384, 12)),
        job(encoder=EncoderSettings(crf=30)),
        job(encoder=EncoderSettings(preset="medium")),
        job(stretch=Stretch(2, 28)),
    ],
)
async def test_one_other_input_is_another_key(changed: SegmentJob) -> None:
    assert await key(changed) != await key(job())


async def test_photos_differ_by_motion_fit_and_focus() -> None:
    same = job(visual=PHOTO)
    others = [
        PHOTO.model_copy(update=change) for change in ({"motion": "still"}, {"fit": "cover"}, {"focus": (0.2, 0.2)})
    ]
    assert len({await key(same), *[await key(job(visual=visual)) for visual in others]}) == 4


async def test_the_bytes_of_a_picture_count_and_its_name_does_not(tmp_path: Path) -> None:
    first, again, other = tmp_path / "a", tmp_path / "b", tmp_path / "c"
    first.write_bytes(b"one")
    again.write_bytes(b"one")
    other.write_bytes(b"two")
    keys = [await key(job(visual=PHOTO, asset=path)) for path in (first, again, other)]
    assert keys[0] == keys[1] != keys[2]
    logos = [await key(job(logo=path)) for path in (first, again, other)]
    assert logos[0] == logos[1] != logos[2]


async def test_another_ffmpeg_is_another_key() -> None:
    assert await segment_key(job(), "ffmpeg 1") != await segment_key(job(), "ffmpeg 2")
