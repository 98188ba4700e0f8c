"""Lengths and languages as people say them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.runtime.languages import LANGUAGES
from agent.runtime.phrases import Wishes, take_tail_wishes, take_wishes


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("a 30-second video", 30),
        ("30 s", 30),
        ("30s", 30),
        ("45 secs", 45),
        ("half a minute", 30),
        ("a half-minute", 30),
        ("half-a-minute", 30),
        ("1 minute", 60),
        ("a minute", 60),
        ("one-minute", 60),
        ("two minutes", 120),
        ("one and a half minutes", 90),
        ("1 and a half minutes", 90),
        ("a minute and a half", 90),
        ("1.5 min", 90),
        ("1,5 minutes", 90),
        ("2m30s", 150),
        ("1 min 20 sec", 80),
        ("1:30", 90),
        ("ninety seconds", 90),
        ("forty-five seconds", 45),
    ],
)
def test_reads_a_length(text: str, seconds: float) -> None:
    assert take_wishes(text)[0].duration_s == seconds


@pytest.mark.parametrize(
    "text", ["tea", "the 1990s", "30", "some minutes ago", "7 samurai", "v2.30", "amount", "12:75"]
)
def test_reads_no_length_where_there_is_none(text: str) -> None:
    assert take_wishes(text)[0].duration_s is None


@pytest.mark.parametrize(("name", "code"), sorted(LANGUAGES.items()))
def test_reads_every_language(name: str, code: str) -> None:
    assert take_wishes(f"a video in {name.title()}")[0].language == code


@pytest.mark.parametrize(
    ("subject", "wishes", "rest"),
    [
        ("tea, 30 seconds", Wishes(30), "tea"),
        ("tea for 30 seconds, in Spanish", Wishes(30, "es"), "tea"),
        ("tea in Spanish, 30 s long", Wishes(30, "es"), "tea"),
        ("tea (45 s)", Wishes(45), "tea"),
        ("tea — half a minute.", Wishes(30), "tea"),
        ("the 30 second rule", Wishes(), "the 30 second rule"),
        ("how to lose 3 minutes", Wishes(), "how to lose 3 minutes"),
        ("in Spanish", Wishes(), "in Spanish"),
        ("Spanish wine", Wishes(), "Spanish wine"),
    ],
)
def test_reads_wishes_at_the_end_of_a_subject_only(subject: str, wishes: Wishes, rest: str) -> None:
    assert take_tail_wishes(subject) == (wishes, rest)


@given(st.text(max_size=300))
def test_never_fails(text: str) -> None:
    take_wishes(text)
    take_tail_wishes(text)
