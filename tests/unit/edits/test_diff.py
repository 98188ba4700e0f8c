"""The difference between two versions reads as a person would say it, and misses nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ettametta.edits import apply, diff, parse
from ettametta.edits.operations import Operation
from ettametta.errors import InvalidInput
from ettametta.storyboard import Brand
from tests.unit.edits.boards import OPERATION, board, photo


def _after(*operations: dict[str, Any]) -> list[str]:
    old = board()
    return diff(old, apply(old, parse(list(operations))))


@pytest.mark.parametrize(
    ("operation", "sentences"),
    [
        ({"op": "set_narration", "scene": 3, "text": "Ships sink."}, ["Scene 3: “Ships are safe.” -> “Ships sink.”"]),
        ({"op": "swap_scenes", "scene": 2, "other": 4}, ["Scenes 2 and 4 swapped"]),
        ({"op": "move_scene", "scene": 4, "to": 1}, ["Scene 4 moved to place 1"]),
        ({"op": "delete_scene", "scene": 3}, ["Scene 3 deleted: “Ships are safe.”"]),
        ({"op": "insert_scene", "after": 1, "narration": "New."}, ["Scene 2 added: “New.”"]),
        ({"op": "set_voice", "provider": "kokoro", "voice": "ef_dora"}, ["Voice: hibari:default -> kokoro:ef_dora"]),
        ({"op": "set_aspect", "aspect": "16:9"}, ["Frame: 9:16 (1080x1920) -> 16:9 (1920x1080)"]),
        ({"op": "restyle", "theme": "paper"}, ["Theme: midnight -> paper"]),
        ({"op": "restyle", "captions": {"mode": "off", "ink": "#FF0000"}},
         ["Captions' mode: highlight -> off", "Captions' ink: the theme's -> #FF0000"]),
        ({"op": "restyle", "music": {"mood": "calm"}},
         ["Music: none -> calm, 18 LU below the voice, 6 more while it speaks"]),
        ({"op": "set_transition", "scene": 2, "kind": "fade"},
         ["Scene 2: transition: as the style says -> fade 0.4 s"]),
        ({"op": "set_pronunciation", "word": "Paris", "say": "pa-REE"}, ["“Paris” is said “pa-REE”"]),
        ({"op": "set_citations", "scene": 1, "citations": [{"title": "A book"}]},
         ["Scene 1: rests on: nothing -> “A book”"]),
        ({"op": "set_visual", "scene": 1, "visual": {"kind": "number", "text": "1822"}},
         ["Scene 1: shows the number card “1822” instead of the statement card “Number 1”",
          "Scene 1: its visual is pinned"]),
    ],
)  # fmt: skip
def test_it_is_said_as_people_say_it(operation: dict[str, Any], sentences: list[str]) -> None:
    assert _after(operation) == sentences


def test_another_file_and_a_brand() -> None:
    old = board(1)
    scene = old.scenes[0].model_copy(update={"visual": photo("a")})
    first = old.model_copy(update={"scenes": (scene,)})
    second = old.model_copy(
        update={"scenes": (scene.model_copy(update={"visual": photo("b")}),), "brand": Brand(name="Us")}
    )
    assert diff(first, second) == ["Brand kit added", "Scene 1: shows another photo"]


@settings(max_examples=60, deadline=None)
@given(st.lists(OPERATION, min_size=1, max_size=4))
def test_there_is_a_sentence_if_and_only_if_something_changed(operations: list[Operation]) -> None:
    old = board(5)
    try:
        new = apply(old, operations)
    except InvalidInput:
        return
    assert bool(diff(old, new)) == (old != new)
