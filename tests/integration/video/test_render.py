"""Whole renders with a real ffmpeg: checks, exact joins, re-use, captions, loudness of odd sounds."""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
import time
from pathlib import Path
from typing import Any

import av
import numpy as np
import psutil
import pytest

from ettametta.errors import InvalidInput, MissingPart
from ettametta.storyboard import CardVisual, Scene, Storyboard, Style
from ettametta.video.commands import EncoderSettings
from ettametta.video.design.cards import CardArt, draw_card
from ettametta.video.ffmpeg import Ffmpeg
from ettametta.video.lettering.fonts import Fonts
from ettametta.video.plan import Narration
from ettametta.video.render import Renderer, RenderInput
from tests.integration.video.conftest import MemoryCache, narration, storyboard, write_tone


async def ignore(_fraction: float, _what: str) -> None:
    """Nobody watches."""


def one_card(
    text: str, speech: Narration, *, language: str = "en", captions: str = "highlight", **more: Any
) -> RenderInput:
    scene = Scene(id="only", narration=text, visual=CardVisual(kind="statement", text=text))
    board = Storyboard(
        title="t",
        language=language,
        width=270,
        height=480,
        scenes=(scene,),
        style=Style.model_validate({"captions": {"mode": captions}}),
        **more,
    )
    return RenderInput(board, {"only": speech})


async def test_a_card_a_photo_and_a_clip_become_a_video_that_keeps_its_promises(
    renderer: Renderer, job: RenderInput, tmp_path: Path
) -> None:
    seen: list[tuple[float, str]] = []

    async def watch(fraction: float, what: str) -> None:
        seen.append((fraction, what))

    made = await renderer.render(job, tmp_path / "work", cache=MemoryCache(), on_progress=watch)
    assert made.checks.failed == ()
    assert len(made.checks.lines) == 21
    assert (made.width, made.height) == (270, 480)
    assert made.segments_encoded == 3
    assert made.size_bytes == made.video.stat().st_size
    fractions = [fraction for fraction, _ in seen]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert any("scene 2 of 3" in what for _, what in seen)
    assert made.captions.read_text(encoding="utf-8").startswith("1\n00:00:00,100 --> ")
    assert made.cover.read_bytes()[:2] == made.thumbnail.read_bytes()[:2] == b"\xff\xd8"


async def test_joined_segments_keep_every_frame_at_its_time(
    renderer: Renderer, job: RenderInput, tmp_path: Path
) -> None:
    made = await renderer.render(job, tmp_path / "work", cache=MemoryCache(), on_progress=ignore)
    segments = sorted((tmp_path / "work").glob("scene-*.mp4"))
    assert len(segments) == 3
    with av.open(str(made.video)) as file:
        times = sorted(packet.pts for packet in file.demux(video=0) if packet.pts is not None)
    assert len(times) == sum(frames_in(segment) for segment in segments) == round(made.duration_s * 30)
    assert {second - first for first, second in itertools.pairwise(times)} == {512}
    assert np.array_equal(decoded(made.video), np.concatenate([decoded(segment) for segment in segments]))


async def test_an_edit_encodes_one_scene_and_a_repeat_none(
    renderer: Renderer, job: RenderInput, tmp_path: Path
) -> None:
    cache = MemoryCache()
    first = await renderer.render(job, tmp_path / "one", cache=cache, on_progress=ignore)
    again = await renderer.render(job, tmp_path / "two", cache=cache, on_progress=ignore)
    assert (first.segments_encoded, again.segments_encoded, again.segments_reused) == (3, 0, 3)
    assert (first.sound_reused, again.sound_reused) == (False, True)
    assert again.video.read_bytes() == first.video.read_bytes()
    edited = dataclasses.replace(job, storyboard=storyboard(first_text="Honey keeps for ever"))
    changed = await renderer.render(edited, tmp_path / "three", cache=cache, on_progress=ignore)
    assert (changed.segments_encoded, changed.segments_reused, changed.sound_reused) == (1, 2, True)
    assert changed.checks.ok


async def test_what_is_broken_in_the_cache_is_made_anew(renderer: Renderer, job: RenderInput, tmp_path: Path) -> None:
    cache = MemoryCache()
    await renderer.render(job, tmp_path / "one", cache=cache, on_progress=ignore)
    for key, kept in cache.kept.items():
        cache.kept[key] = kept[: len(kept) // 2]
    again = await renderer.render(job, tmp_path / "two", cache=cache, on_progress=ignore)
    assert (again.segments_encoded, again.sound_reused) == (3, False)
    assert again.checks.ok


async def test_cancel_stops_every_ffmpeg_and_leaves_no_half_segment(
    renderer: Renderer, job: RenderInput, tmp_path: Path
) -> None:
    longer = {name: dataclasses.replace(speech, duration_s=40.0) for name, speech in job.narration.items()}
    started = asyncio.Event()

    async def watch(fraction: float, _what: str) -> None:
        if fraction > 0:
            started.set()

    rendering = asyncio.create_task(
        renderer.render(
            dataclasses.replace(job, narration=longer), tmp_path / "work", cache=MemoryCache(), on_progress=watch
        )
    )
    await asyncio.wait_for(started.wait(), 30)
    began = time.monotonic()
    rendering.cancel()
    with pytest.raises(asyncio.CancelledError):
        await rendering
    assert time.monotonic() - began < 1.0
    assert [child for child in psutil.Process().children() if "ffmpeg" in child.name()] == []
    left = [path.name for path in (tmp_path / "work").iterdir() if path.suffix == ".mp4"]
    assert all(frames_in(tmp_path / "work" / name) >= 1200 for name in left)


@pytest.mark.parametrize(("width", "height"), [(480, 270), (300, 300), (271, 481)])
async def test_other_shapes_render(
    renderer: Renderer, job: RenderInput, tmp_path: Path, width: int, height: int
) -> None:
    board = job.storyboard.model_copy(update={"width": width, "height": height, "fps": 25})
    made = await renderer.render(
        dataclasses.replace(job, storyboard=board), tmp_path / "work", cache=MemoryCache(), on_progress=ignore
    )
    assert made.checks.failed == ()
    assert (made.width, made.height) == (width // 2 * 2, height // 2 * 2)


async def test_scenes_may_share_one_narration_file(renderer: Renderer, job: RenderInput, tmp_path: Path) -> None:
    first = job.narration["scene0"]
    shared = dataclasses.replace(job, narration=dict.fromkeys(job.narration, first))
    made = await renderer.render(shared, tmp_path / "work", cache=MemoryCache(), on_progress=ignore)
    assert made.checks.failed == ()


@pytest.mark.parametrize("seconds", [0.3, 1.0])
async def test_very_short_sound_meets_the_loudness(renderer: Renderer, tmp_path: Path, seconds: float) -> None:
    made = await renderer.render(
        one_card("Hello there", narration(tmp_path / "a.wav", "Hello there", seconds)),
        tmp_path / "work", cache=MemoryCache(), on_progress=ignore,
    )  # fmt: skip
    assert made.checks.failed == ()


async def test_mostly_silent_and_very_quiet_sound_meets_the_loudness(renderer: Renderer, tmp_path: Path) -> None:
    path = write_tone(tmp_path / "a.wav", 0.8, level=0.01)
    speech = narration(tmp_path / "b.wav", "Hello there", 6.0)
    quiet = dataclasses.replace(speech, wav_path=path)
    made = await renderer.render(
        one_card("Hello there", quiet), tmp_path / "work", cache=MemoryCache(), on_progress=ignore
    )
    assert made.checks.failed == ()


async def test_captions_are_drawn_in_their_area_and_only_there(ffmpeg: Ffmpeg, fonts: Fonts, tmp_path: Path) -> None:
    renderer = Renderer(ffmpeg, EncoderSettings(preset="ultrafast", crf=10, threads=1), fonts)
    speech = narration(tmp_path / "a.wav", "Hello there {\\fs300}bold \\N world", 2.0)
    pictures = [
        decoded((await renderer.render(
            one_card("Hello", speech, captions=mode), tmp_path / mode, cache=MemoryCache(), on_progress=ignore
        )).video)[20].astype(int)
        for mode in ("highlight", "off")
    ]  # fmt: skip
    changed = np.argwhere(np.abs(pictures[0][:480] - pictures[1][:480]) > 40)
    top, bottom = changed[:, 0].min(), changed[:, 0].max()
    left, right = changed[:, 1].min(), changed[:, 1].max()
    assert 0.62 * 480 < top < bottom < 0.79 * 480
    assert 0.05 * 270 < left < right < 0.95 * 270


async def test_captions_that_move_all_the_time_render_in_a_long_scene(renderer: Renderer, tmp_path: Path) -> None:
    """The strip changes on more frames here than ffmpeg's expressions may be deep."""
    text = "one two three four five six seven eight nine ten " * 3
    job = one_card(text, narration(tmp_path / "a.wav", text, 9.0), captions="pop")
    made = await renderer.render(job, tmp_path / "work", cache=MemoryCache(), on_progress=ignore)
    assert made.checks.failed == ()


@pytest.mark.parametrize(
    ("language", "text"),
    [("ar", "العسل لا يفسد أبداً"), ("hi", "शहद कभी खराब नहीं होता"), ("ru", "Мёд не портится"), ("he", "דבש לא מתקלקל")],
)
async def test_other_scripts_render(renderer: Renderer, tmp_path: Path, language: str, text: str) -> None:
    made = await renderer.render(
        one_card(text, narration(tmp_path / "a.wav", text, 1.2), language=language),
        tmp_path / "work", cache=MemoryCache(), on_progress=ignore,
    )  # fmt: skip
    assert made.checks.failed == ()


async def test_a_script_without_font_is_refused_before_anything_is_encoded(renderer: Renderer, tmp_path: Path) -> None:
    job = one_card("𞤥𞤢𞤶𞤭", narration(tmp_path / "a.wav", "𞤥𞤢𞤶𞤭", 1.0), language="ff")
    with pytest.raises(MissingPart, match="No installed font"):
        await renderer.render(job, tmp_path / "work", cache=MemoryCache(), on_progress=ignore)
    assert not list((tmp_path / "work").glob("scene-*"))


async def test_a_missing_file_and_an_unknown_theme_are_refused(
    renderer: Renderer, job: RenderInput, tmp_path: Path
) -> None:
    with pytest.raises(InvalidInput, match="The file of scene scene1 is not there"):
        await renderer.render(
            dataclasses.replace(job, assets={}), tmp_path / "a", cache=MemoryCache(), on_progress=ignore
        )
    with pytest.raises(InvalidInput, match="no theme called nosuch"):
        await renderer.render(
            dataclasses.replace(job, storyboard=storyboard(theme="nosuch")),
            tmp_path / "b", cache=MemoryCache(), on_progress=ignore,
        )  # fmt: skip


def frames_in(path: Path) -> int:
    with av.open(str(path)) as file:
        return file.streams.video[0].frames


def decoded(path: Path) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """All frames as planar YUV: frames x rows x columns."""
    with av.open(str(path)) as file:
        return np.stack([frame.to_ndarray() for frame in file.decode(video=0)])


async def test_what_a_card_draws_outside_the_safe_area_is_told_each_time(
    renderer: Renderer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_high(*given: Any) -> CardArt:
        art = draw_card(*given)
        return dataclasses.replace(art, layers=tuple(dataclasses.replace(one, top=0) for one in art.layers))

    monkeypatch.setattr("ettametta.video.preparing.draw_card", too_high)
    job, cache = one_card("High", narration(tmp_path / "a.wav", "High", 0.6), captions="off"), MemoryCache()
    for number in range(2):
        made = await renderer.render(job, tmp_path / f"work-{number}", cache=cache, on_progress=ignore)
        assert [(line.name, line.measured) for line in made.checks.failed] == [
            ("text in the safe area", "drawn text of scene only"),
        ]  # fmt: skip
        assert made.segments_encoded == 1
