"""docs/options.md and the README name every wish, and none that there is not."""

from __future__ import annotations

import re
from pathlib import Path

from ettametta.productions.options import VideoOptions

_ROOT = Path(__file__).parents[3]


def test_every_wish_is_documented() -> None:
    text = (_ROOT / "docs/options.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)) == set(VideoOptions.model_fields)


def test_what_the_readme_names_can_be_asked_for() -> None:
    text = (_ROOT / "README.md").read_text(encoding="utf-8")
    table = text.split("## What can be asked")[1].split("\n## ")[0]
    named = {name.split(".")[0] for name in re.findall(r"`((?:captions|music|transition)\.\w+|[a-z]+_[a-z_]+)`", table)}
    fields = set(VideoOptions.model_fields)
    within = {"outline_width", "box_rounded", "one_word", "set_transition"}
    assert named - fields - within == set()
