"""Tokens a voice cannot read as meant: addresses, handles, code, emoji, long figures, letters of another script."""

from __future__ import annotations

import re
import unicodedata
from types import MappingProxyType

_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"(?:https?://|www\.)\S+|\b[\w-]+\.(?:com|org|net|io|gov|edu|info)\b(?:/\S*)?", re.IGNORECASE),
        "a web address",
    ),
    (re.compile(r"\S+@\S+\.\w+"), "an e-mail address"),
    (re.compile(r"(?<!\w)[@#]\w+"), "a handle or hashtag"),
    (re.compile(r"\b[a-z]+[A-Z]\w*\(|\w+_\w+|[{}<>\\|`~^]|::|\(\)|</?\w+>|\*\*|__|\$\{"), "code or markup"),
    (re.compile(r"(?<![\d.,])\d{7,}(?![\d.,]\d)"), "a long run of digits"),
    (re.compile(r"(?:\d+[.:/-]){3,}\d+"), "a string of numbers"),
    (re.compile(r"\b(?=\w*\d)(?=\w*[A-Za-z])[A-Za-z\d]{9,}\b"), "a code of letters and digits"),
)
_LATIN = frozenset({"LATIN"})
_SCRIPTS = MappingProxyType(
    {
        "ru": frozenset({"CYRILLIC"}), "uk": frozenset({"CYRILLIC"}), "bg": frozenset({"CYRILLIC"}),
        "sr": frozenset({"CYRILLIC", "LATIN"}), "el": frozenset({"GREEK"}), "ar": frozenset({"ARABIC"}),
        "fa": frozenset({"ARABIC"}), "ur": frozenset({"ARABIC"}), "he": frozenset({"HEBREW"}),
        "hi": frozenset({"DEVANAGARI"}), "mr": frozenset({"DEVANAGARI"}), "ne": frozenset({"DEVANAGARI"}),
        "ja": frozenset({"HIRAGANA", "KATAKANA", "CJK", "HALFWIDTH", "FULLWIDTH", "KATAKANA-HIRAGANA"}),
        "zh": frozenset({"CJK"}), "ko": frozenset({"HANGUL", "CJK"}), "th": frozenset({"THAI"}),
        "bn": frozenset({"BENGALI"}), "ta": frozenset({"TAMIL"}), "te": frozenset({"TELUGU"}),
        "ka": frozenset({"GEORGIAN"}), "hy": frozenset({"ARMENIAN"}),
    }
)  # fmt: skip
#: Symbols that are read aloud, or that only shape the voice.
_READ = frozenset("%$€£¥°&+=§²³©®™№")


def unspeakable(text: str, language: str) -> list[tuple[str, str]]:
    """The tokens a voice of this language cannot read, each with what it is."""
    found = [(one.group(), what) for pattern, what in _PATTERNS for one in pattern.finditer(text)]
    for word in text.split():
        what = _foreign(word, language)
        if what and not any(word in token for token, _ in found):
            found.append((word, what))
    return list(dict.fromkeys(found))


def _foreign(word: str, language: str) -> str:
    allowed = _SCRIPTS.get(language, _LATIN) | _LATIN
    for char in word:
        category = unicodedata.category(char)
        if category[0] == "L" and unicodedata.name(char, "").split(" ", 1)[0] not in allowed and category != "Lm":
            return "letters of another script"
        if category in ("So", "Sk", "Cn", "Co") and char not in _READ:
            return "a symbol or emoji"
    return ""
