"""Previews: frames found by seeking, the contact sheet, thumbnail candidates that differ and can be read."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import av
import numpy as np
import pytest
from PIL import Image, ImageFilter

from ettametta.errors import InvalidInput
from ettametta.storyboard import CardVisual, PhotoVisual, Scene, Storyboard, Style
from ettametta.video.commands import EncoderSettings
from ettametta.video.ffmpeg import Ffmpeg
from ettametta.video.lettering.fonts import Fonts
from ettametta.video.plan import Canvas, Timeline
from ettametta.video.planner import plan_timeline
from ettametta.video.previews.contact_sheet import SheetScene, contact_sheet
from ettametta.video.previews.frames import frames_at, scene_moments
from ettametta.video.previews.previews import make_previews
from ettametta.video.previews.thumbnails import cover_box, frame_score, thumbnails, title_cover
from ettametta.video.render import RenderedVideo, Renderer, RenderInput
from ettametta.video.themes import THEMES

FONTS = Fonts.locate()
CANVAS = Canvas(144, 256, 10)
SCENES = (("one", (200, 30, 30)), ("two", (30, 160, 40)), ("three", (30, 60, 210)))


def silent_board() -> Storyboard:
    photo = PhotoVisual(asset_key="a/photo", width=60, height=80)
    visuals = (CardVisual(kind="title", text="Hello"), photo, CardVisual(kind="closing", text="Bye"))
    scenes = tuple(
        Scene(id=name, visual=visual, min_duration_s=2.0) for (name, _), visual in zip(SCENES, visuals, strict=True)
    )
    return Storyboard(
        title="How honey keeps", language="en", width=144, height=256, fps=10, scenes=scenes, style=Style(theme="pop")
    )


def write_video(path: Path, timeline: Timeline) -> Path:
    """A plain colour for each scene, with one key frame at the start of each."""
    with av.open(str(path), "w", format="mp4") as file:
        stream = file.add_stream("libx264", rate=timeline.canvas.fps, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = timeline.canvas.width, timeline.canvas.height, "yuv420p"
        for plan, (_, colour) in zip(timeline.scenes, SCENES, strict=True):
            pixels = np.full((timeline.canvas.height, timeline.canvas.width, 3), colour, dtype=np.uint8)
            for _ in range(plan.frames):
                file.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        file.mux(stream.encode(None))
    return path


def textured(seed: int, sharp: bool = True) -> Image.Image:
    noise = np.random.default_rng(seed).integers(0, 255, (80, 60, 3), dtype=np.uint8)
    picture = Image.fromarray(noise, "RGB").resize((600, 800), Image.Resampling.NEAREST)
    return picture if sharp else picture.filter(ImageFilter.GaussianBlur(30))


def test_a_frame_of_each_scene_is_found(tmp_path: Path) -> None:
    timeline = plan_timeline(silent_board(), {})
    video = write_video(tmp_path / "video.mp4", timeline)
    frames = frames_at(video, (*scene_moments(timeline), 99.0), width=72)
    assert [frame.size for frame in frames] == [(72, 128)] * 4
    for frame, (_, colour) in zip(frames, (*SCENES, SCENES[-1]), strict=True):
        seen = frame.getpixel((36, 64))
        assert isinstance(seen, tuple)
        assert max(abs(a - b) for a, b in zip(seen, colour, strict=True)) < 24


def test_a_broken_video_is_refused(tmp_path: Path) -> None:
    (tmp_path / "video.mp4").write_bytes(b"not a video")
    with pytest.raises(InvalidInput, match="no picture"):
        frames_at(tmp_path / "video.mp4", (0.0,))


def test_previews_are_files_of_the_right_size(tmp_path: Path) -> None:
    board = silent_board()
    timeline = plan_timeline(board, {})
    textured(1).save(tmp_path / "photo.png")
    video = write_video(tmp_path / "video.mp4", timeline)
    made = make_previews(video, board, timeline, {"a/photo": tmp_path / "photo.png"}, FONTS, tmp_path)
    assert 3 <= len(made.thumbnails) <= 5
    assert len(made.small) == len(made.thumbnails)
    for full, small in zip(made.thumbnails, made.small, strict=True):
        with Image.open(full) as picture, Image.open(small) as little:
            assert picture.format == little.format == "JPEG"
            assert picture.size == (144, 256)
            assert max(little.size) <= 320
    with Image.open(made.contact_sheet) as sheet:
        assert sheet.width > sheet.height


def test_a_contact_sheet_has_a_cell_for_each_scene_and_leaves_out_what_no_font_draws() -> None:
    cells = [
        SheetScene(Image.new("RGB", (90, 160), colour), words, 2.0)
        for (_, colour), words in zip(SCENES, ("a " * 90, "", "\U00012000"), strict=True)
    ]
    sheet = contact_sheet(cells, FONTS)
    for number, (_, colour) in enumerate(SCENES):
        assert sheet.getpixel((36 + number * 274 + 125, 200)) == colour
    many = contact_sheet(cells * 4, FONTS)
    assert many.height > 2 * sheet.height - 100


def test_sharp_frames_are_better_than_blurred_and_black_ones() -> None:
    assert frame_score(textured(1)) > frame_score(textured(1, sharp=False)) > frame_score(Image.new("RGB", (60, 80)))


def test_candidates_are_covers_and_the_best_frames_without_twins() -> None:
    frames = [textured(2), textured(2), textured(2, sharp=False), Image.new("RGB", (60, 80))]
    chosen = thumbnails("How honey keeps", frames, [textured(5), textured(5)], THEMES["ember"], CANVAS, FONTS)
    assert [one.kind for one in chosen] == ["cover", "cover", "frame", "frame"]
    assert all(one.picture.size == (144, 256) for one in chosen)
    assert chosen[2].picture.tobytes() != chosen[3].picture.tobytes()


@pytest.mark.parametrize("theme", ["midnight", "gallery"])
@pytest.mark.parametrize("ground", ["white", "black"])
def test_a_cover_darkens_or_lightens_its_picture_behind_the_title_only(theme: str, ground: str) -> None:
    cover = title_cover("Honey", Image.new("RGB", (90, 160), ground), THEMES[theme], CANVAS, FONTS)
    top, foot = cover.getpixel((2, 2)), cover.getpixel((2, 250))
    assert isinstance(top, tuple)
    assert isinstance(foot, tuple)
    assert top == ((255, 255, 255) if ground == "white" else (0, 0, 0))
    assert sum(abs(a - b) for a, b in zip(foot, THEMES[theme].top, strict=True)) < 200


def test_a_covers_title_is_inside_what_grids_show() -> None:
    for canvas in (CANVAS, Canvas(256, 144, 10), Canvas(200, 200, 10)):
        box = cover_box(canvas)
        assert box.width <= canvas.height * 4 / 3
        assert box.height <= canvas.width * 4 / 3
        assert box.left > 0
        assert box.bottom < canvas.height


async def test_a_video_is_not_lost_for_a_title_that_no_font_draws(tmp_path: Path) -> None:
    board = silent_board()
    video = write_video(tmp_path / "video.mp4", plan_timeline(board, {}))
    textured(1).save(tmp_path / "photo.png")
    renderer = Renderer(cast("Ffmpeg", None), EncoderSettings(), FONTS)
    rendered = cast("RenderedVideo", SimpleNamespace(video=video))
    assets = {"a/photo": tmp_path / "photo.png"}
    made = await renderer.previews(RenderInput(board, {}, assets), rendered)
    assert made is not None
    assert made.contact_sheet.is_file()
    odd = board.model_copy(update={"title": "\U00012000"})
    assert await renderer.previews(RenderInput(odd, {}, assets), rendered) is None
