"""Words of any script, folded so that case, accents and forms do not matter; scripts without spaces go by pairs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from ettametta.db import storable

#: A document is searched by its first words, a query has few.
MAX_WORDS = 400
MAX_WORD_CHARS = 60

_MARKS = "".join(
    f"\\u{code:04x}"
    for block in (range(0x0300, 0x2000), range(0x3099, 0x309B), range(0xA800, 0xAC00))
    for code in block
    if unicodedata.category(chr(code)) in {"Mn", "Mc"}
)
#: Han, kana, hangul, Thai, Lao, Myanmar, Khmer: written without spaces, or with words that endings grow on.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
_UNSPACED_RUN = re.compile(f"[{_UNSPACED}]+")
_TOKEN = re.compile(
    f"[{_UNSPACED}]+|[$€£¥₹]?(?:(?![{_UNSPACED}])[^\\W_])(?:(?![{_UNSPACED}])[^\\W_]|[{_MARKS}])*(?:\\+{{1,2}}|#|%)?"
)
_SYMBOLS = "$€£¥₹+#%"
#: Accents of Latin, Greek and Cyrillic; vowel signs, hamza and lengthening of Arabic. Other marks are letters.
_ACCENTS = re.compile("[\u0300-\u036f\u0640\u064b-\u065f\u0670]")
_ZERO_WIDTH = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")


def tokens(text: str) -> list[str]:
    """The words as written, a currency sign before and `+`, `#`, `%` after them kept; pairs where no spaces are."""
    normal = _ZERO_WIDTH.sub("", unicodedata.normalize("NFKC", text))
    found: list[str] = []
    for token in _TOKEN.findall(normal):
        if len(token) > 2 and _UNSPACED_RUN.fullmatch(token):
            found += [token[index : index + 2] for index in range(len(token) - 1)]
        else:
            found.append(token)
    return found


def fold(token: str) -> str:
    """A word without case and accents."""
    if token.isascii():
        return token.lower()
    plain = _ACCENTS.sub("", unicodedata.normalize("NFD", token.casefold()))
    return unicodedata.normalize("NFC", plain)


def folded(text: str) -> list[str]:
    """The folded words in their order."""
    return [word for word in map(fold, tokens(text)) if word]


def search_words(texts: Iterable[str]) -> list[str]:
    """What a document is found by, each once: bare folded words, and in scripts without spaces single signs too."""
    words: dict[str, None] = {}
    for text in texts:
        for word in folded(storable(text)):
            if _UNSPACED_RUN.fullmatch(word):
                words.update(dict.fromkeys((word, *word)))
            else:
                words[_bare(word)] = None
            if len(words) >= MAX_WORDS:
                break
    words.pop("", None)
    return list(words)


def query_words(query: str) -> Sequence[str]:
    """The words a person searches for, as documents are found by them. Signs are no words: no query is an error."""
    return tuple(dict.fromkeys(filter(None, (_bare(word) for word in folded(storable(query, max_chars=500))))))[:16]


def _bare(word: str) -> str:
    if word.isascii() and word.isalnum():
        return word[:MAX_WORD_CHARS]
    plain = "".join(char for char in word.strip(_SYMBOLS) if char.isalnum() or unicodedata.category(char)[0] == "M")
    return plain[:MAX_WORD_CHARS]
