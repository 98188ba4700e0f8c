"""Whole words in visual order, against what the Unicode bidirectional algorithm does with the same text."""

from __future__ import annotations

import pytest

from ettametta.video.lettering.bidi import visual_order


@pytest.mark.parametrize(
    ("text", "rtl", "seen"),
    [
        ("honey never spoils", False, "honey never spoils"),
        ("العسل لا يفسد", True, "يفسد لا العسل"),
        ("قالت NASA Ames نعم", True, "نعم NASA Ames قالت"),
        ("NASA 2013 قالت", True, "قالت NASA 2013"),
        ("2013 NASA قالت", True, "قالت NASA 2013"),
        ("العسل 12 كيلو", True, "كيلو 12 العسل"),
        ("say דבש טוב now", False, "say טוב דבש now"),
        ("say דבש 12 now", False, "say 12 דבש now"),
        ("page 12 דבש", False, "page 12 דבש"),
        ("דבש — honey", True, "honey — דבש"),
        ("", True, ""),
    ],
)
def test_words_stand_where_the_algorithm_puts_them(text: str, rtl: bool, seen: str) -> None:
    words = text.split()
    assert " ".join(words[item.index] for item in visual_order(words, rtl=rtl)) == seen


def test_signs_at_the_ends_of_a_run_face_the_line_and_those_inside_the_run() -> None:
    (only,) = visual_order(["NASA."], rtl=True)
    assert (only.before, only.after) == ("\u200f", "")
    first, second = visual_order(["NASA,", "Ames."], rtl=True)
    assert (first.before, first.after) == ("\u200f", "\u200e")
    assert (second.before, second.after) == ("\u200f\u200e", "")
    assert visual_order(["plain"], rtl=False)[0].before == ""
