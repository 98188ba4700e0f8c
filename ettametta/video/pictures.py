"""A person's photo made ready: sRGB, filled to the frame's shape, darkened where light captions stand."""

from __future__ import annotations

import contextlib
import io

import numpy as np
from PIL import Image, ImageCms, ImageEnhance, ImageFilter

from ettametta.video.plan import Box, Canvas

#: Less of the picture than this would be left by cropping: then it is shown whole on a blurred copy of itself.
MIN_KEPT = 0.36
_BLURRED_SIZE = 90
#: How much the caption area of a photo is darkened.
_SCRIM = 0.5


def fill_frame(photo: Image.Image, canvas: Canvas, frames: int, captions: Box | None) -> Image.Image:
    """An RGB picture as large as the frame, or longer on one side when the scene can pan over it at a pixel a frame.

    Args:
        photo: upright, any mode.
        canvas: the frame.
        frames: length of the scene.
        captions: where captions will stand, or None.
    """
    picture = _to_srgb(photo)
    kept = _kept_share(picture, canvas)
    filled = _on_blur(picture, canvas) if kept < MIN_KEPT else _cover(picture, canvas, frames)
    return _scrimmed(filled, captions) if captions is not None else filled


def _kept_share(picture: Image.Image, canvas: Canvas) -> float:
    ratio = (picture.width * canvas.height) / (picture.height * canvas.width)
    return min(ratio, 1 / ratio)


def _to_srgb(photo: Image.Image) -> Image.Image:
    """Transparent parts become white; an embedded colour profile is applied, a broken one ignored."""
    profile = photo.info.get("icc_profile")
    if photo.mode in {"RGBA", "LA", "PA", "P"}:
        layered = photo.convert("RGBA")
        photo = Image.alpha_composite(Image.new("RGBA", layered.size, "white"), layered).convert("RGB")
    elif photo.mode.startswith("I;16") or photo.mode in {"I", "F"}:
        photo = _from_deep(photo)
    if profile and photo.mode in {"RGB", "CMYK", "L"}:
        with contextlib.suppress(ImageCms.PyCMSError, OSError, ValueError):
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(photo, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
            photo = converted or photo
    return photo.convert("RGB")


def _from_deep(photo: Image.Image) -> Image.Image:
    """Sixteen-bit and floating-point greys, stretched to eight bits."""
    values = np.asarray(photo, dtype=np.float32)
    low, high = float(values.min()), float(values.max())
    return Image.fromarray(((values - low) * (255 / max(high - low, 1e-6))).astype(np.uint8), "L")


def _cover(picture: Image.Image, canvas: Canvas, frames: int) -> Image.Image:
    """Crop to the frame, or to the frame and the way a pan takes when the picture has the room for it."""
    scale = max(canvas.width / picture.width, canvas.height / picture.height)
    width, height = max(canvas.width, round(picture.width * scale)), max(canvas.height, round(picture.height * scale))
    scaled = picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2.0)
    across, down = width - canvas.width, height - canvas.height
    way_x = frames if across >= frames > down else 0
    way_y = frames if down >= frames > across else 0
    left = _best_start(scaled, canvas.width + way_x, axis=0)
    top = _best_start(scaled, canvas.height + way_y, axis=1)
    return scaled.crop((left, top, left + canvas.width + way_x, top + canvas.height + way_y))


def _best_start(picture: Image.Image, window: int, *, axis: int) -> int:
    """Where a window of that size holds most detail, with a leaning to the middle (top third for heights)."""
    size = picture.size[axis]
    if size <= window:
        return 0
    small = picture.convert("L").resize((64, 64), Image.Resampling.BILINEAR).filter(ImageFilter.FIND_EDGES)
    detail = np.asarray(small, dtype=np.float64)[2:-2, 2:-2].sum(axis=axis)
    places = np.linspace(0, 1, detail.size)
    weighted = detail * (1.0 - 0.55 * np.abs(places - (0.5 if axis == 0 else 0.42)))
    share = max(1, round(detail.size * window / size))
    sums = np.convolve(weighted, np.ones(share), mode="valid")
    return round((size - window) * float(np.argmax(sums)) / max(1, sums.size - 1))


def _on_blur(picture: Image.Image, canvas: Canvas) -> Image.Image:
    """The whole picture, as wide (or tall) as the frame, on a dim, blurred enlargement of itself."""
    size = (canvas.width, canvas.height)
    scale = max(canvas.width / picture.width, canvas.height / picture.height)
    share = _BLURRED_SIZE / max(size)
    small = picture.resize(
        (max(1, round(picture.width * scale * share)), max(1, round(picture.height * scale * share))),
        Image.Resampling.BOX,
    )
    left, top = (small.width - round(size[0] * share)) // 2, (small.height - round(size[1] * share)) // 2
    small = small.crop((left, top, left + round(size[0] * share), top + round(size[1] * share)))
    ground = small.filter(ImageFilter.GaussianBlur(4)).resize(size, Image.Resampling.BICUBIC)
    ground = ImageEnhance.Brightness(ground).enhance(0.55)
    fitted = _contained(picture, canvas)
    place_x, place_y = (canvas.width - fitted.width) // 2, round((canvas.height - fitted.height) * 0.42)
    _shadow(ground, (place_x, place_y, place_x + fitted.width, place_y + fitted.height), canvas)
    ground.paste(fitted, (place_x, place_y))
    return ground


def _contained(picture: Image.Image, canvas: Canvas) -> Image.Image:
    scale = min(canvas.width / picture.width, canvas.height / picture.height)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def _shadow(ground: Image.Image, box: tuple[int, int, int, int], canvas: Canvas) -> None:
    mask = Image.new("L", ground.size, 0)
    mask.paste(150, box)
    soft = mask.filter(ImageFilter.GaussianBlur(30 * canvas.unit))
    ground.paste((0, 0, 0), (0, 0), soft)


def _scrimmed(picture: Image.Image, captions: Box) -> Image.Image:
    """Darken softly round the caption area, so that light captions read on a light picture."""
    rows = np.arange(picture.height, dtype=np.float32)
    middle, reach = captions.top + captions.height / 2, captions.height * 1.15
    shade = 1 - _SCRIM * np.exp(-(((rows - middle) / reach) ** 2))
    pixels = np.asarray(picture, dtype=np.float32) * shade[:, None, None]
    return Image.fromarray((pixels + 0.5).astype(np.uint8), "RGB")
