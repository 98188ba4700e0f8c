"""A person's own script: every word as written, marks honoured, the checker only reports."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ettametta.errors import InvalidInput
from ettametta.kit.text import clean
from ettametta.scripts.credits import credits_text
from ettametta.scripts.own import MADE_BY, own_script
from ettametta.scripts.scenes import script_to_storyboard
from ettametta.storyboard import MAX_SCENES, CardVisual

TEXT = """# The lamp

NARRATOR: In 1822 a king saw one lamp. [pause 2s] He was amazed.
It shone [as lamps do] far out.

[music swells]

## How it worked

- Glass rings bent the light.

[pause]

See https://x.example/a for more.
"""


def test_words_pauses_headings_and_marks() -> None:
    script = own_script(TEXT)
    assert [line.text for line in script.lines] == [
        "In 1822 a king saw one lamp.", "He was amazed.", "It shone [as lamps do] far out.",
        "Glass rings bent the light.", "See https://x.example/a for more.",
    ]  # fmt: skip
    assert [line.pause_s for line in script.lines] == [2.0, None, 0.6, 0.6, None]
    assert [line.role for line in script.lines] == ["hook", "beat", "beat", "beat", "payoff"]
    assert (script.title, script.language, script.made_by) == ("The lamp", "en", MADE_BY)
    assert script.lines[3].on_screen == "How it worked"


def test_the_checker_reports_and_changes_nothing() -> None:
    notes = " ".join(own_script(TEXT).notes)
    assert "a web address that cannot be spoken" in notes
    assert "Not spoken: [music swells]" in notes
    assert "cites no source" not in notes
    assert "about" in own_script(TEXT).notes[0]


def test_scenes_have_the_pauses_and_the_heading() -> None:
    board = script_to_storyboard(own_script(TEXT))
    assert board.scenes[0].pause_after_s == 2.0
    headed = board.scenes[3]
    assert isinstance(headed.visual, CardVisual)
    assert (headed.visual.text, headed.on_screen) == ("How it worked", "How it worked")
    assert "the person's own" in credits_text(board)


@given(st.lists(st.text(alphabet="abcé .,!?:;()\"“”\n'-", min_size=1, max_size=80), min_size=1, max_size=12))
def test_every_word_is_said_in_order(pieces: list[str]) -> None:
    text = "\n\n".join(f"x{piece}" for piece in pieces)
    script = own_script(text)
    said = "".join(scene.narration for scene in script_to_storyboard(script).scenes)
    assert re.findall(r"\w", said) == re.findall(r"\w", clean(text))


def test_more_sentences_than_scenes_are_said_together() -> None:
    text = "\n\n".join(" ".join(f"Word {number} of {part}." for number in range(10)) for part in range(12))
    script = own_script(text)
    assert len(script.lines) <= MAX_SCENES
    assert script.narration == " ".join(text.split())


@pytest.mark.parametrize("text", ["", "# Only a heading", "[pause]", "[music]\n\n---"])
def test_nothing_to_say(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        own_script(text)
    assert caught.value.code == "script.no_words"


@pytest.mark.parametrize("text", ["\n\n".join(["One more."] * 70), "Many words are said here today. " * 400])
def test_too_much_to_say(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        own_script(text)
    assert caught.value.code == "script.too_long"


def test_another_language() -> None:
    script = own_script("La torre alumbra a los barcos desde hace casi dos mil años. Nadie sabe quién la levantó.")
    assert script.language == "es"
    assert own_script("Hola.", language="es").language == "es"
