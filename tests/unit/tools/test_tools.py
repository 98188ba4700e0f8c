"""What holds for every tool."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, cast, get_args

import pytest
from pydantic import BaseModel, ValidationError

from ettametta.bootstrap import Resources
from ettametta.edits import DeleteScene, Operation, SetTransition
from ettametta.errors import InvalidInput, Refused
from ettametta.users import Person
from tools import TOOLS, AnyTool, Permission, ToolContext
from tools.edits import Change, operations_of
from tools.productions import MakeVideoInput


class TouchedError(Exception):
    """A service was reached."""


class _Service:
    def __getattr__(self, name: str) -> Any:
        raise TouchedError(name)


@dataclass(frozen=True)
class _Resources:
    productions: Any = field(default_factory=_Service)
    editing: Any = field(default_factory=_Service)
    stops: Any = field(default_factory=_Service)
    finishing: Any = field(default_factory=_Service)
    showing: Any = field(default_factory=_Service)
    siblings: Any = field(default_factory=_Service)
    presets: Any = field(default_factory=_Service)
    voices: Any = field(default_factory=_Service)
    picturing: Any = field(default_factory=_Service)
    database: Any = field(default_factory=_Service)
    discovery: Any = field(default_factory=_Service)
    agenda: Any = field(default_factory=_Service)
    facts: Any = field(default_factory=_Service)


def _context(role: str = "owner") -> ToolContext:
    person = Person("u" * 32, "c" * 32, "Anna", role, "en", "UTC")
    return ToolContext(person, "terminal", cast("Resources", _Resources()), "turn-1", said="Never use emojis.")


_FOR_VIEWERS = {
    "show_status", "list_jobs", "show_storyboard", "show_revisions", "list_choices",
    "list_candidates", "show_candidate", "list_sources", "list_niches", "list_schedules",
    "list_facts",
}  # fmt: skip

each = pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)


def test_names_are_unique() -> None:
    assert len({tool.name for tool in TOOLS}) == len(TOOLS)


def test_none_approves_what_costs_money() -> None:
    said = " ".join(f"{tool.name} {list(tool.input.model_fields)}" for tool in TOOLS)
    assert not re.search(r"approv|answer|accept|confirm|pay", said)


@each
def test_has_what_a_model_and_a_person_need(tool: AnyTool) -> None:
    assert re.fullmatch(r"[a-z]+(_[a-z]+)+", tool.name)
    assert tool.label
    assert len(tool.description) > 40
    assert tool.description.rstrip().endswith(".")
    assert tool.input.__doc__
    assert isinstance(tool.permission, Permission)
    assert issubclass(tool.output, BaseModel)


@each
def test_its_example_is_an_input(tool: AnyTool) -> None:
    assert isinstance(tool.example, tool.input)
    assert tool.input.model_validate(tool.example.model_dump(mode="json")) == tool.example


@each
def test_unknown_arguments_are_refused(tool: AnyTool) -> None:
    with pytest.raises(ValidationError):
        tool.input.model_validate({**tool.example.model_dump(), "sudo": True})


@each
async def test_it_touches_a_service(tool: AnyTool) -> None:
    with pytest.raises(TouchedError):
        await tool.call(_context(), tool.example)


@each
async def test_only_looking_is_for_everybody(tool: AnyTool) -> None:
    expected = TouchedError if tool.name in _FOR_VIEWERS else Refused
    for role in ("viewer", "no such role"):
        with pytest.raises(expected):
            await tool.call(_context(role), tool.example)


def test_a_change_knows_every_field_of_every_operation() -> None:
    models = get_args(get_args(Operation)[0])
    for model in models:
        unknown = set(model.model_fields) - set(Change.model_fields)
        assert not unknown, f"{model.__name__}: {unknown}"
    assert set(get_args(Change.model_fields["op"].annotation)) == {model.model_fields["op"].default for model in models}


def test_a_change_is_the_operation_that_is_meant() -> None:
    changes = (Change(op="set_transition", scene="2"), Change(op="delete_scene", scene="3"))
    assert operations_of(changes) == (SetTransition(scene="2", kind=None), DeleteScene(scene="3"))
    with pytest.raises(InvalidInput):
        operations_of((Change(op="delete_scene", scene="3", text="also"),))


def test_what_a_model_left_null_was_not_said() -> None:
    asked = MakeVideoInput.model_validate({"topic": "tea", "options": {"theme": "paper", "pace": None, "music": None}})
    assert asked.options is not None
    assert asked.options.model_dump(exclude_unset=True) == {"theme": "paper"}
