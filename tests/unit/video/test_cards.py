"""Cards: text inside its box, fitting sizes, balanced lines, equal pictures from equal inputs, right-to-left order."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ettametta.errors import InvalidInput
from ettametta.storyboard import CardVisual
from ettametta.video.design.backdrop import paint_backdrop, travel_pixels
from ettametta.video.design.cards import draw_card
from ettametta.video.design.figure_text import Figure, find_figure
from ettametta.video.lettering.fonts import Fonts, Role
from ettametta.video.lettering.typeset import FitBox, Setting, draw_line, fit, is_rtl
from ettametta.video.plan import Canvas
from ettametta.video.safe_areas import safe_areas
from ettametta.video.themes import THEMES, Theme, theme_named

FONTS = Fonts.locate()
SMALL = Canvas(270, 480, 30)
BOX = FitBox(900, 800, 6, 112, 40, 1.2)
KINDS = ("title", "statement", "quote", "number", "closing")
LONG = "Donaudampfschifffahrtsgesellschaftskapitän " * 4


def card(kind: str, text: str, note: str = "") -> CardVisual:
    return CardVisual.model_validate({"kind": kind, "text": text, "note": note})


@pytest.mark.parametrize("canvas", [SMALL, Canvas(480, 270, 30), Canvas(300, 300, 30)], ids=["9:16", "16:9", "1:1"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "text", ["x", "18% of honey is water", LONG.strip(), "لماذا لا يفسد العسل؟", "“Quoted” words — here"]
)
def test_text_stays_inside_the_safe_box(kind: str, canvas: Canvas, text: str) -> None:
    areas = safe_areas(canvas)
    art = draw_card(card(kind, text, "A note, 2013"), THEMES["midnight"], canvas, areas.card, 1, FONTS)
    assert art.layers
    for layer in art.layers:
        assert layer.left >= 0
        assert layer.left + layer.picture.width <= canvas.width
        assert layer.top + layer.picture.height <= areas.caption.top
        assert layer.top >= 0


@settings(max_examples=40)
@given(
    st.sampled_from(KINDS),
    st.text(st.characters(max_codepoint=0x17F, exclude_categories=["Cc"]), min_size=1, max_size=200),
)
def test_any_latin_text_can_be_set(kind: str, text: str) -> None:
    areas = safe_areas(SMALL)
    art = draw_card(card(kind, text), THEMES["paper"], SMALL, areas.card, 1, FONTS)
    assert all(0 <= layer.left <= SMALL.width for layer in art.layers), [layer.left for layer in art.layers]


def test_equal_inputs_draw_equal_pictures_and_other_seeds_others() -> None:
    areas = safe_areas(SMALL)
    one, two = (draw_card(card("title", "Honey"), THEMES["ember"], SMALL, areas.card, 7, FONTS) for _ in range(2))
    assert one.backdrop.tobytes() == two.backdrop.tobytes()
    assert [layer.picture.tobytes() for layer in one.layers] == [layer.picture.tobytes() for layer in two.layers]
    assert paint_backdrop(THEMES["ember"], SMALL, 8).tobytes() != one.backdrop.tobytes()


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
def test_backdrops_have_room_to_move_and_are_not_black(theme: Theme) -> None:
    picture = paint_backdrop(theme, SMALL, 3)
    assert picture.size == (270, 480 + travel_pixels(SMALL))
    bright = sum(picture.convert("L").histogram()[40:])
    dark = theme.ink[0] > 128 and max(theme.glows[0]) < 80  # noir and the chalkboard are meant to be
    assert dark or bright > 0.05 * picture.width * picture.height
    assert len(set(picture.convert("L").resize((9, 20)).tobytes())) > 3


def test_a_number_is_set_apart_from_its_words() -> None:
    areas = safe_areas(SMALL)
    for text in ("18% of it is water", "about 1 234 567,89 € a year", "$3.5 bn", "3,400 km away"):
        art = draw_card(card("number", text), THEMES["midnight"], SMALL, areas.card, 1, FONTS)
        accent = art.layers[0].picture.getpixel((0, 0))
        assert isinstance(accent, tuple)
        assert accent[:3] == THEMES["midnight"].accent
        assert art.layers[0].picture.height == max(layer.picture.height for layer in art.layers)


@pytest.mark.parametrize(
    ("text", "figure", "unit", "rest"),
    [
        ("12–16 hours a day", "12–16", "", "hours a day"),
        ("from 1990-2020", "1990-2020", "", "from"),
        ("3:1", "3:1", "", ""),
        ("50/50 chance", "50/50", "", "chance"),
        ("5 ± 2 mm", "5 ± 2", "mm", ""),
        ("105 年", "105", "年", ""),
        ("628 ई.", "628", "ई.", ""),
        ("3,400 km away", "3,400", "km", "away"),
        ("50 كم بعيدا", "50", "كم", "بعيدا"),
        ("18 of 20 people", "18", "", "of 20 people"),
        ("about 1 234 567,89 € a year", "1 234 567,89 €", "", "about a year"),
        ("COVID-19 killed 7 million", "7", "million", "COVID-19 killed"),
        ("-40 °C", "-40 °C", "", ""),
        ("US$5–10 bn", "US$5–10", "bn", ""),
    ],
)
def test_a_figure_is_taken_whole_with_its_unit(text: str, figure: str, unit: str, rest: str) -> None:
    assert find_figure(text) == Figure(figure, unit, rest)


@pytest.mark.parametrize("text", ["H2O", "x10", "no number"])
def test_a_digit_inside_a_word_is_no_figure(text: str) -> None:
    assert find_figure(text) is None


def test_a_unit_stands_on_the_line_of_its_figure() -> None:
    areas = safe_areas(SMALL)
    plain, united = (
        draw_card(card("number", text), THEMES["midnight"], SMALL, areas.card, 1, FONTS).layers
        for text in ("3", "3 km")
    )
    assert len(united) == 1
    assert united[0].picture.width > 1.4 * plain[0].picture.width
    assert united[0].left + united[0].picture.width <= areas.card.left + areas.card.width


def test_emoji_on_a_card_are_colour_pictures_as_high_as_capitals() -> None:
    setting = Setting(("HI 🤔",), 100, 130, Role.BOLD)
    picture, _, down = draw_line("HI 🤔", setting, (255, 255, 255), FONTS, "start", 900)
    letters, _, above = draw_line("HI", setting, (255, 255, 255), FONTS, "start", 900)
    colours = picture.convert("RGB").getcolors(1 << 20)
    assert colours is not None
    assert max(max(colour) - min(colour) for _, colour in colours if isinstance(colour, tuple)) > 100
    assert letters.height < picture.height < 1.25 * letters.height
    assert down <= above
    assert picture.width == pytest.approx(FONTS.width("HI 🤔", Role.BOLD, 100), abs=20)


def test_an_emoji_is_not_alone_on_the_last_line() -> None:
    for width in range(300, 900, 40):
        lines = fit("Why is the sky blue? 🤔", Role.BOLD, FitBox(width, 2000, 6, 112, 40, 1.2), FONTS).lines
        assert lines[-1] != "🤔"


def test_a_line_of_a_right_to_left_language_may_begin_with_a_foreign_word() -> None:
    text = "algorithm في كل هاتف"
    assert fit(text, Role.BOLD, BOX, FONTS, "ar").rtl
    assert not fit(text, Role.BOLD, BOX, FONTS, "en").rtl
    assert not fit("algorithm", Role.BOLD, BOX, FONTS, "ar").rtl
    areas = safe_areas(SMALL)
    art = draw_card(card("statement", text), THEMES["midnight"], SMALL, areas.card, 1, FONTS, "ar")
    assert art.layers[0].box.left + art.layers[0].box.width == areas.card.left + areas.card.width


@pytest.mark.parametrize("kind", KINDS)
def test_no_card_begins_empty(kind: str) -> None:
    layers = draw_card(card(kind, "18 bees", "2013"), THEMES["paper"], SMALL, safe_areas(SMALL).card, 1, FONTS).layers
    assert (layers[0].enter_s, layers[0].enter) == (0.0, "none")


def test_lines_are_balanced_and_the_largest_size_is_taken() -> None:
    setting = fit("Pots of honey in tombs were still good to eat", Role.BOLD, BOX, FONTS)
    widths = [FONTS.width(line, Role.BOLD, setting.size) for line in setting.lines]
    assert min(widths) > 0.55 * max(widths)
    assert max(widths) <= BOX.width
    assert setting.size > 90


def test_a_hyphenated_word_is_not_torn_at_every_hyphen() -> None:
    setting = fit("Three-thousand-year-old honey, still good to eat.", Role.BOLD, BOX, FONTS)
    assert sum(line.endswith("-") for line in setting.lines) <= 1


def test_all_words_are_kept_even_when_nothing_fits() -> None:
    tiny = FitBox(60, 40, 1, 40, 20, 1.2)
    text = "many words that do not fit"
    assert "".join(fit(text, Role.BOLD, tiny, FONTS).lines).replace(" ", "") == text.replace(" ", "")


def test_direction_is_that_of_the_first_strong_letter() -> None:
    assert is_rtl("2013 العسل NASA")
    assert not is_rtl("NASA العسل")
    assert not is_rtl("123 …")


def test_a_right_to_left_card_stands_at_the_right() -> None:
    areas = safe_areas(SMALL)
    art = draw_card(card("statement", "العسل لا يفسد أبداً"), THEMES["midnight"], SMALL, areas.card, 1, FONTS)
    right = areas.card.left + areas.card.width
    assert art.layers[0].left + art.layers[0].picture.width == right  # the rule
    assert all(layer.left + layer.picture.width > right - 40 for layer in art.layers[1:])


def test_an_unknown_theme_is_refused_with_the_choice() -> None:
    with pytest.raises(InvalidInput, match="no theme called plaid") as caught:
        theme_named("plaid")
    assert "midnight" in caught.value.hint
