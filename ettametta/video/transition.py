"""How one scene becomes the next, as pure numbers and as a filter graph over the frames round the cut.

A transition of N frames is centred on the cut and moves nothing on the timeline: those frames are taken off both
scenes' bodies and made as a segment of their own (a *join*), in which the first scene goes on beyond its end and the
second begins before its start.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ffmpeg

from ettametta.storyboard.style import Transition, TransitionKind
from ettametta.video.plan import Canvas, ScenePlan, Timeline

#: ffmpeg's names of the kinds that its xfade can do.
_XFADES: dict[str, str] = {
    "fade_black": "fadeblack", "slide_left": "slideleft", "slide_right": "slideright",
    "slide_up": "slideup", "slide_down": "slidedown", "wipe_left": "wipeleft", "wipe_up": "wipeup",
}  # fmt: skip
#: How near a zoom goes.
_CLOSEST = 1.6
#: At least this much of a scene stays its own.
_MIN_BODY_FRAMES = 2


#: Transitions in which both pictures are seen through one another.
DISSOLVES: frozenset[TransitionKind] = frozenset({"fade", "zoom_in", "zoom_out"})


@dataclass(frozen=True, slots=True)
class Join:
    """The frames round the cut before scene `index`: `half` of them on either side."""

    index: int
    half: int
    kind: TransitionKind


def plan_joins(timeline: Timeline, transitions: Sequence[Transition]) -> tuple[Join, ...]:
    """The joins of a video; `transitions[k]` leads into scene k. Cuts have none.

    A transition is shortened so that both its scenes keep frames of their own.
    """
    joins = []
    for scene in timeline.scenes[1:]:
        wanted = transitions[scene.index]
        before = timeline.scenes[scene.index - 1]
        room = min(_half_room(before), _half_room(scene))
        half = min(round(wanted.duration_s * timeline.canvas.fps / 2), room)
        if wanted.kind != "cut" and half > 0:
            joins.append(Join(scene.index, half, wanted.kind))
    return tuple(joins)


def _half_room(scene: ScenePlan) -> int:
    return max(0, (scene.frames - _MIN_BODY_FRAMES) // 2)


def mixed(before: Any, after: Any, kind: TransitionKind, count: int, canvas: Canvas) -> Any:
    """One stream of `count` frames that begins as the first picture and ends as the second."""
    before, after = _timed(before, canvas), _timed(after, canvas)
    if kind in {"zoom_in", "zoom_out"}:
        return _zooming(before, after, kind, count, canvas)
    if kind == "fade":
        return _faded(before, after, count)
    return _xfade(before, after, _XFADES[kind], count / canvas.fps)


def _faded(before: Any, after: Any, count: int) -> Any:
    """What xfade's fade shows, for a third of its work."""
    after = after.filter("format", "yuva420p").filter("fade", type="in", start_frame=0, nb_frames=count, alpha=1)
    return ffmpeg.overlay(before, after, format="yuv420")


def _timed(stream: Any, canvas: Canvas) -> Any:
    return stream.filter("settb", f"1/{canvas.fps}").filter("setpts", "N").filter("fps", canvas.fps)


def _xfade(before: Any, after: Any, name: str, length_s: float) -> Any:
    pair = ffmpeg.filter_multi_output([before, after], "xfade", transition=name, duration=f"{length_s:.6f}", offset=0)
    return pair[0]


def _zooming(before: Any, after: Any, kind: TransitionKind, count: int, canvas: Canvas) -> Any:
    """Into the first picture, which fades away to the second; or out of the second, from near."""
    part = f"(on/{count})"
    if kind == "zoom_in":
        before = _scaled(before, f"1+{_CLOSEST - 1}*pow({part},2)", canvas)
    else:
        after = _scaled(after, f"1+{_CLOSEST - 1}*pow(1-{part},2)", canvas)
    return _faded(before, after, count)


def _scaled(stream: Any, zoom: str, canvas: Canvas) -> Any:
    size = f"{canvas.width}x{canvas.height}"
    middle = {"x": "(iw-iw/zoom)/2", "y": "(ih-ih/zoom)/2"}
    return stream.filter("zoompan", zoom=zoom, d=1, s=size, fps=canvas.fps, **middle)
