"""Designed visuals for a line whose words hold data: a chart, a comparison, a timeline, a list. Values as in the text.

What cannot be read with certainty gives nothing: a card is always right, an invented chart never.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ettametta.scripts.amounts import as_number
from ettametta.scripts.key_phrases import AMOUNT, key_phrase
from ettametta.scripts.lexicon import lexicon
from ettametta.scripts.script import DataVisual
from ettametta.storyboard import (
    ChartPoint,
    ChartVisual,
    ComparisonVisual,
    ListVisual,
    Side,
    TimelineEvent,
    TimelineVisual,
)

_YEAR = r"(?:1[0-9]|20)\d\d"
_NUMBER = r"\d[\d.,\u00a0\u202f]*(?<![.,])"
_IN = r"(?:in|by|en|em|nel|im|al|año|jahr)"
_OF = r"(?:of|for|de|del|der|des|von|di|do|da|dei)"
_PERCENT = r"\s?%|\s(?:percent|per cent|por ciento|pour cent|per cento|por cento|prozent)"
_SCALE = r"\s(?:thousand|million|billion|trillion|mil|millones|millions|milliards|milioni|milhões|Millionen)"
_MEASURED = re.compile(
    rf"(?<![\w.,$€£¥])(?P<value>{_NUMBER})(?P<unit>{_PERCENT}|{_SCALE})?(?P<noun>(?:\s[^\W\d_]+){{0,2}}?)"
    rf"\s{_IN}\s(?P<year>{_YEAR})\b",
    re.IGNORECASE,
)
_SHARE = re.compile(
    rf"(?<![\w.,])(?P<value>{_NUMBER})(?:{_PERCENT})\s{_OF}\s(?:the\s|all\s|la\s|las\s|los\s|les\s)?"
    r"(?P<label>[^\W\d_][\w'’-]*(?:\s[\w'’-]+)??)(?=[,;.:!?]|\s(?:and|but|while|is|are|was|were|in|y|et|e|und|es|"
    r"son)\b|$)",
    re.IGNORECASE,
)
_IN_YEAR = re.compile(rf"(?:\b(?:{_IN}|since)\s+)?\b(?P<year>{_YEAR})\b", re.IGNORECASE)
_CLAUSES = re.compile(r"[;,]\s+(?:(?:and|then|y|et|e|und)\s+)*|\s+(?:and|y|et|und)\s+(?=.*\b(?:1[0-9]|20)\d\d\b)")
_AGAINST = re.compile(
    r",?\s+(?:while|whereas|compared with|compared to|mientras que|tandis que|mentre|während)\s+", re.IGNORECASE
)
_AND = r"(?:and|or|y|e|o|et|ou|und|oder)"
_ITEMS = re.compile(rf",?\s+{_AND}\s+|,\s+", re.IGNORECASE)
_OPENED = re.compile(
    r"(?::|\b(?:such as|including|tales como|tels que|wie zum Beispiel))\s+(?P<rest>[^:;()]+)$", re.IGNORECASE
)
_NAMES = re.compile(
    rf"(?P<list>\b{'{name}'}(?:,\s{'{name}'})+,?\s{_AND}\s{'{name}'})".replace(
        "{name}", r"[^\W\d_a-zà-öø-ÿ][\w'’-]*(?:\s[^\W\d_a-zà-öø-ÿ][\w'’-]*){0,3}"
    )
)
_ARTICLED = re.compile(
    rf"\b(?P<list>(?P<art>an?|the|no|one)\s[\w'’-]+(?:\s[\w'’-]+){{0,2}}(?:,\s(?:an?|"
    rf"(?P=art))\s[\w'’-]+(?:\s[\w'’-]+){{0,2}})+"
    rf",?\s{_AND}\s(?:an?|(?P=art))\s[\w'’-]+(?:\s[\w'’-]+){{0,2}})(?=[.;:!?]|$)"
)
_MAX_ITEMS = 6
#: A timeline holds no more.
MAX_EVENTS = 6
_MAX_ITEM_WORDS = 4
_MAX_ITEM_CHARS = 48


def design_for(text: str, language: str) -> DataVisual | None:
    """What a line's own words can be drawn as, or None when a card says it better.

    Args:
        text: what is spoken.
        language: ISO 639-1 code.
    """
    for draw in (_chart, _comparison, _timeline, _list):
        visual = draw(text, language)
        if visual is not None:
            return visual
    return None


def timeline_over(lines: Sequence[str], language: str) -> TimelineVisual | None:
    """The timeline of several lines that tell one year each, in rising order; None when they do not."""
    events = [event for line in lines if (event := _event(line, language)) is not None]
    if len(events) != len(lines):
        return None
    return _as_timeline(events)


def _chart(text: str, language: str) -> ChartVisual | None:
    return _series(text, language) or _shares(text, language)


def _series(text: str, language: str) -> ChartVisual | None:
    """Values of one unit by year: two are bars, more are a line."""
    found = list(_MEASURED.finditer(text))
    units = {_unit(one) for one in found}
    values = [as_number(one["value"]) for one in found]
    years = [one["year"] for one in found]
    if len(found) < 2 or len(units) != 1 or len(set(years)) != len(years) or years != sorted(years):
        return None
    points = [
        ChartPoint(label=year, value=value) for year, value in zip(years, values, strict=True) if value is not None
    ]
    if len(points) != len(found):
        return None
    return ChartVisual(
        kind="bar_chart" if len(points) < 4 else "line_chart",
        title=_before(text, found[0].start(), language),
        points=tuple(points),
        unit=next(iter(units)),
        highlight=len(points) - 1,
    )


def _unit(found: re.Match[str]) -> str:
    """As it is to stand behind the value; the noun that follows is left to the title."""
    unit = found["unit"] or ""
    return "%" if unit and not re.search(_SCALE, unit, re.IGNORECASE) else unit.lower()


def _shares(text: str, language: str) -> ChartVisual | None:
    """Percentages of differently named things."""
    found = list(_SHARE.finditer(text))
    labels = [_short(one["label"], 30) for one in found]
    values = [as_number(one["value"]) for one in found]
    if not 2 <= len(found) <= 8 or len(found) != len(re.findall(_PERCENT, text, re.IGNORECASE)):
        return None
    if len({label.lower() for label in labels}) != len(labels) or "" in labels:
        return None
    if any(value is None or value > 100 for value in values):
        return None
    points = [ChartPoint(label=label, value=value or 0.0) for label, value in zip(labels, values, strict=True)]
    largest = max(range(len(points)), key=lambda place: points[place].value)
    return ChartVisual(
        kind="bar_chart",
        title=_before(text, found[0].start(), language),
        points=tuple(points),
        unit="%",
        highlight=largest,
    )


def _comparison(text: str, language: str) -> ComparisonVisual | None:
    """Two halves around "while" or "whereas" with one amount each."""
    halves = _AGAINST.split(text)
    if len(halves) != 2:
        return None
    sides = [_side(half, language) for half in halves]
    if sides[0] is None or sides[1] is None or sides[0].label.lower() == sides[1].label.lower():
        return None
    return ComparisonVisual(left=sides[0], right=sides[1])


def _side(half: str, language: str) -> Side | None:
    amounts = [found.group().strip() for found in AMOUNT.finditer(half)]
    if len(amounts) != 1 or len(amounts[0]) > 30:
        return None
    label = _short(_trimmed(half.replace(amounts[0], " ").strip(" ,.;:!?"), language), 40)
    return Side(label=label, value=amounts[0]) if label else None


def _timeline(text: str, language: str) -> TimelineVisual | None:
    """Clauses with one year each, rising."""
    clauses = [clause for clause in _CLAUSES.split(text) if clause and clause.strip()]
    events = [event for clause in clauses if (event := _event(clause, language)) is not None]
    years = _IN_YEAR.findall(text)
    return _as_timeline(events) if len(events) >= 2 and len(events) == len(years) else None


def _event(clause: str, language: str) -> TimelineEvent | None:
    """A clause's year and what is left of it without its first words of no weight."""
    found = _IN_YEAR.findall(clause)
    if len(found) != 1:
        return None
    what = " ".join(_IN_YEAR.sub(" ", clause).split()).strip(" ,.;:!?")
    parts = what.split()
    lists = lexicon(language)
    while len(parts) > 1 and (parts[0].lower() in lists.back or (parts[0] in lists.stop)):
        parts = parts[1:]
    what = " ".join(parts)
    if len(what) > 80:
        what = key_phrase(what, language)
    if not re.search(r"[^\W\d_]{3}", what):
        return None
    return TimelineEvent(when=found[0], what=what[:1].upper() + what[1:])


def _as_timeline(events: list[TimelineEvent]) -> TimelineVisual | None:
    years = [int(event.when) for event in events]
    if not 2 <= len(events) <= MAX_EVENTS or years != sorted(set(years)):
        return None
    return TimelineVisual(events=tuple(events))


def _list(text: str, language: str) -> ListVisual | None:
    """Three or more items behind a colon, of names, or each with its article."""
    plain = text.strip().rstrip(".!?…")
    if re.search(r"[\"“«„「]", plain):
        return None
    found = _OPENED.search(plain)
    written = (
        found["rest"]
        if found
        else next((one["list"] for one in (_NAMES.search(plain), _ARTICLED.search(plain)) if one), "")
    )
    if not re.search(rf"\s{_AND}\s", written):
        return None
    items = [_short(item.strip(), _MAX_ITEM_CHARS) for item in _ITEMS.split(written) if item.strip()]
    if not 3 <= len(items) <= _MAX_ITEMS or any(len(item.split()) > _MAX_ITEM_WORDS for item in items):
        return None
    if len({item.lower() for item in items}) != len(items) or any(not item for item in items):
        return None
    return ListVisual(title=_before(plain, found.start(), language) if found else "", items=tuple(items))


def _before(text: str, place: int, language: str) -> str:
    """What stands before the data, as a title; nothing when it is too long, a pronoun or has figures of its own."""
    title = _trimmed(text[:place].strip(" ,.;:!?"), language)
    leans = title.split(" ", 1)[0].lower() in lexicon(language).back
    return "" if leans or len(title) > 60 or len(title.split()) < 2 or re.search(r"\d", title) else title


def _trimmed(text: str, language: str) -> str:
    """Without the words of no weight at the end."""
    parts = text.split()
    while parts and parts[-1].lower().strip(",") in lexicon(language).stop:
        parts.pop()
    return " ".join(parts).strip(" ,")


def _short(text: str, limit: int) -> str:
    """The text with a capital when it fits, else nothing."""
    text = " ".join(text.split()).strip(" ,.;:")
    return (text[:1].upper() + text[1:]) if len(text) <= limit else ""
