"""Figures in a text: numbers with their units, and the words around them that say what is counted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ettametta.discovery.ranking.words import tokens
from ettametta.kit.sentences import split_sentences
from ettametta.kit.text import truncate

MAX_TEXT_CHARS = 40_000
_MAX_SENTENCE_CHARS = 600
#: Words on each side of a number that say what it counts.
_REACH_WORDS = 7
_SCALES = {
    "thousand": 1e3, "million": 1e6, "millions": 1e6, "billion": 1e9, "trillion": 1e12, "bn": 1e9, "mil": 1e3,
    "millón": 1e6, "millones": 1e6, "milhões": 1e6, "milhão": 1e6, "milioni": 1e6, "milliards": 1e9, "milliard": 1e9,
    "tausend": 1e3, "millionen": 1e6, "milliarden": 1e9, "mille": 1e3,
}  # fmt: skip
_UNITS = {
    "%": "%", "percent": "%", "per cent": "%", "prozent": "%", "pour cent": "%", "por ciento": "%", "$": "dollar",
    "€": "euro", "£": "pound", "¥": "yen", "₹": "rupee", "dollars": "dollar", "euros": "euro", "km": "kilometre",
    "kilometers": "kilometre", "kilometres": "kilometre", "m": "metre", "meters": "metre", "metres": "metre",
    "kg": "kilogram", "kilograms": "kilogram", "kilos": "kilogram", "tonnes": "tonne", "tons": "ton", "mph": "mph",
    "km/h": "km/h", "°c": "°C", "°f": "°F", "miles": "mile", "hours": "hour", "minutes": "minute", "seconds": "second",
}  # fmt: skip
_COMMA_DECIMAL = frozenset({"de", "es", "fr", "it", "pt", "nl", "pl", "ru", "tr", "id", "sv", "da", "cs", "uk", "el"})
_FIGURE = re.compile(
    r"(?<![\w.,:/-])(?P<currency>[$€£¥₹])?\s?"
    r"(?P<number>\d{1,3}(?:[,.\u00a0\u202f]\d{3})+(?:[.,]\d{1,4})?|\d{1,12}(?:[.,]\d{1,6})?)"
    rf"(?:[\s\u00a0-](?P<scale>{'|'.join(_SCALES)})\b)?"
    r"(?:[\s\u00a0]?(?P<sign>%|°[CF]|€|km/h|mph|km|kg|m)(?![\w])"
    r"|[\s\u00a0-](?P<word>per cent|pour cent|por ciento|[^\W\d_]{2,30}))?"
    r"(?![\d:/])",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\s]+")
_CLAUSE_END = re.compile(r"[,;:()–—]")
_LEAST = re.compile(
    r"(?:more than|over|at least|above|exceeding|mehr als|mindestens|más de|al menos|plus de|au moins)\s*$",
    re.IGNORECASE,
)
_MOST = re.compile(
    r"(?:less than|fewer than|under|up to|at most|below|weniger als|bis zu|menos de|moins de)\s*$", re.IGNORECASE
)
_ABOUT = re.compile(
    r"(?:about|around|nearly|almost|roughly|some|approximately|etwa|rund|fast|unos|unas|casi|environ|presque|circa)\s*$",
    re.IGNORECASE,
)
_MONTHS = re.compile(
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|"
    r"sept?|oct|nov|dec)\.?$",
    re.IGNORECASE,
)
#: After a number they are no unit: "12 and", "40 of".
_NO_UNITS = frozenset(
    re.findall(
        r"\S+",
        """
        and or of in on at to by for from with was were is are has have had as the than that this who which but
        more less und oder von in im der die das y o de en del la el et ou le les des du
        """,
    )
)

Bound = Literal["exact", "about", "least", "most"]


@dataclass(frozen=True, slots=True)
class Figure:
    """A number a page states."""

    value: float
    #: a unit, a currency or the thing counted, singular; empty: none is stated
    unit: str
    bound: Bound
    #: as it is written, with what is counted
    written: str
    #: the sentence it stands in
    sentence: str
    #: folded words of its clause near it, without the unit
    about: frozenset[str]
    #: the page it stands on; None: it was no page
    url: str | None


def figures_in(text: str, url: str | None, language: str | None = None) -> Iterator[Figure]:
    """The figures of a text in order. Years, days, times of day and bare numbers are none."""
    for sentence in split_sentences(text[:MAX_TEXT_CHARS]):
        short = sentence[:_MAX_SENTENCE_CHARS]
        for match in _FIGURE.finditer(short):
            figure = _figure(short, match, url, language)
            if figure is not None:
                yield figure


def _figure(sentence: str, match: re.Match[str], url: str | None, language: str | None) -> Figure | None:
    before = sentence[: match.start()]
    unit = _unit(match)
    if unit is None or _MONTHS.search(before.rstrip()) or _is_date(match):
        return None
    value = _number(match["number"], language) * _SCALES.get((match["scale"] or "").lower(), 1.0)
    return Figure(
        value,
        unit,
        _bound(before),
        truncate(" ".join(match.group().split()), 80),
        sentence,
        _about(sentence, match) - {unit},
        url,
    )


def _unit(match: re.Match[str]) -> str | None:
    """The unit; None: no unit follows, or a word that is none."""
    sign = match["currency"] or match["sign"]
    word = (match["word"] or "").lower()
    if sign:
        return _UNITS[sign.lower()]
    if not word or word in _NO_UNITS:
        return None
    if word in _UNITS:
        return _UNITS[word]
    found = tokens(word)
    return found[0] if found else None


def _is_date(match: re.Match[str]) -> bool:
    number = match["number"]
    is_year = len(number) == 4 and number.isdigit() and 1500 <= int(number) <= 2100
    has_sign = bool(match["currency"] or match["sign"] or match["scale"])
    return not has_sign and (is_year or _MONTHS.fullmatch(match["word"] or "") is not None)


def _number(written: str, language: str | None) -> float:
    """A written number: groups of three after a comma or point are thousands, unless the language says otherwise."""
    plain = written.replace("\u00a0", "").replace("\u202f", "")
    marks = [mark for mark in plain if mark in ",."]
    decimal = "," if language in _COMMA_DECIMAL else "."
    if len(set(marks)) == 2:
        decimal = marks[-1]
    elif len(marks) > 1:
        decimal = ""
    elif marks and len(plain.rsplit(marks[0], 1)[1]) != 3:
        decimal = marks[0]
    whole, _, part = plain.partition(decimal) if decimal else (plain, "", "")
    return float(f"{re.sub('[,.]', '', whole) or '0'}.{re.sub('[,.]', '', part) or '0'}")


def _bound(before: str) -> Bound:
    kinds: tuple[tuple[re.Pattern[str], Bound], ...] = ((_LEAST, "least"), (_MOST, "most"), (_ABOUT, "about"))
    near = before[-30:]
    return next((kind for pattern, kind in kinds if pattern.search(near)), "exact")


def _about(sentence: str, match: re.Match[str]) -> frozenset[str]:
    """The words of weight near the number, within its clause."""
    head = _CLAUSE_END.split(sentence[: match.start()])[-1]
    tail = _CLAUSE_END.split(sentence[match.end() :], maxsplit=1)[0]
    near = [*_WORD.findall(head)[-_REACH_WORDS:], match["word"] or "", *_WORD.findall(tail)[:_REACH_WORDS]]
    return frozenset(token for token in tokens(" ".join(near)) if len(token) > 3 or not token.isascii())
