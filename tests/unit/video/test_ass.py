"""ASS documents: user text is inert, each script gets its font, words follow the voice, nothing leaves the strip."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ettametta.errors import InvalidInput, MissingPart
from ettametta.providers.speech.base import Word
from ettametta.storyboard import CaptionMode, CaptionStyle
from ettametta.video.captions.ass import CaptionSheet, caption_sheet, escape_ass
from ettametta.video.captions.cues import cue_limits, cues_from_words
from ettametta.video.captions.look import caption_look
from ettametta.video.captions.states import CaptionPart
from ettametta.video.lettering.fonts import Fonts
from ettametta.video.plan import Canvas
from ettametta.video.safe_areas import safe_areas
from ettametta.video.themes import THEMES

CANVAS = Canvas(1080, 1920, 30)
FONTS = Fonts.locate()
MODES: tuple[CaptionMode, ...] = ("highlight", "pop", "karaoke", "one_word", "sentence", "minimal")


def sheet(
    text: str, style: CaptionStyle | None = None, *, first: int = 0, frames: int = 600, emphasis: tuple[str, ...] = ()
) -> CaptionSheet | None:
    style = style or CaptionStyle()
    words = [Word(token, n * 0.4, n * 0.4 + 0.3) for n, token in enumerate(text.split(" "))]
    cues = cues_from_words(words, 0.1, 20, cue_limits(style, CANVAS), emphasis)
    look = caption_look(style, THEMES["midnight"], FONTS)
    return caption_sheet([CaptionPart(cues, first, frames)], CANVAS, safe_areas(CANVAS, style), look, FONTS)


def document(text: str, style: CaptionStyle | None = None) -> str:
    made = sheet(text, style)
    assert made is not None
    return made.document


def dialogues(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("Dialogue:")]


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


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "attack", ["{\\fs400}", "\\N\\N\\N", "{\\pos(0,0)}", "\\", "}{", "{\\p1}m 0 0 l 900 900", "a\\{b", "{\\kf9}x"]
)
def test_override_codes_in_words_stay_words_in_every_mode(attack: str, mode: CaptionMode) -> None:
    ours = {"pos", "fn"}
    for line in dialogues(document(f"before {attack} after", CaptionStyle(mode=mode, uppercase=mode == "pop"))):
        blocks = unescaped_blocks(line)
        assert {re.match(r"\{\\([a-z]+?)(?=[(&\dA-Z])", block).group(1) for block in blocks} <= ours  # type: ignore[union-attr] # they all match
        assert blocks[0].startswith("{\\pos(")
        rest = re.sub(r"(?<!\\)\{[^}]*\}", "", line)
        assert not re.search(r"\\[^{}\u2060]", rest)


def test_scripts_are_set_in_fonts_that_cover_them() -> None:
    text = document("honey العسل мёд मधु")
    assert "\\fnPoppins ExtraBold" in text
    assert "\\fnNoto Sans Arabic" in text
    assert "\\fnNoto Sans\\" in text
    assert ",-1\n" in text  # the direction is found from the text


def test_a_script_without_a_font_is_named() -> None:
    with pytest.raises(MissingPart, match="No installed font can draw “\U0001e900”"):
        document("\U0001e900")


def test_a_long_word_is_set_smaller_instead_of_leaving_the_frame() -> None:
    small = document("Donaudampfschifffahrtsgesellschaftskapitän fährt")
    sizes = {float(size) for size in re.findall(r"\\fs([\d.]+)", small)}
    usual = {float(size) for size in re.findall(r"\\fs([\d.]+)", document("short words"))}
    assert min(sizes) < min(usual)


def test_nothing_spoken_in_the_window_makes_no_sheet() -> None:
    assert sheet("one two", first=300) is None


@pytest.mark.parametrize("mode", MODES)
def test_the_frames_of_a_window_are_those_of_the_whole(mode: CaptionMode) -> None:
    """A join shows exactly what the body would have shown in the same frames."""
    whole, part = (
        sheet("one two three four", CaptionStyle(mode=mode)),
        sheet("one two three four", CaptionStyle(mode=mode), first=20, frames=12),
    )
    assert whole is not None
    assert part is not None
    inside = {frame - 20 for frame in whole.frames if 20 <= frame < 32}
    assert inside <= set(part.frames) <= inside | {0, 12}
    assert max(part.frames) <= 12


def test_static_modes_change_only_with_the_cue_and_karaoke_on_every_frame() -> None:
    static, swept = (
        sheet("one two three", CaptionStyle(mode="sentence")),
        sheet("one two three", CaptionStyle(mode="karaoke")),
    )
    assert static is not None
    assert swept is not None
    assert len(static.frames) == 2
    assert set(range(3, 30)) <= set(swept.frames)


@pytest.mark.parametrize("mode", MODES)
def test_a_stressed_word_is_larger_and_in_the_accent_colour(mode: CaptionMode) -> None:
    made = sheet("plain wonder plain", CaptionStyle(mode=mode, accent="#FF0001"), emphasis=("Wonder!",))
    assert made is not None
    lines = {word: [line for line in dialogues(made.document) if line.endswith(word)] for word in ("plain", "wonder")}
    sizes = {word: float(re.findall(r"\\fs([\d.]+)", found[0])[0]) for word, found in lines.items()}
    assert sizes["wonder"] > sizes["plain"] * 1.1
    assert "&H000100FF&" in lines["wonder"][-1]


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.sampled_from(["a", "honey", "WWWWWW", "العسل", "मधु", "Straße", "18%"]), min_size=1, max_size=9),
    st.sampled_from(MODES),
    st.sampled_from([(1080, 1920), (1920, 1080), (1080, 1080), (1080, 1350), (144, 256)]),
    st.sampled_from(["top", "centre", "bottom"]),
    st.booleans(),
)
def test_words_stand_inside_the_caption_area_and_the_strip(
    tokens: list[str], mode: CaptionMode, size: tuple[int, int], position: str, box: bool
) -> None:
    canvas = Canvas(*size, 30)
    style = CaptionStyle.model_validate({"mode": mode, "position": position, "box": "#102030" if box else None})
    words = [Word(token, n * 0.4, n * 0.4 + 0.3) for n, token in enumerate(tokens)]
    cues = cues_from_words(words, 0.1, 20, cue_limits(style, canvas))
    areas = safe_areas(canvas, style)
    made = caption_sheet([CaptionPart(cues, 0, 600)], canvas, areas, caption_look(style, THEMES["paper"], FONTS), FONTS)
    assert made is not None
    strip = made.area
    assert strip.left >= 0
    assert strip.top >= 0
    assert strip.left + strip.width <= canvas.width
    assert strip.bottom <= canvas.height
    assert not any(value % 2 for value in (strip.left, strip.top, strip.width, strip.height))
    for line in dialogues(made.document):
        x, y = map(float, re.search(r"\\pos\(([-\d.]+),([-\d.]+)\)", line).groups())  # type: ignore[union-attr] # each has one
        assert areas.caption.left - 1 <= x + strip.left <= areas.caption.left + areas.caption.width + 1
        assert areas.caption.top - 1 <= y + strip.top <= areas.caption.bottom + 1


def test_a_font_that_is_not_installed_is_named_with_those_that_are() -> None:
    with pytest.raises(InvalidInput, match="No installed font is called Comic Sans") as caught:
        document("word", CaptionStyle(font="Comic Sans"))
    assert "Anton" in caught.value.hint
    assert "\\fnAnton" in document("word", CaptionStyle(font="anton"))
