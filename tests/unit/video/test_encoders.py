"""Encoders: how each is run, and that only a proven one is believed."""

from __future__ import annotations

import dataclasses

import pytest

from ettametta.video import encoders
from ettametta.video.commands import EncoderSettings, ShownScene, segment_argv
from ettametta.video.encoders import BY_NAME, HARDWARE, SOFTWARE, choose_encoder, coder_options, proof_argv, prove
from ettametta.video.ffmpeg import Ffmpeg
from ettametta.video.plan import Box, Canvas
from ettametta.video.scene_graph import ClipInput, SceneInput, Stretch

CANVAS = Canvas(1080, 1920, 30)
CLIP = SceneInput(ClipInput("file:/tmp/c.mp4", "mov", 0.0, loop=False, crop=Box(0, 0, 608, 1080)))
#: What each encoder must be told: how it is named, its quality at CRF 20, and the frames it takes.
WANTED = {
    "h264_nvenc": {"c:v": "h264_nvenc", "rc": "vbr", "cq": "24", "pix_fmt": "yuv420p"},
    "h264_qsv": {"c:v": "h264_qsv", "global_quality": "23", "pix_fmt": "nv12"},
    "h264_vaapi": {"c:v": "h264_vaapi", "rc_mode": "CQP", "qp": "23"},
    "h264_videotoolbox": {"c:v": "h264_videotoolbox", "q:v": "66", "pix_fmt": "yuv420p"},
    "h264_amf": {"c:v": "h264_amf", "rc": "cqp", "qp_i": "22", "qp_p": "22", "pix_fmt": "nv12"},
}


def value(argv: list[str], option: str) -> str:
    return argv[argv.index(option) + 1]


def segment(codec: str) -> list[str]:
    encoder = EncoderSettings(codec=codec, threads=2)
    shown = ShownScene(CLIP, Stretch(0, 90))
    return segment_argv(shown, None, CANVAS, encoder, "out.mp4")


@pytest.mark.parametrize("codec", WANTED)
def test_each_encoder_is_told_its_own_options_and_what_joining_needs(codec: str) -> None:
    options = coder_options(codec, "veryfast", 20, 2)
    assert options.items() >= WANTED[codec].items()
    assert not {"crf", "x264-params", "threads"} & options.keys()
    argv = segment(codec)
    assert value(argv, "-c:v") == codec
    for option, wanted in {"-g": "60", "-profile:v": "high", "-colorspace": "bt709", "-frames:v": "90"}.items():
        assert value(argv, option) == wanted


def test_x264_is_run_as_ever() -> None:
    argv = segment(SOFTWARE)
    assert (value(argv, "-c:v"), value(argv, "-preset"), value(argv, "-crf")) == ("libx264", "veryfast", "20")
    assert value(argv, "-x264-params") == "aq-mode=3:8x8dct=1"


def test_frames_are_handed_to_vaapi_by_its_device() -> None:
    argv = segment("h264_vaapi")
    assert argv[:2] == ["-vaapi_device", "/dev/dri/renderD128"]
    assert "hwupload" in value(argv, "-filter_complex")
    assert "-pix_fmt" not in argv
    assert "format=nv12,hwupload" in value(proof_argv("h264_vaapi", "o.mp4"), "-vf")


def test_worse_quality_stays_on_the_scale() -> None:
    for coder in HARDWARE:
        for crf in (10, 20, 40):
            name = next(name for name, text in coder.options.items() if text == "{q}")
            assert 1 <= int(coder_options(coder.name, "veryfast", crf, 1)[name]) <= coder.worst


async def test_x264_proves_itself_and_absent_hardware_fails_cleanly() -> None:
    ffmpeg = Ffmpeg.locate()
    assert await prove(ffmpeg, SOFTWARE) == ""
    for coder in HARDWARE:
        if not encoders.may_be_here(coder):
            assert await prove(ffmpeg, coder.name)


async def test_only_a_proven_encoder_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    ffmpeg, asked = Ffmpeg.locate(), list[str]()
    faults = {"h264_nvenc": "it does not run", "h264_qsv": ""}

    async def answer(_ffmpeg: Ffmpeg, codec: str) -> str:
        asked.append(codec)
        return faults[codec]

    monkeypatch.setattr(encoders, "prove", answer)
    monkeypatch.setattr(encoders, "may_be_here", lambda coder: coder.name in faults)
    assert await choose_encoder(ffmpeg) == "h264_qsv"
    assert asked == ["h264_nvenc", "h264_qsv"]
    assert await choose_encoder(ffmpeg, "h264_nvenc") == SOFTWARE
    assert await choose_encoder(ffmpeg, SOFTWARE) == SOFTWARE
    faults["h264_qsv"] = "its pictures are empty"
    assert await choose_encoder(ffmpeg) == SOFTWARE


async def test_an_encoder_that_makes_other_pictures_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    ffmpeg = Ffmpeg.locate()
    monkeypatch.setattr(encoders, "_PROOF_WIDTH", 322)
    argv = proof_argv(SOFTWARE, "o.mp4")
    monkeypatch.undo()
    monkeypatch.setattr(encoders, "proof_argv", lambda _codec, out: [*argv[:-1], out])
    assert "it made ('h264', 'yuv420p', 322, 240, 12)" in await prove(ffmpeg, SOFTWARE)


def test_a_coder_is_looked_for_by_its_device(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    nvenc = BY_NAME["h264_nvenc"]
    assert not encoders.may_be_here(dataclasses.replace(nvenc, devices=("/dev/no-such-device",)))
    assert encoders.may_be_here(dataclasses.replace(nvenc, devices=("/dev/null",)))
    assert not encoders.may_be_here(BY_NAME["h264_videotoolbox"])
