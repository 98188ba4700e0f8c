"""Lengths and languages as people say them: "30-second", "a minute and a half", "in Spanish". Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agent.runtime.languages import LANGUAGES, language_code
from agent.runtime.wish_words import take_tail_option

_NUMBERS = {
    "a": 1.0, "an": 1.0, "one": 1.0, "two": 2.0, "three": 3.0, "four": 4.0, "five": 5.0, "six": 6.0, "seven": 7.0,
    "eight": 8.0, "nine": 9.0, "ten": 10.0, "fifteen": 15.0, "twenty": 20.0, "thirty": 30.0, "forty": 40.0,
    "forty-five": 45.0, "fifty": 50.0, "sixty": 60.0, "ninety": 90.0, "half": 0.5,
}  # fmt: skip
_WORD_NUMBER = "|".join(sorted(map(re.escape, _NUMBERS), key=len, reverse=True))
_NUMBER = rf"(?:\d{{1,6}}(?:[.,]\d{{1,3}})?|{_WORD_NUMBER})"
_UNIT = r"(?P<unit>seconds?|secs?|minutes?|mins?|(?<!\d{4})[sm])"

#: One length, tried from the most particular form to the plainest; ends at a word's end.
_DURATION = re.compile(
    rf"""(?<![\w.,:])(?:
        (?P<clock_min>\d{{1,2}}):(?P<clock_sec>[0-5]\d)
      | (?P<m>\d{{1,3}})\s?m(?:in)?\s?(?P<s>\d{{1,2}})\s?s(?:ec)?
      | (?P<half>(?:a\s+)?half(?:[\s-]+(?:a|of\s+a))?[\s-]+(?:a[\s-]+)?minute)
      | (?P<and_half>(?P<whole>{_NUMBER})[\s-]+and[\s-]+(?:a[\s-]+)?half[\s-]+minutes?)
      | (?P<minute_half>(?P<whole2>{_NUMBER})[\s-]+minutes?[\s-]+and[\s-]+(?:a[\s-]+)?half)
      | (?P<number>{_NUMBER})(?:[\s-]*(?<=[\d\s-])){_UNIT}
    )(?![\w:])""",
    re.IGNORECASE | re.VERBOSE,
)
_LANGUAGE_NAMES = "|".join(sorted(map(re.escape, LANGUAGES), key=len, reverse=True))
_IN_LANGUAGE = re.compile(rf"(?<!\w)in\s+(?P<name>{_LANGUAGE_NAMES})(?!\w)", re.IGNORECASE)
_AS_ADJECTIVE = re.compile(rf"(?<!\w)(?P<name>{_LANGUAGE_NAMES})(?:[\s-]+language)?(?!\w)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Wishes:
    """How long (seconds), in which language (ISO 639-1), and what else as VideoOptions; None where nothing was said."""

    duration_s: float | None = None
    language: str | None = None
    options: Mapping[str, Any] | None = None

    def over(self, other: Wishes) -> Wishes:
        """These wishes, and the other's where these say nothing."""
        return Wishes(
            other.duration_s if self.duration_s is None else self.duration_s,
            other.language if self.language is None else self.language,
            {**(other.options or {}), **(self.options or {})} or None,
        )


#: Nothing was said.
NO_WISHES = Wishes()


def take_wishes(text: str) -> tuple[Wishes, str]:
    """The first length and language in a short text, and the text without them."""
    duration_s, rest = None, text
    if found := _DURATION.search(rest):
        duration_s = _seconds(found)
        rest = f"{rest[: found.start()]} {rest[found.end() :]}"
    language = None
    if spoken := _IN_LANGUAGE.search(rest) or _AS_ADJECTIVE.search(rest):
        language = language_code(spoken.group("name"))
        rest = f"{rest[: spoken.start()]} {rest[spoken.end() :]}"
    return Wishes(duration_s, language), rest


#: What may join a length or a language to the end of a subject.
_TAIL_WORDS = r"(?:for|in|of|at|about|lasting|around|exactly|under|up\s+to|make\s+it|and|as\s+a)\s+"
_TAIL_JOIN = rf"(?:\s*[,;.(–—-][\s(]*(?:{_TAIL_WORDS})*|\s+(?:{_TAIL_WORDS})+)"
_TAIL_END = r"(?:[\s-]+(?:long|in\s+length|please))*[\s).!]*$"
_TAIL_DURATION = re.compile(rf"{_TAIL_JOIN}(?P<it>{_DURATION.pattern}){_TAIL_END}", re.IGNORECASE | re.VERBOSE)
_TAIL_LANGUAGE = re.compile(rf"[\s,;.(–—-]+in\s+(?P<name>{_LANGUAGE_NAMES})(?:\s+please)?[\s).!]*$", re.IGNORECASE)
#: A tail is looked for in this many last characters.
_TAIL_CHARS = 100
#: And so many wishes.
_MOST_WISHES = 10


def take_tail_wishes(subject: str) -> tuple[Wishes, str]:
    """What is wished for at the end of a subject ("tea, 30 seconds, in Spanish"), and the subject without."""
    wishes, rest = Wishes(), subject.rstrip()
    for _ in range(_MOST_WISHES):
        head, tail = rest[:-_TAIL_CHARS], rest[-_TAIL_CHARS:]
        if found := _TAIL_LANGUAGE.search(tail):
            wishes = wishes.over(Wishes(language=language_code(found.group("name"))))
        elif found := _TAIL_DURATION.search(tail):
            wishes = wishes.over(Wishes(duration_s=_seconds(found)))
        elif option := take_tail_option(rest):
            wishes, rest = wishes.over(Wishes(options=option[0])), option[1]
            continue
        else:
            break
        if not (head + tail[: found.start()]).strip():
            break
        rest = head + tail[: found.start()]
    return wishes, rest


def _seconds(found: re.Match[str]) -> float:
    part = found.group
    if part("clock_min"):
        return 60.0 * int(part("clock_min")) + int(part("clock_sec"))
    if part("m"):
        return 60.0 * int(part("m")) + int(part("s"))
    if part("half"):
        return 30.0
    if part("and_half") or part("minute_half"):
        return 60.0 * (_value(part("whole") or part("whole2")) + 0.5)
    return _value(part("number")) * (60.0 if part("unit").lower().startswith("m") else 1.0)


def _value(number: str) -> float:
    known = _NUMBERS.get(number.lower())
    return float(number.replace(",", ".")) if known is None else known
