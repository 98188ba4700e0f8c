"""Queries, stressed words and drawn data from a line's own words: exact, or nothing."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ettametta.scripts.amounts import as_number
from ettametta.scripts.designs import design_for
from ettametta.scripts.dressing import dressed
from ettametta.scripts.phrases import MAX_QUERY_WORDS, emphasised, picture_queries
from ettametta.scripts.scenes import script_to_storyboard
from ettametta.scripts.script import Script, ScriptLine
from ettametta.storyboard import ChartVisual, ComparisonVisual, ListVisual, TimelineVisual

KING = "In 1822, the king of France saw the light of a single lamp from 32 kilometres away."


def script(*texts: str) -> Script:
    return Script(title="The lamp", language="en", lines=tuple(ScriptLine(text=text) for text in texts), made_by="me")


def test_queries_name_what_can_be_seen() -> None:
    lines = [
        KING,
        "The lens was lit at Cordouan, a tower in the sea.",
        "A solid lens was too thick to cast.",
        "The trouble was the size of the lens.",
    ]
    queries = picture_queries(lines, "en", "One lens")
    assert queries[0] == "France single lamp"
    assert "Cordouan" in queries[1]
    assert queries[2] == "solid lens"
    assert queries[3] == "lens"


@pytest.mark.parametrize(
    ("line", "language", "part"),
    [
        ("La Torre de Hércules lleva casi dos mil años junto al mar.", "es", "Hércules"),
        ("Le phare de Cordouan se dresse dans l'estuaire de la Gironde.", "fr", "Cordouan"),
        ("灯台のレンズは薄いガラスの輪でできています。", "ja", ""),
    ],
)
def test_queries_of_other_languages(line: str, language: str, part: str) -> None:
    assert part in picture_queries([line], language)[0]


@given(st.lists(st.text(max_size=80), min_size=1, max_size=4), st.sampled_from(["en", "es", "de", "zh"]))
def test_a_query_is_short_and_has_only_words_of_the_lines(lines: list[str], language: str) -> None:
    queries = picture_queries(lines, language)
    assert len(queries) == len(lines)
    said = " ".join(lines).lower()
    for query in queries:
        assert len(query.split()) <= MAX_QUERY_WORDS
        assert all(word.lower() in said for word in query.split())


def test_amounts_names_and_striking_words_are_stressed() -> None:
    assert emphasised(KING, "en") == ("32 kilometres", "France", "king")
    assert emphasised("It was seen.", "en") == ()
    assert emphasised("La levantó el arquitecto Gaio Sevio Lupo.", "es") == ("Gaio Sevio Lupo",)


@given(st.text(max_size=120))
def test_what_is_stressed_stands_in_the_line(line: str) -> None:
    assert all(words in line for words in emphasised(line, "en"))


def test_values_by_year_are_charts() -> None:
    two = design_for("The city grew from 12 million in 1990 to 45.5 million in 2020.", "en")
    assert isinstance(two, ChartVisual)
    assert (two.kind, two.unit, two.title) == ("bar_chart", " million", "The city grew")
    assert [(point.label, point.value) for point in two.points] == [("1990", 12.0), ("2020", 45.5)]
    four = design_for("Output rose from 12% in 1990 to 30% in 2000, 40% in 2010 and 45% in 2020.", "en")
    assert isinstance(four, ChartVisual)
    assert (four.kind, len(four.points), four.unit) == ("line_chart", 4, "%")


def test_shares_are_bars() -> None:
    chart = design_for("In Paris, 45 percent of women and 30 percent of men said yes.", "en")
    assert chart is None, "a label that cannot be told from what follows gives no chart"
    chart = design_for("Tea is drunk by 45 percent of women and 30 percent of men.", "en")
    assert isinstance(chart, ChartVisual)
    assert [(point.label, point.value) for point in chart.points] == [("Women", 45.0), ("Men", 30.0)]


def test_dates_are_a_timeline() -> None:
    one = design_for("It was founded in 1923, burned in 1940 and was rebuilt in 1952.", "en")
    assert isinstance(one, TimelineVisual)
    assert [(event.when, event.what) for event in one.events] == [
        ("1923", "Founded"), ("1940", "Burned"), ("1952", "Rebuilt")
    ]  # fmt: skip
    whole = dressed(script("In 1788 he was born.", "The lens came in 1819.", "In 1827 the man died.", "It was late."))
    drawn = [line.visual for line in whole.lines]
    assert isinstance(drawn[2], TimelineVisual)
    assert [event.when for event in drawn[2].events] == ["1788", "1819", "1827"]
    assert drawn[0] is drawn[1] is drawn[3] is None


def test_enumerations_are_lists() -> None:
    kinds = design_for("There are three kinds: long-eared bats, fruit bats and vampire bats.", "en")
    assert isinstance(kinds, ListVisual)
    assert kinds.items == ("Long-eared bats", "Fruit bats", "Vampire bats")
    names = design_for("The three came from Spain, France and Italy.", "en")
    assert isinstance(names, ListVisual)
    assert names.items == ("Spain", "France", "Italy")


def test_two_amounts_are_a_comparison() -> None:
    both = design_for("The old lamp reached 10 kilometres, while the new one reached 32 kilometres.", "en")
    assert isinstance(both, ComparisonVisual)
    assert (both.left.value, both.right.value) == ("10 kilometres", "32 kilometres")


@pytest.mark.parametrize(
    "line",
    [
        KING,
        "From 1990 to 2020 it grew.",
        "It grew from 5 in 1990 to 12 million in 2020.",
        "He sat down, looked up and fell asleep.",
        "Nobody, not even Fresnel, knew.",
        "It was 45% of one thing.",
        "",
    ],
)
def test_doubt_gives_nothing(line: str) -> None:
    assert design_for(line, "en") is None


@given(st.text(alphabet="0123456789 %.,;:in andofABc", max_size=120))
def test_a_drawn_value_stands_in_the_line(line: str) -> None:
    drawn = design_for(line, "en")
    if isinstance(drawn, ChartVisual):
        written = {as_number(part.strip(".,")) for part in re.findall(r"\d[\d.,]*", line)}
        assert all(point.value in written for point in drawn.points)


@pytest.mark.parametrize(
    ("written", "value"),
    [("1,512,345", 1_512_345), ("1.512.345", 1_512_345), ("12.5", 12.5), ("12,5", 12.5), ("1,200.5", 1200.5),
     ("1.200,5", 1200.5), ("32 000", 32_000), ("1,2,3", None), ("1.2.3", None)],
)  # fmt: skip
def test_numbers_as_written(written: str, value: float | None) -> None:
    assert as_number(written) == value


def test_scenes_carry_what_the_lines_have() -> None:
    board = script_to_storyboard(dressed(script(KING, "It was founded in 1923, burned in 1940 and rebuilt in 1952.")))
    first, second = board.scenes
    assert first.emphasis == ("32 kilometres", "France", "king")
    assert first.query == "", "a figure stays a designed scene"
    assert (second.visual.kind, second.query) == ("timeline", "")
    hook = ScriptLine(text="A king saw one lamp.", role="hook", query="french king", on_screen="One lamp")
    scene = script_to_storyboard(script(KING).model_copy(update={"lines": (hook,)})).scenes[0]
    assert (scene.role, scene.query, scene.on_screen, scene.pinned) == ("hook", "french king", "One lamp", False)
