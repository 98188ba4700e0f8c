"""Operations on what a scene says, shows in letters, and rests on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ettametta.edits import operations as ops
from ettametta.edits.places import Work, changed
from ettametta.errors import InvalidInput
from ettametta.storyboard import CardVisual, Scene, is_from_file

#: How long a scene lasts when its words are taken away.
SILENT_S = 3.0


def set_narration(work: Work, operation: ops.SetNarration) -> None:
    """Other words: a recording of the old ones is of no use, and what is stressed must still be said."""
    scene = work.scene(operation.scene)
    text = " ".join(operation.text.split())
    changes: dict[str, Any] = {"narration": text, "recording": None, "emphasis": still_said(scene.emphasis, text)}
    if not text and scene.min_duration_s is None:
        changes["min_duration_s"] = SILENT_S
    work.change(operation.scene, **changes)


def still_said(words: Sequence[str], text: str) -> tuple[str, ...]:
    """Those of the words that a text holds."""
    return tuple(word for word in words if word.casefold() in text.casefold())


def set_on_screen(work: Work, operation: ops.SetOnScreen) -> None:
    """A heading over a picture; on a designed scene its own words are what is on screen."""
    scene, text = work.scene(operation.scene), " ".join(operation.text.split())
    if is_from_file(scene.visual):
        work.change(operation.scene, on_screen=text)
    elif isinstance(scene.visual, CardVisual):
        work.change(operation.scene, visual=changed(scene.visual, text=_needed(text, scene)), pinned=True)
    else:
        work.change(operation.scene, visual=changed(scene.visual, title=text), pinned=True)


def _needed(text: str, scene: Scene) -> str:
    if not text:
        raise InvalidInput(
            "A card without words shows nothing.",
            hint=f"Give it words, or show a picture: swap_visual of scene {scene.id}.",
            code="edit.empty_card",
        )
    return text


def set_citations(work: Work, operation: ops.SetCitations) -> None:
    """Known citations are pointed at; new ones are added to the storyboard's. Numbers of others do not change."""
    known = list(work.board.citations)
    for citation in operation.citations:
        if citation not in known:
            known.append(citation)
    work.put_board(citations=tuple(known))
    places = tuple(dict.fromkeys(known.index(citation) for citation in operation.citations))
    work.change(operation.scene, citations=places)
