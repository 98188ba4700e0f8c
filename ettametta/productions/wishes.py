"""Carries out what a person wished of a video (VideoOptions) on its first storyboard. Pure."""

from __future__ import annotations

import random
from typing import get_args

from ettametta.edits import SplitScene, apply
from ettametta.edits.looks import frame_size
from ettametta.edits.places import changed
from ettametta.errors import InvalidInput
from ettametta.kit.ids import content_key
from ettametta.kit.sentences import spoken_words
from ettametta.productions.options import VideoOptions
from ettametta.storyboard import (
    MAX_SCENES,
    ClipVisual,
    Scene,
    Storyboard,
    Style,
    Transition,
    TransitionKind,
    is_from_file,
)

_SHUFFLED: tuple[TransitionKind, ...] = tuple(kind for kind in get_args(TransitionKind) if kind != "cut")


def apply_options(
    board: Storyboard,
    options: VideoOptions,
    *,
    words_per_minute: float = 165.0,
    length_target_s: float | None = None,
) -> Storyboard:
    """The storyboard as it was wished for; voice and language are chosen before, when the script is written.

    Args:
        board: as the script gives it.
        options: the wishes.
        words_per_minute: of the voice at pace 1, to tell how long a picture will be shown.
        length_target_s: the length asked for, in seconds.
    """
    width, height = frame_size(options.aspect, options.resolution)
    board = changed(
        board,
        width=width,
        height=height,
        fps=options.fps,
        length_target_s=length_target_s,
        pace=options.pace,
        pronunciations=options.pronunciations,
        loudness_lufs=options.loudness_lufs,
        style=_style(board.style, options),
        music=options.music,
        brand=options.brand,
    )
    if options.clip_length_s is not None:
        board = _with_short_pictures(board, options.clip_length_s, words_per_minute * options.pace)
    if options.shuffle_transitions:
        board = _shuffled(board, options.transition.duration_s)
    return with_clip_speed(board, options.clip_speed)


def wishes_text(options: VideoOptions) -> str:
    """What whoever writes the script is told of the person's wishes; data to them, never rules."""
    parts = f"Tell it in {options.paragraphs} parts." if options.paragraphs is not None else ""
    return "\n".join(part for part in (options.instructions.strip(), parts) if part)[:2_000]


def _style(style: Style, options: VideoOptions) -> Style:
    return changed(
        style,
        theme=options.theme or style.theme,
        captions=options.captions,
        transition=options.transition,
        transition_sounds=options.transition_sounds,
        fit=options.fit,
    )


def with_clip_speed(board: Storyboard, speed: float) -> Storyboard:
    """All clips at this speed (1.0 is their own); to be asked again when clips were found for the scenes."""
    if speed == 1.0:
        return board
    return changed(board, scenes=tuple(_at_speed(scene, speed) for scene in board.scenes))


def _at_speed(scene: Scene, speed: float) -> Scene:
    if not isinstance(scene.visual, ClipVisual):
        return scene
    return changed(scene, visual=changed(scene.visual, speed=speed))


def _with_short_pictures(board: Storyboard, longest_s: float, words_per_minute: float) -> Storyboard:
    """Scenes that show pictures, split at phrases until none is expected to last longer.

    A scene of one phrase stays whole: a cut in the middle of it would be heard.
    """
    whole: set[str] = set()
    while len(board.scenes) < MAX_SCENES:
        long = next(
            (one for one in board.scenes if one.id not in whole and _is_long(one, longest_s, words_per_minute)), None
        )
        if long is None:
            return board
        try:
            board = apply(board, [SplitScene(scene=long.id, only_phrases=True)])
        except InvalidInput:
            whole.add(long.id)
    return board


def _is_long(scene: Scene, longest_s: float, words_per_minute: float) -> bool:
    shows_a_picture = is_from_file(scene.visual) or bool(scene.query)
    return shows_a_picture and 60 * spoken_words(scene.narration) / words_per_minute > longest_s


def _shuffled(board: Storyboard, duration_s: float) -> Storyboard:
    """Another transition into each scene than into the one before; the same storyboard gets the same ones."""
    chance = random.Random(content_key(title=board.title, scenes=[scene.id for scene in board.scenes]))  # noqa: S311 -- no secret
    scenes, last = [board.scenes[0]], ""
    for scene in board.scenes[1:]:
        kind = chance.choice([one for one in _SHUFFLED if one != last])
        scenes.append(changed(scene, transition=Transition(kind=kind, duration_s=duration_s)))
        last = kind
    return changed(board, scenes=tuple(scenes))
