"""Abbreviations, Roman numerals after names, lone symbols, letters mixed with digits."""

from __future__ import annotations

import re

from ettametta.providers.speech.reading.numbers import cardinal, ordinal, spelled
from ettametta.providers.speech.reading.rules import DOT_READ, Place, Said
from ettametta.providers.speech.reading.tongues import Tongue

_ROMAN = re.compile(r"(?=[IVX])X{0,3}(?:IX|IV|V?I{0,3})('s)?")
_VALUES = {"I": 1, "V": 5, "X": 10}
#: After these a Roman numeral is a plain number; after other capitalised words it is a ruler's, read as an ordinal.
_NUMBERED_WORDS = (
    "chapter part volume book act scene world war type phase stage section appendix article title class level "
    "episode season apollo gemini saturn rocky mark bowl capítulo parte volumen tomo siglo chapitre partie tome "
    "siècle capitolo secolo capítulo século kapitel teil band"
)
_NUMBERED = frozenset(_NUMBERED_WORDS.split())
_RULER_NAMES = (
    "henry louis charles george edward william james richard philip elizabeth mary pope john paul benedict pius leo "
    "napoleon frederick wilhelm nicholas peter alexander ivan catherine ferdinand gustav christian haakon carl juan "
    "carlos felipe luis enrique alfonso isabel fernando pedro joão manuel henri jean philippe françois nicolas luigi "
    "vittorio emanuele umberto giovanni paolo pio friedrich ludwig karl heinrich otto franz joseph"
)
_RULERS = frozenset(_RULER_NAMES.split())
_LETTERS = re.compile(r"[^\W\d_]+|\d+|[^\w\s]|_")
_MIXED = re.compile(r"(?=.*\d)(?=.*[^\W\d_])[\w.-]+")


def regnal(place: Place) -> Said | None:
    """Henry VIII is the eighth, World War II is two; a lone I or V after anything else is left alone."""
    found = _ROMAN.fullmatch(place.core)
    before = place.before.casefold()
    if not found or not before:
        return None
    roman = place.core.removesuffix("'s")
    value, tail = str(_roman(roman)), "'s" if place.core.endswith("'s") else ""
    if before in _NUMBERED:
        return ((cardinal(value, place.tongue) + tail,),)
    if before not in _RULERS or (roman == "I" and place.tongue.tag == "en" and place.after()[:1].islower()):
        return None
    if place.tongue.tag == "en":
        return (("the", ordinal(value, place.tongue) + tail),)
    high = int(value) > 10 or (place.tongue.tag == "fr" and int(value) > 1)
    return ((cardinal(value, place.tongue) if high else _regal(value, place.tongue),),)


def _regal(value: str, tongue: Tongue) -> str:
    return f"der {ordinal(value, tongue).removesuffix('n')}" if tongue.tag == "de" else ordinal(value, tongue)


def _roman(text: str) -> int:
    values = [_VALUES[letter] for letter in text]
    return sum(-value if value < max(values[place:]) else value for place, value in enumerate(values))


def abbreviation(place: Place) -> Said | None:
    """Dr., e.g., vs.; "No." only before a number, "St." before a name, "May" and "no" never."""
    dotted = place.core + ("." if place.closing().startswith(".") else "")
    known = place.tongue.abbreviations
    said = known.get(dotted) or known.get(place.core)
    if said is None or not _fits(place, dotted):
        return None
    return ((said + DOT_READ if dotted in known else said,),)


def _fits(place: Place, dotted: str) -> bool:
    following = place.after()
    if dotted in ("No.", "Nos.", "Nr.", "n.", "Fig.", "p.", "pp.", "S.", "Vol.", "vol."):
        return following[:1].isdigit()
    if dotted in (
        "St.",
        "St",
        "Dr",
        "Pr",
        "M.",
        "Gen.",
        "Rep.",
        "Rev.",
        "Hon.",
        "Co.",
        "Mt.",
        "Pres.",
        "Sen.",
        "Gov.",
        "Fr.",
    ):
        return following[:1].isupper() or dotted == "Co."
    return dotted not in ("c.", "es.", "ex.", "av.", "apr.", "B.", "z.") or bool(following)


def symbol(place: Place) -> Said | None:
    """A symbol alone between words, or words joined by one: AT&T, and/or."""
    symbols = place.tongue.symbols
    if place.core in ("-", "–", "—"):
        return ((),)
    if place.core in symbols:
        return ((symbols[place.core],),)
    if place.core in place.tongue.money:
        return ((place.tongue.money[place.core][1],),)
    if place.core in place.tongue.units and place.before[-1:].isdigit():
        return ((place.tongue.units[place.core][1],),)
    parts = re.split(r"([&+=/~≈×→])", place.core)
    if len(parts) == 1 or not any(part and part not in symbols for part in parts):
        return None
    if parts[-1] == "" and parts[-2] == "+":
        return ((*(_run(part, place.tongue) for part in parts[:-2]), symbols["+"]),)
    joined = [symbols.get(part, part) for part in parts if part]
    return (tuple(word for word in joined if not (word == symbols["/"] and len(parts) > 1 and "/" in place.core
                                                 and all(part.isalpha() for part in parts[::2]))),)  # fmt: skip


def mixed(place: Place) -> Said | None:
    """COVID-19, A380, 4K, B-52: letters as they are, numbers in words."""
    if not _MIXED.fullmatch(place.core):
        return None
    text = re.sub(
        r"(?<=\d)\.(?=\d)",
        f" {place.tongue.symbols['.'] if place.core.count('.') > 1 else place.tongue.point} ",
        place.core,
    )
    runs = _LETTERS.findall(text)
    return (tuple(_run(run, place.tongue) for run in runs if run not in ("-", ".", "_")),)


def _run(run: str, tongue: Tongue) -> str:
    if not run.isdigit():
        return run
    if run.startswith("0") or len(run) > 4:
        return spelled(run, tongue)
    if tongue.tag == "en" and len(run) == 3 and run[1] != "0":
        return f"{cardinal(run[0], tongue)} {cardinal(run[1:], tongue)}"
    return cardinal(run, tongue)
