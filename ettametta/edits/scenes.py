"""Operations on the order and number of scenes. Ids stay with their scenes; a new scene gets a new id."""

from __future__ import annotations

import re

from ettametta.edits import operations as ops
from ettametta.edits.places import Work, changed
from ettametta.edits.words import SILENT_S, still_said
from ettametta.errors import InvalidInput
from ettametta.storyboard import MAX_SCENES, CardVisual, RecordingCut, Scene, Visual

_CARD_CHARS = 90
_SENTENCE_END = re.compile(r"(?:[.!?…]+[\"”’»)]*|[。！？।॥؟]+)\s*")
_CLAUSE_END = re.compile(r"(?:[,;:—–،、，；]+)\s*")
_WORD_END = re.compile(r"\s+")


def move_scene(work: Work, operation: ops.MoveScene) -> None:
    """Out of its place and in at another."""
    scenes = list(work.board.scenes)
    moved = scenes.pop(work.index(operation.scene))
    if operation.to > len(scenes) + 1:
        raise InvalidInput(
            f"There is no place {operation.to} among {len(scenes) + 1} scenes.",
            hint=f"Give a number from 1 to {len(scenes) + 1}.",
            code="edit.no_place",
        )
    scenes.insert(operation.to - 1, moved)
    work.put(scenes)


def swap_scenes(work: Work, operation: ops.SwapScenes) -> None:
    """Two scenes change places."""
    one, other = work.index(operation.scene), work.index(operation.other)
    scenes = list(work.board.scenes)
    scenes[one], scenes[other] = scenes[other], scenes[one]
    work.put(scenes)


def insert_scene(work: Work, operation: ops.InsertScene) -> None:
    """A new scene; without a visual its words, or their first ones, stand on a card."""
    place = 0 if operation.after is None else work.index(operation.after) + 1
    narration = " ".join(operation.narration.split())
    visual = operation.visual or _card(narration or operation.on_screen)
    least = operation.min_duration_s or (None if narration else SILENT_S)
    _check_room(work)
    scene = Scene(
        id=work.new_id(),
        narration=narration,
        visual=visual,
        pinned=operation.visual is not None,
        query=operation.query,
        on_screen=operation.on_screen,
        min_duration_s=least,
    )
    scenes = list(work.board.scenes)
    work.put([*scenes[:place], scene, *scenes[place:]])


def _check_room(work: Work) -> None:
    if len(work.board.scenes) >= MAX_SCENES:
        raise InvalidInput(
            f"A video has at most {MAX_SCENES} scenes.", hint="Delete or merge some first.", code="edit.too_many_scenes"
        )


def _card(text: str) -> Visual:
    text = " ".join(text.split())
    if not text:
        raise InvalidInput(
            "The new scene says and shows nothing.", hint="Give it a narration or a visual.", code="edit.empty_scene"
        )
    if len(text) > _CARD_CHARS:
        text = text[:_CARD_CHARS].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"
    return CardVisual(kind="statement", text=text)


def delete_scene(work: Work, operation: ops.DeleteScene) -> None:
    """A scene less."""
    index = work.index(operation.scene)
    scenes = list(work.board.scenes)
    if len(scenes) == 1:
        raise InvalidInput(
            "The last scene cannot be deleted.", hint="Change it, or ask for a new video.", code="edit.last_scene"
        )
    del scenes[index]
    work.put(scenes)


def split_scene(work: Work, operation: ops.SplitScene) -> None:
    """Two scenes with exactly the words of one. Both show what it showed; a recording is cut by its letters."""
    index = work.index(operation.scene)
    scene = work.board.scenes[index]
    cut = _cut(scene, operation)
    _check_room(work)
    said, rest = scene.narration[:cut].strip(), scene.narration[cut:].strip()
    recording, later = _cut_recording(scene, cut)
    least = None if scene.min_duration_s is None else scene.min_duration_s / 2
    first = changed(
        scene, narration=said, recording=recording, emphasis=still_said(scene.emphasis, said), pause_after_s=0.0,
        min_duration_s=least,
    )  # fmt: skip
    second = changed(
        scene, id=work.new_id(), narration=rest, recording=later, emphasis=still_said(scene.emphasis, rest),
        transition=None, role="beat" if scene.role == "hook" else scene.role, min_duration_s=least,
    )  # fmt: skip
    scenes = list(work.board.scenes)
    work.put([*scenes[:index], first, second, *scenes[index + 1 :]])


def _cut(scene: Scene, operation: ops.SplitScene) -> int:
    """The letter at which the second scene begins."""
    text, wanted = scene.narration, " ".join(operation.before.split())
    if wanted:
        cut = text.casefold().find(wanted.casefold())
        if cut > 0 and text[:cut].strip():
            return cut
        raise InvalidInput(
            f"Scene {scene.id} cannot be split before “{wanted[:60]}”.",
            hint="Name words from the middle of its narration.",
            code="edit.no_split",
        )
    for ends in (_SENTENCE_END, _CLAUSE_END) if operation.only_phrases else (_SENTENCE_END, _CLAUSE_END, _WORD_END):
        cuts = [found.end() for found in ends.finditer(text) if 0 < found.end() < len(text)]
        if cuts:
            return min(cuts, key=lambda place: abs(place - len(text) / 2))
    raise InvalidInput(
        f"Scene {scene.id} has too few words to be split.", hint="Add words first.", code="edit.no_split"
    )


def _cut_recording(scene: Scene, cut: int) -> tuple[RecordingCut | None, RecordingCut | None]:
    whole = scene.recording
    if whole is None:
        return None, None
    middle = whole.start_s + (whole.end_s - whole.start_s) * cut / len(scene.narration)
    return changed(whole, end_s=middle), changed(whole, start_s=middle)


def merge_scenes(work: Work, operation: ops.MergeScenes) -> None:
    """One scene with the words, citations and stresses of two."""
    index = work.index(operation.scene)
    scenes = list(work.board.scenes)
    if index + 1 == len(scenes):
        raise InvalidInput(
            "No scene follows the last one.", hint="Merge the scene before it.", code="edit.no_next_scene"
        )
    first, second = scenes[index], scenes[index + 1]
    recording = _joined(first.recording, second.recording)
    least = (first.min_duration_s or 0) + (second.min_duration_s or 0)
    merged = changed(
        first,
        narration=f"{first.narration} {second.narration}".strip(),
        recording=recording,
        emphasis=tuple(dict.fromkeys((*first.emphasis, *second.emphasis)))[:12],
        citations=tuple(dict.fromkeys((*first.citations, *second.citations))),
        pause_after_s=second.pause_after_s,
        min_duration_s=min(least, 60.0) or None,
    )
    work.put([*scenes[:index], merged, *scenes[index + 2 :]])


def _joined(first: RecordingCut | None, second: RecordingCut | None) -> RecordingCut | None:
    """Both cuts as one, where they lie together; else the words are spoken anew."""
    if first is None or second is None or first.asset_key != second.asset_key or first.end_s > second.end_s:
        return None
    return changed(first, end_s=second.end_s)
