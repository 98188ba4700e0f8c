"""Every prompt loads, and says which values it wants."""

from __future__ import annotations

import pytest

import prompts


def test_there_are_prompts() -> None:
    assert {"script", "script_repair"} <= set(prompts.names())


@pytest.mark.parametrize("name", prompts.names())
def test_every_prompt_loads_with_its_values(name: str) -> None:
    values = {key: f"value of {key} with {{{{braces}}}}" for key in prompts.placeholders(name)}
    text = prompts.load(name, **values)
    assert all(value in text for value in values.values())
    assert len(text) > 50


def test_values_are_not_read_as_placeholders() -> None:
    values = dict.fromkeys(prompts.placeholders("script_repair"), "{{words}}")
    assert prompts.load("script_repair", **values).count("{{words}}") >= len(values)


@pytest.mark.parametrize("values", [{}, {"nonsense": 1}])
def test_missing_and_odd_values_are_errors(values: dict[str, object]) -> None:
    with pytest.raises(LookupError, match="script"):
        prompts.load("script", **values)


@pytest.mark.parametrize("name", ["nothing", "../secrets", "script.md", ""])
def test_other_names_are_errors(name: str) -> None:
    with pytest.raises(LookupError):
        prompts.load(name)
