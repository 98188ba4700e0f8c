"""Caption files: numbers, hours, escaping."""

from __future__ import annotations

import re

from ettametta.storyboard import CaptionStyle, CardVisual
from ettametta.video.captions.files import ass_text, srt_text, vtt_text
from ettametta.video.captions.look import caption_look
from ettametta.video.lettering.fonts import Fonts
from ettametta.video.plan import Canvas, Cue, CueWord, ScenePlan, Timeline
from ettametta.video.safe_areas import safe_areas
from ettametta.video.themes import THEMES

CANVAS = Canvas(1080, 1920, 30)
HOUR = 30 * 3600


def timeline(*texts: str, first: int = 0) -> Timeline:
    def cue(text: str) -> Cue:
        return Cue((tuple(CueWord(word, 100, 900) for word in text.split()),), 100, 1350)

    visual = CardVisual(kind="title", text="x")
    scenes = (ScenePlan(f"s{n}", n, first + 90 * n, 90, 4800, visual, (cue(text),)) for n, text in enumerate(texts))
    return Timeline(CANVAS, tuple(scenes))


def test_srt_counts_on_through_the_scenes() -> None:
    assert srt_text(timeline("honey never spoils", "at all")) == (
        "1\n00:00:00,100 --> 00:00:01,350\nhoney never spoils\n\n2\n00:00:03,100 --> 00:00:04,350\nat all\n"
    )


def test_hours_are_written() -> None:
    assert "01:00:00,100 --> 01:00:01,350" in srt_text(timeline("late", first=HOUR))
    assert "01:00:00.100 --> 01:00:01.350" in vtt_text(timeline("late", first=HOUR))


def test_vtt_escapes_marks_and_nothing_looks_like_a_time() -> None:
    text = vtt_text(timeline("a <b>bold</b> & --> 00:00"))
    assert text.startswith("WEBVTT\n\n1\n00:00:00.100 --> 00:00:01.350\n")
    assert "a &lt;b&gt;bold&lt;/b&gt; &amp; --&gt; 00:00\n" in text
    assert srt_text(timeline("a --> b")).count("-->") == 1


def test_ass_is_for_the_whole_frame_and_the_whole_video() -> None:
    style, fonts = CaptionStyle(mode="sentence"), Fonts.locate()
    look = caption_look(style, THEMES["midnight"], fonts)
    text = ass_text(timeline("one", "{\\b1}two"), safe_areas(CANVAS, style), look, fonts)
    assert "PlayResX: 1080\nPlayResY: 1920" in text
    lines = [line for line in text.splitlines() if line.startswith("Dialogue:")]
    assert re.findall(r"0:00:0[0-9.]+", lines[0]) == ["0:00:00.10", "0:00:01.36"]
    assert re.findall(r"0:00:0[0-9.]+", lines[1]) == ["0:00:03.10", "0:00:04.36"]
    assert "\\{" in lines[1]
