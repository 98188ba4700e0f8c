"""What an attached sound is taken as: the narration without words or when the caption says so, else nothing."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from tools.productions import MakeVideoInput, _brief


@pytest.mark.parametrize(
    ("caption", "text", "recording"),
    [("", None, "a"), ("Tea is old.", "Tea is old.", None), ("Tea. Use this as the narration", "Tea.", "a")],
)
def test_the_caption_decides(caption: str, text: str | None, recording: str | None) -> None:
    sound = SimpleNamespace(id="a", kind="audio")
    context: Any = SimpleNamespace(attachments=(sound,), message_text=caption)
    brief = _brief(cast("Any", context), MakeVideoInput(text=text))
    assert brief.options.narration_asset_id == recording
