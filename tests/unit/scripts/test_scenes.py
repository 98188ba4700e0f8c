"""From script to storyboard, and its credits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ettametta.scripts.credits import CreditedAsset, credits_text, description_text
from ettametta.scripts.scenes import MAX_LINE_WORDS, script_to_storyboard, split_line
from ettametta.scripts.script import Script, ScriptLine
from ettametta.storyboard import CardVisual, Citation, ClipVisual, PhotoVisual, Storyboard

CITATIONS = (
    Citation(title="Fresnel lens", url="https://en.wikipedia.org/wiki/Fresnel_lens", publisher="Wikipedia",
             licence="CC BY-SA 4.0"),
    Citation(title="A book", author="Ann A", published="1999"),
)  # fmt: skip
SCRIPT = Script(
    title="One lamp",
    language="en",
    lines=(
        ScriptLine(text="A king saw one lamp from 32 kilometres away.", role="hook", citations=(0,)),
        ScriptLine(text="The beam was seen 32 kilometres out at sea.", citations=(0, 1)),
        ScriptLine(text="It was called “the invention that saved a million ships”.", role="payoff", citations=(1,)),
        ScriptLine(text="Sources in the description.", role="cta"),
    ),
    citations=CITATIONS,
    made_by="offline writer",
)
LONG = (
    "The lamp stood in Paris on top of the unfinished arch, and around its flame stood panels of glass that were cut "
    "in rings, so that every ring bent the light into one beam."
)


def photo(number: int) -> PhotoVisual:
    return PhotoVisual(asset_key=f"assets/{number}.jpg", width=1080, height=1440)


def test_one_scene_per_line_with_stable_ids() -> None:
    board = script_to_storyboard(SCRIPT)
    assert [scene.id for scene in board.scenes] == ["s01", "s02", "s03", "s04"]
    assert [scene.narration for scene in board.scenes] == [line.text for line in SCRIPT.lines]
    assert [scene.visual.kind for scene in board.scenes] == ["title", "number", "quote", "closing"]
    assert board.scenes[1].citations == (0, 1)
    assert (board.title, board.language, board.made_by, board.citations) == (
        "One lamp", "en", "offline writer", CITATIONS
    )  # fmt: skip
    assert Storyboard.model_validate_json(board.model_dump_json()) == board


def test_a_long_line_is_split_at_a_clause_and_loses_nothing() -> None:
    parts = split_line(ScriptLine(text=LONG, role="hook", citations=(1,)), "en")
    assert len(parts) > 1
    assert " ".join(part.text for part in parts) == LONG
    assert [part.role for part in parts] == ["hook", *["beat"] * (len(parts) - 1)]
    assert all(part.citations == (1,) for part in parts)


@given(st.lists(st.text(alphabet="abc,;: “”", min_size=1, max_size=12), min_size=1, max_size=60))
def test_splitting_never_loses_or_reorders(pieces: list[str]) -> None:
    text = " ".join(" ".join(pieces).split()) or "x"
    parts = split_line(ScriptLine(text=text[:1_200]), "en")
    assert "".join("".join(part.text for part in parts).split()) == "".join(text[:1_200].split())


def test_a_long_line_without_a_clause_stays_whole() -> None:
    text = "word " * (MAX_LINE_WORDS + 5)
    assert len(split_line(ScriptLine(text=text.strip()), "en")) == 1


def test_own_pictures_are_spread_in_order() -> None:
    clip = ClipVisual(asset_key="assets/c.mp4", width=1920, height=1080, duration_s=8)
    board = script_to_storyboard(SCRIPT, media=[photo(1), clip])
    assert [scene.visual.kind for scene in board.scenes] == ["photo", "clip", "quote", "closing"]
    many = script_to_storyboard(SCRIPT, media=[photo(number) for number in range(9)])
    keys = [scene.visual.asset_key for scene in many.scenes if isinstance(scene.visual, PhotoVisual)]
    assert keys == ["assets/0.jpg", "assets/1.jpg", "assets/2.jpg"]


def test_a_card_that_would_repeat_the_caption_is_replaced() -> None:
    line = ScriptLine(
        text="The old lamp of the harbour was lit again.",
        on_screen="The old lamp of the harbour was lit again",
        card="statement",
    )  # the pair must be seen
    board = script_to_storyboard(SCRIPT.model_copy(update={"lines": (line,)}))
    visual = board.scenes[0].visual
    assert isinstance(visual, CardVisual)
    assert visual.text != line.on_screen


def test_citations_that_do_not_exist_are_dropped() -> None:
    line = ScriptLine(text="A line of words.", citations=(0, 7))
    board = script_to_storyboard(SCRIPT.model_copy(update={"lines": (line,)}))
    assert board.scenes[0].citations == (0,)


def test_credits_name_every_source_and_asset() -> None:
    board = script_to_storyboard(SCRIPT, media=[photo(1)])
    assets = [CreditedAsset("harbour.jpg", "photo"), CreditedAsset("Sea", "clip", "Bo", "CC0", "https://c.example/1")]
    text = credits_text(board, assets)
    for part in (
        "[1] Fresnel lens, Wikipedia", "https://en.wikipedia.org/wiki/Fresnel_lens", "Licence: CC BY-SA 4.0",
        "[2] A book, Ann A, 1999", "no address", "Licence: not stated", "Photo: harbour.jpg, licence not stated",
        "Clip: Sea by Bo, CC0 (https://creativecommons.org/publicdomain/zero/1.0/), https://c.example/1",
        "offline writer; none were added", "Hibari", "Poppins",
        "1 of 4 scenes show the person's own files",
    ):  # fmt: skip
        assert part in text
    assert text.endswith("\n")


@pytest.mark.parametrize(
    ("made_by", "part"), [("gpt-5-mini", "written by the language model gpt-5-mini"), ("", "not stated")]
)
def test_credits_say_who_wrote(made_by: str, part: str) -> None:
    board = script_to_storyboard(SCRIPT.model_copy(update={"made_by": made_by}))
    assert part in credits_text(board)


def test_the_description_lists_what_can_be_followed() -> None:
    text = description_text(script_to_storyboard(SCRIPT), [CreditedAsset("Sea", "clip", "Bo", "CC BY 4.0")])
    assert text.startswith("One lamp\n\nA king saw one lamp")
    assert "• Fresnel lens: https://en.wikipedia.org/wiki/Fresnel_lens" in text
    assert "A book" not in text
    assert "Clip: Sea by Bo, CC BY 4.0" in text
