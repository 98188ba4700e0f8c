"""Another opening: nothing of the one before is said or shown any more, and nothing is said twice."""

from __future__ import annotations

from ettametta.edits import apply
from ettametta.productions.changing.hooks import other_openings
from ettametta.scripts.scenes import script_to_storyboard
from ettametta.scripts.script import Script
from ettametta.storyboard import PhotoVisual, Storyboard

_LONG = (
    "A single lamp in Paris was seen from thirty-two kilometres away in the year 1822, and everybody who saw it that "
    "night, from the clerks to the engineers, asked at once how so small a flame could reach so far out to the sea"
)


def _script(opening: str = "A lamp reached the sea.") -> Script:
    question = {"text": "How far can a lamp be seen?", "role": "hook", "card": "title", "on_screen": "How far?"}
    return Script.model_validate({
        "title": "The lamp", "language": "en", "made_by": "test",
        "lines": [{"text": opening, "role": "hook", "card": "title", "on_screen": "The sea"},
                  {"text": "Rings of glass bend light."}, {"text": "It still burns today."}],
        "hooks": [{"kind": "story", "line": {"text": opening, "role": "hook"}}, {"kind": "question", "line": question},
                  {"kind": "contradiction", "line": {"text": "It still burns today.", "role": "hook"}}],
    })  # fmt: skip


def _variants(script: Script, board: Storyboard) -> dict[str, Storyboard]:
    return {kind: apply(board, operations) for kind, operations in other_openings(script, board)}


def test_the_first_card_shows_the_new_opening_and_nothing_is_said_twice() -> None:
    board = script_to_storyboard(_script())
    assert "The sea" in board.scenes[0].visual.model_dump_json()
    made = _variants(_script(), board)
    assert list(made) == ["question", "contradiction"]
    first = made["question"].scenes[0]
    assert "How far?" in first.visual.model_dump_json()
    assert "The sea" not in first.visual.model_dump_json()
    assert [scene.narration for scene in made["contradiction"].scenes] == [
        "It still burns today.", "Rings of glass bend light.",
    ]  # fmt: skip


def test_the_heading_over_a_picture_changes_too() -> None:
    board = script_to_storyboard(_script())
    photo = PhotoVisual(asset_key="a", width=9, height=9)
    first = board.scenes[0].model_copy(update={"visual": photo, "on_screen": "The sea"})
    board = board.model_copy(update={"scenes": (first, *board.scenes[1:])})
    opened = _variants(_script(), board)["question"].scenes[0]
    assert (opened.visual, opened.on_screen) == (photo, "How far?")


def test_an_opening_in_several_scenes_goes_as_a_whole() -> None:
    script = _script(_LONG + ".")
    board = script_to_storyboard(script)
    assert len(board.scenes) > 3
    made = _variants(script, board)
    assert list(made) == ["question", "contradiction"]
    assert [scene.narration for scene in made["question"].scenes] == [
        "How far can a lamp be seen?", "Rings of glass bend light.", "It still burns today.",
    ]  # fmt: skip
