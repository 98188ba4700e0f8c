"""Finding scenes by id or number, and building changed scenes and storyboards that hold to their rules."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import ValidationError

from ettametta.errors import InvalidInput
from ettametta.storyboard import FileVisual, Scene, Storyboard
from ettametta.storyboard.visuals import Frozen

ModelT = TypeVar("ModelT", bound=Frozen)

_NUMBER = re.compile(r"[0-9]{1,3}")
_OUR_ID = re.compile(r"s([0-9]{1,6})")


@dataclass(frozen=True, slots=True)
class Pictures:
    """The files that operations name.

    Attributes:
        visuals: photos and clips as they are shown, by asset id, or by the identity a search gave.
        sounds: storage keys of music, by asset id.
        others: what was found anew for scenes, by how the operation names the scene.
    """

    visuals: Mapping[str, FileVisual] = field(default_factory=dict)
    others: Mapping[str, FileVisual] = field(default_factory=dict)
    sounds: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Work:
    """A storyboard while it is being changed.

    Attributes:
        board: as it stands now.
        numbers: ids by number, as they were before the first operation.
        taken: every id that was ever given to a scene.
        pictures: the person's files that operations name.
    """

    board: Storyboard
    numbers: tuple[str, ...]
    taken: set[str]
    pictures: Pictures

    @classmethod
    def on(cls, board: Storyboard, taken: Collection[str], pictures: Pictures) -> Work:
        """The beginning of a change."""
        ids = tuple(scene.id for scene in board.scenes)
        return cls(board, ids, {*ids, *taken}, pictures)

    def index(self, ref: str) -> int:
        """Where a scene stands, from 0.

        Raises:
            InvalidInput: there is none; the hint lists those there are.
        """
        wanted = ref.strip().lower()
        ids = [scene.id for scene in self.board.scenes]
        if wanted not in ids and _NUMBER.fullmatch(wanted) and 1 <= int(wanted) <= len(self.numbers):
            wanted = self.numbers[int(wanted) - 1]
        if wanted in ids:
            return ids.index(wanted)
        listed = ", ".join(f"{number} ({scene_id})" for number, scene_id in enumerate(ids, 1))
        raise InvalidInput(f"There is no scene {ref[:32]}.", hint=f"The scenes are: {listed}.", code="edit.no_scene")

    def scene(self, ref: str) -> Scene:
        """A scene.

        Raises:
            InvalidInput: there is none.
        """
        return self.board.scenes[self.index(ref)]

    def new_id(self) -> str:
        """An id that no scene has or ever had."""
        used = [int(found.group(1)) for found in map(_OUR_ID.fullmatch, self.taken) if found]
        scene_id = f"s{max(used, default=0) + 1:02d}"
        self.taken.add(scene_id)
        return scene_id

    def change(self, ref: str, **changes: Any) -> None:
        """Change fields of a scene."""
        index = self.index(ref)
        scenes = list(self.board.scenes)
        scenes[index] = changed(scenes[index], **changes)
        self.put(scenes)

    def put(self, scenes: list[Scene]) -> None:
        """Other scenes."""
        self.board = changed(self.board, scenes=tuple(scenes))

    def put_board(self, **changes: Any) -> None:
        """Change fields of the whole storyboard."""
        self.board = changed(self.board, **changes)


def changed(model: ModelT, **changes: Any) -> ModelT:
    """The same value with other fields, checked.

    Raises:
        InvalidInput: they break a rule of the storyboard.
    """
    try:
        return type(model)(**{**dict(model), **changes})
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        told = first["msg"].removeprefix("Value error, ")
        raise InvalidInput(
            f"That would break the storyboard{f' at {where}' if where else ''}: {told}.",
            hint="Change less, or change that first.",
            code="edit.not_possible",
        ) from None


def scene_named(board: Storyboard, ref: str) -> Scene:
    """A scene by its id or number.

    Raises:
        InvalidInput: there is none; the hint lists those there are.
    """
    return Work.on(board, (), Pictures()).scene(ref)
