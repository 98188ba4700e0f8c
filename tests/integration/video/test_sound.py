"""The sound, made by a real ffmpeg and measured: loudness, peaks, what is kept."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from ettametta.storyboard import CardVisual
from ettametta.video.ffmpeg import Ffmpeg
from ettametta.video.plan import Canvas, Narration, ScenePlan, Timeline
from ettametta.video.sound import Sound, SoundWanted, make_sound, measure_loudness
from tests.integration.video.conftest import MemoryCache, narration

CARD = CardVisual(kind="statement", text="x")


def timeline(*, second_frames: int = 20) -> Timeline:
    """A spoken second, and two thirds of one in which nobody speaks."""
    spoken, silent = ScenePlan("a", 0, 0, 40, 4800, CARD, ()), ScenePlan("b", 1, 40, second_frames, None, CARD, ())
    return Timeline(Canvas(144, 256, 30), (spoken, silent))


def said(tmp_path: Path) -> dict[str, Narration]:
    return {"a": narration(tmp_path / "a.wav", "Hello there", 1.2)}


async def made(ffmpeg: Ffmpeg, folder: Path, cache: MemoryCache, plan: Timeline, wanted: SoundWanted) -> Sound:
    (folder / "work").mkdir(exist_ok=True)
    return await make_sound(ffmpeg, plan, said(folder), wanted, folder / "work", cache)


async def test_the_file_measures_what_was_asked_for(ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    for target in (-14.0, -23.0):
        sound = await made(ffmpeg, tmp_path, MemoryCache(), timeline(), SoundWanted(target_lufs=target))
        again = await measure_loudness(ffmpeg, sound.path, "mp4")
        assert again == sound.loudness
        assert abs(again.integrated_lufs - target) <= 0.3
        assert again.peak_dbtp <= -1.0
        assert sorted(path.name for path in (tmp_path / "work").iterdir()) == ["sound.m4a"]


async def test_only_what_it_depends_on_makes_it_anew(ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    cache, wanted = MemoryCache(), SoundWanted()
    first = await made(ffmpeg, tmp_path, cache, timeline(), wanted)
    again = await made(ffmpeg, tmp_path, cache, timeline(), wanted)
    assert (first.reused, again.reused) == (False, True)
    assert again.loudness == first.loudness
    longer = await made(ffmpeg, tmp_path, cache, timeline(second_frames=21), wanted)
    louder = await made(ffmpeg, tmp_path, cache, timeline(), dataclasses.replace(wanted, target_lufs=-16.0))
    assert (longer.reused, louder.reused) == (False, False)
