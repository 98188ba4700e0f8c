"""Whole words in the order they are seen, for lines that mix directions of writing (Unicode Annex 9, on words)."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

_RLM, _LRM = "\u200f", "\u200e"
_STRONG = {"L": "L", "R": "R", "AL": "R", "AN": "R"}

Side = Literal["L", "R"]


@dataclass(frozen=True, slots=True)
class Seen:
    """A word's place in the text, and invisible marks to set round it so that its outer signs face the right way."""

    index: int
    before: str
    after: str


def visual_order(words: Sequence[str], *, rtl: bool) -> list[Seen]:
    """The words from left to right. `rtl` is the direction of the line.

    Runs of words against the line's direction are turned round. A number goes with the word before it (rule W7 for
    left-to-right words; after right-to-left ones the space before it is theirs, rule N1); other signs go with their
    neighbours when those agree, else with the line (N1, N2).
    """
    sides = _sides(words, rtl=rtl)
    order: list[Seen] = []
    at = 0
    while at < len(words):
        end = at + 1
        while end < len(words) and sides[end] == sides[at]:
            end += 1
        against = (sides[at] == "R") != rtl
        run = [_seen(n, first=n == at, last=n == end - 1, rtl=rtl, against=against) for n in range(at, end)]
        order += run[::-1] if against else run
        at = end
    return order[::-1] if rtl else order


def _sides(words: Sequence[str], *, rtl: bool) -> list[Side]:
    line: Side = "R" if rtl else "L"
    found = [_strong(word) for word in words]
    sides: list[Side] = []
    for at, side in enumerate(found):
        before: Side = sides[-1] if sides else line
        after = next((later for later in found[at + 1 :] if later), line)
        number = any(char.isdigit() for char in words[at])
        sides.append(side or (before if number or before == after else line))
    return sides


def _strong(word: str) -> Side | None:
    for char in word:
        side = _STRONG.get(unicodedata.bidirectional(char))
        if side is not None:
            return "R" if side == "R" else "L"
    return None


def _seen(index: int, *, first: bool, last: bool, rtl: bool, against: bool) -> Seen:
    """The first mark sets the direction of the word's own little line; the others keep inner signs with their run."""
    line, other = (_RLM, _LRM) if rtl else (_LRM, _RLM)
    if not against:
        return Seen(index, line if rtl else "", "")
    return Seen(index, line if first else line + other, "" if last else other)
