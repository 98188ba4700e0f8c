"""Arguments: every input named and fenced in, exact joins, no user text in a graph."""

from __future__ import annotations

import pytest

from ettametta.storyboard import CardVisual
from ettametta.video.commands import (
    CaptionInput,
    CardInput,
    ClipInput,
    EncoderSettings,
    LayerInput,
    PhotoInput,
    SegmentInput,
    concat_list,
    join_argv,
    segment_argv,
    stills_argv,
)
from ettametta.video.plan import Box, Canvas, ScenePlan

CANVAS = Canvas(1080, 1920, 30)
SCENE = ScenePlan("s", 0, 0, 90, 4800, CardVisual(kind="title", text="secret words"), ())
SOURCES: list[SegmentInput] = [
    CardInput("back.png", 480, (LayerInput("a.png", 100, 240, 0), LayerInput("b.png", 100, 400, None))),
    PhotoInput("p.png", 1080, 1920, reverse=False),
    PhotoInput("p.png", 1170, 1920, reverse=True),
    ClipInput("file:/tmp/c.mp4", "mov", 1.5, loop=False),
    ClipInput("file:/tmp/c.mp4", "mov", 0.0, loop=True),
]


def value(argv: list[str], option: str) -> str:
    return argv[argv.index(option) + 1]


CAPTIONS = CaptionInput("captions.ass", Box(100, 1200, 880, 260))


def segment(source: SegmentInput, captions: CaptionInput | None = CAPTIONS) -> list[str]:
    return segment_argv(SCENE, CANVAS, source, EncoderSettings("medium", 19, 2), "out.mp4", captions)


def all_commands() -> list[list[str]]:
    return [
        *(segment(source) for source in SOURCES),
        join_argv("list", "s.m4a", CANVAS, "v.mp4"),
        stills_argv("v.mp4", 1.0, CANVAS, "c.jpg", "t.jpg"),
    ]


@pytest.mark.parametrize("argv", all_commands())
def test_every_input_names_its_container_and_may_read_files_only(argv: list[str]) -> None:
    inputs = [at for at, part in enumerate(argv) if part == "-i"]
    assert inputs
    starts = [0, *(at + 2 for at in inputs)]
    for start, at in zip(starts, inputs, strict=False):
        options = argv[start:at]
        assert value(options, "-protocol_whitelist") == "file,pipe"
        assert "-f" in options
    assert "secret" not in " ".join(argv)


@pytest.mark.parametrize("source", SOURCES)
def test_segments_are_alike_in_all_that_joining_needs(source: SegmentInput) -> None:
    argv = segment(source)
    graph = value(argv, "-filter_complex")
    tail = graph[graph.index("trim=end_frame=90") :]
    for needed in ("format=yuv420p", "setsar=1", "colorspace=bt709", "range=tv", "settb=1/15360", "setpts=N*512"):
        assert needed in tail.replace("\\", "")
    assert value(argv, "-frames:v") == "90"
    assert value(argv, "-video_track_timescale") == "15360"
    assert (value(argv, "-preset"), value(argv, "-crf"), value(argv, "-threads")) == ("medium", "19", "2")
    assert value(argv, "-profile:v") == "high"
    assert argv[-1] == "out.mp4"


def test_captions_can_be_left_out() -> None:
    assert "ass=" in value(segment(SOURCES[0]), "-filter_complex")
    assert "ass=" not in value(segment(SOURCES[0], None), "-filter_complex")


def test_a_picture_with_room_is_panned_and_one_without_is_pushed_in() -> None:
    assert "perspective" in value(segment(SOURCES[1]), "-filter_complex")
    panned = value(segment(SOURCES[2]), "-filter_complex")
    assert "perspective" not in panned
    assert "crop=" in panned


def test_the_list_holds_exact_durations() -> None:
    assert concat_list(["a.mp4", "b.mp4"], [90, 61], 30) == (
        "ffconcat version 1.0\nfile 'a.mp4'\nduration 3.000000000\nfile 'b.mp4'\nduration 2.033333333\n"
    )


def test_the_index_goes_to_the_front_and_streams_are_copied() -> None:
    argv = join_argv("list", "s.m4a", CANVAS, "v.mp4")
    assert value(argv, "-movflags") == "+faststart"
    assert value(argv, "-c") == "copy"


def test_a_thumbnail_is_small_enough_for_a_chat() -> None:
    graph = value(stills_argv("v.mp4", 1.0, CANVAS, "c.jpg", "t.jpg"), "-filter_complex")
    assert "scale=180:320" in graph
