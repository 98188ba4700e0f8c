"""Themes, brand kit and overlays: contrast that holds, readable over any picture, inside the safe area."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from ettametta.errors import InvalidInput
from ettametta.storyboard import Brand, CardVisual, PhotoVisual, Scene, Storyboard
from ettametta.video.design.brand import INTRO_S, brand_fonts, branded, with_brand
from ettametta.video.design.cards import draw_card
from ettametta.video.design.contrast import LARGE, TEXT, contrast, min_contrast, readable, worst
from ettametta.video.design.ornaments import ORNAMENTS
from ettametta.video.design.overlays import card_room, draw_overlays
from ettametta.video.lettering.fonts import Fonts
from ettametta.video.plan import Canvas
from ettametta.video.planner import safe_areas
from ettametta.video.themes import THEMES, Theme, grounds

FONTS = Fonts.locate()
CANVAS = Canvas(216, 384, 30)
AREAS = safe_areas(CANVAS)
HONEY = CardVisual(kind="statement", text="Honey never spoils", note="A note")
PHOTO = PhotoVisual(asset_key="a", width=10, height=10)
every_theme = pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
colours = st.from_regex(r"\A#[0-9A-F]{6}\Z")


@every_theme
def test_text_of_a_theme_stands_out_from_all_its_background(theme: Theme) -> None:
    behind = grounds(theme)
    for colour in (theme.ink, theme.muted, theme.accent):
        assert worst(colour, behind) >= TEXT, (colour, worst(colour, behind))
    assert worst(theme.second, behind) >= LARGE
    assert contrast(theme.caption_ink, theme.caption_outline) >= TEXT
    assert contrast(theme.caption_accent, theme.caption_outline) >= TEXT


@every_theme
def test_a_card_of_each_theme_is_readable_as_drawn(theme: Theme) -> None:
    art = draw_card(HONEY, theme, CANVAS, AREAS.card, 4, FONTS)
    assert min_contrast(art.layers, art.backdrop) >= TEXT


def test_themes_differ_in_ornament_or_type_and_each_ornament_is_used() -> None:
    looks = {(theme.ornament, theme.heading_face, theme.top) for theme in THEMES.values()}
    assert len(looks) == len(THEMES) >= 8
    assert {theme.ornament for theme in THEMES.values()} == set(ORNAMENTS)


def test_contrast_is_that_of_the_guideline() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast((119, 119, 119), (255, 255, 255)) == pytest.approx(4.48, abs=0.01)


@given(st.tuples(*[st.integers(0, 255)] * 3), st.tuples(*[st.integers(0, 255)] * 3))
def test_any_colour_can_be_made_readable_on_any_ground(
    colour: tuple[int, int, int], ground: tuple[int, int, int]
) -> None:
    moved = readable(colour, (ground,), TEXT)
    assert contrast(moved, ground) >= TEXT
    assert moved == colour or contrast(colour, ground) < TEXT


@settings(max_examples=60)
@given(colours, colours, colours, st.sampled_from(list(THEMES.values())), st.booleans())
def test_a_brands_colours_stay_readable(ground: str, ink: str, accent: str, theme: Theme, whole: bool) -> None:
    own = branded(theme, Brand(background=ground if whole else None, ink=ink, accent=accent))
    behind = grounds(own)
    best = max(worst((255, 255, 255), behind), worst((0, 0, 0), behind))
    for colour in (own.ink, own.muted):
        assert worst(colour, behind) >= min(TEXT, best) - 0.01
    assert worst(own.accent, behind) >= min(LARGE, best) - 0.01
    assert contrast(own.caption_accent, own.caption_outline) >= TEXT
    assert contrast(own.caption_ink, own.caption_outline) >= TEXT


def test_a_brand_without_colours_changes_nothing() -> None:
    assert branded(THEMES["tide"], Brand(name="Lab")) is THEMES["tide"]
    assert branded(THEMES["tide"], None) is THEMES["tide"]


def test_a_brands_font_is_used_and_an_unknown_one_refused_with_the_choice() -> None:
    theme = THEMES["midnight"]
    usual = draw_card(HONEY, theme, CANVAS, AREAS.card, 4, FONTS).layers[1].picture
    own = brand_fonts(FONTS, Brand(heading_font="Noto Sans", text_font="noto sans"))
    assert draw_card(HONEY, theme, CANVAS, AREAS.card, 4, own).layers[1].picture.tobytes() != usual.tobytes()
    with pytest.raises(InvalidInput, match="called Comic") as caught:
        brand_fonts(FONTS, Brand(heading_font="Comic Sans"))
    assert "Poppins" in caught.value.hint


def board(brand: Brand | None) -> Storyboard:
    scene = Scene(id="one", narration="Hello.", visual=HONEY)
    return Storyboard(title="T", language="en", scenes=(scene,), brand=brand)


def test_opening_and_closing_cards_are_silent_scenes_added_once() -> None:
    twice = with_brand(with_brand(board(Brand(name="Lab", intro="The Lab", outro="Follow the Lab"))))
    assert [scene.id for scene in twice.scenes] == ["brandintro", "one", "brandoutro"]
    assert twice.scenes[0].narration == ""
    assert twice.scenes[0].min_duration_s == INTRO_S
    assert Storyboard.model_validate(twice.model_dump()) == twice
    assert with_brand(board(None)) == board(None)
    gone = twice.model_copy(update={"brand": None})
    assert [scene.id for scene in with_brand(gone).scenes] == ["one"]


@pytest.mark.parametrize("ground", ["white", "black", "#7f7f7f"])
@every_theme
def test_a_heading_is_readable_over_any_picture(theme: Theme, ground: str) -> None:
    scene = Scene(id="one", narration="x", visual=PHOTO, on_screen="What the bees add")
    layers = draw_overlays(scene, None, None, theme, CANVAS, AREAS, FONTS)
    assert len(layers) == 1
    assert min_contrast(layers, Image.new("RGB", (CANVAS.width, CANVAS.height), ground)) >= TEXT


@pytest.mark.parametrize("corner", ["top_left", "top_right", "bottom_left", "bottom_right"])
@pytest.mark.parametrize("text", ["What the bees add to the nectar they bring home", "ما يضيفه النحل"])
def test_heading_lower_third_and_logo_stand_apart_in_the_safe_area(corner: str, text: str) -> None:
    brand = Brand.model_validate({"logo_key": "l", "logo_corner": corner, "lower_third": "@lab"})
    scene = Scene(id="one", narration="x", visual=PHOTO, on_screen=text)
    logo = Image.new("RGBA", (300, 100), "red")
    layers = draw_overlays(scene, brand, logo, THEMES["noir"], CANVAS, AREAS, FONTS, opening=True)
    assert len(layers) == 3
    area = AREAS.card
    for layer in layers:
        assert area.left <= layer.left
        assert layer.left + layer.picture.width <= area.left + area.width + 1
        assert area.top <= layer.top
        assert layer.box.bottom <= area.bottom + 1
    for number, one in enumerate(layers):
        for other in layers[number + 1 :]:
            apart_x = one.left + one.picture.width <= other.left or other.left + other.picture.width <= one.left
            assert apart_x or one.box.bottom <= other.top or other.box.bottom <= one.top, (one, other)


def test_a_designed_scene_leaves_room_to_logo_and_lower_third() -> None:
    brand = Brand(logo_key="l", logo_corner="top_right", lower_third="@lab")
    first = card_room(AREAS.card, brand, CANVAS, opening=True)
    later = card_room(AREAS.card, brand, CANVAS)
    scene = Scene(id="one", narration="x", visual=HONEY, on_screen="not over a card")
    logo = Image.new("RGBA", (100, 100), "red")
    third, sign = draw_overlays(scene, brand, logo, THEMES["noir"], CANVAS, AREAS, FONTS, opening=True)
    assert sign.box.bottom <= first.top
    assert first.bottom <= third.top
    assert later.bottom == AREAS.card.bottom
    assert card_room(AREAS.card, None, CANVAS) == AREAS.card
