"""Tightening a sentence, telling what leans on another, and finding what to set on screen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ettametta.scripts.key_phrases import card_for, key_phrase
from ettametta.scripts.lexicon import lexicon
from ettametta.scripts.ranking import is_bridge, points_back
from ettametta.scripts.script import Role
from ettametta.scripts.tighten import tighten

EN = lexicon("en")


@pytest.mark.parametrize(
    ("sentence", "tight"),
    [
        ("The lamp[1] was lit (in May 1823) at sea.[note 2]", "The lamp was lit at sea."),
        ("However, the glass was heavy.", "The glass was heavy."),
        ("In addition, bees dance.", "Bees dance."),
        ("However hard it blew, it stood.", "However hard it blew, it stood."),
        ("A (b (c) d) e.", "A e."),
        (
            "Beekeepers use smoke, which has been known since antiquity, to calm the bees before they open a hive and "  # noqa: ISC004  # one sentence
            "look at the combs that are inside it.",
            "Beekeepers use smoke to calm the bees before they open a hive and look at the combs that are inside it.",
        ),
        ("He said “the sea, which is wide, (very) is cold”.", "He said “the sea, which is wide, is cold”."),
    ],
)
def test_tightening(sentence: str, tight: str) -> None:
    assert tighten(sentence, EN) == tight


@given(st.text(max_size=200))
def test_tightening_only_leaves_out(sentence: str) -> None:
    rest = iter("".join(sentence.split()).casefold())
    assert all(char in rest for char in "".join(tighten(sentence, EN).split()).casefold())


@pytest.mark.parametrize(
    "sentence",
    [
        "He was awarded the Nobel Prize in 1973.",
        "This made the lens far lighter.",
        "Around its flame stood panels of glass.",
        "But nobody came.",
        "The smallest fits on a kitchen table.",
        "A lens bends light, so he kept the curve.",
        "Fresnel did not stop there.",
    ],
)
def test_what_points_back(sentence: str) -> None:
    assert points_back(sentence, EN)


def test_a_short_sentence_without_news_is_a_bridge() -> None:
    assert is_bridge("The trouble was the size.", EN)
    assert not is_bridge("The queen lays 2,000 eggs.", EN)
    assert not is_bridge("The lamp stood in Paris.", EN)


@pytest.mark.parametrize(
    "sentence",
    [
        "Fresnel knew that he would die.",
        "The king said that he saw the lamp.",
        "In 1822, the king of France saw a lamp.",
        "A single hive can hold up to 60,000 bees in summer.",
        "Only the light that goes out to sea can save a ship.",
    ],
)
def test_what_stands_alone(sentence: str) -> None:
    assert not points_back(sentence, EN)


@pytest.mark.parametrize(
    ("line", "kind", "text"),
    [
        ("The beam was seen from 32 kilometres away.", "number", "32 kilometres"),
        ("It cost $3.5 million to build.", "number", "$3.5 million"),
        ("The tower fell in 1755.", "number", "1755"),
        ("About 40% of it was lost at sea.", "number", "40%"),
        ("It was “the invention that saved a million ships”.", "quote", "The invention that saved a million ships"),
        ("The way out was plain: throw most of the glass away.", "statement", "Throw most of the glass away"),
        ("The thick middle of a lens is dead weight.", "statement", None),
    ],
)  # fmt: skip
def test_cards(line: str, kind: str, text: str | None) -> None:
    card = card_for(line, "beat", "en")
    assert card.kind == kind
    assert text is None or card.text == text


def test_a_hook_is_a_title_and_a_call_closes() -> None:
    assert card_for("The king saw a lamp from 32 kilometres away.", "hook", "en").kind == "title"
    assert card_for("Sources in the description.", "cta", "en").kind == "closing"


@given(st.text(min_size=1, max_size=200).filter(lambda text: any(char.isalnum() for char in text)))
def test_the_phrase_fits_the_card(line: str) -> None:
    roles: tuple[Role, ...] = ("hook", "beat", "cta")
    for role in roles:
        card = card_for(line, role, "en")
        assert 0 < len(card.text) <= 60 or not line.strip(" .!?")


@pytest.mark.parametrize(
    "line", ["The old lamp of the harbour was lit again on Saturday.", "Bees dance for one another."]
)
def test_the_phrase_is_not_the_line(line: str) -> None:
    assert key_phrase(line, "en").lower() != line.rstrip(".").lower()
    assert key_phrase(line, "en").lower() in line.lower()
