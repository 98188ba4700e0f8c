"""A written word taken apart: what opens it, what is said, what closes it. And emoji, which are seen and not said."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_OPENERS = "\"'“‘«‹([{¿¡„"
_CLOSERS = "\"'”’»›)]}.,;:!?…—–"
#: Emoji, their joiners, skin tones, variation selectors, keycaps and flags; also dingbats and arrows drawn as emoji.
_PICTURES = re.compile(
    "[\U0001f000-\U0001faff\u2600-\u27bf\u2b05-\u2b07\u2b1b\u2b1c\u2b50\u2b55\u200d\ufe0e\ufe0f\u20e3"
    "\U000e0020-\U000e007f]+"
)


@dataclass(frozen=True, slots=True)
class Token:
    """A written word: `core` is what is read, `opening` and `closing` are the marks around it."""

    written: str
    opening: str
    core: str
    closing: str


def token(written: str) -> Token:
    """Take a word apart."""
    text = unicodedata.normalize("NFC", _PICTURES.sub("", written)).replace("’", "'").replace("−", "-")
    start, end = 0, len(text)
    while start < end and text[start] in _OPENERS:
        start += 1
    while end > start and text[end - 1] in _CLOSERS:
        end -= 1
    return Token(written, text[:start], text[start:end], text[end:])
