"""Splitting, matching and spreading of words."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ettametta.providers.speech.audio import Span
from ettametta.providers.speech.words import (
    Spoken,
    fill_times,
    match_spoken,
    split_sentences,
    spread,
    weight,
)

WORDS = st.lists(
    st.text(st.characters(exclude_categories=("Z", "C")), min_size=1, max_size=12), min_size=1, max_size=30
)


def spoken(text: str) -> list[Spoken]:
    return [Spoken(word, Span(float(place), place + 0.8)) for place, word in enumerate(text.split())]


def starts(script: str, said: str) -> list[float | None]:
    return [span.start_s if span else None for span in match_spoken(script.split(), spoken(said))]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three? Four… five", ["One.", "Two!", "Three?", "Four… five"]),
        ("Dr. Smith met J. K. Rowling. She smiled.", ["Dr. Smith met J. K. Rowling.", "She smiled."]),
        ("He said “Yes.” Then he left.", ["He said “Yes.”", "Then he left."]),
        ("In the U.S. Army it is 5 p.m. The end.", ["In the U.S. Army it is 5 p.m.", "The end."]),
        ("It costs 3.2 million. 50 people pay.", ["It costs 3.2 million.", "50 people pay."]),
        ("a\n\nb\nc", ["a", "b", "c"]),
        ("e.g. this, i.e. that", ["e.g. this, i.e. that"]),
    ],
)
def test_sentences(text: str, sentences: list[str]) -> None:
    assert [sentence.text for sentence in split_sentences(text)] == sentences


@given(st.text(max_size=300))
def test_no_word_is_lost(text: str) -> None:
    assert [word for sentence in split_sentences(text) for word in sentence.words] == text.split()


@pytest.mark.parametrize(
    ("script", "said", "expected"),
    [
        ("in 3 hrs. then", "in 3 hours . then", [0, 1, 2, 4]),
        ("at 9:30am on", "at nine thirty A.M. on", [0, 1, 4]),
        ("paid $3.2 billion for", "paid 3.2 billion dollars for", [0, 1, 2, 4]),
        ("on 10/12/2019 for 5km in", "on October twelfth, 2019 for 5 kilometers in", [0, 1, 4, 5, 7]),
        ("3-5 hrs late", "3 to 5 hours late", [0, 3, 4]),
        ("Jan. 5th, 2020", "January fifth, 2020", [0, 1, 2]),
        ("Café naïve", "cafe naive", [0, 1]),
        ("well — yes", "well yes", [0, None, 1]),
        ("a b c", "", [None, None, None]),
        ("Henry VIII ruled", "Henry the eighth ruled", [0, 1, 3]),
    ],
)
def test_matching_what_was_normalised(script: str, said: str, expected: list[float | None]) -> None:
    assert starts(script, said) == expected


@given(WORDS, WORDS)
def test_matching_is_in_order_and_owns_everything(script: list[str], said: list[str]) -> None:
    spans = match_spoken(script, spoken(" ".join(said)))
    found = [span for span in spans if span]
    assert len(spans) == len(script)
    assert found
    assert all(a.end_s <= b.start_s for a, b in pairwise(found))


def test_large_mismatches_are_matched_by_length() -> None:
    spans = match_spoken([f"x{n}y" for n in range(60)], spoken(" ".join(f"q{n}" for n in range(120))))
    assert all(spans)


SPANS = st.lists(st.one_of(st.none(), st.tuples(st.floats(-1, 12), st.floats(0, 3))), min_size=1, max_size=20)


@given(SPANS)
def test_all_words_get_times_in_order(raw: list[tuple[float, float] | None]) -> None:
    script = [f"w{n}" for n in range(len(raw))]
    spans = [Span(pair[0], pair[0] + pair[1]) if pair else None for pair in raw]
    words = fill_times(script, spans, Span(0.0, 10.0))
    assert [word.text for word in words] == script
    assert all(0 <= word.start_s <= word.end_s <= 10.0 for word in words)
    assert all(a.start_s <= b.start_s and a.end_s <= b.start_s for a, b in pairwise(words))


def test_a_word_without_time_lies_between_its_neighbours() -> None:
    words = fill_times(["one", "two", "three"], [Span(0, 1), None, Span(2, 3)], Span(0, 3))
    assert (words[1].start_s, words[1].end_s) == (1, 2)


def test_a_word_without_room_takes_from_the_one_before() -> None:
    words = fill_times(["one", "two", "three"], [Span(0, 1), None, Span(1, 3)], Span(0, 3))
    assert 0.2 < words[1].start_s < 0.8


def test_pauses_fall_between_words_at_punctuation() -> None:
    script = ["One", "two", "three.", "Four", "five", "six,", "seven", "eight."]
    times = spread(script, [Span(0, 1), Span(1.4, 2.2), Span(2.5, 3.2)])
    assert times[3].start_s == 1.4
    assert times[6].start_s == 2.5


def test_more_pauses_than_words() -> None:
    assert spread(["hello"], [Span(0, 1), Span(2, 3), Span(5, 6)]) == [Span(0, 6)]


def test_one_sentence_end_inside_a_stretch_costs_more_than_a_misfit() -> None:
    script = "It flew to the Moon. Her team at the lab had written many lines by hand."
    words = script.split()
    times = spread(words, [Span(0, 1.2), Span(1.6, 5.0)])
    assert times[5].start_s == 1.6


@given(WORDS, st.lists(st.floats(0.05, 3), min_size=1, max_size=8))
def test_spread_covers_each_stretch(script: list[str], lengths: list[float]) -> None:
    active, place = [], 0.0
    for length in lengths:
        active.append(Span(place, place + length))
        place += length + 0.3
    times = spread(script, active)
    assert len(times) == len(script)
    assert times[0].start_s == 0.0
    assert times[-1].end_s == pytest.approx(active[-1].end_s)
    assert all(a.end_s <= b.start_s + 1e-9 for a, b in pairwise(times))


@given(st.text(max_size=40))
def test_weights_are_positive(word: str) -> None:
    assert weight(word) > 0 or word.islower()
