"""Music: every mood can be played, choices repeat, made beds loop exactly, credits name everything."""

from __future__ import annotations

import typing
import wave
from pathlib import Path

import numpy as np
import pytest

from ettametta.errors import NotFound
from ettametta.providers.music import REGISTRY, Mood, MusicProvider, all_tracks, track_for, track_named
from ettametta.providers.music.procedural import ProceduralMusic

MOODS: tuple[Mood, ...] = typing.get_args(Mood)


@pytest.mark.parametrize("mood", MOODS)
def test_every_mood_has_music_and_a_seed_always_gets_the_same(mood: Mood) -> None:
    chosen = track_for(mood, "a production")
    assert mood in chosen.track.moods
    assert track_for(mood, "a production") == chosen
    assert chosen.provider.name == "bundled"
    assert len({track_for(mood, str(seed)).track.name for seed in range(40)}) > 1


@pytest.mark.parametrize("provider", REGISTRY.values(), ids=REGISTRY)
def test_providers_keep_the_port(provider: MusicProvider, tmp_path: Path) -> None:
    tracks = provider.tracks()
    assert {mood for track in tracks for mood in track.moods} == set(MOODS)
    for track in tracks:
        assert track.licence
        assert track.author in track.credit
        assert track.bpm
    assert provider.open(tracks[0], tmp_path).stat().st_size > 100_000


def test_every_bundled_track_is_there(tmp_path: Path) -> None:
    tracks = REGISTRY["bundled"].tracks()
    files = {REGISTRY["bundled"].open(track, tmp_path) for track in tracks}
    assert len(files) == 28
    shelf = next(iter(files)).parents[1]
    assert files == set(shelf.glob("*/*.opus"))


def test_without_the_extra_a_made_bed_is_played(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("ettametta.providers.music.bundled._PACKAGE", "not_installed_anywhere")
    assert track_for("upbeat", "x").track.name == "ettametta_upbeat"
    assert len(all_tracks()) == len(MOODS)
    with pytest.raises(NotFound, match="There is no music called calm_acoustic_1"):
        track_named("calm_acoustic_1")


def test_a_made_bed_is_the_same_each_time_and_goes_round_without_a_click(tmp_path: Path) -> None:
    (tmp_path / "again").mkdir()
    provider = ProceduralMusic()
    track = provider.tracks()[2]
    path, again = provider.open(track, tmp_path), provider.open(track, tmp_path / "again")
    assert path.read_bytes() == again.read_bytes()
    samples = read(path)
    assert len(samples) / 48_000 == pytest.approx(track.seconds, abs=0.001)
    inside = np.abs(np.diff(samples, n=2, axis=0)).max(axis=1)
    joint = np.abs(np.diff(np.concatenate([samples[-3:], samples[:3]]), n=2, axis=0)).max()
    assert joint <= np.percentile(inside, 99.9)


def test_unknown_music_is_refused_with_names_that_exist() -> None:
    with pytest.raises(NotFound, match="There is no music called polka") as caught:
        track_named("polka")
    name = caught.value.hint.rstrip(".").split(", ")[-1]
    assert track_named(name).track.name == name


def read(path: Path) -> np.ndarray[typing.Any, typing.Any]:
    with wave.open(str(path)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2) / 32768
