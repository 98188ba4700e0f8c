"""Several videos from one list."""

from __future__ import annotations

import pytest

from ettametta.errors import InvalidInput
from ettametta.productions.batch import batch_briefs, read_batch
from ettametta.productions.options import VideoOptions


def test_a_line_each() -> None:
    text = "- The history of tea\n\n2. Coffee - a short history\nhttps://example.org/milk\n1822 in Paris\n"
    assert read_batch(text) == [
        ("topic", "The history of tea"),
        ("topic", "Coffee - a short history"),
        ("url", "https://example.org/milk"),
        ("topic", "1822 in Paris"),
    ]


def test_scripts_between_rules() -> None:
    briefs = batch_briefs(
        read_batch("Tea is old.\nVery old.\n---\nCoffee is young.\n-----\n"),
        duration_s=20, language="en", options=VideoOptions(theme="paper"), preset=None,
    )  # fmt: skip
    assert [(one.kind, one.text) for one in briefs] == [
        ("script", "Tea is old.\nVery old."), ("script", "Coffee is young."),
    ]  # fmt: skip
    assert {(one.duration_s, one.language, one.options.theme) for one in briefs} == {(20, "en", "paper")}


@pytest.mark.parametrize(
    ("text", "code"), [(" \n ", "batch.empty"), ("---", "batch.empty"), ("a\nb\nc", "batch.too_many")]
)
def test_nothing_and_too_much_are_refused(text: str, code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_batch(text, most=2)
    assert caught.value.code == code
