"""The sound's arguments: every input named and fenced in, exact lengths, one scene's sound used twice."""

from __future__ import annotations

import pytest

from ettametta.storyboard import CardVisual
from ettametta.video.plan import Canvas, ScenePlan, Timeline
from ettametta.video.sound.commands import Master, loudness_argv, master_argv, rehearse_argv, voice_argv

CANVAS = Canvas(1080, 1920, 30)
CARD = CardVisual(kind="title", text="secret words")
WAVS = {"s": "a.wav", "t": "a.wav"}
TIMELINE = Timeline(CANVAS, (ScenePlan("s", 0, 0, 90, 4800, CARD, ()), ScenePlan("t", 1, 90, 61, 4800, CARD, ())))
MASTER = Master(3.0, -2.0)


def value(argv: list[str], option: str) -> str:
    return argv[argv.index(option) + 1]


@pytest.mark.parametrize(
    "argv",
    [
        voice_argv(TIMELINE, WAVS, "v.wav"),
        rehearse_argv("v.wav", None, MASTER),
        rehearse_argv("v.wav", "b.wav", MASTER),
        master_argv("v.wav", None, MASTER, 1000, "160k", "s.m4a"),
        master_argv("v.wav", "b.wav", MASTER, 1000, "160k", "s.m4a"),
        loudness_argv("s.m4a", "mp4"),
    ],
)
def test_every_input_names_its_container_and_may_read_files_only(argv: list[str]) -> None:
    inputs = [at for at, part in enumerate(argv) if part == "-i"]
    assert inputs
    starts = [0, *(at + 2 for at in inputs)]
    for start, at in zip(starts, inputs, strict=False):
        assert value(argv[start:at], "-protocol_whitelist") == "file,pipe"
        assert "-f" in argv[start:at]
    assert "secret" not in " ".join(argv)


def test_scenes_with_the_same_sound_are_laid_twice() -> None:
    argv = voice_argv(TIMELINE, WAVS, "v.wav")
    assert argv.count("-i") == 2
    graph = value(argv, "-filter_complex")
    assert "atrim=end_sample=144000" in graph
    assert "atrim=end_sample=97600" in graph
    assert "[s0][s1]concat=n=2" in graph


def test_a_bed_is_mixed_in_at_full_voice_and_the_length_is_exact() -> None:
    graph = value(master_argv("v.wav", "b.wav", MASTER, 1000, "160k", "s.m4a"), "-filter_complex")
    assert "amix=inputs=2:duration=first:normalize=0" in graph
    assert "volume=3.000dB" in graph
    assert "alimiter=limit=0.79433" in graph
    assert "atrim=end_sample=1000" in graph
