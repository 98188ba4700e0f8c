"""Captions as libass draws them: all ink is inside the area, and inside the box that the check is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageChops

from ettametta.storyboard import CaptionMode, CaptionStyle
from ettametta.video.captions.ass import caption_document, caption_sheet
from ettametta.video.captions.look import caption_look
from ettametta.video.captions.states import CaptionPart
from ettametta.video.ffmpeg import Ffmpeg
from ettametta.video.lettering.fonts import Fonts
from ettametta.video.plan import Box, Canvas, Cue, CueWord
from ettametta.video.safe_areas import safe_areas
from ettametta.video.themes import THEMES

CANVAS = Canvas(540, 960, 20)
GROUND = (0, 255, 0)
#: Soft edges of letters.
SOFT = 2
LATIN, ARABIC = ("Jumpy", "gypsies", "enjoyed", "ÀÇŷ"), ("يجري", "الخوارزمي", "في", "بيتٍ")
MODES: tuple[CaptionMode, ...] = ("pop", "one_word")


async def ink_of(document: str, fonts: Path, folder: Path, ffmpeg: Ffmpeg) -> Box:
    """What differs from the ground in any frame of the first half second."""
    (folder / "c.ass").write_text(document, encoding="utf-8")
    ground = f"color=c=0x00ff00:s={CANVAS.width}x{CANVAS.height}:r={CANVAS.fps}:d=0.5,format=gbrp"
    argv = ["-f", "lavfi", "-i", ground, "-vf", f"ass=c.ass:fontsdir={fonts.name}", "f%02d.png"]
    await ffmpeg.run(argv, cwd=folder, fonts_conf=folder / "fonts.conf")
    return _union(folder)


def _union(folder: Path) -> Box:
    boxes = []
    for path in sorted(folder.glob("f*.png")):
        with Image.open(path) as frame:
            plain = Image.new("RGB", frame.size, GROUND)
            grey = ImageChops.difference(frame.convert("RGB"), plain).convert("L")
        box = grey.point(lambda value: 255 * (value > 20)).getbbox()
        boxes += [box] if box else []
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return Box(min(lefts), min(tops), max(rights) - min(lefts), max(bottoms) - min(tops))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("words", [LATIN, ARABIC], ids=["latin", "arabic"])
async def test_ink_keeps_inside_the_area(mode: CaptionMode, words: tuple[str, ...], tmp_path: Path) -> None:
    fonts, ffmpeg = Fonts.locate(), Ffmpeg.locate()
    style = CaptionStyle(mode=mode)
    areas, look = safe_areas(CANVAS, style), caption_look(style, THEMES["midnight"], fonts)
    times = [CueWord(text, at * 100, at * 100 + 100, stressed=at == 1) for at, text in enumerate(words)]
    cues: tuple[Cue, ...] = (Cue((tuple(times[:2]), tuple(times[2:])), 0, 500),)
    if look.lines == 1:
        cues = tuple(Cue(((word,),), word.start_ms, word.end_ms) for word in times)
    part = [CaptionPart(cues, 0, 10)]
    sheet = caption_sheet(part, CANVAS, areas, look, fonts)
    assert sheet is not None
    fonts.lend(sheet.faces, tmp_path)
    seen = await ink_of(caption_document(part, CANVAS, areas, look, fonts), tmp_path / "fonts", tmp_path, ffmpeg)
    for inner, outer in ((seen, areas.caption), (seen, sheet.ink), (sheet.ink, sheet.area)):
        assert inner.left >= outer.left - SOFT
        assert inner.left + inner.width <= outer.left + outer.width + SOFT
        assert inner.bottom <= outer.bottom + SOFT
    assert seen.top >= sheet.ink.top - SOFT
