"""The words of a storyboard as lines to be translated, and a storyboard with the lines in another language. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import TypeAdapter

from ettametta.edits.places import changed
from ettametta.kit.text import truncate
from ettametta.scripts.translate import SpokenLine
from ettametta.storyboard import Brand, Scene, Storyboard, Visual, is_from_file

#: Texts of a designed scene, by field, with the most characters that fit.
_SHOWN = {"text": 200, "note": 120, "title": 100, "label": 30, "value": 30, "what": 80, "when": 24}
_LISTED = {"items": 90, "points": 60}
_VISUAL: TypeAdapter[Any] = TypeAdapter(Visual)


def lines_of(board: Storyboard) -> list[SpokenLine]:
    """The title with the brand's texts first, then each scene: what is said, the heading, what is drawn."""
    return [SpokenLine("", _head(board)), *(_line(scene) for scene in board.scenes)]


def _head(board: Storyboard) -> tuple[str, ...]:
    brand = board.brand or Brand()
    return board.title, brand.intro, brand.outro


def _line(scene: Scene) -> SpokenLine:
    drawn = () if is_from_file(scene.visual) else tuple(_texts(scene.visual.model_dump(mode="json")))
    return SpokenLine(scene.narration, (scene.on_screen, *drawn))


def _texts(value: dict[str, Any]) -> Iterator[str]:
    """All texts of a visual, in an order that `_put` follows."""
    for key, one in value.items():
        if key in _SHOWN and isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            yield from _texts(one)
        elif isinstance(one, list):
            for entry in one:
                if isinstance(entry, dict):
                    yield from _texts(entry)
                elif key in _LISTED and isinstance(entry, str):
                    yield entry


def with_lines(board: Storyboard, lines: Sequence[SpokenLine], language: str, voice: tuple[str, str]) -> Storyboard:
    """The storyboard in another language. Pictures stay and are pinned; recordings give way to the voice.

    Args:
        board: as it was.
        lines: what `lines_of` gave, translated.
        language: ISO 639-1 code of the lines.
        voice: provider and voice that speak it.
    """
    head, *said = lines
    title, intro, outro = head.shown
    brand = board.brand and changed(board.brand, intro=truncate(intro, 80), outro=truncate(outro, 80))
    scenes = [_scene(scene, line) for scene, line in zip(board.scenes, said, strict=True)]
    return changed(
        board, title=truncate(title, 200) or board.title, brand=brand, scenes=tuple(scenes), language=language,
        speech_provider=voice[0], voice=voice[1], pronunciations=(),
    )  # fmt: skip


def _scene(scene: Scene, line: SpokenLine) -> Scene:
    on_screen, *drawn = line.shown
    visual = scene.visual
    if not is_from_file(visual):
        visual = _VISUAL.validate_python(_put(visual.model_dump(mode="json"), iter(drawn)))
    return changed(
        scene, narration=line.text, on_screen=truncate(on_screen, 120), visual=visual, pinned=is_from_file(visual),
        recording=None, emphasis=(),
    )  # fmt: skip


def _put(value: dict[str, Any], texts: Iterator[str]) -> dict[str, Any]:
    new: dict[str, Any] = {}
    for key, one in value.items():
        if key in _SHOWN and isinstance(one, str):
            new[key] = truncate(next(texts), _SHOWN[key]) or one
        elif isinstance(one, dict):
            new[key] = _put(one, texts)
        elif isinstance(one, list):
            new[key] = [_put_entry(key, entry, texts) for entry in one]
        else:
            new[key] = one
    return new


def _put_entry(key: str, entry: Any, texts: Iterator[str]) -> Any:
    if isinstance(entry, dict):
        return _put(entry, texts)
    if key in _LISTED and isinstance(entry, str):
        return truncate(next(texts), _LISTED[key]) or entry
    return entry
