"""What the readers of all feed formats share: names, numbers, languages, each entry once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ettametta.discovery.feeds.entries import Entry
from ettametta.discovery.feeds.plain import plain_line

_MAX_NAMES = 20
_MAX_NAME_CHARS = 60
_MAX_NUMBER = 2**63 - 1
_LANGUAGE = re.compile(r"([a-z]{2})(?:[-_][\w-]{1,20})?", re.IGNORECASE)
_NUMBER = re.compile(r"\d{1,19}")
_AMOUNT = re.compile(r"(\d{1,3}(?:,\d{3}){1,4}|\d{1,15}(?:\.\d{1,3})?)\s?([KMB]?)\+?", re.IGNORECASE)
_SCALE = {"": 1, "k": 1_000, "m": 1_000_000, "b": 1_000_000_000}


def each_once(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """Without repetitions: the first of those with the same id and address, and title where they have no id.

    Google Trends gives all its entries the same address.
    """
    kept: dict[tuple[str, ...], Entry] = {}
    for entry in entries:
        url = entry.url or ""
        kept.setdefault((entry.id, url) if entry.id not in ("", url) else (url, entry.title), entry)
    return tuple(kept.values())


def short_names(names: Iterable[str]) -> tuple[str, ...]:
    """Labels as short plain lines, each once, at most twenty."""
    lines = (plain_line(name, _MAX_NAME_CHARS) for name in names)
    return tuple(dict.fromkeys(line for line in lines if line))[:_MAX_NAMES]


def entry_language(tag: str | None) -> str | None:
    """ISO 639-1 from a language tag ("en-GB"); None for what is none."""
    found = _LANGUAGE.fullmatch(tag.strip()) if tag else None
    return found[1].lower() if found else None


def whole_number(value: object) -> int | None:
    """A count as it was sent, in digits; None for anything else."""
    if isinstance(value, str):
        text = value.strip()
        value = int(text) if _NUMBER.fullmatch(text) and text.isascii() else None
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= _MAX_NUMBER else None


def amount(text: str | None) -> int | None:
    """The lower bound that "20K+" or "1,000+" stands for; None for what is no such amount."""
    found = _AMOUNT.fullmatch((text or "").strip())
    if found is None or not found[0].isascii():
        return None
    return round(float(found[1].replace(",", "")) * _SCALE[found[2].lower()])
