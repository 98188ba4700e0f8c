"""Photos: filled to the frame and the way of a pan, whole on a blur when too wide, focus, any mode to RGB."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageDraw

from ettametta.video.pictures import Framing, detail_focus, frame_still, upright_rgb
from ettametta.video.plan import Canvas
from ettametta.video.safe_areas import safe_areas

CANVAS = Canvas(270, 480, 30)


def dotted(width: int, height: int, x: int, y: int) -> Image.Image:
    """A plain picture with all its detail at one place."""
    picture = Image.new("RGB", (width, height), "#888888")
    pen = ImageDraw.Draw(picture)
    for n in range(0, 60, 6):
        pen.rectangle((x + n, y, x + n + 2, y + 60), fill="white")
    return picture


def framed(picture: Image.Image, **options: Any) -> Image.Image:
    return frame_still(upright_rgb(picture, 270), Framing(CANVAS, **options))


@pytest.mark.parametrize("size", [(900, 1600), (800, 600), (1920, 1080), (300, 900), (10, 10), (4000, 100)])
@pytest.mark.parametrize("fit", ["auto", "cover", "contain", "blur"])
def test_pictures_fill_the_frame_and_the_way_of_the_pan(size: tuple[int, int], fit: str) -> None:
    picture = Image.new("RGB", size, "red")
    assert framed(picture, fit=fit, across=30).size == (300, 480)
    assert framed(picture, fit=fit, down=32).size == (270, 512)


@pytest.mark.parametrize("x", [10, 700])
def test_the_crop_keeps_the_detail(x: int) -> None:
    assert np.asarray(framed(dotted(800, 600, x, 250)).convert("L")).max() > 230


def test_the_focus_wins_over_the_detail() -> None:
    picture = dotted(800, 600, 700, 250)
    assert np.asarray(framed(picture, focus=(0.1, 0.5)).convert("L")).max() < 180
    assert np.asarray(framed(picture, focus=(0.93, 0.5)).convert("L")).max() > 230


def test_a_plain_picture_is_cut_in_the_middle() -> None:
    across, down = detail_focus(Image.new("RGB", (800, 600), "grey"), (337.5, 600))
    assert abs(across - 0.5) < 0.02
    assert down == 0.5


def test_a_wide_picture_is_shown_whole() -> None:
    picture = Image.new("RGB", (1600, 400), "blue")
    picture.paste((255, 0, 0), (0, 0, 40, 400))
    picture.paste((0, 255, 0), (1560, 0, 1600, 400))
    pixels = np.asarray(framed(picture)).astype(int)
    assert (pixels[:, :, 0] > 200).any()
    assert (pixels[:, :, 1] > 200).any()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "YCbCr", "I", "F", "I;16"])
def test_any_mode_becomes_rgb(mode: str) -> None:
    filled = framed(Image.new(mode, (90, 160)), captions=safe_areas(CANVAS).caption)
    assert (filled.mode, filled.size) == ("RGB", (270, 480))


def test_transparent_parts_are_white() -> None:
    assert framed(Image.new("RGBA", (90, 160))).getpixel((5, 5)) == (255, 255, 255)


def test_a_broken_colour_profile_is_ignored_and_a_good_one_used() -> None:
    picture = Image.new("RGB", (90, 160), (10, 200, 30))
    picture.info["icc_profile"] = b"nonsense"
    assert framed(picture).getpixel((5, 5)) == (10, 200, 30)
    picture.info["icc_profile"] = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert framed(picture).getpixel((5, 5)) == (10, 200, 30)


def test_the_caption_area_is_darkened() -> None:
    area = safe_areas(CANVAS).caption
    filled = framed(Image.new("RGB", (90, 160), "white"), captions=area)
    middle = filled.getpixel((100, area.top + area.height // 2))
    assert isinstance(middle, tuple)
    assert middle[0] < 150
    assert filled.getpixel((100, 5)) == (255, 255, 255)
