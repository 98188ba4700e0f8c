"""Designed scenes: lists, comparisons, timelines and charts inside their box, in order, true to their data."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ettametta.errors import MissingPart
from ettametta.storyboard import (
    ChartPoint,
    ChartVisual,
    ComparisonVisual,
    DesignedVisual,
    ListVisual,
    Side,
    TimelineEvent,
    TimelineVisual,
)
from ettametta.video.design.cards import CardArt, draw_card
from ettametta.video.design.figures import axis_for, decimals_for, written
from ettametta.video.design.layers import Layer
from ettametta.video.lettering.fonts import Fonts
from ettametta.video.plan import Canvas
from ettametta.video.planner import safe_areas
from ettametta.video.themes import THEMES

FONTS = Fonts.locate()
CANVASES = {"9:16": Canvas(216, 384, 30), "16:9": Canvas(384, 216, 30), "1:1": Canvas(240, 240, 30)}
PAPER = THEMES["paper"]


def chart(kind: str, values: list[float], highlight: int | None = None, unit: str = "") -> ChartVisual:
    points = tuple(ChartPoint(label=f"No {number}", value=value) for number, value in enumerate(values))
    return ChartVisual.model_validate(
        {"kind": kind, "title": "Title", "points": points, "highlight": highlight, "unit": unit, "note": "A source"}
    )


def events(count: int, words: str) -> tuple[TimelineEvent, ...]:
    return tuple(TimelineEvent(when=str(1900 + number), what=words[:80]) for number in range(count))


LONG = "A rather long line of words that has to be broken somewhere, more than once"
VISUALS: dict[str, DesignedVisual] = {
    "short list": ListVisual(title="Why", items=("One", "Two"), numbered=True),
    "long list": ListVisual(title=LONG, items=(LONG,) * 6, note=LONG),
    "arabic list": ListVisual(title="لماذا لا يفسد العسل؟", items=("ماء قليل", "حموضة 4 pH"), numbered=True),
    "comparison": ComparisonVisual(
        title=LONG,
        left=Side(label="A long label of forty letters, nearly so", value="1,234,567 km", points=(LONG[:60],) * 4),
        right=Side(label="B", value="2"),
    ),
    "bare comparison": ComparisonVisual(left=Side(label="Then"), right=Side(label="Now")),
    "timeline": TimelineVisual(title="How it flew", events=events(6, LONG), note="A note"),
    "two events": TimelineVisual(events=events(2, "x")),
    "bars": chart("bar_chart", [12, 9.9, 9, 8.7, 8.4], 0, "kg"),
    "bars of both signs": chart("bar_chart", [-4.2, 1.4, 3.1, -1.8, 6.6, 2.2, 4.9, -0.6], None, "%"),
    "no bars": chart("bar_chart", [0, 0]),
    "line": chart("line_chart", [316.9, 320, 338.8, 427], None, "ppm"),
    "long line": chart("line_chart", [math.sin(number / 6) * 1e15 for number in range(60)], 3),
    "flat line": chart("line_chart", [5, 5]),
}


def draw(visual: DesignedVisual, shape: str = "9:16", language: str = "en") -> CardArt:
    canvas = CANVASES[shape]
    return draw_card(visual, PAPER, canvas, safe_areas(canvas).card, 1, FONTS, language)


@pytest.mark.parametrize("shape", CANVASES)
@pytest.mark.parametrize("name", VISUALS)
def test_nothing_is_drawn_outside_the_safe_box(name: str, shape: str) -> None:
    box = safe_areas(CANVASES[shape]).card
    layers = draw(VISUALS[name], shape).layers
    assert layers
    for layer in layers:
        assert layer.left >= box.left - 2
        assert layer.left + layer.picture.width <= box.left + box.width + 2
        assert layer.top >= box.top - 2
        assert layer.top + layer.picture.height <= box.bottom + 4


@pytest.mark.parametrize("name", VISUALS)
def test_layers_are_few_and_tight_and_enter_in_reading_order(name: str) -> None:
    layers = draw(VISUALS[name]).layers
    assert len(layers) <= 10
    for layer in layers:
        assert layer.picture.getchannel("A").getbbox() == (0, 0, *layer.picture.size)
    moments = [layer.enter_s for layer in layers]
    assert moments == sorted(moments)


def test_accents_of_a_heading_keep_inside() -> None:
    canvas = CANVASES["16:9"]
    box = safe_areas(canvas).card
    points = (ChartPoint(label="Bastones", value=120), ChartPoint(label="Conos", value=6))
    chart = ChartVisual(kind="bar_chart", title="Células de la retina", unit=" M", note="por ojo", points=points)
    art = draw_card(chart, THEMES["midnight"], canvas, box, 1, FONTS, "es")
    assert min(layer.top for layer in art.layers) >= box.top


def test_items_of_a_list_enter_one_after_another() -> None:
    _, first, second = draw(VISUALS["short list"]).layers
    assert second.enter_s - first.enter_s > 0.1
    assert second.top > first.top


def test_a_comparison_is_stacked_when_tall_and_side_by_side_when_wide() -> None:
    (upper, lower) = draw(VISUALS["bare comparison"]).layers
    assert upper.left == lower.left
    assert upper.box.bottom <= lower.top
    (left, right) = draw(VISUALS["bare comparison"], "16:9").layers
    assert left.top == right.top
    assert left.left + left.picture.width <= right.left
    assert left.picture.size == right.picture.size


def test_a_right_to_left_list_is_mirrored() -> None:
    box = safe_areas(CANVASES["9:16"]).card
    for layer in draw(VISUALS["arabic list"]).layers:
        assert abs(layer.left + layer.picture.width - box.left - box.width) <= 3


def wiped(art: CardArt, enter: str) -> list[Layer]:
    return [layer for layer in art.layers if layer.enter == enter]


def test_bars_are_as_long_as_their_values() -> None:
    art = draw(chart("bar_chart", [100.0, 50.0, 25.0, 10.0]))
    lengths = [layer.picture.width for layer in wiped(art, "wipe_right")]
    assert lengths == pytest.approx([lengths[0], lengths[0] / 2, lengths[0] / 4, lengths[0] / 10], abs=1.5)
    heights = [
        layer.picture.height for layer in wiped(draw(chart("bar_chart", [100.0, 50.0, 25.0]), "16:9"), "wipe_up")
    ]
    assert heights == pytest.approx([heights[0], heights[0] / 2, heights[0] / 4], abs=1.5)


def test_bars_below_zero_go_the_other_way() -> None:
    art = draw(chart("bar_chart", [3.0, -3.0, 1.5, 0.5]))
    negative = wiped(art, "fade")[1]  # labels and values, the negative bar, the note
    positive = wiped(art, "wipe_right")[0]
    assert negative.left + negative.picture.width == pytest.approx(positive.left, abs=1.5)


def test_many_bars_become_a_line() -> None:
    art = draw(chart("bar_chart", [float(number) for number in range(1, 30)]))
    (line,) = wiped(art, "wipe_right")
    assert line.picture.width > 150


@given(st.lists(st.floats(-1e15, 1e15, allow_nan=False), min_size=1, max_size=60), st.booleans())
def test_an_axis_holds_all_values_on_few_round_ticks(values: list[float], zero: bool) -> None:
    axis = axis_for(values, zero=zero)
    slack = 1e-6 * (axis.high - axis.low)
    assert all(axis.low - slack <= value <= axis.high + slack for value in values)
    assert 2 <= len(axis.ticks) <= 8
    assert not zero or axis.low <= 0 <= axis.high
    steps = [later - earlier for earlier, later in zip(axis.ticks, axis.ticks[1:], strict=False)]
    assert steps == pytest.approx([steps[0]] * len(steps))
    leading = float(f"{steps[0]:.3e}".split("e")[0])
    assert leading in {1.0, 2.0, 5.0}


@pytest.mark.parametrize(
    ("value", "decimals", "unit", "language", "text"),
    [
        (1234567.0, 0, "", "en", "1,234,567"),
        (1234567.0, 0, "", "de", "1.234.567"),
        (1234.5, 1, "kg", "fr", "1\u00a0234,5\u00a0kg"),
        (-4.25, 2, "%", "en", "−4.25%"),
        (-3.0, 0, "$", "en", "−$3"),
        (2.0e9, 0, "", "en", "2B"),
        (12_340_000.0, 0, "€", "de", "12,3\u00a0Mio.\u00a0€"),
        (2.0e9, 0, "", "hi", "2,000,000,000"),
        (-0.001, 1, "", "en", "0.0"),
    ],
)
def test_figures_are_written_as_a_language_writes_them(
    value: float, decimals: int, unit: str, language: str, text: str
) -> None:
    assert written(value, decimals, unit, language) == text


def test_decimals_show_values_exactly_but_not_endlessly() -> None:
    assert decimals_for([12.0, 9.9]) == 1
    assert decimals_for([3, 400]) == 0
    assert decimals_for([math.pi]) == 3
    assert decimals_for([0.00012]) == 5


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(min_size=1, max_size=30), min_size=2, max_size=4), st.sampled_from(["16:9", "9:16"]))
def test_any_text_is_drawn_or_refused(texts: list[str], shape: str) -> None:
    visuals: list[DesignedVisual] = [
        ListVisual(title=texts[0], items=tuple(texts), note=texts[1]),
        ComparisonVisual(left=Side(label=texts[0], value=texts[1]), right=Side(label=texts[1], points=tuple(texts))),
    ]
    for visual in visuals:
        try:
            layers = draw(visual, shape).layers
        except MissingPart:
            continue
        assert all(layer.left >= 0 and layer.top >= 0 for layer in layers)
