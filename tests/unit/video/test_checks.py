"""Reading what was measured: loudness, boxes, black and frozen seconds, caption delay."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from ettametta.errors import Bug, InvalidInput
from ettametta.providers.speech.base import Word
from ettametta.storyboard import CardVisual, ClipVisual
from ettametta.video.captions.cues import cues_from_words
from ettametta.video.checks import (
    CAPTION_TOLERANCE_S,
    CheckLine,
    CheckReport,
    _seen_lines,
    caption_delay_s,
    is_inside,
)
from ettametta.video.plan import Box, Canvas, Narration, ScenePlan, Timeline
from ettametta.video.probing.mp4 import read_mp4
from ettametta.video.safe_areas import safe_areas
from ettametta.video.seen import Seen, quiet_runs
from ettametta.video.sound.mix import Loudness, SoundWanted, _missed, read_loudness

SUMMARY = """[Parsed_ebur128_0 @ 0x1] [info] Summary:

  Integrated loudness:
    I:         -14.2 LUFS
    Threshold: -24.3 LUFS

  Loudness range:
    LRA:         3.1 LU

  True peak:
    Peak:       -1.6 dBFS""".splitlines()


def words(count: int) -> tuple[Word, ...]:
    return tuple(Word(f"w{n}", n * 0.37, n * 0.37 + 0.3) for n in range(count))


def timeline(spoken: tuple[Word, ...]) -> Timeline:
    cues = cues_from_words(spoken, 0.1, 10)
    clip = ClipVisual(asset_key="k", width=2, height=2, duration_s=1)
    first = ScenePlan("a", 0, 0, 300, 4800, CardVisual(kind="title", text="x"), cues)
    return Timeline(Canvas(1080, 1920, 30), (first, ScenePlan("b", 1, 300, 300, 4800, clip, ())))


def test_the_summary_is_read() -> None:
    assert read_loudness(["other", *SUMMARY]) == Loudness(-14.2, -1.6)
    silent = [line.replace("-14.2", "-70.0").replace("-1.6", "-inf") for line in SUMMARY]
    assert read_loudness(silent).peak_dbtp == float("-inf")
    with pytest.raises(Bug):
        read_loudness(["nothing"])


def test_how_far_outside_a_sound_is() -> None:
    assert _missed(Loudness(-14.3, -1.5), SoundWanted()) == 0
    assert _missed(Loudness(-16.0, -1.5), SoundWanted()) == pytest.approx(1.7)
    assert _missed(Loudness(-14.0, -0.2), SoundWanted()) == pytest.approx(0.9)


def test_shown_words_are_compared_with_spoken_ones() -> None:
    spoken = words(8)
    plan = timeline(spoken)
    silent = Narration(Path("x"), 1, ())
    on_time = caption_delay_s(plan, {"a": Narration(Path("x"), 4, spoken), "b": silent})
    assert on_time is not None
    assert on_time <= 1 / 30 + 0.01
    late = tuple(Word(word.text, word.start_s - 0.3, word.end_s) for word in spoken)
    delayed = caption_delay_s(plan, {"a": Narration(Path("x"), 4, late), "b": silent})
    assert delayed is not None
    assert delayed > CAPTION_TOLERANCE_S
    assert caption_delay_s(timeline(()), {"a": silent, "b": silent}) is None


def seen(*, black: tuple[float, ...] = (), frozen: tuple[float, ...] = (), broken: tuple[int, ...] = ()) -> Seen:
    return Seen(black, frozen, broken, True)


def test_black_and_frozen_seconds_are_faults_unless_a_clip_holds_them() -> None:
    plan = timeline(words(3))
    (begins, black, frozen), faulty = _seen_lines(seen(black=(2.5,), frozen=(12.1,)), plan)
    assert (black.ok, black.measured) == (False, "at 2.5 s")
    assert (frozen.ok, frozen.measured) == (True, "none (in a file as it was sent: at 12.1 s)")
    assert begins.ok
    assert faulty == {0}
    lines, faulty = _seen_lines(seen(broken=(1,)), plan)
    assert [line.ok for line in lines] == [False, True, True]
    assert faulty == {1}
    assert all(line.ok for line in _seen_lines(seen(), plan)[0])


def test_tiny_packets_are_suspicious_only_when_they_last() -> None:
    big, tiny = 3000, 75
    sizes = [0, *[big] * 40, *[tiny] * 10, big, *[tiny] * 20, 0, *[tiny] * 20, *[big] * 60]
    assert quiet_runs(sizes, 8160, 30) == [(52 - 18, 93 + 18)]
    assert quiet_runs([big] * 90, 8160, 30) == []


def test_a_report_knows_what_failed() -> None:
    good = CheckLine(name="a", ok=True, measured="1", wanted="1")
    bad = CheckLine(name="b", ok=False, measured="1", wanted="2")
    assert CheckReport(lines=(good,)).ok
    assert CheckReport(lines=(good, bad)).failed == (bad,)


def box(kind: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I", len(body) + 8) + kind + body


def track(handler: bytes, length: int) -> bytes:
    header = struct.pack(">IIIIII", 0, 0, 0, 1, 0, length) + b"\0" * 60
    return box(b"trak", box(b"tkhd", header) + box(b"mdia", box(b"hdlr", b"\0" * 8 + handler + b"\0" * 12)))


def test_boxes_are_read(tmp_path: Path) -> None:
    movie = box(b"mvhd", struct.pack(">IIIII", 0, 0, 0, 1000, 5000)) + track(b"vide", 4000) + track(b"soun", 4010)
    path = tmp_path / "a.mp4"
    path.write_bytes(box(b"ftyp") + box(b"moov", movie) + box(b"mdat", b"x" * 50))
    facts = read_mp4(path)
    assert facts.boxes == ("ftyp", "moov", "mdat")
    assert facts.faststart
    assert (facts.video_s, facts.audio_s) == (4.0, 4.01)
    path.write_bytes(box(b"ftyp") + box(b"mdat", b"x" * 50) + box(b"moov", movie))
    assert not read_mp4(path).faststart


@pytest.mark.parametrize("data", [b"\0\0\0\x01mdat", b"\0\0\0\x03mdat", box(b"moov", box(b"trak", b"xx"))])
def test_nonsense_is_no_mp4(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.mp4").write_bytes(data)
    with pytest.raises(InvalidInput, match="not a whole MP4"):
        read_mp4(tmp_path / "a.mp4")


def test_text_must_lie_in_the_safe_area_with_its_outline() -> None:
    areas = safe_areas(Canvas(1080, 1920, 30))
    caption = areas.caption
    assert is_inside(caption, areas)
    assert not is_inside(Box(caption.left, caption.top, caption.width, caption.height + 3), areas)
    assert not is_inside(Box(0, areas.card.top, 50, 50), areas)
