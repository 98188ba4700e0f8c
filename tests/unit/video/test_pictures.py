"""Photos: filled to the frame, panned when there is room, whole on a blur when too wide, any mode to RGB."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageDraw

from ettametta.video.pictures import fill_frame
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


@pytest.mark.parametrize(
    ("size", "frames", "filled"),
    [
        ((900, 1600), 90, (270, 480)),
        ((800, 600), 90, (360, 480)),
        ((800, 600), 900, (270, 480)),
        ((1920, 1080), 90, (270, 480)),
        ((300, 900), 90, (270, 570)),
        ((10, 10), 90, (360, 480)),
        ((4000, 100), 90, (270, 480)),
    ],
    ids=["portrait", "pan", "too long to pan", "wide on blur", "tall pan", "tiny", "panorama"],
)
def test_pictures_fill_the_frame(size: tuple[int, int], frames: int, filled: tuple[int, int]) -> None:
    assert fill_frame(Image.new("RGB", size, "red"), CANVAS, frames, None).size == filled


@pytest.mark.parametrize("x", [10, 700])
def test_the_crop_keeps_the_detail(x: int) -> None:
    filled = fill_frame(dotted(800, 600, x, 250), CANVAS, 900, None)
    assert np.asarray(filled.convert("L")).max() > 230


def test_a_wide_picture_is_shown_whole() -> None:
    picture = Image.new("RGB", (1600, 400), "blue")
    picture.paste((255, 0, 0), (0, 0, 40, 400))
    picture.paste((0, 255, 0), (1560, 0, 1600, 400))
    pixels = np.asarray(fill_frame(picture, CANVAS, 90, None)).astype(int)
    assert (pixels[:, :, 0] > 200).any()
    assert (pixels[:, :, 1] > 200).any()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "YCbCr", "I", "F", "I;16"])
def test_any_mode_becomes_rgb(mode: str) -> None:
    filled = fill_frame(Image.new(mode, (90, 160)), CANVAS, 30, safe_areas(CANVAS).caption)
    assert (filled.mode, filled.size) == ("RGB", (270, 480))


def test_transparent_parts_are_white() -> None:
    assert fill_frame(Image.new("RGBA", (90, 160)), CANVAS, 30, None).getpixel((5, 5)) == (255, 255, 255)


def test_a_broken_colour_profile_is_ignored_and_a_good_one_used() -> None:
    picture = Image.new("RGB", (90, 160), (10, 200, 30))
    picture.info["icc_profile"] = b"nonsense"
    assert fill_frame(picture, CANVAS, 30, None).getpixel((5, 5)) == (10, 200, 30)
    picture.info["icc_profile"] = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert fill_frame(picture, CANVAS, 30, None).getpixel((5, 5)) == (10, 200, 30)


def test_the_caption_area_is_darkened() -> None:
    area = safe_areas(CANVAS).caption
    filled = fill_frame(Image.new("RGB", (90, 160), "white"), CANVAS, 30, area)
    middle = filled.getpixel((100, area.top + area.height // 2))
    assert isinstance(middle, tuple)
    assert middle[0] < 150
    assert filled.getpixel((100, 5)) == (255, 255, 255)
