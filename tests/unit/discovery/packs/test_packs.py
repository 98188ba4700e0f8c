"""Quotes with their speakers, figures with their units, contradictions between pages: what is found and what is not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ettametta.discovery.packs.conflicts import conflicts_among
from ettametta.discovery.packs.figures import Figure, figures_in
from ettametta.discovery.packs.pack import MAX_FIGURES, MAX_QUOTES, pack_of
from ettametta.discovery.packs.quotes import quotes_in
from ettametta.evidence import EvidenceItem
from ettametta.storyboard import Citation

_A, _B = "https://a.example/1", "https://b.example/2"


def _item(text: str, url: str | None = _A, language: str | None = "en") -> EvidenceItem:
    return EvidenceItem(citation=Citation(title="T", url=url), text=text, language=language)


@pytest.mark.parametrize(
    ("text", "said", "speaker"),
    [
        ("“We never saw it coming,” said Ada Byron, the keeper.", "We never saw it coming", "Ada Byron"),
        ("“The lamp is out of order.” Ada Byron said on Monday.", "The lamp is out of order.", "Ada Byron"),
        (
            'Mayor Jean de La Tour said: "The tower will be repaired".',
            "The tower will be repaired",
            "Mayor Jean de La Tour",
        ),
        ("“It cost us everything we had,” she said.", "It cost us everything we had", None),
        ("“It cost us everything we had,” said the minister Ada Byron.", "It cost us everything we had", "Ada Byron"),
        ("„Das Licht bleibt für immer an“, sagte Karl Weiss.", "Das Licht bleibt für immer an", "Karl Weiss"),
        ("«La torre no se puede cerrar», dijo Ana de la Vega.", "La torre no se puede cerrar", "Ana de la Vega"),
        (
            "「この塔は百年前に建てられたものですから残します」と述べた。",
            "この塔は百年前に建てられたものですから残します",
            None,
        ),
        ("The sign reads “Do not enter after dark”.", "Do not enter after dark", None),
    ],
)
def test_a_quote_has_the_speaker_the_text_names(text: str, said: str, speaker: str | None) -> None:
    found = list(quotes_in(text, _A))
    assert [(quote.text, quote.speaker, quote.url) for quote in found] == [(said, speaker, _A)]


@pytest.mark.parametrize(
    "text", ["The film “Jaws” and “The Big Blue”.", "No quotes here.", "“" + "a " * 500 + "”", '"']
)
def test_titles_and_endless_marks_are_no_quotes(text: str) -> None:
    assert list(quotes_in(text, None)) == []


@pytest.mark.parametrize(
    ("text", "language", "value", "unit", "bound"),
    [
        ("The tower is 83 metres tall.", "en", 83, "metre", "exact"),
        ("It drew 1,234,567 visitors.", "en", 1_234_567, "visitor", "exact"),
        ("Er zählte 1.234 Besucher.", "de", 1234, "besucher", "exact"),
        ("Il pèse 1,5 kg.", "fr", 1.5, "kilogram", "exact"),
        ("More than 2.5 million people watched.", "en", 2_500_000, "people", "least"),
        ("It cost about $3.2 billion.", "en", 3_200_000_000, "dollar", "about"),
        ("Up to 40% of them left.", "en", 40, "%", "most"),
        ("Prices rose 12 per cent.", "en", 12, "%", "exact"),
        ("In 1900 it had 12 lamps.", "en", 12, "lamp", "exact"),
    ],
)
def test_a_figure_has_its_unit_and_bound(text: str, language: str, value: float, unit: str, bound: str) -> None:
    (found,) = figures_in(text, _A, language)
    assert found.value == pytest.approx(value)
    assert (found.unit, found.bound, found.sentence, found.url) == (unit, bound, text, _A)


@pytest.mark.parametrize(
    "text",
    [
        "It opened in 1611.",
        "On 12 March it rained.",
        "March 12 was dry.",
        "At 10:30 it began.",
        "Version 3.2.1 is out.",
        "Chapter 4.",
        "5/7 of them",
        "room 12 and",
        "A-380 jets",
    ],
)
def test_years_days_and_bare_numbers_are_no_figures(text: str) -> None:
    assert list(figures_in(text, _A, "en")) == []


def _figures(*told: tuple[str, str]) -> list[Figure]:
    return [figure for text, url in told for figure in figures_in(text, url, "en")]


def test_pages_that_state_the_same_quantity_differently_contradict() -> None:
    found = conflicts_among(
        _figures(
            ("The storm killed 40 people in the coastal town, police said.", _A),
            ("Police said the storm killed 52 people in the town.", _B),
        )
    )
    assert [conflict.sentence for conflict in found] == [
        f"Sources disagree: “40 people” ({_A}) and “52 people” ({_B})."
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The storm killed 40 people in the town.", "The storm killed 40 people in the town."),
        ("The storm killed at least 40 people in the town.", "The storm killed 52 people in the town."),
        ("The storm killed about 50 people in the town.", "The storm killed 52 people in the town."),
        ("The storm killed 40 people in the town.", "Some 900 people watched the concert."),
        ("The storm killed 40 people in the town.", "The storm killed 52 cows in the town."),
        (
            "The storm killed 40 people in the town.",
            "First it killed 40 people in the town; the storm killed 52 people.",
        ),
    ],
)
def test_what_does_not_contradict(one: str, other: str) -> None:
    assert conflicts_among(_figures((one, _A), (other, _B))) == ()


def test_one_page_does_not_contradict_itself() -> None:
    text = "The storm killed 40 people in the town. The storm killed 52 people in the town."
    assert conflicts_among(_figures((text, _A))) == ()


def test_a_pack_maps_to_evidence_with_its_contradictions_told() -> None:
    one = _item("The storm killed 40 people in the town. “We never saw it coming at all,” she said.", _A)
    other = _item("The storm killed 52 people in the town. “We never saw it coming at all,” said Ada Byron.", _B)
    pack = pack_of("Storm", [one, other], ["c.example did not answer in time."])
    assert [(quote.speaker, quote.url) for quote in pack.quotes] == [("Ada Byron", _B)]
    evidence = pack.evidence
    assert evidence.items == (one, other)
    assert evidence.notes[0] == "c.example did not answer in time."
    assert evidence.notes[1].startswith("Sources disagree: “40 people”")


def test_a_long_page_does_not_crowd_out_the_others() -> None:
    pack = pack_of("x", [_item("“We never saw number {} coming here.” " * 60 + "It has 7 lamps. " * 90)])
    assert len(pack.quotes) <= MAX_QUOTES
    assert len(pack.figures) == MAX_FIGURES


@given(st.text(alphabet='ab 1,.$%“”"«»:\n-é火sid', max_size=300))
@settings(max_examples=60)
def test_any_text_gives_a_pack(text: str) -> None:
    pack = pack_of("x", [_item(text), _item(text[::-1], _B, None)])
    assert all(figure.value >= 0 for figure in pack.figures)
    assert all(quote.text in " ".join(f"{text} {text[::-1]}".split()) for quote in pack.quotes)
