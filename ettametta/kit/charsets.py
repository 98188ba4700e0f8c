"""Guesses the charset of text that names none, by asking which decoding reads most like a language."""

from __future__ import annotations

import itertools
import unicodedata

from ettametta.kit.languages import certainty

#: Tried in this order; of equal readings the first is taken.
_CANDIDATES = (
    "cp1252",
    "euc_jp",
    "shift_jis",
    "gb18030",
    "big5",
    "euc_kr",
    "cp1250",
    "cp1251",
    "koi8_r",
    "cp1253",
    "cp1254",
    "cp1255",
    "cp1256",
    "cp1257",
    "cp874",
)
_TYPOGRAPHIC = frozenset("–—‘’“”„«»…°€£§·¿¡•\u00a0\u3000、。「」『』！？・，：（）ー")
_SAMPLE_BYTES = 4_000
_LEAST_SCORE = 0.8


def guess_charset(data: bytes) -> str | None:
    """The Python codec name that reads the bytes best; None when none reads like text."""
    sample = _sample(data)
    scored = [(_score(sample, name), -index) for index, name in enumerate(_CANDIDATES)]
    best, index = max(scored)
    return _CANDIDATES[-index] if best >= _LEAST_SCORE else None


def _sample(data: bytes) -> bytes:
    """A piece around the first byte that is not ASCII: there the charsets differ."""
    first = next((index for index, byte in enumerate(data) if byte > 127), 0)
    start = max(first - 200, 0)
    return data[start : start + _SAMPLE_BYTES]


def _score(sample: bytes, name: str) -> float:
    """Share of letters among what is not ASCII, less what words rarely have, plus how sure the language is.

    Accented Latin letters stand among plain ones; side by side they are mostly another script misread.
    """
    # A cut inside a multi-byte character at the very end says nothing about the charset.
    text = next((text for cut in range(4) if (text := _read(sample[: len(sample) - cut], name)) is not None), None)
    if text is None:
        return -1.0
    foreign = [char for char in text if ord(char) > 127]
    if not foreign:
        return 0.0
    letters = sum(char in _TYPOGRAPHIC or unicodedata.category(char)[0] in "LM" for char in foreign)
    strange = sum(_strange(left, right) for left, right in itertools.pairwise(text))
    crowded = sum("\x80" < left < "\u0250" and "\x80" < right < "\u0250" for left, right in itertools.pairwise(text))
    return (letters - 2 * strange - 0.7 * crowded) / len(foreign) + certainty(text)


def _read(data: bytes, name: str) -> str | None:
    try:
        return data.decode(name)
    except UnicodeError:
        return None


def _strange(left: str, right: str) -> bool:
    """A capital after a small letter, or a Latin letter beside one of a script that is never mixed with it."""
    if left.islower() and right.isupper():
        return True
    if not (_is_of_a_word(left) and _is_of_a_word(right)):
        return False
    return _is_latin(left) != _is_latin(right) and ord(max(left, right)) < 0x3000


def _is_of_a_word(char: str) -> bool:
    return char.isalpha() or unicodedata.category(char)[0] == "M"


def _is_latin(char: str) -> bool:
    return ord(char) < 0x250
