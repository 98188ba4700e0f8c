"""Rendering: a storyboard with narration and files becomes a checked MP4 with cover, thumbnail and captions file."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import av
import av.error
import structlog

from ettametta.errors import InvalidInput
from ettametta.storyboard import Storyboard, is_from_file
from ettametta.video.ass import CaptionSheet, caption_sheet
from ettametta.video.bed import MusicBed
from ettametta.video.caption_look import caption_look, least_contrast
from ettametta.video.caption_states import CaptionPart
from ettametta.video.captions import srt_text
from ettametta.video.checks import CheckReport, PlacedText, Wanted, caption_delay_s, check_video
from ettametta.video.commands import ENTER_S, EncoderSettings, concat_list, join_argv, stills_argv
from ettametta.video.ffmpeg import Ffmpeg, OnProgress, Progress
from ettametta.video.fonts import Fonts
from ettametta.video.plan import Narration, ScenePlan, Timeline
from ettametta.video.planner import plan_timeline
from ettametta.video.repair import Repair, after_repair, plan_repair
from ettametta.video.safe_areas import safe_areas
from ettametta.video.segments import SegmentCache, SegmentJob, encode_segment, segment_key
from ettametta.video.sound import Sound, SoundWanted, make_sound
from ettametta.video.themes import theme_named

log = structlog.get_logger()

#: Told a fraction 0..1 that never goes back and what is being done, in a few words.
OnRenderProgress = Callable[[float, str], Awaitable[None]]

_PICTURE_SHARE, _JOIN_SHARE = 0.88, 0.90
#: What Telegram's own Bot API takes from a bot.
DEFAULT_MAX_BYTES = 50_000_000
_WORST_CRF = 40


@dataclass(frozen=True, slots=True)
class RenderInput:
    """What a video is made from: the plan, a narration for each scene by id, local files by asset key, music."""

    storyboard: Storyboard
    narration: Mapping[str, Narration]
    assets: Mapping[str, Path] = field(default_factory=dict)
    music: MusicBed | None = None


@dataclass(frozen=True, slots=True)
class RenderedVideo:
    """The finished files and what was measured.

    `cover` is a full-size frame, `thumbnail` at most 320 pixels a side (both JPEG); `captions` is SRT.
    """

    video: Path
    cover: Path
    thumbnail: Path
    captions: Path
    duration_s: float
    width: int
    height: int
    size_bytes: int
    checks: CheckReport
    segments_encoded: int
    segments_reused: int
    sound_reused: bool


@dataclass(frozen=True, slots=True)
class _Made:
    video: Path
    sound: Sound
    encoded: int
    reused: int


class Renderer:
    """Renders videos with one ffmpeg, one set of encoder settings and one set of fonts.

    `parallel` segments are encoded at once; each uses the encoder's threads. A video of more than `max_bytes` is
    encoded once more, with less quality.
    """

    def __init__(
        self,
        ffmpeg: Ffmpeg,
        encoder: EncoderSettings,
        fonts: Fonts,
        *,
        parallel: int = 1,
        max_bytes: int = DEFAULT_MAX_BYTES,
    ) -> None:
        self._ffmpeg = ffmpeg
        self._encoder = encoder
        self._fonts = fonts
        self._parallel = max(1, parallel)
        self._max_bytes = max_bytes

    async def render(
        self, job: RenderInput, workdir: Path, *, cache: SegmentCache, on_progress: OnRenderProgress
    ) -> RenderedVideo:
        """Render into `workdir` (made when missing; the caller removes it).

        Raises:
            InvalidInput: a scene lacks narration or its file, or the file cannot be used.
            MissingPart: no installed font covers a letter of the texts.
            NoSpace: the disk is full.
            OperatorError: it took too long.
        """
        timeline = plan_timeline(job.storyboard, job.narration)
        await asyncio.to_thread(workdir.mkdir, parents=True, exist_ok=True)
        meter = _Meter(timeline, on_progress)
        jobs = await asyncio.to_thread(self._segment_jobs, job, timeline)
        made, checks = await self._checked(_Work(job, timeline, jobs, workdir, cache, meter))
        video, sound = made.video, made.sound
        cover, thumbnail = await self._stills(timeline, video)
        captions = workdir / "captions.srt"
        await asyncio.to_thread(captions.write_text, srt_text(timeline), encoding="utf-8")
        await meter.tell(1.0, "rendered")
        return RenderedVideo(
            video=video,
            cover=cover,
            thumbnail=thumbnail,
            captions=captions,
            duration_s=timeline.duration_s,
            width=timeline.canvas.width,
            height=timeline.canvas.height,
            size_bytes=(await asyncio.to_thread(video.stat)).st_size,
            checks=checks,
            segments_encoded=made.encoded,
            segments_reused=made.reused,
            sound_reused=sound.reused,
        )

    async def _checked(self, work: _Work) -> tuple[_Made, CheckReport]:
        """Make the video and check it; when a check fails that a second go can mend, make those parts anew, once."""
        made = await self._make(work, Repair())
        await work.meter.tell(_JOIN_SHARE, "checking the video")
        wanted = self._wanted(work, made)
        checked = await check_video(made.video, wanted)
        size = (await asyncio.to_thread(made.video.stat)).st_size
        repair = plan_repair(checked, wanted, size)
        if not repair.needed:
            return made, checked.report
        log.warning("render.repair", failed=[line.name for line in checked.report.failed], repair=repr(repair))
        await work.meter.tell(_JOIN_SHARE, "repairing the video")
        again = await self._make(work, repair)
        second = await check_video(again.video, self._wanted(work, again))
        done = replace(again, encoded=made.encoded + again.encoded, reused=made.reused)
        return done, after_repair(checked.report, second.report)

    async def _make(self, work: _Work, repair: Repair) -> _Made:
        """Sound and scenes, joined."""
        wanted = _sound_wanted(work.job, work.timeline, self._encoder.audio_bitrate)
        encoder = replace(self._encoder, crf=min(_WORST_CRF, self._encoder.crf + repair.crf_steps))
        scenes = [replace(one, encoder=encoder) for one in work.scenes]
        sound: Sound
        sound, reused = await _together(
            make_sound(
                self._ffmpeg, work.timeline, work.job.narration, wanted, work.folder, work.cache, fresh=repair.sound
            ),
            self._segments(scenes, work.folder, work.cache, work.meter, repair.scenes),
        )
        video = await self._join(work.timeline, sound.path, work.folder, work.meter)
        return _Made(video, sound, len(scenes) - reused, reused)

    def _segment_jobs(self, job: RenderInput, timeline: Timeline) -> list[SegmentJob]:
        style = job.storyboard.style
        areas = safe_areas(timeline.canvas, style.captions)
        theme = theme_named(style.theme)
        look = caption_look(style.captions, theme, self._fonts)

        def sheet(scene: ScenePlan) -> CaptionSheet | None:
            part = CaptionPart(scene.cues, 0, scene.frames)
            return caption_sheet([part], timeline.canvas, areas, look, self._fonts)

        return [
            SegmentJob(scene, timeline.canvas, areas, theme, sheet(scene), _asset(scene, job.assets), self._encoder)
            for scene in timeline.scenes
        ]

    async def _segments(
        self, jobs: list[SegmentJob], workdir: Path, cache: SegmentCache, meter: _Meter, fresh: frozenset[int]
    ) -> int:
        """Make or fetch every segment, `fresh` scenes in any case; how many were fetched."""
        slots = asyncio.Semaphore(self._parallel)

        async def one(job: SegmentJob) -> bool:
            async with slots:
                path = workdir / _segment_name(job.scene)
                return await self._segment(job, path, cache, meter, fresh=job.scene.index in fresh)

        return sum(await _together(*(one(job) for job in jobs)))

    async def _segment(self, job: SegmentJob, out: Path, cache: SegmentCache, meter: _Meter, *, fresh: bool) -> bool:
        """Make or fetch one segment; whether it was fetched."""
        key = await segment_key(job, await self._ffmpeg.version())
        known = not fresh and await cache.fetch(key, out)
        if known and await asyncio.to_thread(_frames_of, out) == job.scene.frames:
            await meter.scene(job.scene, 1.0)
            return True
        await encode_segment(self._ffmpeg, self._fonts, job, out, meter.follow(job.scene))
        await cache.store(key, out)
        await meter.scene(job.scene, 1.0)
        return False

    async def _join(self, timeline: Timeline, sound: Path, workdir: Path, meter: _Meter) -> Path:
        await meter.tell(_PICTURE_SHARE, "joining the scenes")
        listing, video = workdir / "segments.ffconcat", workdir / "video.mp4"
        names = [_segment_name(scene) for scene in timeline.scenes]
        text = concat_list(names, [scene.frames for scene in timeline.scenes], timeline.canvas.fps)
        await asyncio.to_thread(listing.write_text, text, encoding="utf-8")
        argv = join_argv(listing.name, sound.name, timeline.canvas, video.name)
        await self._ffmpeg.run(argv, cwd=workdir, outputs=[video])
        return video

    async def _stills(self, timeline: Timeline, video: Path) -> tuple[Path, Path]:
        """Cover and thumbnail from the first scene, when its text has entered."""
        cover, thumbnail = video.with_name("cover.jpg"), video.with_name("thumbnail.jpg")
        first_s = timeline.scenes[0].frames / timeline.canvas.fps
        argv = stills_argv(video.name, min(first_s / 2, 3 * ENTER_S), timeline.canvas, cover.name, thumbnail.name)
        await self._ffmpeg.run(argv, cwd=video.parent, outputs=[cover, thumbnail])
        return cover, thumbnail

    def _wanted(self, work: _Work, made: _Made) -> Wanted:
        board, timeline = work.job.storyboard, work.timeline
        captions = board.style.captions
        shown = captions.mode != "off"
        sheets = ((job.scene.scene_id, job.sheet) for job in work.scenes)
        look = caption_look(captions, theme_named(board.style.theme), self._fonts)
        return Wanted(
            timeline,
            board.loudness_lufs,
            made.sound,
            self._max_bytes,
            safe_areas(timeline.canvas, captions),
            caption_delay_s=caption_delay_s(timeline, work.job.narration) if shown else None,
            caption_contrast=least_contrast(look) if shown else None,
            texts=tuple(PlacedText(name, "captions", sheet.area) for name, sheet in sheets if sheet),
            length_target_s=board.length_target_s,
        )


class _Meter:
    """Adds up the scenes' progress by frames and never goes back."""

    def __init__(self, timeline: Timeline, on_progress: OnRenderProgress) -> None:
        self._frames = {scene.scene_id: scene.frames for scene in timeline.scenes}
        self._done = dict.fromkeys(self._frames, 0.0)
        self._reached = 0.0
        self._on_progress = on_progress

    async def scene(self, scene: ScenePlan, fraction: float) -> None:
        """One scene is that far."""
        self._done[scene.scene_id] = max(self._done[scene.scene_id], fraction)
        made = sum(self._done[name] * frames for name, frames in self._frames.items())
        share = made / sum(self._frames.values())
        ready = sum(1 for part in self._done.values() if part >= 1)
        at = min(ready + 1, len(self._done))
        await self.tell(share * _PICTURE_SHARE, f"rendering scene {at} of {len(self._done)}")

    def follow(self, scene: ScenePlan) -> OnProgress:
        """A listener for one scene's run of ffmpeg."""

        async def listen(progress: Progress) -> None:
            await self.scene(scene, progress.fraction)

        return listen

    async def tell(self, fraction: float, what: str) -> None:
        """The whole is that far."""
        self._reached = max(self._reached, min(1.0, fraction))
        await self._on_progress(self._reached, what)


def _sound_wanted(job: RenderInput, timeline: Timeline, bitrate: str) -> SoundWanted:
    board = job.storyboard
    heard = [
        scene.start_frame / timeline.canvas.fps
        for scene in timeline.scenes
        if board.style.transition_sounds and board.transition_into(scene.index).kind != "cut"
    ]
    return SoundWanted(board.loudness_lufs, bitrate=bitrate, music=job.music, whooshes_s=tuple(heard))


@dataclass(frozen=True, slots=True)
class _Work:
    """One render: what is asked for, its plan, and where it is made."""

    job: RenderInput
    timeline: Timeline
    scenes: list[SegmentJob]
    folder: Path
    cache: SegmentCache
    meter: _Meter


def _asset(scene: ScenePlan, assets: Mapping[str, Path]) -> Path | None:
    if not is_from_file(scene.visual):
        return None
    path = assets.get(scene.visual.asset_key)
    if path is None or not path.is_file():
        raise InvalidInput(
            f"The file of scene {scene.scene_id} is not there.", hint="Send it again.", code="video.no_asset"
        )
    return path


def _segment_name(scene: ScenePlan) -> str:
    return f"scene-{scene.index:03}.mp4"


def _frames_of(path: Path) -> int:
    """Frames of a segment's track; 0 when it is no whole segment."""
    try:
        with av.open(str(path), format="mp4", options={"protocol_whitelist": "file"}) as file:
            return file.streams.video[0].frames if file.streams.video else 0
    except (av.error.FFmpegError, OSError):
        return 0


async def _together(*works: Coroutine[Any, Any, Any]) -> list[Any]:
    """Results of all works; when one fails or we are cancelled the others are cancelled and waited for first."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        return list(await asyncio.gather(*tasks))
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
