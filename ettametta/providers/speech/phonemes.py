"""What the Kokoro voices are fed: phonemes for each spoken word, by language. Pure but for the engines handed in."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate

#: Sounds of two letters that are one symbol to Kokoro (misaki's table for eSpeak's IPA, Apache-2.0).
_JOINED = {
    "a^ɪ": "I", "a^ʊ": "W", "d^z": "ʣ", "d^ʒ": "ʤ", "e^ɪ": "A", "o^ʊ": "O", "ə^ʊ": "Q", "s^s": "S", "t^s": "ʦ",
    "t^ʃ": "ʧ", "ɔ^ɪ": "Y",
}  # fmt: skip
_PUNCTUATION = ';:,.!?—…"()“”'
_MARKS = re.compile(rf"[{re.escape(_PUNCTUATION)}«»¿¡'’‘–-]+")
_SAME = {"«": "“", "»": "”", "–": "—", "¿": "", "¡": "", "'": "", "’": "", "‘": "", "-": ""}


@dataclass(frozen=True, slots=True)
class Voiced:
    """Phonemes of one spoken word with the marks after it, and the number of the word."""

    phonemes: str
    owner: int


def from_ipa(ipa: str) -> str:
    """ESpeak's IPA in Kokoro's symbols."""
    for tied, symbol in _JOINED.items():
        ipa = ipa.replace(tied, symbol)
    return ipa.replace("^", "").replace("-", "").replace("ʲ", "").replace("ɚ", "əɹ")


def voiced(said: Sequence[str], to_ipa: Callable[[str], str]) -> list[Voiced]:
    """Each spoken word's phonemes. A clause is read whole, for its liaisons, when its words can be told apart."""
    found: list[Voiced] = []
    clause: list[tuple[int, str, str]] = []
    for owner, word in enumerate(said):
        bare, marks = _apart(word)
        clause.append((owner, bare, marks))
        if marks or owner + 1 == len(said):
            found += _clause(clause, to_ipa)
            clause = []
    return found


def _apart(word: str) -> tuple[str, str]:
    """The word's letters, and the marks that follow them as Kokoro knows them."""
    tail = re.search(rf"(?:{_MARKS.pattern})$", word)
    marks = "".join(_SAME.get(sign, sign) for sign in tail[0]) if tail else ""
    bare = re.sub(r"^[^\w]+|[^\w]+$", "", word)
    return bare, marks[:1] if marks != "..." else "…"


def _shared(together: Sequence[str], words: Sequence[str]) -> list[str]:
    """What the engine ran together or took apart, over the written words by where it stands among their letters.

    Read one by one, words would be said otherwise: a lone French "à" is the name of the letter.
    """
    ends = list(accumulate(len(word) for word in words))
    scale = ends[-1] / max(1, sum(map(len, together)))
    shares: list[list[str]] = [[] for _ in words]
    place = 0.0
    for sounds in together:
        middle = (place + len(sounds) / 2) * scale
        shares[min(len(words) - 1, bisect_right(ends, middle))].append(sounds)
        place += len(sounds)
    return [" ".join(share) for share in shares]


def _clause(clause: Sequence[tuple[int, str, str]], to_ipa: Callable[[str], str]) -> list[Voiced]:
    words = [bare for _, bare, _ in clause if bare]
    together = to_ipa(" ".join(words)).split() if words else []
    read = iter(together if len(together) == len(words) else _shared(together, words))
    return [
        Voiced(from_ipa(next(read)) + marks if bare else marks, owner) for owner, bare, marks in clause if bare or marks
    ]
