"""From a stop after the storyboard to edits, undo and going on, on the command line."""

from __future__ import annotations

import json
from pathlib import Path

from tests.integration.cli.conftest import Call

TEXT = "A lamp in Paris was seen far away. Rings of glass bent its light. Ships were safe at last."


def test_a_video_is_stopped_edited_and_undone(call: Call, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text(TEXT)
    made = call(
        "make",
        "--script-file",
        "mine.txt",
        "--stop-after",
        "storyboard",
        "--aspect",
        "1:1",
        "--theme",
        "paper",
        "--json",
    )
    assert made.code == 0, made.err
    production = json.loads(made.out)["id"]
    shown = json.loads(call("storyboard", production, "--json").out)
    assert (shown["revision"], shown["storyboard"]["width"], shown["storyboard"]["height"]) == (1, 1080, 1080)
    assert shown["storyboard"]["style"]["theme"] == "paper"

    edited = call("edit", production, "--say", "1=A lamp.", "--captions", "karaoke", "--revision", "1")
    assert edited.code == 0, edited.err
    assert "Captions' mode: highlight -> karaoke" in edited.out
    assert call("edit", production, "--theme", "midnight", "--revision", "1").code != 0
    assert "-> “A lamp.”" in call("revisions", production).out
    assert json.loads(call("undo", production, "--json").out)["revision"] == 1
    assert json.loads(call("redo", production, "--json").out)["revision"] == 2
    assert "A lamp." in call("storyboard", production).out
    went_on = call("continue", production, "--json")
    assert json.loads(went_on.out)["state"] == "drafting"


def test_a_preset_is_saved_listed_and_forgotten(call: Call) -> None:
    call("presets", "news", "--option", "theme=paper", "--option", "captions.mode=pop")
    assert call("presets").out.strip() == 'news: {"theme": "paper", "captions": {"mode": "pop"}}'
    assert json.loads(call("presets", "news", "--delete", "--json").out) == []
    assert "midnight" in call("themes").out
