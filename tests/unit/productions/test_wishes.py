"""Wishes for a video come out in its storyboard; nothing else changes."""

from __future__ import annotations

import itertools

import pytest

from ettametta.edits.places import changed
from ettametta.productions.options import VideoOptions
from ettametta.productions.wishes import apply_options, with_clip_speed
from ettametta.storyboard import Brand, CaptionStyle, ClipVisual, Music, Pronunciation, Storyboard, Style, Transition
from tests.unit.edits.boards import board, photo


def test_what_is_not_wished_for_is_as_usual() -> None:
    assert apply_options(board(), VideoOptions()) == board()


def test_everything_wished_for_is_there() -> None:
    options = VideoOptions(
        aspect="16:9",
        resolution=720,
        fps=25,
        theme="paper",
        captions=CaptionStyle(mode="karaoke", position="top", y_percent=20, font="Anton", box="#000000"),
        transition=Transition(kind="slide_left", duration_s=0.6),
        transition_sounds=True,
        fit="contain",
        brand=Brand(name="Us"),
        pace=1.2,
        pronunciations=(Pronunciation(word="Fresnel", say="fray-nel"),),
        music=Music(mood="calm", below_voice_lu=25),
        loudness_lufs=-16,
    )
    made = apply_options(board(), options, length_target_s=30)
    assert (made.width, made.height, made.fps, made.pace, made.loudness_lufs) == (1280, 720, 25, 1.2, -16)
    assert (made.music, made.brand, made.pronunciations) == (options.music, options.brand, options.pronunciations)
    assert made.length_target_s == 30
    assert made.style == Style(
        theme="paper", captions=options.captions, transition=options.transition, transition_sounds=True, fit="contain"
    )
    assert made.scenes == board().scenes


@pytest.mark.parametrize(
    ("aspect", "resolution", "size"),
    [("9:16", 1080, (1080, 1920)), ("16:9", 480, (854, 480)), ("1:1", 2160, (2160, 2160)), ("4:5", 720, (720, 900)),
     ("9:16", 2160, (2160, 3840))],
)  # fmt: skip
def test_frames(aspect: str, resolution: int, size: tuple[int, int]) -> None:
    made = apply_options(board(), VideoOptions.model_validate({"aspect": aspect, "resolution": resolution}))
    assert (made.width, made.height) == size


def test_shuffled_transitions_differ_from_neighbours_and_are_the_same_each_time() -> None:
    options = VideoOptions(shuffle_transitions=True, transition=Transition(duration_s=0.7))
    made = apply_options(board(12), options)
    assert made == apply_options(board(12), options)
    kinds = [made.transition_into(index).kind for index in range(1, 12)]
    assert "cut" not in kinds
    assert all(one != other for one, other in itertools.pairwise(kinds))
    assert {made.transition_into(index).duration_s for index in range(1, 12)} == {0.7}
    other = apply_options(board(12).model_copy(update={"title": "Another"}), options)
    assert [one.transition for one in other.scenes] != [one.transition for one in made.scenes]


def _picture_board(text: str) -> Storyboard:
    first, second = board(2).scenes
    scenes = (changed(first, narration=text, visual=photo()), changed(second, narration=text))
    return changed(board(2), scenes=scenes)


def test_no_picture_is_shown_longer_than_wished_where_a_phrase_ends() -> None:
    text = "One two three four. Five six seven eight, nine ten eleven twelve. Thirteen fourteen fifteen sixteen."
    made = apply_options(_picture_board(text), VideoOptions(clip_length_s=2), words_per_minute=120)
    parts = [scene.narration for scene in made.scenes[:-1]]
    assert parts == ["One two three four.", "Five six seven eight,", "nine ten eleven twelve.",
                     "Thirteen fourteen fifteen sixteen."]  # fmt: skip
    assert made.scenes[-1].narration == text, "a card is no clip"


def test_a_phrase_is_never_cut() -> None:
    text = "One two three four five six seven eight nine ten"
    made = apply_options(_picture_board(text), VideoOptions(clip_length_s=1), words_per_minute=120)
    assert len(made.scenes) == 2


def test_clips_play_at_the_speed_wished_for() -> None:
    clip = ClipVisual(asset_key="a", width=9, height=9, duration_s=5)
    with_clip = changed(board(1), scenes=(changed(board(1).scenes[0], visual=clip),))
    assert with_clip_speed(with_clip, 2.0).scenes[0].visual == clip.model_copy(update={"speed": 2.0})
    assert with_clip_speed(with_clip, 1.0) is with_clip
