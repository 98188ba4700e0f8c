"""docs/editing.md shows every operation with an example that works, and none that there is not."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import get_args

from ettametta.edits import apply, diff, parse
from ettametta.edits.operations import Operation
from tests.unit.edits.boards import board

_TEXT = (Path(__file__).parents[3] / "docs/editing.md").read_text(encoding="utf-8")
_ROW = re.compile(r"^\| `(\w+)` \| .+ \| `(\{.*\})` \|$", re.MULTILINE)


def test_every_operation_is_there_with_an_example_that_changes_something() -> None:
    rows = {name: json.loads(example) for name, example in _ROW.findall(_TEXT)}
    union = get_args(get_args(Operation)[0])
    assert set(rows) == {model.model_fields["op"].default for model in union}
    for name, example in rows.items():
        assert example["op"] == name
        old = board(6)
        scenes = [
            scene.model_copy(update={"narration": f"{scene.narration} Yes, but then it went to Paris."})
            for scene in old.scenes
        ]
        old = old.model_copy(update={"scenes": tuple(scenes), "language": "fr"})
        assert diff(old, apply(old, parse([example]))), f"{name} changes nothing"
