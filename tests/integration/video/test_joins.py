"""Transitions as segments round a cut, motion frame by frame, edits counted in runs of the encoder, drafts."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image, ImageDraw

from ettametta.storyboard import Brand, CardVisual, PhotoVisual, Scene, Storyboard, Style
from ettametta.video.commands import EncoderSettings
from ettametta.video.ffmpeg import Ffmpeg, Finished
from ettametta.video.lettering.fonts import Fonts
from ettametta.video.plan import Canvas
from ettametta.video.render import RenderedVideo, Renderer, RenderInput
from tests.integration.video.conftest import MemoryCache, narration

WIDTH, HEIGHT, FPS = 144, 256, 12


class CountingFfmpeg(Ffmpeg):
    """Notes what each run of the video encoder makes."""

    made: list[str]

    async def run(self, argv: Sequence[str], **options: Any) -> Finished:
        if "libx264" in argv:
            self.made.append(Path(argv[-1]).stem)
        return await super().run(argv, **options)


async def ignore(_fraction: float, _what: str) -> None:
    """Nobody watches."""


@pytest.fixture
def counting(ffmpeg: Ffmpeg) -> CountingFfmpeg:
    counting = CountingFfmpeg(ffmpeg.binary)
    counting.made = []
    return counting


@pytest.fixture
def dot(tmp_path: Path) -> Path:
    """A white disc on black, to be followed."""
    picture = Image.new("RGB", (1000, 1000), "black")
    ImageDraw.Draw(picture).ellipse((480, 480, 520, 520), fill="white")
    picture.save(tmp_path / "dot.png")
    return tmp_path / "dot.png"


def silent(visual: CardVisual | PhotoVisual, number: int, seconds: float = 1.0, **more: Any) -> Scene:
    return Scene(id=f"s{number}", visual=visual, min_duration_s=seconds, **more)


def photo(motion: str = "auto", **more: Any) -> PhotoVisual:
    return PhotoVisual.model_validate({"asset_key": "dot", "width": 1000, "height": 1000, "motion": motion, **more})


def board(*scenes: Scene, transition: str = "cut", fps: int = FPS, **more: Any) -> Storyboard:
    style = Style.model_validate({"transition": {"kind": transition, "duration_s": 0.5}, "captions": {"mode": "off"}})
    return Storyboard(title="t", language="en", width=WIDTH, height=HEIGHT, fps=fps, style=style, scenes=scenes, **more)


async def render(
    ffmpeg: Ffmpeg, fonts: Fonts, job: RenderInput, folder: Path, cache: MemoryCache | None = None, **more: Any
) -> RenderedVideo:
    renderer = Renderer(ffmpeg, EncoderSettings("ultrafast", 4, 1), fonts, parallel=2)
    return await renderer.render(job, folder, cache=cache or MemoryCache(), on_progress=ignore, **more)


def luma(path: Path) -> np.ndarray[Any, np.dtype[np.float64]]:
    with av.open(str(path)) as file:
        frames = [frame.to_ndarray()[: frame.height] for frame in file.decode(video=0)]
    return np.stack(frames).astype(float)


def places(frames: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The middle of what is light in each frame: rows and columns, to a part of a pixel."""
    weights = np.clip(frames - 60, 0, None)
    rows, columns = np.arange(frames.shape[1]), np.arange(frames.shape[2])
    total = weights.sum(axis=(1, 2))
    return np.stack([(weights.sum(axis=2) @ rows) / total, (weights.sum(axis=1) @ columns) / total], axis=1)


@pytest.mark.parametrize(("motion", "axis", "sign"), [("pan_right", 1, -1), ("pan_up", 0, 1), ("pan_down", 0, -1)])
async def test_a_pan_takes_the_same_step_on_every_frame(
    ffmpeg: Ffmpeg, fonts: Fonts, dot: Path, tmp_path: Path, motion: str, axis: int, sign: int
) -> None:
    job = RenderInput(board(silent(photo(motion), 0, 1.5), fps=30), {}, {"dot": dot})
    steps = np.diff(places(luma((await render(ffmpeg, fonts, job, tmp_path / "w")).video)), axis=0)
    assert np.abs(steps[:, axis] - steps[:, axis].mean()).max() < 0.06
    assert sign * steps[:, axis].mean() > 0.1
    assert np.abs(steps[:, 1 - axis]).max() < 0.03


async def test_a_zoom_grows_evenly_about_the_middle(ffmpeg: Ffmpeg, fonts: Fonts, dot: Path, tmp_path: Path) -> None:
    job = RenderInput(board(silent(photo("push_in"), 0, 1.5)), {}, {"dot": dot})
    frames = luma((await render(ffmpeg, fonts, job, tmp_path / "w")).video)
    areas = np.sqrt(np.clip(frames - 60, 0, None).sum(axis=(1, 2)))
    assert areas[-1] > areas[0] * 1.02
    assert np.abs(places(frames) - places(frames).mean(axis=0)).max() < 0.3


@pytest.mark.parametrize("kind", ["fade", "fade_black", "slide_left", "wipe_up", "zoom_in", "zoom_out"])
async def test_a_transition_moves_nothing_and_begins_and_ends_with_the_scenes_own_pictures(
    ffmpeg: Ffmpeg, fonts: Fonts, dot: Path, tmp_path: Path, kind: str
) -> None:
    scenes = (silent(CardVisual(kind="quote", text="Red"), 0), silent(photo("pan_right"), 1))
    cut, mixed = [
        luma((await render(
            ffmpeg, fonts, RenderInput(board(*scenes, transition=one), {}, {"dot": dot}), tmp_path / one
        )).video)
        for one in ("cut", kind)
    ]  # fmt: skip
    assert len(mixed) == len(cut) == 24
    apart = np.abs(mixed - cut).mean(axis=(1, 2))
    assert apart[:10].max() < 1.5  # the first of the six frames of the join is still the first scene's own
    assert apart[15:].max() < 1.5
    assert apart[11:13].min() > 2


async def test_an_edit_encodes_its_scene_and_its_joins_only(
    counting: CountingFfmpeg, fonts: Fonts, dot: Path, tmp_path: Path
) -> None:
    def job(text: str) -> RenderInput:
        cards = [CardVisual(kind="title", text=one) for one in ("One", text, "Three")]
        scenes = [silent(card, number) for number, card in enumerate(cards)]
        whole = board(*scenes, silent(photo(), 3), silent(photo(), 4), transition="fade")
        return RenderInput(whole, {}, {"dot": dot})

    cache = MemoryCache()
    first = await render(counting, fonts, job("Two"), tmp_path / "a", cache)
    assert (first.segments_encoded, first.joins_encoded, len(counting.made)) == (9, 4, 9)
    assert first.checks.failed == ()
    counting.made.clear()
    edited = await render(counting, fonts, job("Other"), tmp_path / "b", cache)
    assert sorted(counting.made) == ["join-001", "join-002", "scene-001"]
    assert (edited.segments_encoded, edited.joins_encoded, edited.segments_reused) == (3, 2, 6)
    counting.made.clear()
    assert (await render(counting, fonts, job("Two"), tmp_path / "c", cache)).video.read_bytes()
    assert counting.made == []


async def test_a_draft_is_the_same_video_in_small(ffmpeg: Ffmpeg, fonts: Fonts, tmp_path: Path) -> None:
    text = "Words that are spoken"
    scene = Scene(id="a", narration=text, visual=CardVisual(kind="title", text="One"))
    large = Storyboard(title="t", language="en", width=540, height=960, fps=FPS, scenes=(scene,))
    job = RenderInput(large, {"a": narration(tmp_path / "a.wav", text, 1.0)})
    made = await render(ffmpeg, fonts, job, tmp_path / "w", draft=True)
    assert (made.width, made.height) == (480, 852)
    assert made.checks.failed == ()


async def test_a_brands_opening_logo_and_heading_are_seen(
    ffmpeg: Ffmpeg, fonts: Fonts, dot: Path, tmp_path: Path
) -> None:
    Image.new("RGBA", (80, 80), (255, 255, 255, 255)).save(tmp_path / "logo.png")
    brand = Brand(name="Lab", logo_key="logo", intro="The Lab", logo_size=0.2)
    own = board(silent(photo("still"), 0, on_screen="Heading"), brand=brand)
    files = {"dot": dot, "logo": tmp_path / "logo.png"}
    made = await render(ffmpeg, fonts, RenderInput(own, {}, files), tmp_path / "w")
    assert made.duration_s > 2
    frames = luma(made.video)
    assert frames[-1][: HEIGHT // 4].max() > 200
    bare = dataclasses.replace(RenderInput(board(silent(photo("still"), 0)), {}, files))
    plain = luma((await render(ffmpeg, fonts, bare, tmp_path / "v")).video)
    assert plain[-1][: HEIGHT // 4].max() < 60
    assert Canvas(made.width, made.height, FPS).portrait


async def test_white_captions_are_white(ffmpeg: Ffmpeg, fonts: Fonts, tmp_path: Path) -> None:
    text = "Hello there"
    scene = Scene(id="a", narration=text, visual=CardVisual(kind="title", text="One"))
    small = Storyboard(title="t", language="en", width=270, height=480, fps=FPS, scenes=(scene,))
    job = RenderInput(small, {"a": narration(tmp_path / "a.wav", text, 0.8)})
    frame = luma((await render(ffmpeg, fonts, job, tmp_path / "w")).video)[4]
    bright = frame[290:380][frame[290:380] > 200]
    assert 230 <= np.median(bright) <= 237
