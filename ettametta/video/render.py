"""Rendering: a storyboard with narration and files becomes a checked MP4 with cover, thumbnail and captions file."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import av
import av.error
import structlog

from ettametta.errors import InvalidInput, MissingPart
from ettametta.storyboard import Storyboard, is_from_file
from ettametta.video.captions.ass import CaptionSheet, caption_sheet
from ettametta.video.captions.files import CaptionFiles, write_caption_files
from ettametta.video.captions.look import caption_look, least_contrast
from ettametta.video.captions.states import CaptionPart
from ettametta.video.checks import CheckReport, PlacedText, Wanted, caption_delay_s, check_video, is_inside
from ettametta.video.commands import EncoderSettings, concat_list, join_argv, stills_argv
from ettametta.video.design.brand import brand_fonts, branded, with_brand
from ettametta.video.drafts import draft_board, draft_encoder
from ettametta.video.ffmpeg import Ffmpeg, OnProgress, Progress
from ettametta.video.lettering.fonts import Fonts
from ettametta.video.plan import Box, Canvas, Narration, ScenePlan, Timeline
from ettametta.video.planner import plan_timeline
from ettametta.video.preparing import Parts, SceneJob
from ettametta.video.previews.previews import Previews, make_previews
from ettametta.video.repair import Repair, after_repair, plan_repair
from ettametta.video.safe_areas import safe_areas
from ettametta.video.scene_graph import ENTER_S
from ettametta.video.segments import SegmentCache, SegmentJob, encode_segment, segment_jobs, segment_key
from ettametta.video.sound.bed import MusicBed
from ettametta.video.sound.mix import Sound, SoundWanted, make_sound
from ettametta.video.themes import theme_named
from ettametta.video.transition import DISSOLVES, plan_joins

log = structlog.get_logger()

#: Told a fraction 0..1 that never goes back and what is being done, in a few words.
OnRenderProgress = Callable[[float, str], Awaitable[None]]

_PICTURE_SHARE, _JOIN_SHARE = 0.92, 0.95
#: From when on the speed is known well enough to tell what is left.
_SPEED_KNOWN_S, _SPEED_KNOWN_FRAMES = 2.0, 10
#: What Telegram's Bot API takes from a bot, and what a Bot API server of one's own takes.
DEFAULT_MAX_BYTES, LOCAL_MAX_BYTES = 50_000_000, 2_000_000_000
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

    `cover` is a full-size frame, `thumbnail` at most 320 pixels a side (both JPEG); `captions` is SRT. The joins of
    transitions are segments too; `joins_encoded` says how many of those that were encoded.
    """

    video: Path
    cover: Path
    thumbnail: Path
    captions: Path
    captions_vtt: Path
    captions_ass: Path
    duration_s: float
    width: int
    height: int
    size_bytes: int
    checks: CheckReport
    segments_encoded: int
    segments_reused: int
    joins_encoded: int
    sound_reused: bool


@dataclass(frozen=True, slots=True)
class _Made:
    video: Path
    sound: Sound
    anew: tuple[SegmentJob, ...]
    reused: int
    #: what was drawn over the pictures of the scenes that were made, in pixels
    drawn: Mapping[str, tuple[Box, ...]]


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
        self._stamp = ""
        self._parallel = max(1, parallel)
        self._max_bytes = max_bytes

    async def render(
        self,
        job: RenderInput,
        workdir: Path,
        *,
        cache: SegmentCache,
        on_progress: OnRenderProgress,
        draft: bool = False,
    ) -> RenderedVideo:
        """Render into `workdir` (made when missing; the caller removes it).

        A draft is the same video, frame by frame, at 480 pixels and encoded quickly: to look at, not to post.

        Raises:
            InvalidInput: a scene lacks narration or its file, or the file cannot be used.
            MissingPart: no installed font covers a letter of the texts.
            NoSpace: the disk is full.
            OperatorError: it took too long.
        """
        encoder = self._encoder
        if draft:
            job, encoder = replace(job, storyboard=draft_board(job.storyboard)), draft_encoder(encoder)
        job = replace(job, storyboard=with_brand(job.storyboard))
        timeline = plan_timeline(job.storyboard, job.narration)
        await asyncio.to_thread(workdir.mkdir, parents=True, exist_ok=True)
        jobs = await asyncio.to_thread(self._segment_jobs, job, timeline, encoder)
        meter = _Meter({one.name: one.frames for one in jobs}, on_progress)
        made, checks = await self._checked(_Work(job, timeline, jobs, workdir, cache, meter))
        video, sound = made.video, made.sound
        cover, thumbnail = await self._stills(timeline, video)
        captions = await asyncio.to_thread(self._caption_files, job, timeline, workdir)
        await meter.tell(1.0, "rendered")
        return RenderedVideo(
            video=video,
            cover=cover,
            thumbnail=thumbnail,
            captions=captions.srt,
            captions_vtt=captions.vtt,
            captions_ass=captions.ass,
            duration_s=timeline.duration_s,
            width=timeline.canvas.width,
            height=timeline.canvas.height,
            size_bytes=(await asyncio.to_thread(video.stat)).st_size,
            checks=checks,
            segments_encoded=len(made.anew),
            segments_reused=made.reused,
            joins_encoded=sum(1 for one in made.anew if one.join),
            sound_reused=sound.reused,
        )

    async def previews(self, job: RenderInput, video: RenderedVideo) -> Previews | None:
        """Contact sheet and covers of a finished video, beside it; None when they cannot be drawn."""
        job = replace(job, storyboard=with_brand(job.storyboard))
        timeline = plan_timeline(job.storyboard, job.narration)
        folder = video.video.parent
        try:
            return await asyncio.to_thread(
                make_previews, video.video, job.storyboard, timeline, job.assets, self._fonts, folder
            )
        except (InvalidInput, MissingPart):  # a video is not lost for a title that no font can draw
            return None

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
        done = replace(again, anew=made.anew + again.anew, reused=made.reused)
        return done, after_repair(checked.report, second.report)

    async def _make(self, work: _Work, repair: Repair) -> _Made:
        """Sound and scenes, joined."""
        wanted = _sound_wanted(work.job, work.timeline, self._encoder.audio_bitrate)
        segments = [
            replace(one, encoder=replace(one.encoder, crf=min(_WORST_CRF, one.encoder.crf + repair.crf_steps)))
            for one in work.segments
        ]
        sound: Sound
        sound, (anew, drawn) = await _together(
            make_sound(
                self._ffmpeg, work.timeline, work.job.narration, wanted, work.folder, work.cache, fresh=repair.sound
            ),
            self._segments(segments, work.folder, work.cache, work.meter, repair.scenes),
        )
        video = await self._join(segments, work.timeline.canvas, sound.path, work.folder, work.meter)
        return _Made(video, sound, tuple(anew), len(segments) - len(anew), drawn)

    def _caption_files(self, job: RenderInput, timeline: Timeline, folder: Path) -> CaptionFiles:
        board = job.storyboard
        theme = branded(theme_named(board.style.theme), board.brand)
        look = caption_look(board.style.captions, theme, self._fonts, board.language)
        areas = safe_areas(timeline.canvas, board.style.captions)
        return write_caption_files(timeline, areas, look, self._fonts, folder)

    def _segment_jobs(self, job: RenderInput, timeline: Timeline, encoder: EncoderSettings) -> list[SegmentJob]:
        board, canvas = job.storyboard, timeline.canvas
        areas = safe_areas(canvas, board.style.captions)
        theme = branded(theme_named(board.style.theme), board.brand)
        look = caption_look(board.style.captions, theme, self._fonts, board.language)

        def sheet(parts: Sequence[CaptionPart]) -> CaptionSheet | None:
            return caption_sheet(parts, canvas, areas, look, self._fonts)

        scenes = [
            SceneJob(
                scene=scene,
                shown=board.scenes[scene.index],
                canvas=canvas,
                areas=areas,
                theme=theme,
                fit=board.style.fit,
                language=board.language,
                asset=_asset(scene, job.assets),
                brand=board.brand,
                logo=_logo(job),
                dissolves=board.transition_into(scene.index).kind in DISSOLVES,
            )
            for scene in timeline.scenes
        ]
        transitions = [board.transition_into(index) for index in range(len(scenes))]
        return segment_jobs(scenes, plan_joins(timeline, transitions), encoder, sheet)

    async def _segments(
        self, jobs: list[SegmentJob], workdir: Path, cache: SegmentCache, meter: _Meter, fresh: frozenset[int]
    ) -> tuple[list[SegmentJob], Mapping[str, tuple[Box, ...]]]:
        """Make or fetch every segment, those of `fresh` scenes in any case.

        Gives the segments that were made, and what was drawn over their pictures, by scene.
        """
        slots = asyncio.Semaphore(self._parallel)
        fonts = await asyncio.to_thread(brand_fonts, self._fonts, jobs[0].after.brand)
        parts = Parts(workdir / "parts", fonts, (scene.scene.scene_id for one in jobs for scene in one.scenes))

        async def one(job: SegmentJob) -> bool:
            async with slots:
                wanted = not any(scene.scene.index in fresh for scene in job.scenes)
                fetched = wanted and await self._fetched(job, workdir, cache, meter)
                if not fetched:
                    await self._encoded(job, parts, workdir, cache, meter)
                await parts.done(scene.scene.scene_id for scene in job.scenes)
                return fetched

        try:
            fetched = await _together(*(one(job) for job in jobs))
        finally:
            await parts.close()
        return [job for job, had in zip(jobs, fetched, strict=True) if not had], parts.drawn

    async def _engine(self) -> str:
        """What draws: ffmpeg and the installed fonts."""
        self._stamp = self._stamp or await asyncio.to_thread(lambda: self._fonts.stamp)
        return f"{await self._ffmpeg.version()} {self._stamp}"

    async def _fetched(self, job: SegmentJob, workdir: Path, cache: SegmentCache, meter: _Meter) -> bool:
        """Fetch one segment; whether the cache had it, whole."""
        out = workdir / f"{job.name}.mp4"
        had = await cache.fetch(await segment_key(job, await self._engine()), out)
        if not had or await asyncio.to_thread(_frames_of, out) != job.frames:
            return False
        await meter.segment(job.name, 1.0, made=False)
        return True

    async def _encoded(self, job: SegmentJob, parts: Parts, workdir: Path, cache: SegmentCache, meter: _Meter) -> None:
        out = workdir / f"{job.name}.mp4"
        await encode_segment(self._ffmpeg, self._fonts, parts, job, out, meter.follow(job.name))
        boxes = [box for scene in job.scenes for box in parts.drawn[scene.scene.scene_id]]
        if all(is_inside(box, job.after.areas) for box in boxes):  # else it is drawn, and told of, each time
            await cache.store(await segment_key(job, await self._engine()), out)
        await meter.segment(job.name, 1.0)

    async def _join(self, jobs: list[SegmentJob], canvas: Canvas, sound: Path, workdir: Path, meter: _Meter) -> Path:
        await meter.tell(_PICTURE_SHARE, "joining the scenes")
        listing, video = workdir / "segments.ffconcat", workdir / "video.mp4"
        text = concat_list([f"{job.name}.mp4" for job in jobs], [job.frames for job in jobs], canvas.fps)
        await asyncio.to_thread(listing.write_text, text, encoding="utf-8")
        argv = join_argv(listing.name, sound.name, canvas, video.name)
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
        sheets = ((job.after.scene.scene_id, job.sheet) for job in work.segments)
        look = caption_look(captions, branded(theme_named(board.style.theme), board.brand), self._fonts)
        return Wanted(
            timeline,
            board.loudness_lufs,
            made.sound,
            self._max_bytes,
            safe_areas(timeline.canvas, captions),
            caption_delay_s=caption_delay_s(timeline, work.job.narration) if shown else None,
            caption_contrast=least_contrast(look) if shown else None,
            texts=(
                *(PlacedText(name, "captions", sheet.ink) for name, sheet in sheets if sheet),
                *(PlacedText(name, "drawn text", box) for name, boxes in made.drawn.items() for box in boxes),
            ),
            length_target_s=board.length_target_s,
            begins=tuple(job.start_frame for job in work.segments if job.join is None),
        )


class _Meter:
    """Adds up the segments' progress by frames, never goes back, and tells how long the rest will take."""

    def __init__(self, frames: Mapping[str, int], on_progress: OnRenderProgress) -> None:
        self._frames = frames
        self._done = dict.fromkeys(frames, 0.0)
        self._fetched: set[str] = set()
        self._reached = 0.0
        self._on_progress = on_progress
        self._began = time.monotonic()
        self._scenes = sum(1 for name in frames if name.startswith("scene"))

    async def segment(self, name: str, fraction: float, *, made: bool = True) -> None:
        """One segment is that far; `made` is False when the cache had it."""
        self._done[name] = max(self._done[name], fraction)
        if not made:
            self._fetched.add(name)
        share = sum(self._done[one] * frames for one, frames in self._frames.items()) / sum(self._frames.values())
        ready = sum(1 for one, part in self._done.items() if part >= 1 and one.startswith("scene"))
        doing = f"rendering scene {min(ready + 1, self._scenes)} of {self._scenes}"
        await self.tell(share * _PICTURE_SHARE, doing + self._left())

    def follow(self, name: str) -> OnProgress:
        """A listener for one segment's run of ffmpeg."""

        async def listen(progress: Progress) -> None:
            await self.segment(name, progress.fraction)

        return listen

    async def tell(self, fraction: float, what: str) -> None:
        """The whole is that far."""
        self._reached = max(self._reached, min(1.0, fraction))
        await self._on_progress(self._reached, what)

    def _left(self) -> str:
        """How long the frames that are still to be made will take at the speed so far."""
        spent_s = time.monotonic() - self._began
        own = {name: frames for name, frames in self._frames.items() if name not in self._fetched}
        made = sum(self._done[name] * frames for name, frames in own.items())
        left = sum(own.values()) - made
        if spent_s < _SPEED_KNOWN_S or made < _SPEED_KNOWN_FRAMES or left <= 0:
            return ""
        return f", about {max(1, round(spent_s / made * left))} s left"


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
    segments: list[SegmentJob]
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


def _logo(job: RenderInput) -> Path | None:
    """The brand's logo; a video is not stopped for one that is gone."""
    brand = job.storyboard.brand
    path = job.assets.get(brand.logo_key) if brand and brand.logo_key else None
    return path if path is not None and path.is_file() else None


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
