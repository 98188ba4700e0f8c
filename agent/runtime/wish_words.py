"""Wishes for a video's look and sound at the end of a sentence: "in 16:9, without captions, with calm music". Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ettametta.video.themes import THEMES

_SHAPES = {
    "square": "1:1", "vertical": "9:16", "portrait": "9:16", "upright": "9:16", "horizontal": "16:9",
    "landscape": "16:9", "widescreen": "16:9",
}  # fmt: skip
_MODES = {
    "highlighted": "highlight", "pop": "pop", "karaoke": "karaoke", "one word": "one_word", "one-word": "one_word",
    "sentence": "sentence", "minimal": "minimal",
}  # fmt: skip

_Found = re.Match[str]
_Read = Callable[[_Found], dict[str, Any]]

#: What may be wished for, each as it stands between two commas, and the fields of VideoOptions it means.
_FORMS: tuple[tuple[str, _Read], ...] = (
    (r"(?:in |as )?(?P<it>9:16|16:9|1:1|4:5)", lambda m: {"aspect": m["it"]}),
    (rf"(?:in |as )(?:a )?(?P<it>{'|'.join(_SHAPES)})(?: format| video)",
     lambda m: {"aspect": _SHAPES[m["it"].lower()]}),
    (r"(?:without|no) (?:captions|subtitles)", lambda _: {"captions": {"mode": "off"}}),
    (rf"with (?P<it>{'|'.join(_MODES)}) (?:captions|subtitles)",
     lambda m: {"captions": {"mode": _MODES[m["it"].lower()]}}),
    (r"with (?:captions|subtitles)", lambda _: {"captions": {"mode": "highlight"}}),
    (rf"(?:in|with) the (?P<it>{'|'.join(THEMES)}) theme|theme (?P<name>{'|'.join(THEMES)})",
     lambda m: {"theme": (m["it"] or m["name"]).lower()}),
    (r"(?:without|no) music", lambda _: {"music": None}),
    (r"with (?:some )?(?P<it>calm|upbeat|dramatic|playful|dreamy) music",
     lambda m: {"music": {"mood": m["it"].lower()}}),
    (r"with (?:the )?voice (?P<it>[\w-]{1,30}(?::[\w-]{1,40})?)", lambda m: {"voice": m["it"]}),
    # What an attached sound is to be is read by the tool from the whole message.
    ((r"\(?(?:(?:with |using |use )?(?:this|that|my|the)(?: attached)?(?: song| sound| track| file| one| audio)? "
      r"(?:as|for) (?:the |its |my )?(?:background )?|as (?:the |its |my |background )+)(?:music|narration|voice-?over)"
      r"(?:[\s,;(]+licen[cs]ed?(?: is| under)?\s*:?\s*[^\n]{2,60})?\)?"), lambda _: {}),
    (r"as a draft", lambda _: {"draft": True}),
)  # fmt: skip
_JOIN = r"(?:\s*,\s*(?:and\s+)?|\s+(?:and\s+)?)"
_PATTERNS = tuple((re.compile(rf"{_JOIN}(?:{form})[\s.!]*$", re.IGNORECASE), read) for form, read in _FORMS)
#: A wish is looked for in this many last characters.
_TAIL_CHARS = 100


def take_tail_option(text: str) -> tuple[dict[str, Any], str] | None:
    """The wish a text ends with, as fields of VideoOptions, and the text without it; None when it ends with none."""
    head, tail = text[:-_TAIL_CHARS], text[-_TAIL_CHARS:]
    for pattern, read in _PATTERNS:
        found = pattern.search(tail)
        if found and (head + tail[: found.start()]).strip():
            return read(found), head + tail[: found.start()]
    return None
