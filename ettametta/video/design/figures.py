"""Numbers as a chart shows them: ticks of round steps, digits grouped as a language groups them, units in place."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

#: The space that keeps a number and its unit, or its groups of digits, on one line.
NO_BREAK = "\u00a0"
#: Group and decimal separators by language (Unicode CLDR 46, numbers/symbols); English ones unless listed.
_SEPARATORS = {
    **dict.fromkeys(("de", "es", "it", "nl", "id", "tr", "da", "pt", "el", "ro"), (".", ",")),
    **dict.fromkeys(("fr", "ru", "uk", "pl", "cs", "sv", "nb", "no", "fi", "hu", "bg", "sk"), (NO_BREAK, ",")),
}
#: Short words for 10^6, 10^9 and 10^12 (CLDR 46, numbers/decimalFormats short); others write all digits.
_SHORT = {
    "en": ("M", "B", "T"), "de": ("Mio.", "Mrd.", "Bio."), "fr": ("M", "Md", "Bn"), "it": ("Mln", "Mrd", "Bln"),
    "pt": ("mi", "bi", "tri"), "nl": ("mln.", "mld.", "bln."),
}  # fmt: skip
_TOUCHING = frozenset("MBT")
_CURRENCY = frozenset("$£¥₹₩")
#: Values smaller than this are zero: steps between them could not be counted.
_NOTHING = 1e-290
#: From here on numbers are shortened to three digits and a word.
_LONG = 1e7


@dataclass(frozen=True, slots=True)
class Axis:
    """A scale from `low` to `high` with round ticks at or between its ends."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def part(self, value: float) -> float:
        """Where a value stands, from 0 (low) to 1 (high)."""
        return (value - self.low) / (self.high - self.low)


def axis_for(values: Sequence[float], *, zero: bool, target: int = 4) -> Axis:
    """The axis whose ticks are 1, 2 or 5 times a power of ten and that holds all values.

    Args:
        values: at least one finite number.
        zero: whether zero has to be on it, as under bars.
        target: about how many steps it is to have.
    """
    low, high = min(values), max(values)
    if max(abs(low), abs(high)) < _NOTHING:
        low, high = 0.0, 0.0
    if zero or (low > 0 and low < 0.4 * high):
        low, high = min(low, 0.0), max(high, 0.0)
    if high - low <= abs(high) * 1e-9:
        spread = abs(high) * 0.5 or 1.0
        low, high = (0.0, high * 1.25) if high > 0 and zero else (low - spread, high + spread)
    step = _round_step((high - low) / target)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    ticks = tuple(number * step for number in range(first, last + 1))
    return Axis(ticks[0], ticks[-1], ticks)


def _round_step(raw: float) -> float:
    power = 10.0 ** math.floor(math.log10(raw))
    return next(factor * power for factor in (1.0, 2.0, 5.0, 10.0) if factor * power >= raw * 0.999)


def decimals_for(values: Iterable[float]) -> int:
    """Digits after the point that show all values exactly, or four significant digits of the largest."""
    numbers = [abs(value) for value in values]
    largest = max(numbers, default=0.0)
    whole = len(str(int(largest))) if largest >= 1 else 0
    most = min(9, max(0, 4 - whole) if largest >= 1 else 3 - math.floor(math.log10(largest or 1.0)))
    for digits in range(most):
        if all(math.isclose(round(value, digits), value, rel_tol=1e-9, abs_tol=1e-12) for value in numbers):
            return digits
    return most


def written(value: float, decimals: int, unit: str = "", language: str = "en") -> str:
    """A number with its unit, as the language writes it; from ten million on three digits and a short word."""
    words = _SHORT.get(language)
    power = next((power for power in (12, 9, 6) if abs(value) >= 10.0**power), 0)
    if words is None or abs(value) < _LONG:
        return _with_unit(_grouped(value, decimals, language), unit)
    short = value / 10.0**power
    digits = max(0, 3 - len(str(int(abs(short)))))
    text = _grouped(short, digits, language)
    mark = _separators(language)[1]
    text = text.rstrip("0").rstrip(mark) if mark in text else text
    word = words[power // 3 - 2]
    return _with_unit(text + ("" if word in _TOUCHING and language == "en" else NO_BREAK) + word, unit)


def _separators(language: str) -> tuple[str, str]:
    return _SEPARATORS.get(language, (",", "."))


def _grouped(value: float, decimals: int, language: str) -> str:
    rounded = round(value, decimals)
    group, mark = _separators(language)
    text = f"{abs(rounded):,.{decimals}f}"
    text = text.replace(",", "\0").replace(".", mark).replace("\0", group)
    return ("−" if rounded < 0 else "") + text


def _with_unit(number: str, unit: str) -> str:
    unit = unit.strip()
    if not unit:
        return number
    if unit in _CURRENCY:
        return f"−{unit}{number[1:]}" if number.startswith("−") else unit + number
    return number + ("" if unit[0] in "%‰°×" else NO_BREAK) + unit
