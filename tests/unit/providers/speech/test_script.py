"""Lines of a script: pause marks, owners of what is said, batches for APIs."""

from __future__ import annotations

import pytest

from ettametta.providers.speech.audio import Span
from ettametta.providers.speech.base import SpeechRequest
from ettametta.providers.speech.script import Line, batches, lines, without_pauses


def script(text: str, *, rules: bool = True) -> list[Line]:
    return lines(SpeechRequest(text, "en"), text=text, rules=rules)


@pytest.mark.parametrize(
    ("text", "pauses"),
    [
        ("One. [pause] Two.", [0.6, None]),
        ("One [pause 1.5s] two. [PAUSE 200 ms]", [1.5, 0.2]),
        ("[pause] One. [pause 4s] [pause 4s] Two.", [5.0, None]),
        ("No [pauses] here.", [None]),
    ],
)
def test_pause_marks_are_silence_and_no_words(text: str, pauses: list[float | None]) -> None:
    found = script(text)
    assert [line.pause_s for line in found] == pauses
    assert [word for line in found for word in line.words] == without_pauses(text).split()


def test_written_words_get_the_time_of_all_that_is_said_for_them() -> None:
    (line,) = script("It cost $3.2 billion 🎉 then.")
    spans = [Span(float(place), place + 0.9) for place in range(len(line.said))]
    words = line.timed(spans, Span(0.0, 10.0))
    assert [word.text for word in words] == ["It", "cost", "$3.2", "billion", "🎉", "then."]
    assert words[2].start_s == 2.0
    assert words[5].start_s == 7.0


def test_batches_break_at_marks_and_at_the_limit() -> None:
    found = batches(script("One two. Three 4. [pause 1s] Five six. " + "seven " * 10, rules=False), 30)
    assert found[0].pause_s == 1.0
    assert all(len(line.text) <= 30 for line in found)
    assert " ".join(line.text for line in found).split() == [
        "One",
        "two.",
        "Three",
        "4.",
        "Five",
        "six.",
        *["seven"] * 10,
    ]
    for line in found:
        assert [line.words[owner] for owner in line.owners] == list(line.said)
