"""Checks and repairs on real files: black, frozen and broken stretches, files too large, damaged parts of the cache."""

from __future__ import annotations

import asyncio
import dataclasses
from pathlib import Path

import pytest

from ettametta.video.checks import CheckLine, CheckReport
from ettametta.video.commands import EncoderSettings
from ettametta.video.ffmpeg import Ffmpeg
from ettametta.video.lettering.fonts import Fonts
from ettametta.video.render import RenderedVideo, Renderer, RenderInput
from ettametta.video.seen import look
from tests.integration.video.conftest import MemoryCache

FAST = EncoderSettings(preset="ultrafast", crf=24, threads=1)


@pytest.fixture
def small(job: RenderInput) -> RenderInput:
    """The three scenes at a size that takes no time."""
    board = job.storyboard.model_copy(update={"width": 144, "height": 256, "fps": 15})
    return dataclasses.replace(job, storyboard=board)


async def rendered(renderer: Renderer, job: RenderInput, folder: Path, cache: MemoryCache) -> RenderedVideo:
    async def ignore(_fraction: float, _what: str) -> None:
        """Nobody watches."""

    return await renderer.render(job, folder, cache=cache, on_progress=ignore)


def line(report: CheckReport, name: str) -> CheckLine:
    return next(one for one in report.lines if one.name == name)


async def test_black_and_frozen_stretches_are_found_and_moving_ones_are_not(tmp_path: Path, ffmpeg: Ffmpeg) -> None:
    """Two seconds each of something that moves, of black, of something that moves, and of its last frame."""
    moving, black = "testsrc2=s=160x288:r=15:d=2", "color=black:s=160x288:r=15:d=2"
    still = f"{moving},tpad=stop_mode=clone:stop_duration=2"
    sources = [part for graph in (moving, black, still) for part in ("-f", "lavfi", "-i", graph)]
    joined = ["-filter_complex", "[0][1][2]concat=n=3", "-c:v", "libx264", "-preset", "ultrafast", "-g", "30", "v.mp4"]
    await ffmpeg.run([*sources, *joined], cwd=tmp_path)
    seen = await asyncio.to_thread(look, tmp_path / "v.mp4", 15, [0, 30, 60])
    assert seen.black_s == pytest.approx([2.0], abs=0.1)
    assert [at for at in seen.frozen_s if at > 4] == pytest.approx([6.0], abs=0.15)
    assert all(at >= 2.0 for at in seen.frozen_s)
    assert seen.broken == ()
    assert seen.steady


async def test_a_scene_that_is_black_in_the_cache_is_made_anew_and_told(
    small: RenderInput, tmp_path: Path, ffmpeg: Ffmpeg, fonts: Fonts
) -> None:
    cache, renderer = MemoryCache(), Renderer(ffmpeg, FAST, fonts)
    await rendered(renderer, small, tmp_path / "one", cache)
    first = tmp_path / "one" / "scene-000.mp4"
    key = next(key for key, kept in cache.kept.items() if kept == first.read_bytes())
    black = ["-i", first.name, "-vf", "drawbox=c=black:t=fill", "-c:v", "libx264", "-profile:v", "high", "-r", "15"]
    await ffmpeg.run([*black, "-video_track_timescale", "7680", "black.mp4"], cwd=first.parent)
    good = cache.kept[key]
    cache.kept[key] = (first.parent / "black.mp4").read_bytes()
    made = await rendered(renderer, small, tmp_path / "two", cache)
    assert made.segments_encoded == 1
    assert made.checks.failed == ()
    assert line(made.checks, "black seconds").repaired
    assert cache.kept[key] == good


async def test_a_damaged_scene_and_a_short_sound_are_made_anew(
    small: RenderInput, tmp_path: Path, ffmpeg: Ffmpeg, fonts: Fonts
) -> None:
    cache, renderer = MemoryCache(), Renderer(ffmpeg, FAST, fonts)
    await rendered(renderer, small, tmp_path / "one", cache)
    photo = (tmp_path / "one" / "scene-001.mp4").read_bytes()
    for key, kept in cache.kept.items():
        if kept == photo:
            at = kept.index(b"mdat") + 800  # in the middle of the first picture
            cache.kept[key] = kept[:at] + bytes(400) + kept[at + 400 :]
        elif key.endswith("-sound"):
            (tmp_path / "s.m4a").write_bytes(kept)
            await ffmpeg.run(["-i", "s.m4a", "-t", "1", "-c", "copy", "-f", "mp4", "t.m4a"], cwd=tmp_path)
            cache.kept[key] = (tmp_path / "t.m4a").read_bytes() + kept[-256:]
    made = await rendered(renderer, small, tmp_path / "two", cache)
    assert made.checks.failed == ()
    assert line(made.checks, "scenes begin").repaired
    assert line(made.checks, "sound as long as picture").repaired
    assert (made.segments_encoded, made.sound_reused) == (1, False)


async def test_a_file_too_large_is_encoded_once_more_and_one_that_stays_so_is_told(
    small: RenderInput, tmp_path: Path, ffmpeg: Ffmpeg, fonts: Fonts
) -> None:
    whole = await rendered(Renderer(ffmpeg, FAST, fonts), small, tmp_path / "one", MemoryCache())
    assert not line(whole.checks, "file size").repaired
    tight = Renderer(ffmpeg, FAST, fonts, max_bytes=round(whole.size_bytes * 0.9))
    made = await rendered(tight, small, tmp_path / "two", MemoryCache())
    assert made.size_bytes < whole.size_bytes * 0.9
    assert line(made.checks, "file size").repaired
    assert made.segments_encoded == 6
    hopeless = Renderer(ffmpeg, FAST, fonts, max_bytes=10_000)
    told = await rendered(hopeless, small, tmp_path / "three", MemoryCache())
    assert "file size" in [failed.name for failed in told.checks.failed]


async def test_a_length_that_was_missed_is_told(
    small: RenderInput, tmp_path: Path, ffmpeg: Ffmpeg, fonts: Fonts
) -> None:
    board = small.storyboard.model_copy(update={"length_target_s": 60.0})
    made = await rendered(
        Renderer(ffmpeg, FAST, fonts), dataclasses.replace(small, storyboard=board), tmp_path / "w", MemoryCache()
    )
    assert [failed.name for failed in made.checks.failed] == ["length"]
