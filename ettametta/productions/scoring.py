"""The music of a production: what a storyboard asks for becomes a file, what is known of it, and a credit."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from ettametta.errors import InvalidInput
from ettametta.providers import music as shelf
from ettametta.scripts.credits import CreditedAsset
from ettametta.storyboard import Music, Storyboard
from ettametta.video.probing.probe_sound import probe_sound
from ettametta.video.sound.bed import MusicBed

_DEFAULT_MOOD: shelf.Mood = "calm"


@dataclass(frozen=True, slots=True)
class Score:
    """Music that is ready to be played; `credit` is None for the person's own file, whose asset row has it."""

    bed: MusicBed
    credit: CreditedAsset | None


async def prepare_music(storyboard: Storyboard, seed: str, own: Path | None, folder: Path) -> Score | None:
    """The music of a storyboard; None when it asks for none.

    Args:
        storyboard: its `music` names a mood, a bundled track or the person's own file.
        seed: the same seed gets the same track of a mood: the production's id.
        own: the person's file, when it names one.
        folder: for music that has to be made first.

    Raises:
        NotFound: there is no track of that name.
        InvalidInput: the person's file is no sound.
    """
    music = storyboard.music
    if music is None:
        return None
    if music.asset_key:
        return Score(await _own_bed(music, own), None)
    return await asyncio.to_thread(_shelf_bed, music, seed, folder)


async def _own_bed(music: Music, own: Path | None) -> MusicBed:
    if own is None or not await asyncio.to_thread(own.is_file):
        raise InvalidInput("The music is not there.", hint="Send it again, or choose a mood.", code="video.no_music")
    facts = await probe_sound(own)
    return _bed(music, own, facts.container)


def _shelf_bed(music: Music, seed: str, folder: Path) -> Score:
    found = shelf.track_named(music.track) if music.track else shelf.track_for(music.mood or _DEFAULT_MOOD, seed)
    track = found.track
    bed = _bed(music, found.provider.open(track, folder), track.container, bpm=track.bpm, seamless=track.seamless)
    return Score(bed, CreditedAsset(track.name, "music", track.author, track.licence, track.source_url))


def _bed(music: Music, path: Path, container: str, *, bpm: float | None = None, seamless: bool = False) -> MusicBed:
    return MusicBed(
        path, container, bpm, seamless, music.below_voice_lu, music.duck_lu, music.start_s, music.fade_out_s
    )
