"""Wishes on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.wishes import music_wish, own_sound, read_wishes
from ettametta.errors import InvalidInput
from ettametta.storyboard import Music


def test_named_wishes_and_others_are_read() -> None:
    named = {"aspect": "16:9", "theme": None, "captions.mode": "karaoke", "music": music_wish("calm")}
    wishes = read_wishes(named, ["captions.size=1.5", "fps=25", 'sources=["pexels"]', "tone=dry, short"])
    assert (wishes.aspect, wishes.fps, wishes.tone, wishes.sources) == ("16:9", 25, "dry, short", ("pexels",))
    assert (wishes.captions.mode, wishes.captions.size, wishes.music) == ("karaoke", 1.5, Music(mood="calm"))
    assert "theme" not in wishes.model_fields_set


def test_a_track_is_named_and_none_is_none() -> None:
    assert music_wish("Slow River") == {"track": "Slow River"}
    assert music_wish("none") is None


@pytest.mark.parametrize("wrong", ["fps", "fps=13", "colour=red", "captions.mode=loud", "fps.x=1"])
def test_what_does_not_fit_is_told(wrong: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_wishes({}, [wrong])
    assert caught.value.code == "cli.option"


def test_a_part_of_a_plain_wish_is_refused() -> None:
    with pytest.raises(InvalidInput) as caught:
        read_wishes({"theme": "paper"}, ["theme.ink=red"])
    assert caught.value.code == "cli.option"


def test_music_may_be_a_file(tmp_path: Path) -> None:
    song = tmp_path / "song.mp3"
    song.write_bytes(b"x")
    assert own_sound(str(song)) == song
    assert own_sound("calm") is None
    with pytest.raises(InvalidInput) as caught:
        own_sound(str(tmp_path / "other.mp3"))
    assert caught.value.code == "brief.no_file"
