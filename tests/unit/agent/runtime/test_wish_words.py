"""Plain wishes at the end of a request, without a model; what is not understood stays in the topic."""

from __future__ import annotations

from typing import Any

import pytest

from agent.runtime.phrases import Wishes
from agent.runtime.understanding import MakeVideo, understand
from ettametta.productions.options import VideoOptions


@pytest.mark.parametrize(
    ("said", "subject", "wishes"),
    [
        (
            "make a video about tea in 16:9, without captions, in Spanish, 20 seconds, with calm music",
            "tea",
            Wishes(20, "es", {"aspect": "16:9", "captions": {"mode": "off"}, "music": {"mood": "calm"}}),
        ),
        ("make a video about tea, in the paper theme", "tea", Wishes(options={"theme": "paper"})),
        ("make a video about tea with karaoke captions", "tea", Wishes(options={"captions": {"mode": "karaoke"}})),
        ("make a video about tea with the voice kokoro:af_heart and as a draft", "tea",
         Wishes(options={"voice": "kokoro:af_heart", "draft": True})),
        ("make a video about tea in a square format", "tea", Wishes(options={"aspect": "1:1"})),
        ("make a video about tea, with this as music", "tea", Wishes()),
        ("make a video about tea. Use my song as the background music (licence: CC BY 4.0)", "tea",
         Wishes()),
        ("make a video about jazz as music", "jazz as music", Wishes()),
        ("make a video about life with calm animals", "life with calm animals", Wishes()),
        ("make a video about life without music and captions", "life without music and captions", Wishes()),
        ("make a video about the king as a portrait", "the king as a portrait", Wishes()),
        ("make a video about tea in the concrete theme", "tea in the concrete theme", Wishes()),
    ],
)  # fmt: skip
def test_plain_wishes_are_read(said: str, subject: str, wishes: Wishes) -> None:
    assert understand(said, has_file=False) == MakeVideo("topic", subject, wishes)
    options: Any = wishes.options or {}
    assert VideoOptions.model_validate(options).model_dump(include=set(options), exclude_unset=True) == options
