"""Whether two texts tell the same story. Better to miss one than to merge two: a name, figure or "not" parts them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ettametta.discovery.candidates.simhash import LEAD_WORDS
from ettametta.discovery.candidates.words import fold, tokens

#: Sources that tell the same do so within this time.
WINDOW = timedelta(days=3)

_MIN_LEAD_WORDS = 25
_MIN_TEXT_WORDS = 12
_MIN_TITLE_ALONE = 6
_MIN_TITLE_WITH_TEXT = 4
_MIN_COMMON = 0.3
_MIN_SHINGLES = 0.8
_SUFFIX = re.compile(r"\s+(?:[-–—|·•]|::)\s+([^-–—|·•]{2,60})$")
_DATELINE = re.compile(r"^[^a-z\n]{0,50}(?:\([^()\n]{2,40}\)\s*)?\s*[-–—]{1,2}\s+")
_NEGATIONS = frozenset(
    """
    not no never t nor none without cannot nicht kein keine nie ne pas jamais sans aucun nunca jamas sin ningun nao sem
    non mai senza niet geen nooit ikke ingen inte nie bez не нет ни без لا ليس لم لن नहीं değil yok
    """.split()  # noqa: SIM905 -- a table of words is read in lines
)


@dataclass(frozen=True, slots=True)
class Story:
    """What two items are compared by."""

    title: str
    text: str = ""
    #: host of its address, to know a publisher's name at the end of a title by
    host: str = ""
    #: author or publisher as the source names it
    author: str = ""
    published_at: datetime | None = None


def is_same_story(one: Story, other: Story) -> bool:
    """Whether both tell the same: equal titles whose texts do not part, or nearly equal titles over the same text."""
    if one.published_at and other.published_at and abs(one.published_at - other.published_at) > WINDOW:
        return False
    first, second = _title_tokens(one, other), _title_tokens(other, one)
    if not _is_nothing_but_filling(first, second):
        return False
    leads = tokens(_DATELINE.sub("", one.text)), tokens(_DATELINE.sub("", other.text))
    if _is_same_lead(*leads):
        return True
    return [*map(fold, first)] == [*map(fold, second)] and _do_texts_allow(len(first), *leads)


def _title_tokens(story: Story, other: Story) -> list[str]:
    return tokens(_without_publisher(story.title, story, other))


def _without_publisher(title: str, *stories: Story) -> str:
    """The title without the publisher's name at its end, when host or author of one of both confirm that it is one."""
    found = _SUFFIX.search(title)
    if found is None:
        return title
    words = [fold(token) for token in tokens(found.group(1))]
    names = {"".join(map(fold, tokens(story.author))) for story in stories}
    labels = [label for story in stories for label in story.host.lower().split(".")[:-1]]
    is_publisher = "".join(words) in names or any(
        len(word) >= 3 and (word in label or label == "".join(words)) for word in words for label in labels
    )
    return title[: found.start()] if is_publisher else title


def _is_nothing_but_filling(first: Sequence[str], second: Sequence[str]) -> bool:
    """Whether the words of one are those of the other and a few small ones: no name, no figure, no negation."""
    known, others = {*map(fold, first)}, {*map(fold, second)}
    more = (
        [token for token in first if fold(token) not in others],
        [token for token in second if fold(token) not in known],
    )
    if all(more) or not known & others:
        return False
    extra = more[0] or more[1]
    return len(extra) <= 3 and all(token.islower() and fold(token) not in _NEGATIONS for token in extra)


def _is_same_lead(first: Sequence[str], second: Sequence[str]) -> bool:
    count = min(len(first), len(second), LEAD_WORDS + 2) - 2  # the last words of an excerpt may be cut
    if count < _MIN_LEAD_WORDS:
        return False
    one, other = first[:count], second[:count]
    shingles, others = _shingles(one), _shingles(other)
    near = len(shingles & others) >= _MIN_SHINGLES * min(len(shingles), len(others))
    return near and _is_nothing_but_filling(one, other)


def _shingles(words: Sequence[str]) -> set[tuple[str, ...]]:
    plain = [*map(fold, words)]
    return {tuple(plain[index : index + 3]) for index in range(len(plain) - 2)}


def _do_texts_allow(title_words: int, first: Sequence[str], second: Sequence[str]) -> bool:
    """Whether equal titles are enough: long ones where a text is missing, else when the texts share their words."""
    if min(len(first), len(second)) < _MIN_TEXT_WORDS:
        return title_words >= _MIN_TITLE_ALONE
    one, other = ({fold(word) for word in words if len(word) >= 4 or not word.isascii()} for words in (first, second))
    common = len(one & other) / max(1, min(len(one), len(other)))
    return title_words >= _MIN_TITLE_WITH_TEXT and common >= _MIN_COMMON
