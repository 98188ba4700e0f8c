"""The sound, made by a real ffmpeg and measured: loudness, peaks, what is kept."""

from __future__ import annotations

import dataclasses
import wave
from pathlib import Path
from typing import Any

import av
import numpy as np

from ettametta.storyboard import CardVisual
from ettametta.video.ffmpeg import Ffmpeg
from ettametta.video.plan import Canvas, Narration, ScenePlan, Timeline
from ettametta.video.sound.bed import MusicBed
from ettametta.video.sound.mix import Sound, SoundWanted, make_sound, measure_loudness
from tests.integration.video.conftest import MemoryCache, narration, write_tone

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


async def test_music_lies_under_the_voice_and_rises_where_nobody_speaks(ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    tone = 0.4 * np.sin(2 * np.pi * 330 * np.arange(5 * 48_000) / 48_000)
    with wave.open(str(tmp_path / "bed.wav"), "wb") as file:
        file.setparams((1, 2, 48_000, 0, "NONE", ""))
        file.writeframes(np.round(tone * 32767).astype("<i2").tobytes())
    music = MusicBed(tmp_path / "bed.wav", "wav", below_voice_lu=12, duck_lu=6, fade_out_s=0.1)
    cache, plan = MemoryCache(), timeline(second_frames=60)
    plain = await made(ffmpeg, tmp_path, MemoryCache(), plan, SoundWanted())
    alone = decoded(plain.path)
    sound = await made(ffmpeg, tmp_path, cache, plan, SoundWanted(music=music, whooshes_s=(1.0,)))
    samples = decoded(sound.path)
    assert abs(sound.loudness.integrated_lufs + 14) <= 0.3
    assert sound.loudness.peak_dbtp <= -1.0
    voice_db, rest_db = level_db(samples[:, 9_600:48_000]), level_db(samples[:, 110_000:150_000])
    assert level_db(alone[:, 110_000:150_000]) < -80
    assert 11 < voice_db - rest_db < 15  # the voice swells: its mean is above its loudness by the gate
    louder = dataclasses.replace(music, below_voice_lu=8)
    assert (await made(ffmpeg, tmp_path, cache, plan, SoundWanted(music=music, whooshes_s=(1.0,)))).reused
    assert not (await made(ffmpeg, tmp_path, cache, plan, SoundWanted(music=louder))).reused


async def test_music_alone_is_brought_to_level(ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    silent = Timeline(Canvas(144, 256, 30), (ScenePlan("b", 0, 0, 60, None, CARD, ()),))
    music = MusicBed(write_tone(tmp_path / "t.wav", 1.3), "wav", start_s=9.0)
    sound = await made(ffmpeg, tmp_path, MemoryCache(), silent, SoundWanted(music=music))
    assert abs(sound.loudness.integrated_lufs + 14) <= 0.3


def decoded(path: Path) -> np.ndarray[Any, Any]:
    with av.open(str(path)) as file:
        return np.concatenate([frame.to_ndarray() for frame in file.decode(audio=0)], axis=1)


def level_db(samples: np.ndarray[Any, Any]) -> float:
    return float(10 * np.log10(np.square(samples).mean() + 1e-12))
