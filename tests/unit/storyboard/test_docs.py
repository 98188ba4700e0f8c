"""docs/storyboard.md holds the schema as it is, and its example is a storyboard that draws."""

from __future__ import annotations

import re
from pathlib import Path

from ettametta.storyboard import Storyboard, is_from_file
from ettametta.storyboard.reference import reference
from ettametta.video.design.cards import draw_card
from ettametta.video.lettering.fonts import Fonts
from ettametta.video.plan import Canvas
from ettametta.video.planner import safe_areas
from ettametta.video.themes import THEMES, theme_named

_TEXT = (Path(__file__).parents[3] / "docs/storyboard.md").read_text(encoding="utf-8")


def example() -> Storyboard:
    (found,) = re.findall(r"^```json\n(.+?)^```", _TEXT, re.MULTILINE | re.DOTALL)
    return Storyboard.model_validate_json(found)


def test_the_tables_are_those_of_the_models() -> None:
    made = reference()
    assert made in _TEXT, f"put this into docs/storyboard.md, under “All fields”:\n{made}"
    assert _TEXT.endswith(made + "\n")


def test_every_part_of_the_schema_has_a_table() -> None:
    schema = Storyboard.model_json_schema()
    for name, part in schema["$defs"].items():
        assert f"### {name}\n" in _TEXT
        for field in part["properties"]:
            assert f"| `{field}` |" in _TEXT


def test_the_example_is_a_storyboard_whose_scenes_can_be_drawn() -> None:
    board = example()
    canvas, fonts = Canvas(108, 192, 10), Fonts.locate()
    kinds = set()
    for scene in board.scenes:
        assert not is_from_file(scene.visual)
        theme = theme_named(board.style.theme)
        assert draw_card(scene.visual, theme, canvas, safe_areas(canvas).card, 1, fonts, board.language).layers
        kinds.add(scene.visual.kind)
        assert all(place < len(board.citations) for place in scene.citations)
    assert {"title", "list", "comparison", "timeline", "bar_chart", "closing"} <= kinds


def test_all_themes_are_named() -> None:
    named = re.search(r"^Themes \(`style\.theme`\): (.+?)\.$", _TEXT, re.MULTILINE | re.DOTALL)
    assert named
    assert re.findall(r"`(\w+)`", named.group(1)) == list(THEMES)
