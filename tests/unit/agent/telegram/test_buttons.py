"""Callback data: short, signed, of one chat."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agent.runtime.values import Choice
from agent.telegram.buttons import Act, Buttons, Press
from ettametta.kit.ids import new_id

BUTTONS = Buttons("123:token")


def data(act: Act, value: str, chat: str = "7") -> str:
    return str(BUTTONS.button("x", act, value, chat).callback_data)


def test_a_press_comes_back_as_it_was_made() -> None:
    production_id = new_id()
    for act in Act:
        assert BUTTONS.read(data(act, production_id), "7") == Press(act, production_id)
        assert len(data(act, production_id).encode()) <= 64


def test_what_was_changed_or_is_not_ours_is_not_read() -> None:
    genuine = data(Act.CANCEL, "abc")
    act, signature, value = genuine.split(":")
    for forged in (f"r:{signature}:{value}", f"{act}:{signature}:abd", f"{act}::{value}", f"z:{signature}:{value}"):
        assert BUTTONS.read(forged, "7") is None
    assert BUTTONS.read(genuine, "8") is None
    assert Buttons("123:another").read(genuine, "7") is None
    assert BUTTONS.read(None, "7") is None


@given(st.text())
def test_any_data_is_read_without_harm(text: str) -> None:
    assert BUTTONS.read(text, "7") is None


def test_choices_act_directly_where_they_can() -> None:
    production_id = new_id()
    choices = (Choice("Cancel", f"/cancel {production_id}"), Choice("More", "tell me more"), Choice("Long", "x" * 80))
    keyboard = BUTTONS.of_choices(choices, "7")
    assert keyboard is not None
    pressed = [BUTTONS.read(button.callback_data, "7") for row in keyboard.inline_keyboard for button in row]
    assert pressed == [Press(Act.CANCEL, production_id), Press(Act.SAY, "tell me more")]
    assert BUTTONS.of_choices((), "7") is None
