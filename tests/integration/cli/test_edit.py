"""From a stop after the storyboard to edits, undo and going on, on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.integration.cli.conftest import Call

TEXT = "A lamp was seen. Ships were safe."


@pytest.fixture
def stopped(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A small silent video that stopped after its storyboard."""
    monkeypatch.setenv("VIDEO_PRESET", "ultrafast")
    (tmp_path / "mine.txt").write_text(TEXT)
    how = ["--stop-after", "storyboard", "--aspect", "1:1", "--resolution", "480", "--theme", "paper"]
    made = call("make", "--script-file", "mine.txt", *how, "--voice", "silent", "--option", "fps=24", "--json")
    assert made.code == 0, made.err
    production: str = json.loads(made.out)["id"]
    return production


def test_a_video_is_edited_and_undone_before_it_is_made(call: Call, stopped: str) -> None:
    shown = json.loads(call("storyboard", stopped, "--json").out)
    assert (shown["revision"], shown["storyboard"]["width"], shown["storyboard"]["height"]) == (1, 480, 480)
    assert shown["storyboard"]["style"]["theme"] == "paper"

    edited = call("edit", stopped, "--say", "1=A lamp.", "--captions", "karaoke", "--revision", "1")
    assert edited.code == 0, edited.err
    assert "Captions' mode: highlight -> karaoke" in edited.out
    assert "Stopped after the storyboard." in edited.out
    assert call("edit", stopped, "--theme", "midnight", "--revision", "1").code != 0
    assert "-> “A lamp.”" in call("revisions", stopped).out
    assert json.loads(call("undo", stopped, "--json").out)["revision"] == 1
    assert json.loads(call("redo", stopped, "--json").out)["revision"] == 2
    went_on = call("continue", stopped, "--json", "--no-wait")
    assert json.loads(went_on.out)["state"] == "drafting"


def test_a_video_is_followed_to_its_end_and_an_undo_shows_the_old_one_at_once(call: Call, stopped: str) -> None:
    first = json.loads(call("continue", stopped, "--json").out)
    assert (first["width"], Path(first["path"]).is_file()) == (480, True)
    assert Path(first["files"]["contact_sheet"]).is_file()
    assert {"captions_vtt", "cover_1"} <= set(first["files"])
    edited = call("edit", stopped, "--say", "1=A lamp.", "--output", "new.mp4")
    assert edited.code == 0, edited.err
    assert "100%" in edited.err
    assert "passed" in edited.out
    assert Path("new.mp4").is_file()
    undone = json.loads(call("undo", stopped, "--json").out)
    assert (undone["revision"], undone["is_ready"], undone["sha256"]) == (1, True, first["sha256"])
    told = call("edit", stopped, "--title", "Light", "--no-wait").out
    assert "Revision 3" in told
    assert "as soon as `ettametta up`" in told


def test_a_preset_is_saved_listed_and_forgotten(call: Call) -> None:
    call("presets", "news", "--option", "theme=paper", "--option", "captions.mode=pop")
    assert call("presets").out.strip() == 'news: {"theme": "paper", "captions": {"mode": "pop"}}'
    assert json.loads(call("presets", "news", "--delete", "--json").out) == []
    assert "midnight" in call("themes").out
