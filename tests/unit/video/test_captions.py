"""Cues: no word is lost, lines stay short, phrases stay together."""

from __future__ import annotations

import itertools
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ettametta.providers.speech.base import Word
from ettametta.storyboard import CaptionStyle
from ettametta.video.captions.cues import (
    MAX_LINE_UNITS,
    MAX_LINE_WORDS,
    CueLimits,
    cue_limits,
    cues_from_words,
    text_units,
)
from ettametta.video.plan import Canvas, Cue, line_text


def spoken(text: str, pauses: dict[int, float] | None = None) -> list[Word]:
    """Words of 0.3 s each, with a pause before some."""
    words: list[Word] = []
    at = 0.0
    for number, token in enumerate(text.split()):
        at += (pauses or {}).get(number, 0.0)
        words.append(Word(token, at, at + 0.3))
        at += 0.3
    return words


def cues_of(text: str, pauses: dict[int, float] | None = None) -> tuple[Cue, ...]:
    words = spoken(text, pauses)
    return cues_from_words(words, 0.1, words[-1].end_s + 1)


def written(cues: tuple[Cue, ...]) -> list[list[str]]:
    return [[line_text(line) for line in cue.lines] for cue in cues]


latin_word = st.text(alphabet="abcdefghijkl", min_size=1, max_size=9)
any_word = st.text(
    alphabet=st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp")), min_size=1, max_size=40
).filter(lambda text: bool(text.split()))


@given(st.lists(st.tuples(any_word, st.floats(-1, 90), st.floats(-1, 5)), max_size=40), st.floats(0.5, 60))
def test_words_are_never_lost_or_reordered_and_times_never_go_back(
    items: list[tuple[str, float, float]], scene_s: float
) -> None:
    words = [Word(text, start, start + length) for text, start, length in items]
    cues = cues_from_words(words, 0.1, scene_s)
    shown = [word for cue in cues for word in cue.words]
    assert "".join("".join(word.text.split()) for word in shown) == "".join("".join(w.text.split()) for w in words)
    starts = [word.start_ms for word in shown]
    assert starts == sorted(starts)
    assert all(0 <= cue.start_ms <= cue.end_ms <= round(scene_s * 1000) for cue in cues)
    assert all(first.end_ms <= second.start_ms for first, second in itertools.pairwise(cues))


@given(st.lists(latin_word, min_size=1, max_size=40), st.data())
def test_lines_are_short_and_no_word_stands_alone(tokens: list[str], data: st.DataObject) -> None:
    pauses = data.draw(st.dictionaries(st.integers(0, 39), st.floats(0, 3), max_size=3))
    cues = cues_of(" ".join(tokens), pauses)
    for cue in cues:
        assert 1 <= len(cue.lines) <= 2
        assert len(cue.words) > 1 or len(tokens) == 1
        for line in cue.lines:
            assert len(line) <= MAX_LINE_WORDS
            assert len(line) == 1 or text_units(line_text(line)) <= MAX_LINE_UNITS


def test_breaks_fall_at_the_end_of_sentences_and_clauses() -> None:
    shown = written(cues_of("Its secret is simple: very little water, and a lot of acid. No microbe can live in that!"))
    assert ["Its secret is simple:", "very little water,"] in shown
    assert any(lines[-1].endswith("acid.") for lines in shown)
    assert shown[-1][0].startswith("No microbe")


def test_a_long_pause_ends_a_cue() -> None:
    shown = written(cues_of("one two three four five six", {3: 1.5}))
    assert shown == [["one two three"], ["four five six"]]


def test_a_chinese_sentence_without_spaces_is_cut_into_lines() -> None:
    sentence = "蜂蜜是一种非常特别的食物因为它几乎永远不会变质。"
    cues = cues_from_words([Word(sentence, 0, 6)], 0, 8)
    assert "".join(word.text for cue in cues for word in cue.words) == sentence
    assert all(text_units(line_text(line)) <= MAX_LINE_UNITS for c in cues for line in c.lines)
    starts = [word.start_ms for cue in cues for word in cue.words]
    assert starts[0] == 0
    assert len(set(starts)) == len(starts) > 2


def test_a_long_latin_word_stays_whole() -> None:
    word = "Donaudampfschifffahrtsgesellschaft"
    assert written(cues_of(f"die {word} fährt"))[0] == [f"die {word} fährt"] or word in str(
        written(cues_of(f"die {word} fährt"))
    )


def test_no_words_make_no_cues() -> None:
    assert cues_from_words([], 0, 5) == ()
    assert cues_from_words([Word("  ", 0, 1)], 0, 5) == ()


def test_a_figure_stays_with_its_unit_and_a_title_with_its_name() -> None:
    for cue in written(cues_of("The tomb of Dr. Miller held 3,000 years of honey at 18 % water and 5 km of rope")):
        for line in cue:
            assert not line.endswith(("3,000", "18", "Dr.", " 5"))
            assert line != "%"


def test_short_cues_are_joined_and_none_flashes_by() -> None:
    tokens = ["it", "is", "so.", "we", "do", "go", "on", "and"]
    words = [Word(token, n * 0.12, n * 0.12 + 0.1) for n, token in enumerate(tokens)]
    cues = cues_from_words(words, 0.1, 5)
    assert all(cue.end_ms - cue.start_ms >= 480 for cue in cues)


def test_japanese_lines_follow_kinsoku() -> None:
    sentence = (
        "「はちみつ」は腐らない食べ物です。集めた花の蜜は、水分が18％しかないのだっ！ちょっと待って、コーヒーは？"
    )
    for width in (8, 12, 18, 26):
        cues = cues_from_words([Word(sentence, 0, 12)], 0, 14, CueLimits(width, 4))
        lines = [line_text(line) for cue in cues for line in cue.lines]
        assert "".join(lines) == sentence
        assert not [line for line in lines if line[0] in "。、！？」っょー％" or line[-1] == "「"]
        assert all("18％" in line or "18" not in line for line in lines)


@pytest.mark.parametrize("sentence", ["น้ำผึ้งไม่เคยเน่าเสียเพราะมีน้ำน้อยและมีกรดมาก", "ទឹកឃ្មុំមិនដែលខូចទេព្រោះវាមានទឹកតិចតួច"])
def test_vowels_and_marks_stay_with_their_consonant(sentence: str) -> None:
    lines = [line_text(line) for cue in cues_from_words([Word(sentence, 0, 6)], 0, 8) for line in cue.lines]
    assert "".join(lines) == sentence
    assert len(lines) > 1
    for line in lines:
        assert unicodedata.category(line[0])[0] != "M"
        assert line[0] not in "ะาำ"
        assert line[-1] not in "เแโใไ\u17d2"


def test_emphasis_finds_words_and_phrases_whatever_their_signs() -> None:
    words = spoken("Honey, the very Sweet thing: honey!")
    cues = cues_from_words(words, 0, 9, emphasis=("honey", "very sweet", "", "—"))
    assert [word.text for cue in cues for word in cue.words if word.stressed] == ["Honey,", "very", "Sweet", "honey!"]


def test_one_word_shows_one_word() -> None:
    cues = cues_from_words(
        spoken("one two three"), 0, 3, cue_limits(CaptionStyle(mode="one_word"), Canvas(1080, 1920, 30))
    )
    assert written(cues) == [["one"], ["two"], ["three"]]
