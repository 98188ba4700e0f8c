"""What each caption word does over time, in frames: when it is seen, in which colour, how large, how far filled.

Frames are those of a segment, which may show a part of a scene, or the end of one and the beginning of the next.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from ettametta.kit.languages import is_right_to_left
from ettametta.storyboard import CaptionMode
from ettametta.video.plan import Cue, CueWord

#: (seconds after the start, size) a word or cue grows through when it enters.
_ENTRANCES: dict[CaptionMode, tuple[tuple[float, float], ...]] = {
    "highlight": ((0.0, 0.94), (0.09, 1.0)),
    "karaoke": ((0.0, 0.94), (0.09, 1.0)),
    "pop": ((0.0, 0.6), (0.05, 0.94), (0.12, 1.0)),  # never larger than its place: neighbours stand close
    "one_word": ((0.0, 0.78), (0.07, 1.06), (0.13, 1.0)),
}
#: How much larger than its place a word gets while it enters.
LARGEST = {mode: max(size for _, size in steps) for mode, steps in _ENTRANCES.items()}
#: Modes in which a word is seen only when it is spoken.
_ONE_BY_ONE = frozenset({"pop", "one_word"})

Paint = Literal["ink", "accent", "sweep"]


@dataclass(frozen=True, slots=True)
class CaptionPart:
    """Captions of `frames` frames of a scene, from its frame `first_frame`; parts of a segment follow one another."""

    cues: tuple[Cue, ...]
    first_frame: int
    frames: int


@dataclass(frozen=True, slots=True)
class CueSpan:
    """A cue on screen from one frame of the segment up to another. `shift` turns scene frames into the segment's.

    `rtl` is the direction of the whole scene's text: a line that begins with a foreign word keeps it.
    """

    cue: Cue
    start: int
    end: int
    shift: int
    rtl: bool


@dataclass(frozen=True, slots=True)
class WordState:
    """A word looks like this from one frame of the segment up to another.

    A `sweep` fills the word with the accent; it begins `sweep_from` frames after `start` (before it when negative) and
    takes `sweep_frames`.
    """

    start: int
    end: int
    paint: Paint
    scale: float = 1.0
    sweep_from: int = 0
    sweep_frames: int = 0


def frame_of(millis: int, fps: int) -> int:
    """The first frame that is seen at or after a moment."""
    return math.ceil(millis * fps / 1000 - 1e-9)


def cue_spans(parts: Sequence[CaptionPart], fps: int) -> tuple[CueSpan, ...]:
    """The cues of which at least one frame is seen, in order."""
    spans: list[CueSpan] = []
    at = 0
    for part in parts:
        shift = at - part.first_frame
        rtl = is_right_to_left(" ".join(word.text for cue in part.cues for word in cue.words))
        for cue in part.cues:
            start = max(frame_of(cue.start_ms, fps) + shift, at)
            end = min(frame_of(cue.end_ms, fps) + shift, at + part.frames)
            if start < end:
                spans.append(CueSpan(cue, start, end, shift, rtl))
        at += part.frames
    return tuple(spans)


def word_states(span: CueSpan, word: CueWord, mode: CaptionMode, fps: int) -> tuple[WordState, ...]:
    """What a word of a cue looks like while the cue is on screen; gaps are frames in which it is not seen."""
    spoken, done = _spoken(span, word, fps)
    states = [WordState(span.start, span.end, "accent" if word.stressed else "ink")]
    if mode == "karaoke":
        states = [WordState(span.start, span.end, "sweep", 1.0, spoken - span.start, max(1, done - spoken))]
    elif mode in {"highlight", "pop"}:
        after: Paint = "accent" if word.stressed else "ink"
        states = [
            WordState(span.start, spoken, "ink"),
            WordState(spoken, done, "accent"),
            WordState(done, span.end, after),
        ]
    if mode in _ONE_BY_ONE:
        states = [state for state in states if state.start >= spoken or mode == "one_word"]
    begin = spoken if mode == "pop" else frame_of(span.cue.start_ms, fps) + span.shift
    grown = [part for state in states for part in _grown(state, begin, _ENTRANCES.get(mode, ()), fps)]
    return tuple(_within(grown, span))


def _spoken(span: CueSpan, word: CueWord, fps: int) -> tuple[int, int]:
    """From which frame of the segment up to which a word is the one that is spoken; the last one until the cue goes."""
    words = span.cue.words
    at = next(n for n, other in enumerate(words) if other is word)
    until = words[at + 1].start_ms if at + 1 < len(words) else span.cue.end_ms
    return frame_of(word.start_ms, fps) + span.shift, frame_of(until, fps) + span.shift


def _grown(state: WordState, begin: int, entrance: Sequence[tuple[float, float]], fps: int) -> Iterable[WordState]:
    """The state cut up into frames of its own while it enters."""
    length = math.ceil(entrance[-1][0] * fps) if entrance else 0
    at = state.start
    while at < min(begin + length, state.end):
        scale = _at(entrance, (at - begin) / fps)
        yield WordState(at, at + 1, state.paint, scale, state.sweep_from - (at - state.start), state.sweep_frames)
        at += 1
    if at < state.end:
        yield WordState(at, state.end, state.paint, 1.0, state.sweep_from - (at - state.start), state.sweep_frames)


def _at(entrance: Sequence[tuple[float, float]], second: float) -> float:
    """The size at a moment, on straight lines between the points."""
    for (t0, s0), (t1, s1) in itertools.pairwise(entrance):
        if second < t1:
            return s0 + (s1 - s0) * max(0.0, (second - t0) / (t1 - t0))
    return entrance[-1][1]


def _within(states: Iterable[WordState], span: CueSpan) -> Iterable[WordState]:
    for state in states:
        start, end = max(state.start, span.start), min(state.end, span.end)
        if start < end:
            yield WordState(
                start, end, state.paint, state.scale, state.sweep_from - (start - state.start), state.sweep_frames
            )
