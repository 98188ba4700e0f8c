"""What an attached sound is taken as: the narration or the music, as the caption says."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from ettametta.errors import InvalidInput
from tools.productions import MakeVideoInput, _brief


@pytest.mark.parametrize(
    ("caption", "text", "recording"),
    [("", None, "a"), ("Tea is old.", "Tea is old.", None), ("Tea. Use this as the narration", "Tea.", "a")],
)
def test_the_caption_decides(caption: str, text: str | None, recording: str | None) -> None:
    sound = SimpleNamespace(id="a", kind="audio")
    context: Any = SimpleNamespace(attachments=(sound,), said=caption)
    brief = _brief(cast("Any", context), MakeVideoInput(text=text))
    assert brief.options.narration_asset_id == recording


@pytest.mark.parametrize(
    ("caption", "sounds", "expected"),
    [
        ("Tea, with this as music", "a", (None, "a", "")),
        ("Tea. This is the background music, licence: CC BY 4.0, by Ann.", "a", (None, "a", "CC BY 4.0, by Ann")),
        ("The first as the narration, the second as music", "ab", ("a", "b", "")),
        ("Music as a science", "a", (None, None, "")),
    ],
)
def test_the_caption_says_what_is_music(
    caption: str, sounds: str, expected: tuple[str | None, str | None, str]
) -> None:
    attached = tuple(SimpleNamespace(id=one, kind="audio") for one in sounds)
    context: Any = SimpleNamespace(attachments=attached, said=caption)
    options = _brief(cast("Any", context), MakeVideoInput(topic="Tea")).options
    assert (options.narration_asset_id, options.music_asset_id, options.music_licence) == expected


def test_music_alone_is_nothing_to_make_a_video_about() -> None:
    sound = SimpleNamespace(id="a", kind="audio")
    context: Any = SimpleNamespace(attachments=(sound,), said="as music")
    with pytest.raises(InvalidInput) as caught:
        _brief(cast("Any", context), MakeVideoInput())
    assert caught.value.code == "brief.empty"
