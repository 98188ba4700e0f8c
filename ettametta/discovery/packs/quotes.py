"""Quotations in a text, with who said them where the text says so; a pronoun names nobody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ettametta.kit.text import clean

MIN_CHARS = 15
MAX_CHARS = 300
#: So much before and after a quotation may name its speaker.
_REACH_CHARS = 120
_QUOTED = re.compile(
    r"“([^“”]{3,400})”|\"([^\"]{3,400})\"|«([^«»]{3,400})»|„([^„“”]{3,400})[“”]|「([^「」]{3,400})」|『([^『』]{3,400})』"
)
_SAYING = (
    "said|says|told|tells|added|adds|wrote|writes|explained|explains|argued|argues|warned|warns|announced|claimed|claims|"
    "stated|states|noted|notes|dijo|dice|explicó|afirmó|escribió|añadió|dit|déclaré|affirmé|expliqué|écrit|sagte|sagt|"
    "erklärte|schrieb|betonte|disse|diz|afirmou|explicou|ha detto|spiega|scrive"
)
_SAID_BY = re.compile(rf"^[\s,.;:–—-]*(?:(?:{_SAYING})\s+|according to\s+|[–—-]\s*)(.{{2,100}})", re.DOTALL)
_NAME_SAID = re.compile(rf"^[\s,]*(.{{2,80}}?)\s+(?:{_SAYING})\b", re.DOTALL)
_SAID_BEFORE = re.compile(rf"([^.!?\n“”\"«»]{{2,80}}?)\s+(?:a\s+|hat\s+)?(?:{_SAYING})\b[^.!?\n]{{0,40}}[:,]\s*$")
_WORD = re.compile(r"[^\W_][\w.'’-]*")
#: Stand in a name without a capital.
_IN_NAMES = frozenset({"de", "del", "da", "di", "van", "von", "der", "bin", "al", "of", "el", "la", "le", "du"})
_NOBODY = frozenset(
    re.findall(
        r"\S+",
        """
        he she they it we i you who which this that the a an but and so as then when while however meanwhile er
        sie wir il elle ils nous je on él ella ellos yo nosotros ele ela lui lei one another others
        """,
    )
)
_MAX_NAME_WORDS = 6


@dataclass(frozen=True, slots=True)
class Quote:
    """Words somebody is quoted with."""

    text: str
    #: None: the text does not name them
    speaker: str | None
    #: the page it stands on; None: it was no page
    url: str | None


def quotes_in(text: str, url: str | None) -> Iterator[Quote]:
    """The quotations of a text in order; titles and single words in quotation marks are none."""
    for match in _QUOTED.finditer(text):
        said = clean(next(group for group in match.groups() if group is not None)).strip(" ,")
        if MIN_CHARS <= len(said) <= MAX_CHARS and (len(said.split()) >= 4 or not said.isascii()):
            yield Quote(said, _speaker(text, match), url)


def _speaker(text: str, match: re.Match[str]) -> str | None:
    after = text[match.end() : match.end() + _REACH_CHARS].split("\n", 1)[0]
    before = text[max(match.start() - _REACH_CHARS, 0) : match.start()].rsplit("\n", 1)[-1]
    for found in (_SAID_BY.match(after), _SAID_BEFORE.search(before), _NAME_SAID.match(after)):
        name = _name(found.group(1)) if found else None
        if name is not None:
            return name
    return None


def _name(words: str) -> str | None:
    """The name that some words are or begin with, after lower-case words before it ("the minister Ada Byron")."""
    found: list[str] = []
    end = None
    for match in _WORD.finditer(words):
        word = match.group().rstrip(".'’-")
        if end is not None and words[end : match.start()].strip(" .") != "":
            break
        is_name = word[:1].isupper() and word.lower() not in _NOBODY
        if is_name or (found and word.lower() in _IN_NAMES):
            found.append(word)
            end = match.end()
        elif found or word.lower() in _NOBODY - {"the", "a", "an", "la", "le", "der", "el"}:
            break
    while found and found[-1].lower() in _IN_NAMES:
        found.pop()
    return " ".join(found[:_MAX_NAME_WORDS]) or None
