"""Finding the JSON in what a model wrote."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ettametta.providers.llm.json_text import find_json

JSON = st.dictionaries(
    st.text(max_size=8), st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=20)), max_size=5
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"a": 1}', '{"a": 1}'),
        ('  {"a": 1}\n', '{"a": 1}'),
        ('```json\n{"a": 1}\n```', '{"a": 1}'),
        ('```\n{"a": "```"}\n```', '{"a": "```"}'),
        ('<think>maybe {"b": 2}?</think>{"a": 1}', '{"a": 1}'),
        ('so {"a": {"b": [1, "}"]}} it is', '{"a": {"b": [1, "}"]}}'),
        ('{bad} {"x": 1} {"longer": [1, 2, 3]}', '{"longer": [1, 2, 3]}'),
        ("[1, 2]", None),
        ("none", None),
        ("", None),
        ('{"a": ', None),
    ],
)
def test_finds(text: str, found: str | None) -> None:
    assert find_json(text) == found


@given(JSON, st.sampled_from(["{}", "```json\n{}\n```", "Sure!\n{}\nBye.", "<think>hm</think>\n{}"]))
def test_wrapped_objects_come_back(value: dict[str, object], wrapping: str) -> None:
    found = find_json(wrapping.replace("{}", json.dumps(value), 1))
    assert found is not None
    assert json.loads(found) == value


@given(st.text(max_size=300))
def test_any_text(text: str) -> None:
    found = find_json(text)
    assert found is None or isinstance(json.loads(found), dict)


@pytest.mark.parametrize("text", ["{" * 500_000, '{"a":' * 100_000, "```" * 200_000, "<think>" * 100_000])
def test_hostile_text_takes_no_time(text: str) -> None:
    started = time.monotonic()
    assert find_json(text) is None
    assert time.monotonic() - started < 5
