"""The music port: beds to play under a voice, with all that credits and looping need to know of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, runtime_checkable

Mood = Literal["calm", "upbeat", "dramatic", "playful", "dreamy"]


@dataclass(frozen=True, slots=True)
class MusicTrack:
    """One bed. What is unknown is None.

    Attributes:
        name: stable, what a storyboard calls it by.
        moods: what it suits, best first.
        bpm: beats a minute as its maker says.
        key: such as "D minor".
        seconds: its length; None when it is only known once it is opened.
        container: ffmpeg's name of the reader for its file.
        seamless: whether the end of the file goes on with its beginning.
    """

    name: str
    moods: tuple[Mood, ...]
    licence: str
    author: str
    bpm: float | None = None
    key: str | None = None
    seconds: float | None = None
    source_url: str | None = None
    container: str = "wav"
    seamless: bool = False

    @property
    def credit(self) -> str:
        """One line for the credits."""
        line = f"{self.name} by {self.author}, {self.licence}"
        return f"{line}, {self.source_url}" if self.source_url else line


@runtime_checkable
class MusicProvider(Protocol):
    """A shelf of beds."""

    name: str

    def tracks(self) -> tuple[MusicTrack, ...]:
        """All its beds, in an order that does not change; none when its files are not installed."""
        ...

    def open(self, track: MusicTrack, folder: Path) -> Path:
        """The track's file; one that has to be made is written into `folder`.

        Raises:
            NotFound: this provider has no such track.
        """
        ...
