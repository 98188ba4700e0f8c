"""One scene's picture: prepares its files, says what it depends on, and encodes it unless the cache has it."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from PIL import Image

from ettametta.errors import InvalidInput
from ettametta.kit.ids import content_key
from ettametta.storyboard import ClipVisual, DesignedVisual, PhotoVisual, is_from_file
from ettametta.video.ass import CaptionSheet
from ettametta.video.backdrop import travel_pixels
from ettametta.video.cards import draw_card
from ettametta.video.commands import (
    CaptionInput,
    CardInput,
    ClipInput,
    EncoderSettings,
    LayerInput,
    PhotoInput,
    SegmentInput,
    segment_argv,
)
from ettametta.video.ffmpeg import Ffmpeg, OnProgress
from ettametta.video.fonts import Fonts
from ettametta.video.pictures import fill_frame
from ettametta.video.plan import Canvas, SafeAreas, ScenePlan
from ettametta.video.probe import open_photo, probe_clip
from ettametta.video.themes import Theme

#: Part of every segment's key: raise it when the same inputs would give another picture.
RENDERER_VERSION = 3


class SegmentCache(Protocol):
    """Where finished segments and sounds are kept between renders, by content key (a hash; sounds end in -sound)."""

    async def fetch(self, key: str, to_path: Path) -> bool:
        """Copy the segment to a path; False when there is none."""
        ...

    async def store(self, key: str, path: Path) -> None:
        """Keep a copy of a segment."""
        ...


@dataclass(frozen=True, slots=True)
class SegmentJob:
    """All one segment is made from."""

    scene: ScenePlan
    canvas: Canvas
    areas: SafeAreas
    theme: Theme
    sheet: CaptionSheet | None
    asset: Path | None
    encoder: EncoderSettings


async def segment_key(job: SegmentJob, engine: str) -> str:
    """The hash of exactly what the segment depends on. `engine` is ffmpeg's version."""
    asset = await asyncio.to_thread(_file_hash, job.asset) if job.asset else ""
    visual = job.scene.visual.model_dump(mode="json", exclude={"asset_key"})
    return content_key(
        renderer=RENDERER_VERSION,
        engine=engine,
        scene=job.scene.scene_id,
        first=job.scene.index == 0,
        visual=visual,
        asset=asset,
        frames=job.scene.frames,
        canvas=[job.canvas.width, job.canvas.height, job.canvas.fps],
        theme=repr(job.theme),
        captions=[job.sheet.document, repr(job.sheet.area)] if job.sheet else [],
        fonts=sorted(face.path.name for face in job.sheet.faces) if job.sheet else [],
        encoder=[job.encoder.preset, job.encoder.crf, job.encoder.threads],
    )


async def encode_segment(
    ffmpeg: Ffmpeg, fonts: Fonts, job: SegmentJob, out: Path, on_progress: OnProgress | None
) -> None:
    """Make one segment at `out`. A folder for its parts stands beside it meanwhile and is gone afterwards.

    Raises:
        InvalidInput: its photo or clip cannot be used.
        MissingPart: no font covers a letter of its text.
        NoSpace: the disk is full.
    """
    folder = out.parent / f"{out.stem}-parts"
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    try:
        source = await _prepare(job, fonts, folder)
        captions = await asyncio.to_thread(_write_captions, job.sheet, fonts, folder) if job.sheet else None
        argv = segment_argv(job.scene, job.canvas, source, job.encoder, str(out), captions)
        await ffmpeg.run(
            argv,
            cwd=folder,
            total_s=job.scene.frames / job.canvas.fps,
            on_progress=on_progress,
            fonts_conf=folder / "fonts.conf",
            outputs=[out],
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _prepare(job: SegmentJob, fonts: Fonts, folder: Path) -> SegmentInput:
    visual = job.scene.visual
    if not is_from_file(visual):
        return await asyncio.to_thread(_prepare_card, job, visual, fonts, folder)
    if job.asset is None:
        raise InvalidInput(
            f"The file of scene {job.scene.scene_id} is not there.", hint="Send it again.", code="video.no_asset"
        )
    if isinstance(visual, PhotoVisual):
        return await asyncio.to_thread(_prepare_photo, job, job.asset, folder)
    return await _prepare_clip(job, visual, job.asset)


def _prepare_card(job: SegmentJob, card: DesignedVisual, fonts: Fonts, folder: Path) -> CardInput:
    seed = int.from_bytes(hashlib.sha256(job.scene.scene_id.encode()).digest()[:4])
    art = draw_card(card, job.theme, job.canvas, job.areas.card, seed, fonts)
    _save(art.backdrop, folder / "backdrop.png")
    layers = []
    for number, layer in enumerate(art.layers):
        path = folder / f"layer-{number:02}.png"
        _save(layer.picture, path)
        # The video's first frame is what a feed shows before it plays: there the text stands from the start.
        enter = round(layer.enter_s * job.canvas.fps) if job.scene.index else None
        layers.append(LayerInput(path.name, layer.left, layer.top, enter))
    return CardInput("backdrop.png", travel_pixels(job.canvas), tuple(layers))


def _prepare_photo(job: SegmentJob, asset: Path, folder: Path) -> PhotoInput:
    captions = job.areas.caption if job.sheet and job.theme.light_captions else None
    picture = fill_frame(open_photo(asset), job.canvas, job.scene.frames, captions)
    _save(picture, folder / "photo.png")
    backwards = hashlib.sha256(job.scene.scene_id.encode()).digest()[0] % 2 == 1
    return PhotoInput("photo.png", picture.width, picture.height, backwards)


async def _prepare_clip(job: SegmentJob, visual: ClipVisual, asset: Path) -> ClipInput:
    """Start where asked when enough is left from there, earlier when not, and repeat what is too short altogether."""
    facts = await probe_clip(asset)
    needed = job.scene.frames / job.canvas.fps
    start = max(0.0, min(visual.start_s, facts.duration_s - needed))
    path = await asyncio.to_thread(asset.resolve)
    return ClipInput(f"file:{path}", facts.container, start, loop=facts.duration_s < needed)


def _write_captions(sheet: CaptionSheet, fonts: Fonts, folder: Path) -> CaptionInput:
    (folder / "captions.ass").write_text(sheet.document, encoding="utf-8")
    fonts.lend(sheet.faces, folder)
    return CaptionInput("captions.ass", sheet.area)


def _save(picture: Image.Image, path: Path) -> None:
    picture.save(path, "PNG", compress_level=1)


def _file_hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
