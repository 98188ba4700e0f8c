"""Edits in plain words and by command, without a model."""

from __future__ import annotations

from typing import Any

import pytest

from agent.runtime.edit_words import UseTool
from agent.runtime.understanding import Intent, MakeVideo, UnknownCommand, read_command, understand
from tools import TOOLS

_ID = "0199f3a2b4c67def8a9b0c1d2e3f4a5b"


def _edit(**operation: Any) -> UseTool:
    return UseTool("edit_video", {"operations": [operation]})


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("undo", UseTool("undo_edit")),
        ("Undo that, please", None),
        ("please undo the last change!", UseTool("undo_edit")),
        ("redo", UseTool("redo_edit")),
        ("continue", UseTool("continue_production")),
        ("show me the storyboard", UseTool("show_storyboard", {"with_picture": True})),
        ("list the versions", UseTool("show_revisions")),
        ("what voices are there?", UseTool("list_choices")),
        ("send it again", UseTool("send_video")),
        ("delete scene 3", _edit(op="delete_scene", scene="3")),
        ("Please remove scene number 12.", _edit(op="delete_scene", scene="12")),
        ("swap scenes 2 and 3", _edit(op="swap_scenes", scene="2", other="3")),
        ("merge scenes 3 and 2", _edit(op="merge_scenes", scene="2")),
        ("merge scenes 2 and 5", None),
        ("split scene 2", _edit(op="split_scene", scene="2")),
        ("move scene 4 to position 1", _edit(op="move_scene", scene="4", to=1)),
        ("move scene 4 to the start", _edit(op="move_scene", scene="4", to=1)),
        ("Change scene 2 to: A lamp in Paris.", _edit(op="set_narration", scene="2", text="A lamp in Paris.")),
        ("scene 2 should say “A lamp.”", _edit(op="set_narration", scene="2", text="A lamp.")),
        ("another picture for scene 3", _edit(op="swap_visual", scene="3")),
        ("a different photo for scene 3: Lighthouse at night",
         _edit(op="swap_visual", scene="3", query="Lighthouse at night")),
        ("change the theme to Paper", _edit(op="restyle", theme="paper")),
        ("use the paper theme", _edit(op="restyle", theme="paper")),
        ("without captions", _edit(op="restyle", captions={"mode": "off"})),
        ("captions karaoke", _edit(op="restyle", captions={"mode": "karaoke"})),
        ("with one-word captions", _edit(op="restyle", captions={"mode": "one_word"})),
        ("no music", _edit(op="restyle", clear=["music"])),
        ("with calm music", _edit(op="restyle", music={"mood": "calm"})),
        ("in 16:9", _edit(op="set_aspect", aspect="16:9")),
        ("make it square", _edit(op="set_aspect", aspect="1:1")),
        ("call it The lamp", _edit(op="set_title", title="The lamp")),
        ("Make 20-second videos about:\n- tea\n- coffee",
         UseTool("make_videos", {"subjects": "- tea\n- coffee", "duration_s": 20.0})),
        ("make videos about these topics: \ntea\ncoffee", UseTool("make_videos", {"subjects": "tea\ncoffee"})),
        ("Cat videos from the web:\nthey are old\nand new", None),
        ("try three other covers", UseTool("make_variants", {"by": "thumbnail", "count": 3})),
        ("Make versions of it with another opening", UseTool("make_variants", {"by": "hook", "count": 2})),
        ("make a video about how to delete scene 3", MakeVideo("topic", "how to delete scene 3")),
    ],
)  # fmt: skip
def test_sentences(text: str, intent: Intent | None) -> None:
    assert understand(text) == intent


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        (f"/storyboard {_ID}", UseTool("show_storyboard", {"production_id": _ID, "with_picture": True})),
        ("/batch tea\ncoffee", UseTool("make_videos", {"subjects": "tea\ncoffee"})),
        ("/undo", UseTool("undo_edit")),
        (f"/redo {_ID}", UseTool("redo_edit", {"production_id": _ID})),
        ("/revisions", UseTool("show_revisions")),
        (f"/send {_ID}", UseTool("send_video", {"production_id": _ID})),
        (f"/continue {_ID}", UseTool("continue_production", {"production_id": _ID})),
        ("/voices", UseTool("list_choices")),
        ("/pictures a lamp", UseTool("search_pictures", {"query": "a lamp"})),
        ("/edit", UseTool("show_storyboard")),
        (f"/edit {_ID} delete scene 3",
         UseTool("edit_video", {"production_id": _ID, "operations": [{"op": "delete_scene", "scene": "3"}]})),
        ('/edit {"op": "set_title", "title": "Tea"}', _edit(op="set_title", title="Tea")),
        ("/edit {broken", UnknownCommand("edit")),
        ("/edit make it nicer", UnknownCommand("edit")),
    ],
)  # fmt: skip
def test_commands(text: str, intent: Intent | None) -> None:
    assert read_command(text) == intent


def test_every_deed_is_a_tool_and_takes_its_arguments() -> None:
    tools = {tool.name: tool for tool in TOOLS}
    for text in ("undo", "swap scenes 2 and 3", "with calm music", "in 16:9", "a new picture for scene 2", "no music"):
        deed = understand(text)
        assert isinstance(deed, UseTool)
        tools[deed.tool].input.model_validate(dict(deed.arguments))
