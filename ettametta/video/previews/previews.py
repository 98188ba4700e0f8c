"""What a person looks at to judge a finished video: its contact sheet and its thumbnail candidates, as files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from ettametta.storyboard import PhotoVisual, Storyboard
from ettametta.video.design.brand import brand_fonts, branded
from ettametta.video.lettering.fonts import Fonts
from ettametta.video.plan import Timeline
from ettametta.video.previews.contact_sheet import SheetScene, contact_sheet
from ettametta.video.previews.frames import frames_at, scene_moments
from ettametta.video.previews.thumbnails import jpeg_options, thumbnails
from ettametta.video.probing.probe import open_photo
from ettametta.video.themes import theme_named

#: Not more photos than this are opened for covers.
_PHOTOS = 4


@dataclass(frozen=True, slots=True)
class Previews:
    """JPEG files: the contact sheet, and for each candidate the full size and the 320-pixel version."""

    contact_sheet: Path
    thumbnails: tuple[Path, ...]
    small: tuple[Path, ...]


def make_previews(
    video: Path, storyboard: Storyboard, timeline: Timeline, assets: Mapping[str, Path], fonts: Fonts, folder: Path
) -> Previews:
    """Draw them from the finished video into `folder`. Blocking: about two seconds of CPU for eight scenes.

    Raises:
        InvalidInput: the video cannot be read, or a photo.
        MissingPart: no font covers a letter of the title.
    """
    frames = frames_at(video, scene_moments(timeline))
    fps = timeline.canvas.fps
    cells = [
        SheetScene(frame, _words(storyboard, plan.scene_id), plan.frames / fps)
        for frame, plan in zip(frames, timeline.scenes, strict=True)
    ]
    sheet = folder / "contact-sheet.jpg"
    contact_sheet(cells, fonts).save(sheet, "JPEG", **jpeg_options())
    theme = branded(theme_named(storyboard.style.theme), storyboard.brand)
    chosen = thumbnails(
        storyboard.title,
        frames,
        _photos(storyboard, assets),
        theme,
        timeline.canvas,
        brand_fonts(fonts, storyboard.brand),
    )
    full = [_saved(one.picture, folder / f"thumbnail-{number}.jpg") for number, one in enumerate(chosen, 1)]
    small = [_saved(one.small, folder / f"thumbnail-{number}-small.jpg") for number, one in enumerate(chosen, 1)]
    return Previews(sheet, tuple(full), tuple(small))


def _words(storyboard: Storyboard, scene_id: str) -> str:
    scene = next((scene for scene in storyboard.scenes if scene.id == scene_id), None)
    if scene is None:
        return ""
    return scene.narration or scene.on_screen or getattr(scene.visual, "text", "")


def _photos(storyboard: Storyboard, assets: Mapping[str, Path]) -> list[Image.Image]:
    keys = [scene.visual.asset_key for scene in storyboard.scenes if isinstance(scene.visual, PhotoVisual)]
    return [open_photo(assets[key]) for key in dict.fromkeys(keys) if key in assets][:_PHOTOS]


def _saved(picture: Image.Image, path: Path) -> Path:
    picture.save(path, "JPEG", **jpeg_options())
    return path
