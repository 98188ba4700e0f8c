"""What is under the voice: ducking by known times, loops on the beat without a seam, transition sounds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ettametta.providers.music.procedural import _SCORES, _played
from ettametta.providers.speech.base import Word
from ettametta.storyboard import CardVisual
from ettametta.video.plan import Canvas, Narration, ScenePlan, Timeline
from ettametta.video.sound.bed import Bed, MusicBed, write_bed
from ettametta.video.sound.ducking import CONTROL_RATE, Span, duck_curve, fade_curve, speech_spans
from ettametta.video.sound.looping import find_loop, loop_body
from ettametta.video.sound.whoosh import whoosh

RATE = 48_000
Array = np.ndarray[Any, Any]


def level_db(samples: Array) -> float:
    return float(10 * np.log10(np.square(samples).mean() + 1e-12))


def test_music_is_down_before_a_word_and_up_again_after_it() -> None:
    curve = duck_curve([Span(1.0, 1.4)], 3.0, 6.0)

    def at(seconds: float) -> float:
        return float(curve[round(seconds * CONTROL_RATE)])

    assert [at(0.5), at(1.0), at(1.2), at(1.5), at(2.5)] == pytest.approx([0, -6, -6, -6, 0])
    assert -6 < at(0.9) < 0
    assert -6 < at(1.8) < 0
    assert np.abs(np.diff(curve)).max() < 0.3  # decibels in five milliseconds: no step is heard


def test_gaps_between_words_rise_only_when_they_are_long() -> None:
    close = duck_curve([Span(1.0, 1.4), Span(1.55, 2.0)], 3.0, 6.0)
    apart = duck_curve([Span(1.0, 1.4), Span(2.2, 2.6)], 3.5, 6.0)
    assert close[round(1.45 * CONTROL_RATE) : round(1.55 * CONTROL_RATE)].max() == pytest.approx(-6)
    assert -5 < apart[round(1.4 * CONTROL_RATE) : round(2.2 * CONTROL_RATE)].max() <= 0


def test_speech_is_found_on_the_timeline() -> None:
    card = CardVisual(kind="title", text="x")
    scenes = (ScenePlan("a", 0, 0, 60, None, card, ()), ScenePlan("b", 1, 60, 60, 4800, card, ()))
    said = {"b": Narration(Path("x"), 1.0, (Word("one", 0.2, 0.4), Word("two", 0.5, 0.9)))}
    plan = Timeline(Canvas(100, 100, 30), scenes)
    times = [(span.start_s, span.end_s) for span in speech_spans(plan, said)]
    assert times == [pytest.approx((2.3, 2.5)), pytest.approx((2.6, 3.0))]
    wordless = {"b": Narration(Path("x"), 1.0, ())}
    assert [(span.start_s, span.end_s) for span in speech_spans(plan, wordless)] == [pytest.approx((2.1, 3.1))]


def test_fades_begin_and_end_in_silence() -> None:
    curve = fade_curve(4.0, 1.5)
    assert curve[0] == 0
    assert curve[round(1.0 * CONTROL_RATE)] == pytest.approx(1)
    assert curve[round(4.0 * CONTROL_RATE)] == pytest.approx(0, abs=1e-6)


def written(folder: Path, track: Array, seconds: float, music: MusicBed, spans: Sequence[Span] = ()) -> Array:
    decoded = folder / "track.s16"
    decoded.write_bytes(np.round(track.T * 32767).astype("<i2").tobytes())
    write_bed(Bed(round(seconds * RATE), spans, music, -6.0, -20.0, ()), decoded, folder / "bed.f32")
    return np.fromfile(folder / "bed.f32", "<f4").reshape(-1, 2).T


def test_the_bed_is_as_long_as_the_video_and_ducks_by_what_was_asked(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).uniform(-0.5, 0.5, (2, 12 * RATE))
    music = MusicBed(tmp_path, "wav", duck_lu=8.0, fade_out_s=0.5)
    bed = written(tmp_path, noise, 10.0, music, [Span(4.0, 7.0)])
    assert bed.shape == (2, 10 * RATE)
    open_db, ducked_db = level_db(bed[:, 2 * RATE : 3 * RATE]), level_db(bed[:, 5 * RATE : 6 * RATE])
    assert open_db == pytest.approx(level_db(noise) - 6, abs=0.2)
    assert open_db - ducked_db == pytest.approx(8, abs=0.2)


@pytest.mark.parametrize("asked", [118.5, None])
def test_a_track_is_repeated_by_whole_bars_of_its_true_tempo_without_a_seam(asked: float | None) -> None:
    """116 beats a minute, cut anywhere and fading at its end, its tempo named 2 % wrong or not at all."""
    whole = _played(_SCORES["upbeat"])
    track = np.concatenate([whole, whole[:, : 7 * RATE]], axis=1).copy()
    track[:, -2 * RATE :] *= np.linspace(1, 0, 2 * RATE, dtype=np.float32) ** 2
    loop = find_loop(track, asked)
    bar_s = 4 * 60 / 116
    bars = (loop.end - loop.start) / RATE / bar_s
    assert bars == pytest.approx(round(bars), abs=0.01)
    assert loop.end < track.shape[1] - RATE  # the fade is not looped over
    body = loop_body(track, loop)
    joined = np.concatenate([track[:, : loop.start], body, body], axis=1)
    check_joint(joined, loop.end, track, loop.start)


def check_joint(joined: Array, at: int, source: Array, start: int) -> None:
    """No click: no sharper corner than the music has there. No dip and no swell: as loud as what it stands for."""
    corners = [sharpest(source[:, middle - 9000 : middle + 100]) for middle in (at, start)]
    assert sharpest(joined[:, at - 9000 : at + 100]) <= max(corners) * 1.05
    step = RATE // 20
    for first in range(-6 * step, 2 * step, step):
        new = level_db(joined[:, at + first : at + first + step])
        ends = [level_db(source[:, middle + first : middle + first + step]) for middle in (at, start)]
        assert min(ends) - 1 < new < max(ends) + 1


def sharpest(samples: Array) -> float:
    return float(np.abs(np.diff(samples, n=2, axis=1)).max())


def test_a_seamless_track_and_a_tiny_one_are_repeated_whole(tmp_path: Path) -> None:
    tone = np.tile(0.3 * np.sin(2 * np.pi * 480 * np.arange(RATE) / RATE), (2, 1))
    for music in (MusicBed(tmp_path, "wav", seamless=True, fade_out_s=0), MusicBed(tmp_path, "wav", fade_out_s=0)):
        bed = written(tmp_path, tone, 3.5, music)
        assert bed.shape[1] == round(3.5 * RATE)
        expected = 0.3 * 10 ** (-6 / 20) * np.sin(2 * np.pi * 480 * np.arange(bed.shape[1]) / RATE)
        assert np.abs(bed[0, RATE:] - expected[RATE:]).max() < 1e-3


def test_a_whoosh_is_laid_on_the_middle_of_its_transition(tmp_path: Path) -> None:
    write_bed(Bed(4 * RATE, (), None, 0.0, -20.0, (2.0,)), None, tmp_path / "bed.f32")
    bed = np.fromfile(tmp_path / "bed.f32", "<f4").reshape(-1, 2).T
    windows = [level_db(bed[:, at : at + RATE // 10]) for at in range(0, 4 * RATE, RATE // 10)]
    assert 18 <= int(np.argmax(windows)) <= 20
    crest = bed[:, round(1.95 * RATE) : round(2.05 * RATE)]
    assert level_db(crest) == pytest.approx(-20 - 9 - 3, abs=0.2)  # a channel has half of it
    assert bed[:, :RATE].any() == bed[:, 3 * RATE :].any() == np.False_
    assert np.abs(whoosh(1)[:, [0, -1]]).max() < 1e-3
