"""Amounts in a text: value, unit, how exactly it is written, and how it is hedged; and whether two of them agree.

Rounding is fair ("about 1.5 million" for 1,512,345), so are other units of the same kind (20 miles for 32 km); another
value, another unit or a turned hedge ("more than" for "up to") is not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Hedge = Literal["", "about", "more", "less"]


def _numbered(names: str, *, first: int = 0, step: int = 1) -> dict[str, int]:
    return {name: first + step * place for place, name in enumerate(names.split())}


_SCALES = MappingProxyType(
    {
        "hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12, "k": 1e3,
        "bn": 1e9,
        "mil": 1e3, "millón": 1e6, "millones": 1e6, "millions": 1e6, "milliard": 1e9, "milliards": 1e9, "mille": 1e3,
        "mila": 1e3, "milione": 1e6, "milioni": 1e6, "miliardo": 1e9, "miliardi": 1e9, "milhão": 1e6, "milhões": 1e6,
        "bilhão": 1e9, "bilhões": 1e9, "tausend": 1e3, "millionen": 1e6, "milliarde": 1e9, "milliarden": 1e9,
        "billions": 1e9, "thousands": 1e3,
    }
)  # fmt: skip
#: Unit words, and what they are: a kind, and how much of the kind's own unit one is.
_UNITS: dict[str, tuple[str, float]] = {}
for _kind, _size, _names in (
    (
        "length",
        1000.0,
        "km kilometre kilometres kilometer kilometers kilómetro kilómetros kilomètre kilomètres chilometri quilômetros",
    ),
    ("length", 1.0, "m metre metres meter meters metro metros mètre mètres metri"),
    ("length", 0.01, "cm centimetre centimetres centimeter centimeters centímetros centimètres zentimeter"),
    ("length", 0.001, "mm millimetre millimetres millimeter millimeters"),
    ("length", 1609.344, "mile miles milla millas meilen"),
    ("length", 0.3048, "foot feet ft pies"),
    ("length", 0.0254, "inch inches"),
    ("mass", 1.0, "kg kilo kilos kilogram kilograms kilogramme kilogrammes kilogramos"),
    ("mass", 0.001, "gram grams gramme grammes gramos"),
    ("mass", 0.45359237, "pound pounds"),
    ("mass", 1000.0, "tonne tonnes ton tons toneladas tonnen"),
    ("percent", 1.0, "% percent prozent"),
    ("second", 1.0, "second seconds segundos secondes secondi sekunden"),
    ("minute", 1.0, "minute minutes minuto minutos minuti minuten"),
    ("hour", 1.0, "hour hours hora horas heure heures ore stunden"),
    ("day", 1.0, "day days día días jour jours giorni dias tage tagen"),
    ("week", 1.0, "week weeks semana semanas semaine semaines wochen"),
    ("month", 1.0, "month months mes meses mois mesi monate monaten"),
    ("year", 1.0, "year years año años an ans année années anni ano anos jahr jahre jahren"),
    ("century", 1.0, "century centuries siglo siglos siècle siècles secolo secoli século séculos jahrhundert"),
    ("dollar", 1.0, "$ dollar dollars dólares"),
    ("euro", 1.0, "€ euro euros"),
):
    _UNITS.update(dict.fromkeys(_names.split(), (_kind, _size)))
_WORDS = MappingProxyType(
    _numbered("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen")
    | _numbered("seventeen eighteen nineteen", first=17)
    | _numbered("twenty thirty forty fifty sixty seventy eighty ninety", first=20, step=10)
    | _numbered("third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth", first=3)
    | _numbered("fifteenth sixteenth seventeenth eighteenth nineteenth twentieth", first=15)
    | {"dozen": 12}
)
_HEDGES: tuple[tuple[Hedge, str], ...] = (
    (
        "more",
        (
            "more than|over|at least|upwards of|exceeding|beyond|más de|al menos|plus de|au moins|più di|mais de"
            "|mehr als|mindestens|über"
        ),
    ),
    (
        "less",
        (
            "less than|fewer than|under|up to|at most|nearly|almost|just under|close to|no more than|menos de"
            "|hasta|casi|moins de|jusqu'à|presque|meno di|fino a|quasi|até|quase|weniger als|bis zu|fast"
        ),
    ),
    (
        "about",
        (
            "about|around|roughly|approximately|some|circa|ca\\.|alrededor de|unos|unas|cerca de|environ|etwa|rund"
            "|ungefähr|cerca di"
        ),
    ),
)
_HEDGE = re.compile(
    "|".join(rf"(?P<{name}>\b(?:{words})\s+(?:a\s+|the\s+)?$)" for name, words in _HEDGES), re.IGNORECASE
)
_DIGITS = re.compile(
    r"(?<![\w.,-])(?P<sign>[$€£¥]\s?)?"
    r"(?P<number>\d{1,3}(?:[ \u00a0\u202f'’]\d{3})+(?:[.,]\d+)?(?!\d)|\d+(?:[.,]\d+)*)"
    r"(?P<ordinal>st|nd|rd|th|[ºª°](?!C|F))?(?P<decade>s\b)?(?P<rest>\s?%|(?:[\s-]?(?:[^\W\d_]+)){0,2})"
)
_WORD_NUMBER = re.compile(
    rf"\b(?:an?\s+)?(?:(?:{'|'.join([*_WORDS, *_SCALES])})\b(?:[\s-]+(?:and\s+)?)?)+", re.IGNORECASE
)
_RATE = re.compile(
    r"^[^.,;:!?\d]{0,32}?\b(?:an?|per|each|every)\s(second|minute|hour|day|week|month|year)\b", re.IGNORECASE
)
#: Kinds that even "one" is a measure of.
_MEASURES = frozenset({"length", "mass", "percent"})
#: A rounded value may be off by this much of itself without a word that says so.
_SLACK = 0.005
_HEDGED_SLACK = 0.12
_BOUND_SLACK = 0.25


@dataclass(frozen=True, slots=True)
class Amount:
    """A number as written. `kind` is what is measured ("" unknown), `value` in the kind's own unit."""

    written: str
    number: float
    value: float
    kind: str
    hedge: Hedge
    #: Significant digits, as written.
    digits: int
    #: Written with a scale word, and so rounded ("1.5 million").
    scaled: bool
    #: "1850s"
    decade: bool
    #: Where it stands in the text.
    start: int
    #: "a day", "per year": the unit of time it is counted in.
    per: str = ""

    @property
    def is_year(self) -> bool:
        """Whether it reads as a year."""
        return not self.kind and not self.scaled and re.fullmatch(r"1\d{3}|20\d{2}", self.written) is not None


def as_number(written: str) -> float | None:
    """The value of a number as it is written (1,200.5 or 1.200,5 or 1 200); None when that is in doubt."""
    plain = re.sub(r"[\s\u00a0\u202f'’]", "", written)
    if re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", plain):
        marks = set(re.findall(r"[.,]", plain))
        return float(re.sub(r"[.,]", "", plain)) if len(marks) == 1 else None
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+\.\d+", plain):
        return float(plain.replace(",", ""))
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+,\d+", plain):
        return float(plain.replace(".", "").replace(",", "."))
    return float(plain.replace(",", ".")) if re.fullmatch(r"\d{1,15}(?:[.,]\d{1,15})?", plain) else None


def amounts(text: str) -> list[Amount]:
    """All amounts of a text, in digits and (in English) in words; small words such as "one" and "two" are left out."""
    found = [one for match in _DIGITS.finditer(text) if (one := _from_digits(text, match)) is not None]
    found += [one for match in _WORD_NUMBER.finditer(text) if (one := _from_words(text, match)) is not None]
    return sorted(found, key=lambda one: one.start)


def agrees(said: Amount, source: Amount) -> bool:
    """Whether what is said is what the source has, or a fair rounding of it."""
    if said.kind and source.kind and said.kind != source.kind:
        return False
    if said.per and source.per and said.per != source.per:
        return False
    if said.is_year or source.is_year:
        return _same_time(said, source)
    ours, theirs = (said.value, source.value) if said.kind and source.kind else (said.number, source.number)
    if ours == theirs:
        return not _is_turned(said, source)
    if theirs == 0:
        return False
    converted = said.kind != "" and source.kind != "" and said.number != source.number
    return _is_fair(said, ours, theirs, source.hedge, converted=converted)


def spans_years(said: Amount, sources: Sequence[Amount]) -> bool:
    """Whether a number of years is the time between two years of the source."""
    if said.kind != "year":
        return False
    years = [one.number for one in sources if one.is_year]
    return any(abs(abs(one - other) - said.number) < 1 for one in years for other in years if one != other)


def _is_turned(said: Amount, source: Amount) -> bool:
    return {said.hedge, source.hedge} == {"more", "less"}


def _same_time(said: Amount, source: Amount) -> bool:
    if said.decade:
        return said.number <= source.number <= said.number + 9
    return said.number == source.number and not source.decade


def _is_fair(said: Amount, ours: float, theirs: float, hedge: Hedge, *, converted: bool) -> bool:
    """Rounding to the digits said; a bound may be further off, on its own side."""
    off = (ours - theirs) / theirs
    if said.hedge == "more":
        return -_BOUND_SLACK <= off <= 0 and hedge != "less"
    if said.hedge == "less":
        return 0 <= off <= _BOUND_SLACK and hedge != "more"
    rounded = float(f"{theirs:.{max(said.digits, 1)}g}")
    if converted:
        return abs(off) <= (_HEDGED_SLACK if said.hedge else 0.05)
    if said.scaled or said.hedge == "about":
        return rounded == ours or (said.hedge == "about" and abs(off) <= _HEDGED_SLACK / 2)
    return abs(off) <= _SLACK and rounded == ours


def _from_digits(text: str, match: re.Match[str]) -> Amount | None:
    number = as_number(match["number"])
    if number is None:
        return None
    scale, kind, size = _scale_and_unit(match["rest"].lower().split() or [match["rest"].strip()])
    sign = (match["sign"] or "").strip()
    if not kind and sign in _UNITS:
        kind, size = _UNITS[sign]
    return _amount(text, match, number, scale, kind, size)


def _scale_and_unit(rest: list[str]) -> tuple[float, str, float]:
    scale = 1.0
    parts = [part for piece in rest for part in re.split(r"[-\s]", piece) if part]
    if parts and parts[0] in _SCALES:
        scale = _SCALES[parts.pop(0)]
    if parts and parts[0] in ("per", "por", "pour") and len(parts) > 1:
        return scale, "percent", 1.0
    kind, size = _UNITS.get(parts[0], ("", 1.0)) if parts else ("", 1.0)
    return scale, kind, size


def _amount(text: str, match: re.Match[str], number: float, scale: float, kind: str, size: float) -> Amount:
    digits = re.sub(r"\D", "", match["number"]).lstrip("0")
    return Amount(
        written=f"{match['sign'] or ''}{match['number']}",
        number=number * scale,
        value=number * scale * size,
        kind=kind,
        hedge=_hedge(text, match.start()),
        digits=len(digits.rstrip("0") if "." not in match["number"] else digits) or 1,
        scaled=scale > 1,
        decade=match["decade"] is not None,
        start=match.start(),
        per=_rate(text[match.end("number") :]),
    )


def _rate(after: str) -> str:
    found = _RATE.match(after)
    return found[1].lower() if found else ""


def _hedge(text: str, start: int) -> Hedge:
    before = _HEDGE.search(text[max(0, start - 24) : start])
    return next((name for name, _ in _HEDGES if before is not None and before[name]), "")


def _from_words(text: str, match: re.Match[str]) -> Amount | None:
    """Words that are a number of three or more, or hold a scale word behind one ("two million", "a hundred")."""
    if re.search(r"\d[\s-]?$", text[: match.start()]):
        return None
    parts = [part for part in re.split(r"[\s-]+", match.group().lower().strip()) if part not in ("a", "an", "and")]
    value, scaled = _value(parts)
    if value is not None and scaled and re.search(r"\bhalf\s+$", text[: match.start()], re.IGNORECASE):
        value /= 2
    kind, size = _UNITS.get((re.findall(r"^[^\W\d_]+", text[match.end() :]) or [""])[0].lower(), ("", 1.0))
    if value is None or value == 0 or (value < 3 and not scaled and kind not in _MEASURES):
        return None
    digits = len(f"{value:.0f}".rstrip("0")) or 1
    return Amount(
        written=match.group().strip(),
        number=value,
        value=value * size,
        kind=kind,
        hedge=_hedge(text, match.start()),
        digits=digits,
        scaled=scaled,
        decade=False,
        start=match.start(),
        per=_rate(text[match.end() :]),
    )


def _value(parts: list[str]) -> tuple[float | None, bool]:
    total, current, scaled = 0.0, 0.0, False
    for part in parts:
        if part in _WORDS:
            current += _WORDS[part]
        elif part in _SCALES and len(part) > 2 and part not in ("mil", "mille", "mila"):
            scaled = True
            current = max(current, 1.0) * _SCALES[part]
            if _SCALES[part] > 100:
                total, current = total + current, 0.0
        else:
            return None, False
    return total + current, scaled
