"""Carries operations out on a storyboard, purely: the same storyboard and operations give the same storyboard."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from ettametta.edits import operations as ops
from ettametta.edits.looks import restyle, set_aspect, set_pronunciation, set_voice
from ettametta.edits.operations import Operation
from ettametta.edits.places import Pictures, Work
from ettametta.edits.scenes import (
    delete_scene,
    insert_scene,
    merge_scenes,
    move_scene,
    split_scene,
    swap_scenes,
)
from ettametta.edits.words import set_citations, set_narration, set_on_screen
from ettametta.errors import InvalidInput
from ettametta.storyboard import Storyboard, Transition


def apply(
    storyboard: Storyboard,
    operations: Sequence[Operation],
    *,
    taken: Collection[str] = (),
    pictures: Pictures | None = None,
) -> Storyboard:
    """The storyboard after these operations, one after another.

    Args:
        storyboard: as it stands.
        operations: what to do.
        taken: ids that scenes of earlier revisions had; a new scene gets none of them.
        pictures: the files that operations name.

    Raises:
        InvalidInput: an operation names what is not there, or would break the storyboard. Nothing is changed then.
    """
    work = Work.on(storyboard, taken, pictures or Pictures())
    for operation in operations:
        _HOW[operation.op](work, operation)
    return work.board


def _set_visual(work: Work, operation: ops.SetVisual) -> None:
    work.change(operation.scene, visual=operation.visual, pinned=True)


def _swap_visual(work: Work, operation: ops.SwapVisual) -> None:
    """A file that is chosen is pinned; what a search found is not."""
    chosen = operation.asset_id or operation.found
    if chosen is not None:
        visual = work.pictures.visuals.get(chosen)
        if visual is None:
            raise InvalidInput(
                "That file is neither a photo nor a clip of yours.",
                hint="Send it again, or search for a picture.",
                code="edit.no_picture",
            )
        work.change(operation.scene, visual=visual, pinned=True)
        return
    scene = work.scene(operation.scene)
    query = (operation.query or "").strip() or scene.query or scene.on_screen or " ".join(scene.narration.split()[:8])
    found = work.pictures.others.get(operation.scene, scene.visual)
    work.change(operation.scene, query=query[:120], visual=found, pinned=False)


def _pin_visual(work: Work, operation: ops.PinVisual) -> None:
    work.change(operation.scene, pinned=operation.pinned)


def _set_emphasis(work: Work, operation: ops.SetEmphasis) -> None:
    said = work.scene(operation.scene).narration.casefold()
    missing = [word for word in operation.words if word.casefold() not in said]
    if missing:
        raise InvalidInput(
            f"The scene does not say “{missing[0]}”.",
            hint="Stress words that are in its narration.",
            code="edit.not_said",
        )
    work.change(operation.scene, emphasis=operation.words)


def _retime(work: Work, operation: ops.Retime) -> None:
    changes: dict[str, Any] = {}
    if operation.pause_after_s is not None:
        changes["pause_after_s"] = operation.pause_after_s
    if operation.min_duration_s is not None:
        changes["min_duration_s"] = operation.min_duration_s or None
    work.change(operation.scene, **changes)


def _set_transition(work: Work, operation: ops.SetTransition) -> None:
    wanted = None if operation.kind is None else Transition(kind=operation.kind, duration_s=operation.duration_s)
    if wanted is not None and work.index(operation.scene) == 0:
        raise InvalidInput(
            "The first scene follows no other.", hint="Set the transition of a later scene.", code="edit.first_scene"
        )
    work.change(operation.scene, transition=wanted)


def _set_language(work: Work, operation: ops.SetLanguage) -> None:
    work.put_board(language=operation.language)


def _set_length_target(work: Work, operation: ops.SetLengthTarget) -> None:
    work.put_board(length_target_s=operation.seconds)


def _set_title(work: Work, operation: ops.SetTitle) -> None:
    work.put_board(title=" ".join(operation.title.split()) or work.board.title)


#: How each operation is done, by its name.
_HOW: dict[str, Callable[[Work, Any], None]] = {
    "set_narration": set_narration,
    "set_on_screen": set_on_screen,
    "set_visual": _set_visual,
    "swap_visual": _swap_visual,
    "pin_visual": _pin_visual,
    "set_emphasis": _set_emphasis,
    "move_scene": move_scene,
    "swap_scenes": swap_scenes,
    "insert_scene": insert_scene,
    "delete_scene": delete_scene,
    "retime": _retime,
    "split_scene": split_scene,
    "merge_scenes": merge_scenes,
    "restyle": restyle,
    "set_transition": _set_transition,
    "set_voice": set_voice,
    "set_pronunciation": set_pronunciation,
    "set_language": _set_language,
    "set_aspect": set_aspect,
    "set_length_target": _set_length_target,
    "set_title": _set_title,
    "set_citations": set_citations,
}
