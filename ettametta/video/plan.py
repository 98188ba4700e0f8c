"""The plan of a video as frozen values: frames for pictures, samples for sound, milliseconds for captions.

Nothing here touches a file; `planner` makes these values and `commands` turns them into ffmpeg arguments.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ettametta.providers.speech.base import Word
from ettametta.storyboard import DesignedVisual, FileVisual

#: Samples per second of every sound the engine makes.
SAMPLE_RATE = 48_000
#: Time base ticks per frame: 15360 at 30 fps, so that joined segments keep whole ticks.
TICKS_PER_FRAME = 512


#: The short side of a draft in pixels. A frame no larger is to be looked at, not posted.
DRAFT_SIDE = 480


@dataclass(frozen=True, slots=True)
class Canvas:
    """The frame: pixels and frames per second."""

    width: int
    height: int
    fps: int

    @property
    def portrait(self) -> bool:
        """Whether it is taller than wide."""
        return self.height > self.width

    @property
    def unit(self) -> float:
        """Design pixels to real ones: 1.0 on a canvas whose short side is 1080."""
        return min(self.width, self.height) / 1080


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels from the top left corner."""

    left: int
    top: int
    width: int
    height: int

    @property
    def bottom(self) -> int:
        """The first row below the box."""
        return self.top + self.height


@dataclass(frozen=True, slots=True)
class SafeAreas:
    """Where apps draw nothing over the picture: `card` for designed text, `caption` for the spoken words beside it.

    `hold` is the edge of `caption` that the words rest on, hang from, or stand in the middle of.
    """

    card: Box
    caption: Box
    hold: Literal["top", "middle", "bottom"] = "bottom"


@dataclass(frozen=True, slots=True)
class Narration:
    """A scene's measured narration: a WAV file, its length and its words, in seconds from the start of the file."""

    wav_path: Path
    duration_s: float
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class CueWord:
    """One word of a caption; `start_ms` is when it is spoken, from the start of the scene.

    `joined` says that no space stands before it: it is a part of a text whose script writes none. `stressed` words
    stand out in every style.
    """

    text: str
    start_ms: int
    end_ms: int
    joined: bool = False
    stressed: bool = False

    @property
    def space(self) -> str:
        """What stands between the word before and this one."""
        return "" if self.joined else " "


@dataclass(frozen=True, slots=True)
class Cue:
    """What is on screen at once: one or two lines of words, from `start_ms` to `end_ms` of the scene."""

    lines: tuple[tuple[CueWord, ...], ...]
    start_ms: int
    end_ms: int

    @property
    def words(self) -> tuple[CueWord, ...]:
        """All words in the order they are spoken."""
        return tuple(word for line in self.lines for word in line)


def line_text(line: tuple[CueWord, ...]) -> str:
    """A caption line as it is read."""
    return "".join(word.space + word.text for word in line).lstrip()


@dataclass(frozen=True, slots=True)
class ScenePlan:
    """One scene on the timeline. `narration_at` is in samples from the start of the scene; None: nobody speaks."""

    scene_id: str
    index: int
    start_frame: int
    frames: int
    narration_at: int | None
    visual: DesignedVisual | FileVisual
    cues: tuple[Cue, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """A whole video in integer frames; scenes follow one another without gap or overlap."""

    canvas: Canvas
    scenes: tuple[ScenePlan, ...]

    @property
    def frames(self) -> int:
        """Length in frames."""
        return sum(scene.frames for scene in self.scenes)

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.frames / self.canvas.fps

    @property
    def samples(self) -> int:
        """Length of the sound in samples."""
        return self.sample_at(self.frames)

    def sample_at(self, frame: int) -> int:
        """The sample on which a frame begins."""
        return round(frame * SAMPLE_RATE / self.canvas.fps)
