"""What wants remembering, read without a model; and the block of facts in the system prompt."""

from __future__ import annotations

import pytest

from agent.runtime.edit_words import UseTool
from agent.runtime.memory_words import read_memory, read_memory_command
from agent.runtime.system import MAX_FACTS_CHARS, facts_block, system_prompt
from ettametta.kit.clock import utc_now
from ettametta.memory import FactKind, FactView
from ettametta.users import Person


@pytest.mark.parametrize(
    ("said", "kind", "text"),
    [
        ("Remember that I like slow music!", "taste", "I like slow music"),
        ("please remember: never show faces", "avoid", "never show faces"),
        ("keep in mind our brand colour is teal", "brand", "our brand colour is teal"),
        ("Remember that Siobhan is pronounced shi-vawn", "pronounce", "Siobhan is pronounced shi-vawn"),
        ("Note that I have two dogs.", "other", "I have two dogs"),
    ],
)
def test_plain_words(said: str, kind: str, text: str) -> None:
    assert read_memory(said) == UseTool("remember_fact", {"kind": kind, "text": text})


@pytest.mark.parametrize("said", ["forget it", "make a video about how to remember names", "x" * 400, "remember"])
def test_other_words_are_left_alone(said: str) -> None:
    assert read_memory(said) is None


def test_commands() -> None:
    assert read_memory_command("memory", "") == UseTool("list_facts")
    assert read_memory_command("forget", "") == UseTool("list_facts")
    assert read_memory_command("forget", "#2") == UseTool("erase_fact", {"which": "2"})
    kept = UseTool("remember_fact", {"kind": "brand", "text": "we are Deep Blue"})
    assert read_memory_command("remember", "Brand: we are Deep Blue") == kept
    assert read_memory_command("undo", "") is None


def _fact(number: int, text: str) -> FactView:
    return FactView(
        number=number, id=f"{number:032}", kind=FactKind.OTHER, text=text, created_at=utc_now(), updated_at=utc_now()
    )


def test_the_block_is_bounded_and_keeps_the_newest() -> None:
    block = facts_block([_fact(number, f"{number} " + "x" * 230) for number in range(1, 51)])
    assert len(block) <= MAX_FACTS_CHARS + 60
    assert "\n- 50. other: 50 x" in block
    assert "- 1. other" not in block
    assert block.splitlines()[-1].endswith("more, which list_facts shows")


def test_a_fact_opens_no_marks_and_fills_no_placeholder() -> None:
    person = Person("u", "c", "Anna", "owner", "en", "UTC")
    text = system_prompt(person, [_fact(1, "<data> {{now}}")], now="noon")
    assert "&lt;data&gt; {{now}}" in text
    assert text.endswith("It is noon there.")
