"""What a line shows on screen: its number, its quotation, or the few words that carry it. Never the whole line."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ettametta.kit.sentences import words
from ettametta.scripts.lexicon import lexicon
from ettametta.scripts.script import MAX_ON_SCREEN_CHARS, CardKind, Role

_MAX_PHRASE_CHARS = 44
_MAX_PHRASE_WORDS = 7
_MIN_QUOTE_CHARS = 6
_QUOTED = re.compile(r"[“\"«„「]([^“”\"«»„「」]+)[”\"»“」]")
_UNIT = (
    r"(?:\s?(?:%|percent|per cent|[kmc]m|kg|km/h|mph|°C|°F))|(?:\s(?:million|billion|trillion|thousand|millones|"
    r"millions|milliards|milioni|milhões|kilomet(?:re|er)s?|met(?:re|er)s?|miles|feet|tonnes|tons|kilograms|pounds|"
    r"dollars|euros|degrees|years|months|days|hours|minutes|seconds|people|times)){1,2}"
)
#: An amount with its unit, as it is written.
AMOUNT = re.compile(rf"(?<![\w.,-])(?:[$€£¥]\s?)?\d[\d.,\u00a0\u202f]*(?<![.,])(?:{_UNIT})?(?![\w-])", re.IGNORECASE)
_YEAR = re.compile(r"^(?:1\d|20)\d\d$")
#: Words without weight that a phrase may all the same begin with.
_MAY_BEGIN = frozenset({"a", "an", "the", "one", "no", "only", "every", "all", "not", "never", "too", "most"})
#: Words that join clauses and are left off their beginning.
_LINKS = frozenset({"and", "but", "so", "or", "that", "which", "who", "because", "y", "pero", "et", "mais", "e", "ma"})
_ARTICLES = frozenset({"a", "an", "the"})
_POSSESSIVES = frozenset({"its", "his", "her", "their", "our", "your", "my", "this", "that", "these", "those"})
_AUXILIARIES = frozenset(
    {"is", "are", "was", "were", "be", "been", "has", "have", "had", "can", "could", "will", "would", "may", "might"}
)
_PIECE = re.compile(r"(?:(?<=\d)[.,](?=\d)|[^,;:.!?…()\"“”«»—–؟।。、，])+")


@dataclass(frozen=True, slots=True)
class Card:
    """What is set: the kind, the text and a smaller second line."""

    kind: CardKind
    text: str
    note: str = ""


def card_for(line: str, role: Role, language: str) -> Card:
    """The card that suits a line by what it says.

    Args:
        line: what is spoken.
        role: a hook becomes a title unless a quotation or an amount says more; a call to action closes.
        language: ISO 639-1 code, for the words that mean nothing on their own.
    """
    if role == "cta":
        return Card("closing", _cut(line.rstrip(".")))
    quote = _quotation(line)
    if quote:
        return Card("quote", quote)
    amount = _amount(line)
    if amount and role != "hook":
        return Card("number", amount, key_phrase(line, language, without=amount))
    return Card("title" if role == "hook" else "statement", key_phrase(line, language))


def key_phrase(line: str, language: str, *, without: str = "") -> str:
    """The few words of a line that carry it, at most 44 characters, in their own order and spelling.

    Args:
        line: a sentence.
        language: ISO 639-1 code.
        without: words that are shown elsewhere and may not be in it.
    """
    stop = lexicon(language).stop
    whole = " ".join(words(line)).lower()
    options = [option for piece in _PIECE.finditer(line) for option in _windows(line, piece, stop, whole)]
    options = [one for one in options if not without or without.lower() not in one.text.lower()]
    best = max(options, key=lambda one: _weight(one, stop), default=None)
    return _capitalised(best.text) if best is not None else _cut(line.rstrip(".!?"))


@dataclass(frozen=True, slots=True)
class _Window:
    text: str
    before: str
    starts: bool
    ends: bool
    resolves: bool
    aside: bool


def _windows(line: str, found: re.Match[str], stop: frozenset[str], whole: str) -> Iterable[_Window]:
    """Runs of words in a piece between punctuation that do not begin or end in the middle of a thought."""
    piece = found.group().split()
    resolves = line[: found.start()].endswith((":", "—", "–"))
    aside = line[: found.start()].endswith(",") and bool(piece) and _bare(piece[0]) in _ARTICLES
    last = len(piece)
    first = next((place for place, word in enumerate(piece) if _bare(word) not in _LINKS), 0)
    for start in range(first, last):
        opens = _bare(piece[start]) not in stop - _MAY_BEGIN
        for end in range(start + 1, min(start + _MAX_PHRASE_WORDS, last) + 1):
            phrase = " ".join(piece[start:end])
            if len(phrase) > _MAX_PHRASE_CHARS:
                break
            if not opens and not (start == first and end == last and last - first >= 4):
                continue
            if _bare(piece[end - 1]) not in stop and " ".join(words(phrase)).lower() != whole:
                before = _bare(piece[start - 1]) if start else ""
                yield _Window(phrase, before, start == first, end == last, resolves, aside)


def _weight(window: _Window, stop: frozenset[str]) -> float:
    """Long words, names and figures weigh more; news stands at the end of a clause; about four words read best."""
    parts = window.text.split()
    content = [word for word in parts if _bare(word) not in stop]
    value: float = sum(min(len(_bare(word)), 9) + 3 * word[:1].isupper() + 6 * word[:1].isdigit() for word in content)
    filler = len(parts) - len(content) - (_bare(parts[0]) in _MAY_BEGIN)
    value += 9.0 * window.ends + 6.0 * (window.starts and window.ends) + 12.0 * window.resolves
    return value - 1.5 * filler - 4.0 * max(0, abs(len(parts) - 4.5) - 1.5) - _cut_cost(window)


def _cut_cost(window: _Window) -> float:
    """What it costs to begin behind an article or a possessive, or to hold a verb whose subject is cut off."""
    cost = 8.0 * window.aside + 4.0 * (window.before in _ARTICLES) + 12.0 * (window.before in _POSSESSIVES)
    if not window.starts and any(_bare(word) in _AUXILIARIES for word in window.text.split()):
        cost += 9.0
    return cost


def is_year(text: str) -> bool:
    """Whether a number reads as a year."""
    return _YEAR.match(text) is not None


def _quotation(line: str) -> str:
    found = _QUOTED.search(line)
    if found is None:
        return ""
    text = found.group(1).strip().rstrip(".,")
    share = len(text) / len(line)
    return (
        _capitalised(text) if len(text) >= _MIN_QUOTE_CHARS and share > 0.3 and len(text) <= MAX_ON_SCREEN_CHARS else ""
    )


def _amount(line: str) -> str:
    """The amount of a line when it has one worth a card: with a unit or of three digits; a year only alone."""
    found = [_with_noun(line, match) for match in AMOUNT.finditer(line) if not _is_a_date(line, match)]
    amounts = [text for text in found if not is_year(text) and (re.search(r"\D", text) or len(text) >= 3)]
    if amounts:
        return max(amounts, key=len)
    years = [text for text in found if is_year(text)]
    return years[0] if len(years) == 1 and len(found) == 1 else ""


def _with_noun(line: str, match: re.Match[str]) -> str:
    """The amount with the word that is counted, when that stands right behind it ("2,000 eggs")."""
    text = match.group().strip()
    noun = re.match(r"\s([^\W\d_A-Z][^\W\d_]{2,13})(?![\w'’-])", line[match.end() :])
    if noun is None or re.search(r"[^\d.,\s]", text) or is_year(text) or noun[1] in lexicon("en").stop:
        return text
    return f"{text} {noun[1]}"


def _is_a_date(line: str, match: re.Match[str]) -> bool:
    """A number of three digits behind "in" is a year."""
    before = line[: match.start()].rsplit(None, 1)[-1:] or [""]
    text = match.group().strip()
    return re.fullmatch(r"\d{3}", text) is not None and before[0].lower() in {"in", "by", "since", "until", "en", "im"}


def _bare(word: str) -> str:
    return word.strip("'’.,;:!?").lower()


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def _cut(text: str) -> str:
    """At most sixty characters, whole words."""
    if len(text) <= MAX_ON_SCREEN_CHARS:
        return text
    head = text[: MAX_ON_SCREEN_CHARS - 1]
    return head.rsplit(" ", 1)[0].rstrip(" ,;:") + "…"
