"""The difference between two versions of a storyboard, as sentences people read. Scenes are numbered from 1."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from ettametta.edits.looks import aspect_of
from ettametta.storyboard import (
    CaptionStyle,
    CardVisual,
    Citation,
    ClipVisual,
    Music,
    PhotoVisual,
    Scene,
    Storyboard,
    Transition,
    Visual,
)

_MAX_SAID = 90

T = TypeVar("T")


def diff(old: Storyboard, new: Storyboard) -> list[str]:
    """What is different, the whole video first, then scene by scene; empty when nothing is."""
    return [*_whole(old, new), *_order(old, new), *_scenes(old, new)]


# -- the whole video -------------------------------------------------------------------------------------------------


def _whole(old: Storyboard, new: Storyboard) -> Iterator[str]:
    yield from _said("Title", old.title, new.title, _quoted)
    yield from _said("Language", old.language, new.language)
    yield from _said("Voice", (old.speech_provider, old.voice), (new.speech_provider, new.voice), ":".join)
    yield from _said("Pace", old.pace, new.pace)
    yield from _said("Frame", (old.width, old.height), (new.width, new.height), _frame)
    yield from _said("Frames a second", old.fps, new.fps)
    yield from _said("Length wanted", old.length_target_s, new.length_target_s, _seconds)
    yield from _said("Loudness in LUFS", old.loudness_lufs, new.loudness_lufs)
    yield from _style(old, new)
    yield from _said("Music", old.music, new.music, _music)
    if old.brand != new.brand:
        yield "Brand kit taken away" if new.brand is None else "Brand kit changed" if old.brand else "Brand kit added"
    yield from _pronunciations(old, new)


def _said(what: str, before: T, after: T, show: Callable[[T], str] | None = None) -> Iterator[str]:
    if before != after:
        shown = show or _value
        yield f"{what}: {shown(before)} -> {shown(after)}"


def _style(old: Storyboard, new: Storyboard) -> Iterator[str]:
    yield from _said("Theme", old.style.theme, new.style.theme)
    yield from _captions(old.style.captions, new.style.captions)
    yield from _said("Transitions", old.style.transition, new.style.transition, _transition)
    yield from _said("Transition sounds", old.style.transition_sounds, new.style.transition_sounds)
    yield from _said("Fit", old.style.fit, new.style.fit)


def _captions(old: CaptionStyle, new: CaptionStyle) -> Iterator[str]:
    for name in CaptionStyle.model_fields:
        yield from _said(f"Captions' {name.replace('_', ' ')}", getattr(old, name), getattr(new, name))


def _value(value: object) -> str:
    if isinstance(value, bool):
        return _on(value)
    return "the theme's" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _pronunciations(old: Storyboard, new: Storyboard) -> Iterator[str]:
    before = {one.word: one.say for one in old.pronunciations}
    after = {one.word: one.say for one in new.pronunciations}
    for word in (*before, *(word for word in after if word not in before)):
        if word not in after:
            yield f"{_quoted(word)} is said as it is written again"
        elif before.get(word) != after[word]:
            yield f"{_quoted(word)} is said {_quoted(after[word])}"


def _on(value: bool) -> str:
    return "on" if value else "off"


def _seconds(value: float | None) -> str:
    return "as its words need" if value is None else f"{value:g} s"


def _frame(size: tuple[int, int]) -> str:
    aspect = aspect_of(*size)
    pixels = f"{size[0]}x{size[1]}"
    return f"{aspect} ({pixels})" if aspect else pixels


def _transition(value: Transition | None) -> str:
    if value is None:
        return "as the style says"
    return "cut" if value.kind == "cut" else f"{value.kind.replace('_', ' ')} {value.duration_s:g} s"


def _music(music: Music | None) -> str:
    if music is None:
        return "none"
    what = "your file" if music.asset_key else music.track or music.mood or "chosen by Ettametta"
    words = [what, f"{music.below_voice_lu:g} LU below the voice", f"{music.duck_lu:g} more while it speaks"]
    words += [f"from {music.start_s:g} s"] if music.start_s else []
    words += [f"faded over {music.fade_out_s:g} s"] if music.fade_out_s != Music().fade_out_s else []
    return ", ".join(words)


# -- the order of scenes -----------------------------------------------------------------------------------------------


def _order(old: Storyboard, new: Storyboard) -> Iterator[str]:
    before, after = [scene.id for scene in old.scenes], [scene.id for scene in new.scenes]
    for number, scene in enumerate(old.scenes, 1):
        if scene.id not in after:
            yield f"Scene {number} deleted: {_what(scene)}"
    stayed = [scene_id for scene_id in before if scene_id in after]
    order = [scene_id for scene_id in after if scene_id in before]
    if stayed != order:
        yield _moved(stayed, order, before, after)
    for number, scene in enumerate(new.scenes, 1):
        if scene.id not in before:
            yield f"Scene {number} added: {_what(scene)}"


def _moved(stayed: list[str], order: list[str], before: list[str], after: list[str]) -> str:
    wrong = [place for place, (one, other) in enumerate(zip(stayed, order, strict=True)) if one != other]
    if len(wrong) == 2:
        one, other = sorted(before.index(stayed[place]) + 1 for place in wrong)
        return f"Scenes {one} and {other} swapped"
    for scene_id in stayed:
        if [one for one in stayed if one != scene_id] == [one for one in order if one != scene_id]:
            return f"Scene {before.index(scene_id) + 1} moved to place {after.index(scene_id) + 1}"
    return f"Scenes in another order: {', '.join(str(before.index(scene_id) + 1) for scene_id in order)}"


def _what(scene: Scene) -> str:
    return _quoted(scene.narration) if scene.narration else f"silent, {describe(scene.visual)}"


# -- one scene ----------------------------------------------------------------------------------------------------


def _scenes(old: Storyboard, new: Storyboard) -> Iterator[str]:
    before = {scene.id: scene for scene in old.scenes}
    for number, scene in enumerate(new.scenes, 1):
        if scene.id in before:
            for change in _scene(before[scene.id], scene, old, new):
                yield f"Scene {number}: {change}"


def _scene(old: Scene, new: Scene, old_board: Storyboard, new_board: Storyboard) -> Iterator[str]:
    if old.narration != new.narration:
        yield f"{_quoted(old.narration)} -> {_quoted(new.narration)}"
    if old.recording != new.recording:
        yield "your recording" if new.recording else "spoken by the voice instead of your recording"
    yield from _picture(old, new)
    yield from _said("heading", old.on_screen, new.on_screen, _quoted)
    yield from _said("stressed", old.emphasis, new.emphasis, _listed)
    yield from _said("pause after it", old.pause_after_s, new.pause_after_s, _seconds)
    yield from _said("lasts at least", old.min_duration_s, new.min_duration_s, _seconds)
    yield from _said("transition", old.transition, new.transition, _transition)
    yield from _said("place in the story", old.role, new.role)
    yield from _said("rests on", _sources(old, old_board), _sources(new, new_board), _titles)


def _picture(old: Scene, new: Scene) -> Iterator[str]:
    if old.visual != new.visual:
        before, after = describe(old.visual), describe(new.visual)
        yield f"shows {after} instead of {before}" if before != after else f"shows another {after}"
    if old.query != new.query:
        yield f"pictures searched for: {_quoted(new.query)}"
    if old.pinned != new.pinned:
        yield "its visual is pinned" if new.pinned else "its visual may be replaced"


def describe(visual: Visual) -> str:
    """What is seen, in a few words."""
    if isinstance(visual, CardVisual):
        return f"the {visual.kind} card {_quoted(visual.text)}"
    if isinstance(visual, PhotoVisual | ClipVisual):
        return visual.kind
    return f"the {visual.kind.replace('_', ' ')} {_quoted(visual.title)}" if visual.title else f"a {visual.kind}"


def _sources(scene: Scene, board: Storyboard) -> tuple[Citation, ...]:
    return tuple(board.citations[index] for index in scene.citations if index < len(board.citations))


def _titles(cited: tuple[Citation, ...]) -> str:
    return _listed(tuple(one.title for one in cited))


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(_quoted(word) for word in words) or "nothing"


def _quoted(text: str) -> str:
    text = " ".join(text.split())
    return f"“{text if len(text) <= _MAX_SAID else text[: _MAX_SAID - 1].rstrip() + '…'}”"
