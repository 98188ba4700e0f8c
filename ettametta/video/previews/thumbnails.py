"""Candidates for a video's thumbnail: its best frames, and designed covers with the title over a picture or a theme."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter, ImageOps

from ettametta.storyboard import CardVisual
from ettametta.video.design.cards import draw_card
from ettametta.video.design.contrast import TEXT, min_contrast
from ettametta.video.design.layers import Layer, panel
from ettametta.video.design.sheet import Sheet, display
from ettametta.video.lettering.fonts import Fonts, Role
from ettametta.video.lettering.typeset import is_rtl
from ettametta.video.plan import Box, Canvas
from ettametta.video.themes import Theme

#: The longer side of the small version, in pixels: what chats show.
SMALL = 320
_FRAMES = 2
#: Frames more alike than this (mean difference of small greys, 0-255) count as one.
_ALIKE = 14.0
_JPEG_QUALITY = 90
#: How strong the scrim under a title is, as strong as needed.
_SCRIMS = (0.78, 0.88, 0.95, 1.0)


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A candidate: a frame as it is, or a cover made for it. As large as the video."""

    kind: Literal["frame", "cover"]
    picture: Image.Image

    @property
    def small(self) -> Image.Image:
        """The same with a longer side of 320 pixels."""
        picture = self.picture.copy()
        picture.thumbnail((SMALL, SMALL), Image.Resampling.LANCZOS, reducing_gap=3.0)
        return picture


def thumbnails(
    title: str, frames: Sequence[Image.Image], photos: Sequence[Image.Image], theme: Theme, canvas: Canvas, fonts: Fonts
) -> tuple[Thumbnail, ...]:
    """Three to five candidates, the designed covers first.

    Args:
        title: what covers say.
        frames: frames of the video, at least one.
        photos: pictures without text on them, for covers; may be empty.
        theme: already `branded`.
        canvas: the size of all candidates.
        fonts: already the brand's.

    Raises:
        MissingPart: no font covers a letter of the title.
    """
    box = cover_box(canvas)
    card = draw_card(CardVisual(kind="title", text=title[:200]), theme, canvas, box, len(title), fonts)
    covers = [title_cover(title, photo, theme, canvas, fonts) for photo in _best(photos, 2)]
    covers.append(_flattened(card.backdrop, card.layers, canvas))
    chosen = [Thumbnail("cover", cover) for cover in covers]
    chosen += [Thumbnail("frame", _cropped(frame, canvas)) for frame in _best(frames, _FRAMES)]
    return tuple(chosen)


def cover_box(canvas: Canvas) -> Box:
    """Where a cover's title stands: inside what the apps' grids show of it, the middle 3:4 (of a wide one, 4:3)."""
    across = min(canvas.width, round(canvas.height * 4 / 3))
    down = min(canvas.height, round(canvas.width * 4 / 3))
    wide, high = round(across * 0.84), round(down * 0.82)
    return Box((canvas.width - wide) // 2, (canvas.height - high) // 2, wide, high)


def title_cover(title: str, photo: Image.Image, theme: Theme, canvas: Canvas, fonts: Fonts) -> Image.Image:
    """The title large over a picture, at the foot of the cover's middle, on a scrim strong enough to read it.

    Raises:
        MissingPart: no font covers a letter of the title.
    """
    sheet = Sheet(theme, canvas, cover_box(canvas), fonts.styled(theme.heading_face, theme.text_face), is_rtl(title))
    sizes = (168 if theme.poster else 132, 52)
    setting = sheet.fit(
        display(sheet, title), Role.DISPLAY, sizes, lines=5, spacing=1.14, height=round(sheet.box.height * 0.52)
    )
    top = sheet.box.bottom - setting.height
    sheet.add(sheet.lines(setting, theme.ink, sheet.box.left, top, sheet.box.width), 0.0)
    wide, high = sheet.px(150), sheet.px(16)
    bar = Layer(panel(wide, high, theme.accent, radius=high // 2), sheet.x(0, wide), top - sheet.px(34), 0.0)
    shaded = ground = _cropped(photo, canvas)
    for strength in _SCRIMS:
        shaded = _scrimmed(ground, theme, top - sheet.px(60), strength)
        if min_contrast(sheet.layers, shaded) >= TEXT:
            break
    return _flattened(shaded, (*sheet.layers, bar), canvas)


def _scrimmed(picture: Image.Image, theme: Theme, top: int, strength: float) -> Image.Image:
    """The theme's ground laid over the picture, from nothing well above `top` to its full strength just there."""
    rows = np.arange(picture.height, dtype=np.float32)
    reach = picture.height * 0.26
    part = np.clip((rows - (top - reach)) / reach, 0, 1)
    mask = (part * part * (3 - 2 * part) * (255 * strength)).astype(np.uint8)
    shade = Image.fromarray(np.ascontiguousarray(np.broadcast_to(mask[:, None], (picture.height, picture.width))), "L")
    shaded = picture.copy()
    shaded.paste(theme.top, (0, 0), shade)
    return shaded


def _flattened(ground: Image.Image, layers: Sequence[Layer], canvas: Canvas) -> Image.Image:
    whole = ground.crop((0, 0, canvas.width, canvas.height)).convert("RGBA")
    for layer in layers:
        whole.alpha_composite(layer.picture, (layer.left, layer.top))
    return whole.convert("RGB")


def _cropped(picture: Image.Image, canvas: Canvas) -> Image.Image:
    return ImageOps.fit(
        picture.convert("RGB"), (canvas.width, canvas.height), Image.Resampling.LANCZOS, centering=(0.5, 0.42)
    )


def _best(pictures: Sequence[Image.Image], count: int) -> list[Image.Image]:
    """The best pictures that differ from one another, best first."""
    smalls = [_grey(picture) for picture in pictures]
    order = sorted(range(len(pictures)), key=lambda place: -frame_score(pictures[place]))
    chosen: list[int] = []
    for place in order:
        if len(chosen) < count and all(np.abs(smalls[place] - smalls[other]).mean() > _ALIKE for other in chosen):
            chosen.append(place)
    return [pictures[place] for place in chosen]


def _grey(picture: Image.Image) -> NDArray[np.float32]:
    return np.asarray(picture.convert("L").resize((24, 24), Image.Resampling.BOX), dtype=np.float32)


def frame_score(picture: Image.Image) -> float:
    """How well a frame does as a still, 0 to 1: sharp, of strong contrast, colourful, neither dark nor burnt out.

    Sharpness is the variance of the Laplacian (Pech-Pacheco et al., 2000), colourfulness that of Hasler and
    Suesstrunk (2003); both are measured on 270 pixels of width, so that sizes compare.
    """
    small = picture.convert("RGB").resize((270, max(2, round(270 * picture.height / picture.width))))
    grey = small.convert("L")
    edges = np.asarray(grey.filter(ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), 1, 128)), dtype=np.float32)
    light = np.asarray(grey, dtype=np.float32)
    sharp = min(1.0, float(edges.var()) / 900)
    contrast = min(1.0, float(light.std()) / 64)
    exposure = 1.0 - min(1.0, abs(float(light.mean()) - 118) / 118)
    return 0.4 * sharp + 0.25 * contrast + 0.2 * _colourful(small) + 0.15 * exposure


def _colourful(picture: Image.Image) -> float:
    red, green, blue = np.asarray(picture, dtype=np.float32).transpose(2, 0, 1)
    warm, cool = red - green, (red + green) / 2 - blue
    spread = float(np.hypot(warm.std(), cool.std()) + 0.3 * np.hypot(warm.mean(), cool.mean()))
    return min(1.0, spread / 90)


def shrunk(jpeg: bytes) -> bytes:
    """A candidate of ours as JPEG in its small version. Blocking: some hundredths of a second of CPU."""
    small = io.BytesIO()
    with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as picture:
        Thumbnail("cover", picture.convert("RGB")).small.save(small, "JPEG", **jpeg_options())
    return small.getvalue()


def jpeg_options() -> dict[str, int | bool]:
    """How candidates are written."""
    return {"quality": _JPEG_QUALITY, "optimize": True, "progressive": True}
