"""Sentence splitting in several scripts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ettametta.kit.sentences import split_sentences, spoken_words, words

CASES = [
    ("Dr. Smith paid $3.50 to J. R. Tolkien. He left.", ["Dr. Smith paid $3.50 to J. R. Tolkien.", "He left."]),
    ('"Really?" he asked. Yes!', ['"Really?" he asked.', "Yes!"]),
    ("He left at 5 p.m. It rained.", ["He left at 5 p.m.", "It rained."]),
    ("U.S. ships sailed, e.g. from Boston.", ["U.S. ships sailed, e.g. from Boston."]),
    ("Take vitamin C. It helps.", ["Take vitamin C.", "It helps."]),
    ("“It works.” She smiled.", ["“It works.”", "She smiled."]),
    ("Version 3.11 is out... and well. Wait… What?!", ["Version 3.11 is out... and well.", "Wait…", "What?!"]),
    ("هل هذا صحيح؟ نعم. شكرا!", ["هل هذا صحيح؟", "نعم.", "شكرا!"]),
    ("यह सच है। बहुत अच्छा।", ["यह सच है।", "बहुत अच्छा।"]),
    ("これは文です。次の文！", ["これは文です。", "次の文！"]),
    ("A heading\n\nThen a line\nbroken in two.", ["A heading", "Then a line broken in two."]),
    ("Vive junto al mar. Es alto.", ["Vive junto al mar.", "Es alto."]),
    ("It was lit on Jan. 5 by No. 7 of the crew.", ["It was lit on Jan. 5 by No. 7 of the crew."]),
    ("El Sr. Gómez llegó. ¿Y tú?", ["El Sr. Gómez llegó.", "¿Y tú?"]),
    ("", []),
]


@pytest.mark.parametrize(("text", "sentences"), CASES)
def test_sentences(text: str, sentences: list[str]) -> None:
    assert split_sentences(text) == sentences


@given(st.text())
def test_nothing_is_lost_and_nothing_added(text: str) -> None:
    joined = "".join("".join(split_sentences(text)).split())
    assert joined == "".join(text.split())


def test_words_keep_what_belongs_together() -> None:
    assert words("It's a well-known 3,500 (so-called) fact.") == [
        "It's",
        "a",
        "well-known",
        "3,500",
        "so-called",
        "fact",
    ]


def test_spoken_length_of_scripts_without_spaces() -> None:
    assert spoken_words("one two three") == 3
    assert spoken_words("灯台の光") == pytest.approx(1.6)
