"""Turns written words into spoken ones, word by word, so that every spoken word has its written owner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ettametta.providers.speech.reading import addresses, amounts, dates, names
from ettametta.providers.speech.reading.rules import DOT_READ, Place, Rule, Said
from ettametta.providers.speech.reading.saying import Saying, match
from ettametta.providers.speech.reading.tokens import Token, token
from ettametta.providers.speech.reading.tongues import TONGUES

#: In this order; the first that knows the word reads it.
_RULES: tuple[Rule, ...] = (
    addresses.link,
    addresses.mail,
    addresses.handle,
    dates.clock,
    dates.date,
    dates.month_day,
    dates.decade,
    amounts.spaced,
    amounts.money,
    amounts.measure,
    amounts.span,
    amounts.fraction,
    amounts.ordinal,
    names.regnal,
    names.abbreviation,
    amounts.number,
    names.symbol,
    names.mixed,
)


@dataclass(frozen=True, slots=True)
class Reading:
    """A written word (as the script has it) and what is said for it: no word, one or several."""

    written: str
    said: tuple[str, ...]


def read(words: Sequence[str], language: str, sayings: Sequence[Saying] = ()) -> tuple[Reading, ...]:
    """Every word with what is said for it.

    Args:
        words: a sentence's words as written, with their punctuation.
        language: ISO 639-1; a language without rules here is said as it is written, less its emoji.
        sayings: pronunciations, applied before anything else.
    """
    tokens = [token(word) for word in words]
    tongue = TONGUES.get(language)
    readings: list[Reading] = []
    while len(readings) < len(tokens):
        start = len(readings)
        said = match(tokens, start, sayings)
        if said is None and tongue is not None:
            said = _by_rule(Place(tokens, start, tongue))
        said = said or (_as_written(tokens[start]),)
        for of, phrases in zip(tokens[start : start + len(said)], said, strict=True):
            readings.append(Reading(of.written, _dressed(of, phrases, last=len(readings) + 1 == len(tokens))))
    return tuple(readings)


def _by_rule(place: Place) -> Said | None:
    if not place.core:
        return None
    return next((said for rule in _RULES if (said := rule(place)) is not None), None)


def _as_written(of: Token) -> tuple[str, ...]:
    return (of.core,) if of.core else ()


def _dressed(of: Token, said: Sequence[str], *, last: bool) -> tuple[str, ...]:
    """The spoken words with the marks that stood around the written one; a lone dash or ellipsis stays as a pause."""
    words = [word for phrase in said for word in phrase.split()]
    if not words:
        mark = of.opening + of.closing
        return (mark,) if mark and not of.core else ()
    words[0] = of.opening + words[0]
    own_dot = words[-1].endswith(".") or (words[-1].endswith(DOT_READ) and not last)
    words[-1] = words[-1].removesuffix(DOT_READ) + (of.closing.removeprefix(".") if own_dot else of.closing)
    return tuple(words)
