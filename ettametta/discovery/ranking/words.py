"""Texts as comparable words, in any script: folded, and phrases found by their words standing in a row."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

#: Written without spaces (or, as Korean, with endings glued on): each character is a word, a word is a phrase.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
#: Accents of European scripts, points of Hebrew, vowel marks and the stretcher of Arabic: written or not as one likes.
_OPTIONAL_MARKS = re.compile("[\u0300-\u036f\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670]")
_POSSESSIVE = re.compile(r"(?<=\w)['’]s\b")
_FORMATS = re.compile("[\u00ad\u200b-\u200f\u2060]")
_PLURAL = re.compile(r"[a-z]{3,}[a-rt-z]s")
#: Endings in -s that are no plural: "virus", "analysis".
_NO_PLURAL = ("us", "is", "ss")


def fold(text: str) -> str:
    """Text without case, compatibility forms and optional marks."""
    parted = unicodedata.normalize("NFKD", text).casefold()
    return unicodedata.normalize("NFC", _OPTIONAL_MARKS.sub("", _FORMATS.sub("", parted)))


def tokens(text: str) -> tuple[str, ...]:
    """The folded words of a text in order; plain English plurals lose their ending."""
    return tuple(_singular(word) for word in _pattern().findall(_POSSESSIVE.sub("", fold(text))))


def _singular(word: str) -> str:
    if _PLURAL.fullmatch(word) is None or word.endswith(_NO_PLURAL):
        return word
    return f"{word[:-3]}y" if word.endswith("ies") and len(word) > 4 else word[:-1]


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    # Python's \w knows no combining marks, and Indic scripts are spelled with them.
    marks = "".join(chr(code) for code in range(0x300, 0x10000) if unicodedata.category(chr(code))[0] == "M")
    letter = rf"[^\W_{_UNSPACED}]"
    return re.compile(rf"[{_UNSPACED}][{marks}]*|{letter}(?:{letter}|[{marks}])*(?:\+\+|\#)?")


@dataclass(frozen=True)
class Words:
    """A text by its words, made to be asked for phrases."""

    tokens: tuple[str, ...]

    @cached_property
    def places(self) -> Mapping[str, tuple[int, ...]]:
        """Where each word stands."""
        found: dict[str, list[int]] = {}
        for place, token in enumerate(self.tokens):
            found.setdefault(sys.intern(token), []).append(place)
        return {token: tuple(places) for token, places in found.items()}

    def count(self, phrase: tuple[str, ...]) -> int:
        """How often the words of a phrase stand in a row."""
        if not phrase:
            return 0
        starts = self.places.get(phrase[0], ())
        return sum(self.tokens[start : start + len(phrase)] == phrase for start in starts)


def words_of(text: str) -> Words:
    """The words of a text."""
    return Words(tokens(text))


def features(text: str) -> frozenset[str]:
    """What two texts about the same thing share: their words, in scripts without spaces their pairs of characters."""
    return frozenset(_paired(tokens(text)))


def _paired(found: tuple[str, ...]) -> Iterable[str]:
    unspaced = _single()
    for place, token in enumerate(found):
        if unspaced.match(token) is None:
            if len(token) > 1:
                yield token
        elif place + 1 < len(found) and unspaced.match(found[place + 1]):
            yield token + found[place + 1]


@lru_cache(maxsize=1)
def _single() -> re.Pattern[str]:
    return re.compile(f"[{_UNSPACED}]")
