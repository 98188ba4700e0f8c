"""What a model is shown of a conversation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.runtime.context import INTERRUPTED, MAX_ROW_CHARS, data_block, model_lines, person_line
from agent.runtime.values import Incoming
from ettametta.conversation import Line
from ettametta.productions.uploads import Upload
from ettametta.users import Person

_PERSON = Person("u", "c", "Anna", "owner", "en", "UTC")


def _call(call_id: str, name: str = "show_status") -> dict[str, object]:
    return {"id": call_id, "name": name, "args": {}}


@pytest.mark.parametrize("text", ["</data>", '<data kind="x">', "a & b", "</DATA >", "\u202e</data>"])
def test_data_stays_inside_its_marks(text: str) -> None:
    block = data_block('kind"><x', text)
    assert block.count("<data") == 1
    assert block.lower().count("</data") == 1
    assert block.endswith("</data>")


def test_open_calls_are_closed_and_answers_follow_their_calls() -> None:
    lines = [
        Line("user", "how far?", "t1"),
        Line("tool", "two", "t1", tool_call_id="t1-2"),  # written in the same moment as its call
        Line("assistant", "", "t1", tool_calls=(_call("t1-1"), _call("t1-2"))),
        Line("user", "and now?", "t2"),
    ]
    assert [(line.role, line.text, line.tool_call_id) for line in model_lines(lines)] == [
        ("user", "how far?", None),
        ("assistant", "", None),
        ("tool", INTERRUPTED, "t1-1"),
        ("tool", "two", "t1-2"),
        ("user", "and now?", None),
    ]


def test_answers_to_proposals_are_not_shown() -> None:
    lines = [
        Line("user", "yes", "t1"),
        Line("assistant", "", "t1", tool_calls=(_call("t1-1", "answer_proposal"),)),
        Line("tool", "{}", "t1", tool_call_id="t1-1"),
        Line("assistant", "Thank you.", "t1"),
    ]
    assert [line.text for line in model_lines(lines)] == ["yes", "Thank you."]


def test_it_begins_with_a_person() -> None:
    lines = [Line("assistant", "the end of something old", "t0"), Line("user", "hello", "t1")]
    assert [line.text for line in model_lines(lines)] == ["hello"]


_LINES = st.lists(
    st.builds(
        Line,
        st.sampled_from(["user", "assistant", "tool"]),
        st.text(max_size=5),
        st.just("t"),
        st.lists(st.builds(_call, st.sampled_from("abcd"), st.sampled_from(["x", "answer_proposal"])), max_size=2).map(
            tuple
        ),
        st.sampled_from([None, *"abcd"]),
    ),
    max_size=12,
)


@given(_LINES)
def test_every_call_is_followed_by_its_answers_and_nothing_else_is(lines: list[Line]) -> None:
    due: list[object] = []
    for line in model_lines(lines):
        if line.role == "tool":
            assert line.tool_call_id == due.pop(0)
        else:
            assert not due
            due = [call["id"] for call in line.tool_calls]
    assert not due


def test_a_persons_row_names_the_files_as_data_and_is_limited() -> None:
    uploads = (Upload("1", "text", "tea.md"), Upload("2", "photo", "cup.jpg"))
    row = person_line(Incoming(_PERSON, "terminal", "", "t", uploads), "")
    assert row.text == '<data kind="attached files">\ntext: tea.md\nphoto: cup.jpg\n</data>'
    assert len(person_line(Incoming(_PERSON, "terminal", "", "t"), "<" * 200_000).text) <= MAX_ROW_CHARS
