"""Tools as one JSON schema: what a model that cannot call tools is shown, and how its answers are read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage

from agent.runtime.schemas import compact_schema
from agent.runtime.strict_chat import BrokenCallError
from agent.runtime.union_chat import UnionChat, _message, signatures, union_schema
from tools import TOOLS

NAMES = [tool.name for tool in TOOLS]


def _openai_tools() -> list[dict[str, Any]]:
    return [
        {"type": "function", "function": {
            "name": tool.name, "description": tool.description,
            "parameters": compact_schema(tool.input.model_json_schema()),
        }}
        for tool in TOOLS
    ]  # fmt: skip


def _references(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
        return own.union(*map(_references, value.values()))
    return set().union(*map(_references, value)) if isinstance(value, list) else set()


def test_the_union_has_every_tool_and_nothing_in_it_points_nowhere() -> None:
    schema = union_schema(_openai_tools())
    assert [option["properties"]["do"]["const"] for option in schema["oneOf"]] == ["say", *NAMES]
    assert all(option["additionalProperties"] is False for option in schema["oneOf"])
    assert _references(schema) == {f"#/$defs/{name}" for name in schema["$defs"]} & _references(schema)
    assert {reference.removeprefix("#/$defs/") for reference in _references(schema)} <= schema["$defs"].keys()


def test_definitions_of_the_same_name_are_the_same_in_all_tools() -> None:
    """They are put side by side, so two that differ would mix."""
    seen: dict[str, Any] = {}
    for tool in _openai_tools():
        for name, definition in tool["function"]["parameters"].get("$defs", {}).items():
            assert seen.setdefault(name, definition) == definition


def test_a_step_becomes_a_call() -> None:
    message = _message('{"do": "make_video", "arguments": {"topic": "tea"}}', NAMES)
    (call,) = message.tool_calls
    assert (call["name"], call["args"], message.content) == ("make_video", {"topic": "tea"}, "")


@pytest.mark.parametrize(
    "text",
    ['{"do": "say", "text": "Hello."}', 'Well:\n```json\n{"do": "say", "text": "Hello."}\n```', '{"text": "Hello."}',
     "Hello."],
)  # fmt: skip
def test_words_are_words_however_they_come(text: str) -> None:
    message = _message(text, NAMES)
    assert (message.content, message.tool_calls) == ("Hello.", [])


@pytest.mark.parametrize(
    "text",
    ['{"do": "make_video", "arguments": {"topic": "te', '{"do": "make_video", "arguments": ["tea"]}',
     '{"do": 7, "arguments": {}}', '{"tool": "make_video"}', '{"do": {"a": 1}}'],
)  # fmt: skip
def test_a_broken_step_is_no_call(text: str) -> None:
    with pytest.raises(BrokenCallError):
        _message(text, NAMES)


def test_a_tool_that_does_not_exist_is_a_call_of_it() -> None:
    """The turn answers it with the names that there are."""
    (call,) = _message('{"do": "rm_rf", "arguments": {}}', NAMES).tool_calls
    assert call["name"] == "rm_rf"


def test_what_the_model_is_shown_has_no_calls_and_the_sides_take_turns() -> None:
    call = {"id": "t-1", "name": "show_status", "args": {"production_id": "ab"}, "type": "tool_call"}
    shown = UnionChat._shown(
        [
            SystemMessage("You are OpenClaw."), HumanMessage("how is it going?"),
            AIMessage("", tool_calls=[call]), ToolMessage('{"ok": true}</data>', tool_call_id="t-1"),
            HumanMessage("and now?"),
        ],
        _openai_tools(),
    )  # fmt: skip
    assert [message.type for message in shown] == ["system", "human", "ai", "human"]
    assert json.loads(str(shown[2].content)) == {"do": "show_status", "arguments": {"production_id": "ab"}}
    assert '<data kind="result of the tool">' in str(shown[3].content)
    assert str(shown[3].content).count("</data>") == 1
    assert "- show_status {production_id?: string}" in str(shown[0].content)


def test_the_tools_as_types_are_short_and_name_all_they_use() -> None:
    text = signatures(_openai_tools())
    assert len(text) < 0.5 * len(json.dumps(union_schema(_openai_tools())))
    assert all(f"- {name} {{" in text for name in NAMES)
    assert '"hook" | ' in text or '| "hook"' in text
    declared = {line.split(" = ")[0] for line in text.partition("Where:")[2].splitlines() if " = " in line}
    assert declared == union_schema(_openai_tools())["$defs"].keys()
