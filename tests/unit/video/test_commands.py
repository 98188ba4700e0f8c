"""Arguments: every input named and fenced in, exact joins, no user text in a graph."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from ettametta.storyboard.style import TransitionKind
from ettametta.video.commands import (
    CaptionInput,
    CaptionPictureInput,
    EncoderSettings,
    ShownScene,
    concat_list,
    join_argv,
    join_segment_argv,
    segment_argv,
    stills_argv,
)
from ettametta.video.motion import backdrop_pan, photo_pan, photo_zoom, still_pan
from ettametta.video.plan import Box, Canvas
from ettametta.video.scene_graph import ClipInput, LayerInput, PannedInput, SceneInput, Stretch, ZoomedInput

CANVAS = Canvas(1080, 1920, 30)
EMOJI = CaptionPictureInput("parts-s/picture.raw", Box(90, 1300, 40, 40), 3, 40)
CAPTIONS = CaptionInput("parts-s/captions.ass", "parts-s/fonts", Box(0, 1200, 1080, 300), (0, 3, 12, 40, 200), (EMOJI,))
LAYERS = (
    LayerInput("a.raw", Box(100, 240, 300, 90), 0),
    LayerInput("b.raw", Box(100, 400, 300, 90), None),
    LayerInput("c.raw", Box(100, 500, 300, 90), 12, "wipe_right"),
)
SOURCES = [
    SceneInput(PannedInput("back.raw", 1080, 2400, backdrop_pan(CANVAS, 480)), LAYERS),
    SceneInput(PannedInput("p.raw", 1234, 1920, photo_pan(CANVAS, 90, vertical=False, reverse=True))),
    SceneInput(PannedInput("p.raw", 1080, 1920, still_pan())),
    SceneInput(ZoomedInput("p.raw", 2160, 3840, photo_zoom(CANVAS, 90, closer=True))),
    SceneInput(ClipInput("file:/tmp/c.mp4", "mov", 1.5, loop=False, crop=Box(0, 0, 608, 1080))),
    SceneInput(ClipInput("file:/tmp/c.mp4", "mov", 0.0, loop=True, crop=None, speed=2.0)),
    SceneInput(ClipInput("file:/tmp/c.mp4", "mov", 0.0, loop=False, crop=None, blurred=False)),
]
ENCODER = EncoderSettings("medium", 19, 2)


def value(argv: list[str], option: str) -> str:
    return argv[argv.index(option) + 1]


def segment(source: SceneInput, captions: CaptionInput | None = CAPTIONS) -> list[str]:
    return segment_argv(ShownScene(source, Stretch(0, 90)), captions, CANVAS, ENCODER, "out.mp4")


def join(kind: TransitionKind, source: SceneInput = SOURCES[-1]) -> list[str]:
    before, after = ShownScene(SOURCES[0], Stretch(84, 12)), ShownScene(source, Stretch(-6, 12))
    return join_segment_argv(before, after, kind, CAPTIONS, CANVAS, ENCODER, "out.mp4")


def all_commands() -> list[list[str]]:
    return [
        *(segment(source) for source in SOURCES),
        *(join("fade", source) for source in SOURCES[1:]),
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


@pytest.mark.parametrize("argv", [*(segment(source) for source in SOURCES), join("slide_left")])
def test_segments_are_alike_in_all_that_joining_needs(argv: list[str]) -> None:
    graph = value(argv, "-filter_complex")
    frames = value(argv, "-frames:v")
    tail = graph[graph.rindex(f"trim=end_frame={frames}") :]
    for needed in ("format=yuv420p", "setsar=1", "colorspace=bt709", "range=tv", "settb=1/15360", "setpts=N*512"):
        assert needed in tail.replace("\\", "")
    assert frames in {"90", "12"}
    assert value(argv, "-video_track_timescale") == "15360"
    output = argv[argv.index("-map") :]
    assert (value(output, "-preset"), value(output, "-crf"), value(output, "-threads")) == ("medium", "19", "2")
    assert value(output, "-profile:v") == "high"
    assert argv[-1] == "out.mp4"


def test_captions_are_drawn_on_a_strip_and_only_when_they_change() -> None:
    graph = value(segment(SOURCES[0]), "-filter_complex").replace("\\", "")
    assert "setpts=(N+if(lt(N,2),if(lt(N,1),0,2),if(lt(N,3),10,37)))*512+8[" in graph
    assert f"r=30:d={4 / 30:.6f}" in " ".join(segment(SOURCES[0]))
    assert "ass=" not in value(segment(SOURCES[0], None), "-filter_complex")


def test_pictures_among_the_captions_are_seen_in_their_time() -> None:
    assert "between(n,3,39)" in value(segment(SOURCES[0]), "-filter_complex").replace("\\", "")


@pytest.mark.parametrize("kind", [kind for kind in get_args(TransitionKind) if kind != "cut"])
def test_every_transition_mixes_two_pictures(kind: TransitionKind) -> None:
    graph = value(join(kind), "-filter_complex")
    assert "xfade=" in graph or "fade=alpha=1:nb_frames=12:start_frame=0:type=in" in graph


def test_an_untagged_clip_is_taken_for_bt709_and_its_colours_are_left_alone() -> None:
    clip = ClipInput("file:/tmp/c.mp4", "mov", 0.0, loop=False, crop=Box(0, 0, 608, 1080), untagged=True)
    assert "[0:v:0]setparams=colorspace=bt709[" in value(segment(SceneInput(clip)), "-filter_complex")


def test_one_clip_may_be_on_both_sides_of_a_join() -> None:
    looped = SOURCES[-2]
    shown = [ShownScene(looped, Stretch(first, 12)) for first in (84, -6)]
    assert join_segment_argv(shown[0], shown[1], "fade", None, CANVAS, ENCODER, "out.mp4").count("file:/tmp/c.mp4") == 2


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


@pytest.mark.parametrize(
    "frames", [(7,), (0, 1, 2, 9, 10), tuple(range(0, 3000, 3)), tuple(range(5, 900)), (0, 2, 4, 5, 6, 40, 1000)]
)
def test_the_strip_is_shown_at_its_frames_whatever_their_number(frames: tuple[int, ...]) -> None:
    argv = segment(SOURCES[0], CaptionInput("c.ass", "fonts", Box(0, 0, 100, 100), frames, ()))
    written = re.search(r"setpts=\(N\+(.+?)\)\*512\+8\[", value(argv, "-filter_complex").replace("\\", ""))
    assert written is not None
    expression = written.group(1)
    held = eval(  # noqa: S307 -- ffmpeg's own expression, which Python reads too
        "lambda N: " + re.sub(r"\bif\(", "pick(", expression),
        {"pick": lambda test, yes, no: yes if test else no, "lt": lambda one, other: one < other},
    )
    shown = [at + held(at) for at, frame in enumerate(frames) if frame < 90]
    assert shown == [frame for frame in frames if frame < 90]
    depth = max(expression[:end].count("if(") - expression[:end].count(")") for end in range(len(expression)))
    assert depth < 15


@pytest.mark.parametrize(("canvas", "hurried"), [(CANVAS, False), (Canvas(480, 854, 30), True)])
def test_a_drafts_clips_are_read_and_scaled_in_a_hurry(canvas: Canvas, hurried: bool) -> None:
    for clip in SOURCES[-3:]:
        argv = segment_argv(ShownScene(clip, Stretch(0, 90)), None, canvas, ENCODER, "out.mp4")
        assert ("-skip_loop_filter" in argv) is hurried
        assert ("fast_bilinear" in value(argv, "-filter_complex")) is hurried
