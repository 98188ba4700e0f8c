"""Looks: whatever a person asks for, the letters can be read on every ground, and a change is said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ettametta.storyboard import CaptionStyle
from ettametta.video.captions.look import MIN_CONTRAST, caption_look, contrast, least_contrast, style_warnings
from ettametta.video.lettering.fonts import Fonts
from ettametta.video.themes import THEMES

FONTS = Fonts.locate()
colours = st.none() | st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06X}")


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast((118, 118, 118), (255, 255, 255)) == pytest.approx(4.54, abs=0.01)
    assert contrast((9, 9, 9), (9, 9, 9)) == 1


@given(
    st.sampled_from(["highlight", "pop", "karaoke", "one_word", "sentence", "minimal"]),
    st.sampled_from(sorted(THEMES)),
    colours,
    colours,
    colours,
    st.floats(0, 3),
    st.floats(0.5, 2),
)
def test_every_style_can_be_read_and_what_is_changed_is_said(
    mode: str, theme: str, ink: str | None, outline: str | None, box: str | None, width: float, size: float
) -> None:
    asked = {"mode": mode, "ink": ink, "outline": outline, "box": box, "outline_width": width, "size": size}
    style = CaptionStyle.model_validate(asked)
    look = caption_look(style, THEMES[theme], FONTS)
    assert least_contrast(look) >= MIN_CONTRAST
    if look.box is None and outline is not None and contrast(look.ink, look.outline) >= MIN_CONTRAST:
        changed = look.outline != tuple(bytes.fromhex(outline[1:]))
        assert not changed or style_warnings(style, THEMES[theme])


def test_white_on_white_is_given_an_outline_with_a_warning() -> None:
    style = CaptionStyle(ink="#FFFFFF", outline="#FFFFFF", outline_width=0)
    assert caption_look(style, THEMES["midnight"], FONTS).outline == (0, 0, 0)
    assert style_warnings(style, THEMES["midnight"])
    assert style_warnings(CaptionStyle(), THEMES["midnight"]) == ()
