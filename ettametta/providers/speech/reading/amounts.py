"""Numbers, money, measures, ranges, fractions and ordinals in words."""

from __future__ import annotations

import re

from ettametta.providers.speech.reading.numbers import cardinal, decimal, parse, spelled, year
from ettametta.providers.speech.reading.numbers import ordinal as ordinal_words
from ettametta.providers.speech.reading.rules import Place, Said
from ettametta.providers.speech.reading.tongues import Forms, Tongue

_NUMBER = r"\d[\d.,\u00a0\u202f']*"
_MONEY_BEFORE = re.compile(rf"(-?)([^\W\d_]{{0,3}}[$€£¥₹₩₽₿]|USD|EUR|GBP|JPY|CHF)({_NUMBER})([kKmMbB]|bn|tn)?")
_MONEY_AFTER = re.compile(rf"(-?)({_NUMBER})([€$£¥₽]|R\$)")
_MEASURE = re.compile(rf"([-+~≈]?)({_NUMBER})(.+)")
_SPAN = re.compile(rf"([$€£]?)({_NUMBER})[-–—]([$€£]?)({_NUMBER})(.*)")
_FRACTION = re.compile(r"(\d{1,2})/(\d{1,3})")
_SIGNED = re.compile(rf"([-+~≈]?)({_NUMBER})([xX×])?")
_SUFFIX = {"k": "thousand", "m": "million", "b": "billion", "bn": "billion", "tn": "trillion"}
_PARTS = {
    2: "half",
    3: "third",
    4: "quarter",
    5: "fifth",
    6: "sixth",
    7: "seventh",
    8: "eighth",
    9: "ninth",
    10: "tenth",
}
_YEAR = re.compile(r"(?:1[1-9]|20)\d\d")
#: Words after which a four-digit number is a count and no year, by their endings in every language.
_COUNTED = re.compile(r"[^\W\d_]{3,}s")
_PHONE = re.compile(r"(?:\+?\d{1,3}-)?\d{3}-\d{3,4}(?:-\d{4})?")
_VERSION = re.compile(r"\d+(?:\.\d+){2,}")


def money(place: Place) -> Said | None:
    """$3.50, €5, 5 €, $3.2 billion, $1.2M."""
    tongue = place.tongue
    found = _MONEY_BEFORE.fullmatch(place.core)
    if found and found[2] in tongue.money:
        sign, coin, digits, suffix = found.groups()
        if suffix and tongue.tag == "en":
            amount = _said(digits, tongue)
            return (
                ((_signed(sign, f"{amount} {_SUFFIX[suffix.lower()]} {tongue.money[coin][1]}", tongue),),)
                if amount
                else None
            )
        return _coins(place, sign, coin, digits)
    found = _MONEY_AFTER.fullmatch(place.core)
    if found and found[3] in tongue.money:
        return _coins(place, found[1], found[3], found[2])
    if place.closed:
        return None
    if place.after() in tongue.money and parse(place.core, tongue):
        return _apart(_coins(place, "", place.after(), place.core), at=-1)
    if place.core in tongue.money and parse(place.after(), tongue):
        return _apart(_coins(place, "", place.core, place.after()), at=0)
    return None


def _apart(said: Said | None, *, at: int) -> Said | None:
    """Number and coin were written apart: all words go to the number, but for a coin that comes last."""
    if said is None:
        return None
    words = tuple(said[0][0].split())
    return (words[:at], words[at:]) if at else ((), words)


def _coins(place: Place, sign: str, coin: str, digits: str) -> Said | None:
    tongue = place.tongue
    parts = parse(digits, tongue) or parse(digits.replace(",", "").replace(".", tongue.decimal_mark), tongue)
    if parts is None:
        return None
    whole, part = parts
    if place.after() in tongue.big and not place.closed:
        name = " ".join(word for word in (_big_of(place.after(), tongue), tongue.money[coin][1]) if word)
        return ((_signed(sign, decimal(whole, part, tongue), tongue),), (place.after(), name))
    name = tongue.money[coin][0] if whole == "1" and not part.strip("0") else tongue.money[coin][1]
    if len(part) == 2 and part != "00" and coin in tongue.cents:
        cents = tongue.cents[coin][0 if part == "01" else 1]
        joint = tongue.symbols["&"]
        small = f"{_counted(part.lstrip('0'), tongue)} {cents}"
        large = f"{_counted(whole, tongue)} {name} {joint} " if whole != "0" else ""
        return ((_signed(sign, large + small, tongue),),)
    amount = decimal(whole, part.rstrip("0") if part == "00" else part, tongue) if part else _counted(whole, tongue)
    return ((_signed(sign, f"{amount} {name}", tongue),),)


def _big_of(big: str, tongue: Tongue) -> str:
    return tongue.big_of if big not in ("mil", "mila", "mille") else ""


def _signed(sign: str, said: str, tongue: Tongue) -> str:
    word = {"-": tongue.minus, "+": tongue.symbols["+"], "~": tongue.symbols["~"], "≈": tongue.symbols["≈"]}.get(
        sign, ""
    )
    return f"{word} {said}".strip()


def _said(text: str, tongue: Tongue) -> str | None:
    parts = parse(text, tongue)
    return decimal(*parts, tongue) if parts else None


def _counted(digits: str, tongue: Tongue) -> str:
    """Before a noun "one" is shorter in some languages: un euro, ein Euro."""
    if digits == "1":
        return {"es": "un", "it": "un", "de": "ein"}.get(tongue.tag, cardinal("1", tongue))
    return cardinal(digits, tongue)


def measure(place: Place) -> Said | None:
    """5km, 20 °C, 120 km/h, 45%, 3 m²."""
    tongue = place.tongue
    found = _MEASURE.fullmatch(place.core)
    if found and (forms := _unit(found[3], tongue)) and (amount := _said(found[2].rstrip(".,"), tongue)):
        return ((_signed(found[1], f"{amount} {_form(found[2], forms)}", tongue),),)
    found = _SIGNED.fullmatch(place.core)
    forms = _unit(place.after(), tongue) if found and not place.closed else None
    if found is None or forms is None or _is_word(place, place.after()):
        return None
    amount = _said(found[2], tongue)
    return ((_signed(found[1], amount, tongue),), (_form(found[2], forms),)) if amount else None


def _is_word(place: Place, unit: str) -> bool:
    """A single letter after a number is a unit only when nothing contradicts: "in 5 a", "2 l" are rare enough."""
    return unit in ("t", "s", "h", "l", "g") and place.tongue.tag == "en" and place.after(2)[:1].isupper()


def _unit(symbol: str, tongue: Tongue) -> Forms | None:
    if symbol in tongue.units:
        return tongue.units[symbol]
    above, slash, below = symbol.partition("/")
    if slash and above in tongue.units and below in tongue.units:
        one, many = tongue.units[above]
        under = tongue.units[below][0]
        joint = (
            "all'"
            if tongue.per == "all'" and under[0] in "aeiou"
            else "al "
            if tongue.per == "all'"
            else f"{tongue.per} "
        )
        return f"{one} {joint}{under}", f"{many} {joint}{under}"
    return None


def _form(digits: str, forms: Forms) -> str:
    return forms[0] if digits == "1" else forms[1]


def span(place: Place) -> Said | None:
    """10-20, 1914–1918, 5-10%, $5-10; phone numbers digit by digit."""
    tongue = place.tongue
    if _PHONE.fullmatch(place.core):
        return ((", ".join(spelled(run, tongue) for run in re.findall(r"\d+", place.core)),),)
    found = _SPAN.fullmatch(place.core)
    if not found:
        return None
    coin, low, coin_too, high, unit = found.groups()
    years = bool(_YEAR.fullmatch(low) and _YEAR.fullmatch(high))
    said = [year(text, tongue) if years else _said(text, tongue) for text in (low, high)]
    tail = tongue.money[coin or coin_too][1] if (coin or coin_too) in tongue.money else ""
    if unit:
        forms = _unit(unit, tongue)
        if forms is None:
            return None
        tail = forms[1]
    if None in said:
        return None
    return ((f"{said[0]} {tongue.to} {said[1]} {tail}".strip(),),)


def fraction(place: Place) -> Said | None:
    """1/2, 3/4; 24/7 is said in two numbers."""
    found = _FRACTION.fullmatch(place.core)
    if not found:
        return None
    above, below, tongue = int(found[1]), int(found[2]), place.tongue
    if tongue.tag == "en" and 0 < above < below and below in _PARTS:
        part = _PARTS[below]
        return ((f"{cardinal(found[1], tongue)} {part if above == 1 else 'halves' if below == 2 else part + 's'}",),)
    joint = "" if (above, below) == (24, 7) else f" {tongue.symbols['/']}"
    return ((f"{cardinal(found[1], tongue)}{joint} {cardinal(found[2], tongue)}",),)


def ordinal(place: Place) -> Said | None:
    """1st, 22nd, 3º, 1ère."""
    tongue = place.tongue
    if tongue.feminine_mark and (found := re.fullmatch(rf"(\d{{1,4}})(?:{tongue.feminine_mark})", place.core)):
        return ((ordinal_words(found[1], tongue, feminine=True),),)
    if tongue.ordinal_mark and (found := re.fullmatch(rf"(\d[\d,]{{0,6}})(?:{tongue.ordinal_mark})", place.core)):
        return ((ordinal_words(found[1].replace(",", ""), tongue),),)
    return None


def number(place: Place) -> Said | None:
    """Years, counts, decimals, version numbers."""
    tongue = place.tongue
    if _VERSION.fullmatch(place.core):
        return ((f" {tongue.symbols['.']} ".join(cardinal(part, tongue) for part in place.core.split(".")),),)
    found = _SIGNED.fullmatch(place.core)
    if not found:
        return None
    sign, digits, times = found.groups()
    if _YEAR.fullmatch(digits) and not sign and not times and not _counts(place):
        return ((year(digits, tongue),),)
    said = _said(digits, tongue)
    if said is None:
        return None
    return ((f"{_signed(sign, said, tongue)} {tongue.symbols['×'] if times else ''}".strip(),),)


def spaced(place: Place) -> Said | None:
    """1 250 000: groups of three apart, as French and others write them."""
    if place.tongue.tag == "en" or not re.fullmatch(r"[1-9]\d{0,2}", place.core):
        return None
    groups = [place.core]
    while not place.closing(len(groups) - 1) and re.fullmatch(r"\d{3}", place.after(len(groups))):
        groups.append(place.after(len(groups)))
    if len(groups) == 1:
        return None
    return (*(() for _ in groups[1:]), (cardinal("".join(groups), place.tongue),))


def _counts(place: Place) -> bool:
    """Whether a four-digit number counts things: a plural follows it ("1500 people" is left to the year's reading)."""
    return not place.closed and bool(_COUNTED.fullmatch(place.after())) and place.after().islower()
