"""Music: beds by mood or by name. A provider is a name here and a file beside it; the first that has the mood plays."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ettametta.errors import NotFound
from ettametta.providers.music.base import Mood, MusicProvider, MusicTrack
from ettametta.providers.music.bundled import BundledMusic
from ettametta.providers.music.procedural import ProceduralMusic

__all__ = ["REGISTRY", "Choice", "Mood", "MusicProvider", "MusicTrack", "all_tracks", "track_for", "track_named"]

#: All music providers by name, best first.
REGISTRY: Mapping[str, MusicProvider] = MappingProxyType(
    {provider.name: provider for provider in (BundledMusic(), ProceduralMusic())}
)


@dataclass(frozen=True, slots=True)
class Choice:
    """A track and who has it."""

    provider: MusicProvider
    track: MusicTrack


def all_tracks() -> tuple[MusicTrack, ...]:
    """Every bed that can be played on this machine."""
    return tuple(track for provider in REGISTRY.values() for track in provider.tracks())


def track_named(name: str) -> Choice:
    """The bed with this name.

    Raises:
        NotFound: there is none; the hint names some.
    """
    for provider in REGISTRY.values():
        for track in provider.tracks():
            if track.name == name:
                return Choice(provider, track)
    some = ", ".join(track.name for track in all_tracks()[:5])
    raise NotFound(
        f"There is no music called {name}.", hint=f"Choose a mood, or a track such as {some}.", code="music.not_found"
    )


def track_for(mood: Mood, seed: str) -> Choice:
    """A bed of this mood, always the same for the same seed.

    Tracks that suit the mood best come first; another seed gives another of them.
    """
    for provider in REGISTRY.values():
        fitting = [track for track in provider.tracks() if mood in track.moods]
        best = [track for track in fitting if track.moods[0] == mood] or fitting
        if best:
            number = int.from_bytes(hashlib.sha256(f"{mood}:{seed}".encode()).digest()[:4])
            return Choice(provider, best[number % len(best)])
    raise NotFound(f"There is no {mood} music.", hint="Choose another mood.", code="music.not_found")
