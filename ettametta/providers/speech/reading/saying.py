"""Pronunciations: words and phrases that are said otherwise than they are written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ettametta.providers.speech.reading.tokens import Token

#: Names the English offline voice is known to say wrong, respelled so that it says them right (docs/voices.md).
ENGLISH: Mapping[str, str] = {
    "Huawei": "wah way", "Nguyen": "win", "Nginx": "engine X", "Kubernetes": "koober netties",
    "Xi Jinping": "shee jin ping", "Goethe": "gurta", "Siobhan": "shivawn", "CO2": "C O two",
    "PostgreSQL": "postgres Q L",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Saying:
    """Written words (compared without case and without marks around them) and what is said for them."""

    written: tuple[str, ...]
    said: tuple[str, ...]


def compiled(wanted: Sequence[tuple[str, str]], language: str) -> tuple[Saying, ...]:
    """The person's own pronunciations before the built-in ones, longer phrases first."""
    own = {" ".join(word.casefold().split()): say for word, say in wanted}
    known = {word.casefold(): say for word, say in ENGLISH.items()} if language == "en" else {}
    sayings = [Saying(tuple(word.split()), tuple(say.split())) for word, say in {**known, **own}.items() if word]
    return tuple(sorted(sayings, key=lambda saying: -len(saying.written)))


def match(tokens: Sequence[Token], start: int, sayings: Sequence[Saying]) -> tuple[tuple[str, ...], ...] | None:
    """What is said for the tokens from `start` on if a pronunciation begins there; one entry for each token it takes.

    A possessive or a hyphenated partner keeps its own letters: "Nguyen's" is said "win's".
    """
    for saying in sayings:
        end = start + len(saying.written)
        if end > len(tokens):
            continue
        cores = [token.core.casefold() for token in tokens[start:end]]
        ending = "'s" if cores[-1] == saying.written[-1] + "'s" else ""
        if tuple(cores) == (*saying.written[:-1], saying.written[-1] + ending):
            return _shared((*saying.said[:-1], saying.said[-1] + ending), len(saying.written))
    return None


def _shared(said: tuple[str, ...], count: int) -> tuple[tuple[str, ...], ...]:
    """The spoken words over so many written ones, in order, as evenly as it goes."""
    marks = [place * len(said) // count for place in range(count + 1)]
    return tuple(said[start:end] for start, end in pairwise(marks))
