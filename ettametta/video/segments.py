"""Pieces of a video's picture: scenes and the joins between them, each said by what it depends on and kept by that."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ettametta.kit.ids import content_key
from ettametta.video.captions.ass import CaptionPicture, CaptionSheet
from ettametta.video.captions.states import CaptionPart
from ettametta.video.commands import (
    CaptionInput,
    CaptionPictureInput,
    EncoderSettings,
    ShownScene,
    join_segment_argv,
    segment_argv,
)
from ettametta.video.ffmpeg import Ffmpeg, OnProgress
from ettametta.video.lettering.fonts import Fonts
from ettametta.video.plan import Box
from ettametta.video.preparing import Parts, SceneJob
from ettametta.video.scene_graph import SceneInput, Stretch
from ettametta.video.stills import write_raw
from ettametta.video.transition import Join

#: Part of every segment's key: raise it when the same inputs would give another picture.
RENDERER_VERSION = 6


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
    """A segment: a scene's own frames, or the frames of a join between the scene before and it."""

    name: str
    start_frame: int
    frames: int
    after: SceneJob
    before: SceneJob | None
    join: Join | None
    stretch: Stretch
    sheet: CaptionSheet | None
    encoder: EncoderSettings

    @property
    def scenes(self) -> tuple[SceneJob, ...]:
        """The scenes that are seen in it."""
        return (self.after,) if self.before is None else (self.before, self.after)


def segment_jobs(
    scenes: Sequence[SceneJob],
    joins: Sequence[Join],
    encoder: EncoderSettings,
    sheet: Callable[[Sequence[CaptionPart]], CaptionSheet | None],
) -> list[SegmentJob]:
    """All segments of a video in their order: each scene without the halves of its joins, and the joins.

    `sheet` lays the captions of a segment out.
    """
    into = {join.index: join for join in joins}
    jobs = []
    for index, after in enumerate(scenes):
        join, leaving = into.get(index), into.get(index + 1)
        own = after.scene
        half = join.half if join else 0
        if join is not None:
            before = scenes[index - 1]
            stretch = Stretch(-half, 2 * half)
            parts = [CaptionPart(before.scene.cues, before.scene.frames - half, half), CaptionPart(own.cues, 0, half)]
            name, start = f"join-{index:03}", own.start_frame - half
            jobs.append(SegmentJob(name, start, 2 * half, after, before, join, stretch, sheet(parts), encoder))
        count = own.frames - half - (leaving.half if leaving else 0)
        words = sheet([CaptionPart(own.cues, half, count)])
        name, start = f"scene-{index:03}", own.start_frame + half
        jobs.append(SegmentJob(name, start, count, after, None, None, Stretch(half, count), words, encoder))
    return jobs


async def segment_key(job: SegmentJob, engine: str) -> str:
    """The hash of exactly what the segment depends on. `engine` is ffmpeg's version."""
    canvas = job.after.canvas
    return content_key(
        renderer=RENDERER_VERSION,
        engine=engine,
        scenes=[await _scene_facts(scene) for scene in job.scenes],
        stretch=[job.stretch.first, job.stretch.count],
        mix=job.join.kind if job.join else "",
        canvas=[canvas.width, canvas.height, canvas.fps],
        captions=[job.sheet.document, repr(job.sheet.area)] if job.sheet else [],
        emoji=[_picture_facts(picture) for picture in job.sheet.pictures] if job.sheet else [],
        fonts=sorted(face.path.name for face in job.sheet.faces) if job.sheet else [],
        encoder=[job.encoder.codec, job.encoder.preset, job.encoder.crf, job.encoder.threads],
    )


async def _scene_facts(job: SceneJob) -> dict[str, Any]:
    return {
        "scene": job.scene.scene_id,
        "first": job.scene.index == 0,
        "visual": job.scene.visual.model_dump(mode="json", exclude={"asset_key"}),
        "asset": await asyncio.to_thread(_file_hash, job.asset) if job.asset else "",
        "frames": job.scene.frames,
        "dissolves": job.dissolves,
        "fit": job.fit,
        "areas": repr(job.areas),
        "theme": repr(job.theme),
        "language": job.language,
        "heading": job.shown.on_screen,
        "brand": _brand_facts(job),
        "logo": await asyncio.to_thread(_file_hash, job.logo) if job.logo else "",
        "scrim": bool(job.scene.cues),
    }


def _brand_facts(job: SceneJob) -> dict[str, Any]:
    """What of a brand is seen in a scene; its colours are in the theme."""
    if job.brand is None:
        return {}
    hidden = {"logo_key", "intro", "outro", "name", "ink", "accent", "background"}
    facts = job.brand.model_dump(mode="json", exclude=hidden)
    return facts if job.scene.index == 0 else {**facts, "lower_third": ""}


def _picture_facts(one: CaptionPicture) -> list[Any]:
    return [one.left, one.top, one.start, one.end, hashlib.sha256(one.picture.tobytes()).hexdigest()]


async def encode_segment(
    ffmpeg: Ffmpeg, fonts: Fonts, parts: Parts, job: SegmentJob, out: Path, on_progress: OnProgress | None
) -> None:
    """Make one segment at `out`.

    Raises:
        InvalidInput: its photo or clip cannot be used.
        MissingPart: no font covers a letter of its text.
        NoSpace: the disk is full.
    """
    prepared = [await parts.of(scene) for scene in job.scenes]
    own = parts.folder / job.name
    captions = await asyncio.to_thread(_write_captions, job.sheet, fonts, own) if job.sheet else None
    argv = _argv(job, prepared, captions, str(out))
    canvas = job.after.canvas
    await ffmpeg.run(
        argv,
        cwd=parts.folder,
        total_s=job.frames / canvas.fps,
        on_progress=on_progress,
        fonts_conf=own / "fonts.conf" if captions else None,
        outputs=[out],
    )


def _argv(job: SegmentJob, prepared: Sequence[SceneInput], captions: CaptionInput | None, out: str) -> list[str]:
    canvas = job.after.canvas
    after = ShownScene(prepared[-1], job.stretch)
    if job.before is None or job.join is None:
        return segment_argv(after, captions, canvas, job.encoder, out)
    before = ShownScene(prepared[0], Stretch(job.before.scene.frames - job.join.half, job.frames))
    return join_segment_argv(before, after, job.join.kind, captions, canvas, job.encoder, out)


def _write_captions(sheet: CaptionSheet, fonts: Fonts, own: Path) -> CaptionInput:
    own.mkdir(parents=True, exist_ok=True)
    fonts.lend(sheet.faces, own)
    (own / "captions.ass").write_text(sheet.document, encoding="utf-8")
    pictures = []
    for number, one in enumerate(sheet.pictures):
        path = own / f"picture-{number:03}.raw"
        write_raw(one.picture.convert("RGBA"), path)
        box = Box(one.left, one.top, one.picture.width, one.picture.height)
        pictures.append(CaptionPictureInput(f"{own.name}/{path.name}", box, one.start, one.end))
    return CaptionInput(f"{own.name}/captions.ass", f"{own.name}/fonts", sheet.area, sheet.frames, tuple(pictures))


def _file_hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
