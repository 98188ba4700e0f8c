"""Pictures as ffmpeg takes them without work of its own: raw studio-range BT.709 planes, one phase under another."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from ettametta.video.motion import Pan

# Rows of the BT.709 matrix for 8-bit studio range; a half is added because the conversion cuts.
_Y = (0.18259, 0.61423, 0.06201, 16.5)
_U = (-0.10064, -0.33857, 0.43922, 128.5)
_V = (0.43922, -0.39894, -0.04027, 128.5)


def write_pan(picture: Image.Image, pan: Pan, path: Path) -> tuple[int, int]:
    """Write an RGB picture for a pan as raw yuv420p: each phase shows it moved on by one part of a pixel.

    The picture is `room_px + 2` pixels longer than the frame, along the pan.

    Returns:
        Width and height of one phase.
    """
    longer = 2 if pan.room else 0
    size = (picture.width - (0 if pan.vertical else longer), picture.height - (longer if pan.vertical else 0))
    finer = [_moved(picture, part / pan.parts, vertical=pan.vertical) for part in range(pan.parts)]
    planes: tuple[list[bytes], list[bytes], list[bytes]] = ([], [], [])
    lumas = [one.convert("L", _Y) for one in finer]
    for phase in range(pan.phases if pan.room else 1):
        whole, part = divmod(phase, pan.parts)
        box = _box(whole, size, vertical=pan.vertical)
        small = finer[part].crop(box).reduce(2)
        planes[0].append(lumas[part].crop(box).tobytes())
        planes[1].append(small.convert("L", _U).tobytes())
        planes[2].append(small.convert("L", _V).tobytes())
    with path.open("wb") as file:
        file.writelines(part for plane in planes for part in plane)
    return size


def write_raw(picture: Image.Image, path: Path) -> None:
    """Write a picture's own bytes: rgb24 or rgba."""
    path.write_bytes(picture.tobytes())


def _moved(picture: Image.Image, by: float, *, vertical: bool) -> Image.Image:
    """The same picture, moved by a part of a pixel."""
    if not by:
        return picture
    width, height = picture.size
    box = (0, by, width, height) if vertical else (by, 0, width, height)
    size = (width, height - 1) if vertical else (width - 1, height)
    near = (box[0], box[1], box[0] + size[0], box[1] + size[1])
    moved = picture.resize(size, Image.Resampling.BICUBIC, box=near)
    whole = picture.copy()
    whole.paste(moved, (0, 0))
    return whole


def _box(whole: int, size: tuple[int, int], *, vertical: bool) -> tuple[int, int, int, int]:
    left, top = (0, whole) if vertical else (whole, 0)
    return left, top, left + size[0], top + size[1]
