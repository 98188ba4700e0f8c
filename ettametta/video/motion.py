"""How a still moves, as pure numbers: a pan at a constant speed, or a zoom about the middle.

A pan costs nothing: the picture is prepared once for each part of a pixel that it can stand at (its *phases*, one under
another), and every frame shows a window of one of them. So a step is the same on every frame, to the part of a pixel.
All places are functions of the scene's own frame number, which may be negative or beyond the end (transitions).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from ettametta.storyboard.visuals import Motion
from ettametta.video.plan import Canvas

#: Speed of a pan in design pixels a second, and the largest part of the frame it crosses.
PAN_PER_S = 30.0
MAX_WAY = 0.16
#: The largest part of the frame's width that a zoom may cross quickly, and how much larger than the frame its still is.
MAX_ZOOM = 0.18
ZOOM_SCALE = 2
#: Longest part of a transition that lies outside a scene, in seconds.
OVERHANG_S = 0.6
#: Chroma is sampled at every second pixel, so a picture repeats after two of them.
_CHROMA = 2
_FINEST = 4


@dataclass(frozen=True, slots=True)
class Pan:
    """A window moving over a still. Places are in `1/parts` of a pixel.

    Attributes:
        parts: how finely places are told: 1, 2 or 4 to the pixel.
        step: how far a frame moves.
        room: how far the window can move in all.
        first: its place at frame 0; it moves towards `room`, or back from it when `reverse`.
        vertical: along the height; else along the width.
        bounces: whether it turns round at the ends, instead of stopping there.
    """

    parts: int
    step: int
    room: int
    first: int
    vertical: bool
    reverse: bool = False
    bounces: bool = False

    @property
    def phases(self) -> int:
        """How many pictures are needed."""
        return _CHROMA * self.parts

    @property
    def room_px(self) -> int:
        """Whole pixels that each of them is longer than the frame; even."""
        return _CHROMA * math.ceil(self.room / self.parts / _CHROMA)

    def place(self, frame: int) -> float:
        """Where the window is on a frame of the scene, in pixels."""
        moved = self.step * frame
        if self.bounces:
            return (self.room - abs((moved + self.first) % (2 * self.room) - self.room)) / self.parts
        at = self.first + (-moved if self.reverse else moved)
        return min(max(at, 0), self.room) / self.parts

    def expression(self, first: int) -> str:
        """The place in parts of a pixel as ffmpeg computes it from the frame number `n`, when 0 is frame `first`."""
        moved = f"{self.step}*(n+{first})" if first >= 0 else f"{self.step}*(n-{-first})"
        if self.bounces:
            turns = 2 * self.room
            start = self.first + turns * math.ceil(max(0, -first) * self.step / turns)
            return f"({self.room}-abs(mod({moved}+{start},{turns})-{self.room}))"
        return f"clip({self.first}{'-' if self.reverse else '+'}{moved},0,{self.room})"


@dataclass(frozen=True, slots=True)
class Zoom:
    """A window that grows or shrinks about the middle of a still that is twice as large as the frame.

    `narrower` pixels of the still are lost from the window's width on each frame, over `frames` frames.
    """

    narrower: int
    frames: int
    closer: bool

    def lost(self, frame: int) -> int:
        """Pixels of the still's width outside the window on a frame."""
        at = frame if self.closer else self.frames - 1 - frame
        return self.narrower * min(max(at, -self.overhang), self.frames + self.overhang) + self.spare

    @property
    def overhang(self) -> int:
        """Frames that it goes on before and after."""
        return self.frames // 4

    @property
    def spare(self) -> int:
        """Pixels outside the window at frame 0, so that it can go on before it."""
        return self.narrower * self.overhang

    def expression(self, first: int) -> str:
        """`lost` as zoompan computes it from the output frame number `on`."""
        at = f"(on+{first})" if self.closer else f"({self.frames - 1 - first}-on)"
        return f"({self.narrower}*clip({at},{-self.overhang},{self.frames + self.overhang})+{self.spare})"


def backdrop_pan(canvas: Canvas, travel: int, first: int = 0) -> Pan:
    """The there and back of a card's background, `travel` pixels long."""
    parts, step = _speed(_quarters(canvas))
    room = travel * parts
    return Pan(parts, step, room, first % max(1, room), vertical=canvas.portrait, bounces=True)


def still_pan() -> Pan:
    """No motion at all."""
    return Pan(1, 0, 0, 0, vertical=True)


def photo_pan(canvas: Canvas, frames: int, *, vertical: bool, reverse: bool) -> Pan:
    """A pan that is at its middle in the middle of the scene, with room for what transitions show of it beyond."""
    side = canvas.height if vertical else canvas.width
    beyond = math.ceil(OVERHANG_S * canvas.fps)
    quarters = _quarters(canvas)
    while quarters > 1 and quarters / 4 * (frames + 2 * beyond) > MAX_WAY * side:
        quarters = quarters // 2
    parts, step = _speed(quarters)
    most = math.floor(MAX_WAY * side) * parts
    room = min(step * (frames + 2 * beyond), most)
    middle = step * (frames - 1) // 2
    first = room // 2 + middle if reverse else room // 2 - middle
    return Pan(parts, step, room, first, vertical, reverse)


def photo_zoom(canvas: Canvas, frames: int, *, closer: bool) -> Zoom:
    """A zoom whose window loses the same whole number of the still's pixels on every frame."""
    most = MAX_ZOOM * ZOOM_SCALE * canvas.width
    quick = canvas.unit * 30 / canvas.fps >= 0.75 and 2 * frames * 1.5 <= most
    return Zoom(2 if quick else 1, frames, closer)


def auto_motion(across: int, down: int, seed: int) -> Motion:
    """The pan that suits a picture with this much room on its sides beyond the frame (pixels)."""
    if across >= down and across > 0:
        return ("pan_right", "pan_left")[seed % 2]
    return ("pan_up", "pan_down")[seed % 2]


def _quarters(canvas: Canvas) -> int:
    """The usual speed in quarters of a pixel a frame; whole pixels when it is near one."""
    exact = PAN_PER_S * canvas.unit / canvas.fps * 4
    return max(1, 4 * round(exact / 4) if exact > 2.5 else round(exact))


def _speed(quarters: int) -> tuple[int, int]:
    """Parts of a pixel, and how many of them a frame moves."""
    common = math.gcd(quarters, _FINEST)
    return _FINEST // common, quarters // common
