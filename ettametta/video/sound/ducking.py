"""Pure: how loud the music is at each moment, from the times at which words are spoken.

The times are known, so the music is already down when a word begins, which a compressor can only be after it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ettametta.video.plan import SAMPLE_RATE, Narration, Timeline

#: How long the music takes to go down, is down when the first sound comes, stays down after the last, and to come up.
ATTACK_S, LEAD_S, HOLD_S, RELEASE_S = 0.18, 0.03, 0.16, 0.45
FADE_IN_S = 0.25
#: Points a second at which the level is given.
CONTROL_RATE = 200

Curve = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class Span:
    """Seconds of the video in which somebody speaks."""

    start_s: float
    end_s: float


def speech_spans(timeline: Timeline, narration: Mapping[str, Narration]) -> tuple[Span, ...]:
    """When words are spoken, in the order of the video; a narration without words is spoken throughout."""
    spans: list[Span] = []
    for scene in timeline.scenes:
        if scene.narration_at is None:
            continue
        speech = narration[scene.scene_id]
        offset = (timeline.sample_at(scene.start_frame) + scene.narration_at) / SAMPLE_RATE
        words = [(word.start_s, word.end_s) for word in speech.words if word.end_s > word.start_s]
        spans += [Span(offset + start, offset + end) for start, end in words or [(0.0, speech.duration_s)]]
    return tuple(spans)


def duck_curve(spans: Sequence[Span], duration_s: float, duck_lu: float) -> Curve:
    """Decibels over time: 0 where nobody speaks, `-duck_lu` under words; in a short gap it rises a part of the way."""
    times = np.arange(int(duration_s * CONTROL_RATE) + 2) / CONTROL_RATE
    depth = np.zeros_like(times)
    for span in spans:
        first, last = span.start_s - LEAD_S - ATTACK_S, span.end_s + HOLD_S + RELEASE_S
        low, high = max(0, int(first * CONTROL_RATE)), min(len(times), int(last * CONTROL_RATE) + 2)
        at = times[low:high]
        down = np.clip((at - first) / ATTACK_S, 0, 1)
        up = np.clip((last - at) / RELEASE_S, 0, 1)
        np.maximum(depth[low:high], _eased(np.minimum(down, up)), out=depth[low:high])
    return np.asarray(-duck_lu * depth)


def fade_curve(duration_s: float, fade_out_s: float) -> Curve:
    """Gain 0..1 over time: in at the start, out at the end."""
    times = np.arange(int(duration_s * CONTROL_RATE) + 2) / CONTROL_RATE
    coming = np.clip(times / FADE_IN_S, 0, 1)
    going = np.clip((duration_s - times) / fade_out_s, 0, 1) if fade_out_s > 0 else np.ones_like(times)
    return np.asarray(np.sin(np.pi / 2 * coming) * np.sin(np.pi / 2 * going) ** 1.5)


def _eased(part: Curve) -> Curve:
    """A ramp without corners."""
    return np.asarray(part * part * (3 - 2 * part))
