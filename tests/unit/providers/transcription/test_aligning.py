"""A script's words laid over what was heard."""

from __future__ import annotations

import numpy as np

from ettametta.providers.speech.audio import Sound
from ettametta.providers.speech.base import Word
from ettametta.providers.transcription.aligning import align
from ettametta.testing import tones


def heard(text: str, starts: list[float]) -> list[Word]:
    return [Word(word, start, start + 0.3) for word, start in zip(text.split(), starts, strict=True)]


def loud(seconds: float) -> Sound:
    return Sound(np.full(round(seconds * 8000), 0.3, np.float32), 8000)


def test_numbers_and_misheard_words_find_their_place() -> None:
    words = ["In", "1822", "Fresnel", "paid", "$5.50", "today."]
    times = heard(
        "In eighteen twenty-two frenel paid five dollars and fifty cents today.", [0.1 + 0.4 * n for n in range(11)]
    )
    found = align(words, times, loud(5), "en")
    assert [word.text for word in found] == words
    assert [round(word.start_s, 2) for word in found] == [0.1, 0.5, 1.3, 1.7, 2.1, 4.1]


def test_what_nobody_heard_lies_between_its_neighbours() -> None:
    found = align(["one", "two", "three"], heard("one three", [0.0, 2.0]), loud(3), "en")
    assert (found[1].start_s, found[1].end_s) == (0.3, 2.0)


def test_nothing_heard_spreads_over_the_sound() -> None:
    found = align(["one", "two"], [], loud(2), "en")
    assert found[-1].end_s == 2.0


def test_starts_in_silence_move_to_the_sound() -> None:
    sound, words = tones("Alpha beta. Gamma delta.")
    early = [Word(word.text, word.start_s - (0.3 if word.text == "Gamma" else 0), word.end_s) for word in words]
    found = align([word.text for word in words], early, sound, "en")
    assert all(abs(a.start_s - b.start_s) < 0.03 for a, b in zip(found, words, strict=True))
