"""ASS documents: user text is inert, each script gets its font, the lit word follows the voice."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ettametta.errors import MissingPart
from ettametta.providers.speech.base import Word
from ettametta.video.ass import caption_events, caption_sheet, escape_ass
from ettametta.video.captions import cues_from_words
from ettametta.video.fonts import Fonts
from ettametta.video.plan import Canvas
from ettametta.video.planner import safe_areas
from ettametta.video.themes import THEMES

CANVAS = Canvas(1080, 1920, 30)
FONTS = Fonts.locate()


def document(text: str) -> str:
    words = [Word(token, n * 0.4, n * 0.4 + 0.3) for n, token in enumerate(text.split(" "))]
    cues = cues_from_words(words, 0.1, 20)
    return caption_sheet(cues, CANVAS, safe_areas(CANVAS).caption, THEMES["midnight"], FONTS).document


def unescaped_blocks(line: str) -> list[str]:
    """Override blocks as libass finds them: a brace not behind a backslash opens one."""
    return re.findall(r"(?<!\\)\{[^}]*\}", line)


@given(st.text(max_size=60))
def test_escaped_text_opens_no_block_and_breaks_no_line(text: str) -> None:
    escaped = escape_ass(text)
    assert not unescaped_blocks(escaped)
    assert not re.search(r"\\[^{}\u2060]", escaped)
    assert "\n" not in escaped
    assert "\r" not in escaped
    back = escaped.replace("\\{", "{").replace("\\}", "}").replace("\\\u2060", "\\")
    assert back == " ".join(text.split())


@pytest.mark.parametrize(
    "attack", ["{\\fs400}", "\\N\\N\\N", "{\\pos(0,0)}", "\\", "}{", "{\\p1}m 0 0 l 900 900", "a\\{b"]
)
def test_override_codes_in_words_stay_words(attack: str) -> None:
    ours = {"pos", "c", "fn"}
    for line in document(f"before {attack} after").splitlines():
        if line.startswith("Dialogue:"):
            for block in unescaped_blocks(line):
                assert re.match(r"\{\\([a-z]+?)(?=[(&\dA-Z])", block).group(1) in ours  # type: ignore[union-attr] # they all match
            assert line.count("\\N") == 0 or "\\\u2060N" in line


def test_every_word_is_lit_once_and_events_do_not_overlap() -> None:
    words = [Word(token, n * 0.4, n * 0.4 + 0.3) for n, token in enumerate(["one", "two", "three", "four", "five"])]
    events = caption_events(cues_from_words(words, 0.1, 4))
    assert [event.cue.words[event.active].text for event in events] == ["one", "two", "three", "four", "five"]
    assert all(first.end_cs <= second.start_cs for first, second in itertools.pairwise(events))
    assert [event.start_cs for event in events] == [10, 50, 90, 130, 170]


def test_scripts_are_set_in_fonts_that_cover_them() -> None:
    text = document("honey العسل мёд मधु")
    assert "\\fnPoppins ExtraBold" in text
    assert "\\fnNoto Sans Arabic" in text
    assert "\\fnNoto Sans\\" in text
    assert ",-1\n" in text  # the direction is found from the text


def test_a_script_without_a_font_is_named() -> None:
    with pytest.raises(MissingPart, match="No installed font can draw “蜂”") as caught:
        document("蜂蜜")
    assert "noto-cjk" in caught.value.hint


def test_a_long_word_is_set_smaller_instead_of_leaving_the_frame() -> None:
    small = document("Donaudampfschifffahrtsgesellschaftskapitän fährt")
    sizes = {int(size) for size in re.findall(r"\\fs(\d+)", small)}
    usual = {int(size) for size in re.findall(r"\\fs(\d+)", document("short words"))}
    assert min(sizes) < min(usual)
