"""Tightens a sentence by leaving words out; never adds or changes one (but for a capital at the start)."""

from __future__ import annotations

import re

from ettametta.scripts.lexicon import Lexicon

_REFERENCE = re.compile(r"\s?\[(?:\d{1,3}|[a-z]|note \d+|citation needed|edit)\](?::\d+)?", re.IGNORECASE)
_PARENTHESIS = re.compile(r"\s?[(（][^()（）]{0,300}[)）]")
_QUOTE_MARKS = '"“”«»「」„'
_LONG_WORDS = 24
_LEAST_WORDS_LEFT = 6


def tighten(sentence: str, lexicon: Lexicon) -> str:
    """A sentence without reference marks, parentheses and opening connectives; a long one without its side clause."""
    text = _without_parentheses(without_references(sentence))
    text = _without_opener(_spaced(text), lexicon)
    if len(text.split()) > _LONG_WORDS:
        text = _without_side_clause(text, lexicon)
    return _capitalised(_spaced(text))


def without_references(text: str) -> str:
    """A text without the marks that point to notes: [1], [a], [citation needed]."""
    return _REFERENCE.sub("", text)


def _without_parentheses(text: str) -> str:
    for _ in range(3):
        shorter = _PARENTHESIS.sub("", text)
        if shorter == text:
            break
        text = shorter
    return text


def _spaced(text: str) -> str:
    return re.sub(r"\s+([,.;:!?…])", r"\1", " ".join(text.split()))


def _without_opener(text: str, lexicon: Lexicon) -> str:
    for opener in lexicon.openers:
        if text.lower().startswith(f"{opener}, "):
            return text[len(opener) + 2 :]
    return text


def _without_side_clause(text: str, lexicon: Lexicon) -> str:
    """Leaves out the first ", which ... ," that holds no quotation, when a whole sentence remains."""
    for word in sorted(lexicon.relative):
        found = re.search(rf", {word}\b[^,;:.{_QUOTE_MARKS}]{{3,160}},(?= )", text)
        if found is None or _is_enumeration(text[found.end() :]):
            continue
        shorter = text[: found.start()] + text[found.end() :]
        if len(shorter.split()) >= _LEAST_WORDS_LEFT:
            return shorter
    return text


def _is_enumeration(rest: str) -> bool:
    """What goes on with "and" or a further comma belongs to a list: cutting there could change the sense."""
    return re.match(r" (and|or|y|o|et|ou|e|und|oder)\b", rest) is not None


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]
