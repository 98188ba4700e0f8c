"""Whether a story is about the niche: BM25 over its phrases, the title counting more (Robertson and Zaragoza 2009)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from ettametta.discovery.ranking.facts import MAX_TEXT_CHARS, CandidateFacts, NicheFacts
from ettametta.discovery.ranking.parts import Measured
from ettametta.discovery.ranking.words import Words, words_of
from ettametta.kit.text import truncate

_K1 = 1.2
_B = 0.5
_TITLE_BOOST = 3.0
_TITLE_WORDS = 10.0
_TEXT_WORDS = 120.0
#: A BM25 sum of this makes 1 - 1/e: one phrase of the niche in the title makes about two thirds.
_SCALE = 1.5
#: A word of the niche's name says less than a keyword.
_NAME_WORD = 0.5
#: What shows in a place the person added for the niche is about it, whatever its words.
FOLLOWED = 0.5
#: Below it a candidate is no match.
MIN_RELEVANCE = 0.12
#: Documents that are imagined beside those that were counted, so that few say little.
_PRIOR = 20.0
MAX_PHRASES = 40


@dataclass(frozen=True, slots=True)
class Phrase:
    """One thing the niche is found by."""

    shown: str
    tokens: tuple[str, ...]
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Frequencies:
    """In how many of a person's recent candidates phrases stand: what stands in all of them tells nothing."""

    total: int = 0
    by_phrase: Mapping[tuple[str, ...], int] = field(default_factory=lambda: MappingProxyType({}))

    def rarity(self, phrase: tuple[str, ...]) -> float:
        """The inverse document frequency, 1 for what stands nowhere, towards 0 for what stands everywhere."""
        count = min(self.by_phrase.get(phrase, 0), self.total)
        total = self.total + _PRIOR
        return math.log1p((total - count + 0.5) / (count + 0.5)) / math.log1p((total + 0.5) / 0.5)


@dataclass(frozen=True)
class Document:
    """A candidate by its words."""

    title: Words
    text: Words

    def frequency(self, phrase: tuple[str, ...]) -> float:
        """How often a phrase stands in it, for its length, the title counting threefold."""
        title = self.title.count(phrase) / _longer(len(self.title.tokens), _TITLE_WORDS)
        text = self.text.count(phrase) / _longer(len(self.text.tokens), _TEXT_WORDS)
        return _TITLE_BOOST * title + text

    def has(self, phrase: tuple[str, ...]) -> bool:
        """Whether a phrase stands in it."""
        return self.title.count(phrase) > 0 or self.text.count(phrase) > 0


def _longer(length: int, usual: float) -> float:
    return 1.0 - _B + _B * length / usual


def document_of(title: str, text: str) -> Document:
    """A candidate's words; a text that begins with its title is not counted twice."""
    rest = text[:MAX_TEXT_CHARS].removeprefix(title)
    return Document(words_of(title), words_of(rest))


def phrases_of(niche: NicheFacts) -> tuple[Phrase, ...]:
    """What a niche is found by: its keywords, its name as a phrase and, weaker, the name's words."""
    name = words_of(niche.name).tokens
    single = [Phrase(word, (word,), _NAME_WORD) for word in name if len(word) > 2] if len(name) > 1 else []
    written = [Phrase(one, words_of(one).tokens) for one in (*niche.keywords[:MAX_PHRASES], niche.name)]
    found: dict[tuple[str, ...], Phrase] = {}
    for phrase in (*written, *single):
        if phrase.tokens:
            found.setdefault(phrase.tokens, phrase)
    return tuple(found.values())[: 2 * MAX_PHRASES]


def count_phrases(phrases: Iterable[Phrase], documents: Sequence[Document]) -> Frequencies:
    """In how many documents each phrase stands."""
    wanted = {phrase.tokens for phrase in phrases}
    counts = {tokens: sum(document.has(tokens) for document in documents) for tokens in wanted}
    return Frequencies(len(documents), MappingProxyType(counts))


def is_ruled_out(document: Document, niche: NicheFacts) -> bool:
    """Whether a word stands in it that the niche excludes."""
    return any(document.has(words_of(word).tokens) for word in niche.excluded)


def relevance(
    candidate: CandidateFacts,
    document: Document,
    phrases: Sequence[Phrase],
    frequencies: Frequencies,
    niche: NicheFacts,
) -> Measured:
    """How much it is about the niche; 0: not at all."""
    gains = [(_gain(document, phrase, frequencies), phrase) for phrase in phrases]
    value = 1.0 - math.exp(-sum(gain for gain, _ in gains) / _SCALE)
    hits = [phrase for gain, phrase in sorted(gains, key=lambda one: -one[0]) if gain > 0]
    if value < FOLLOWED and any((one.source, one.address) in niche.followed for one in candidate.sightings):
        return Measured(FOLLOWED, "From a place you added for this niche.")
    if not hits:
        return Measured(0.0, f"Says nothing of {_quoted(niche.name)}.")
    shown = ", ".join(_quoted(phrase.shown) for phrase in hits[:3])
    is_in_title = any(document.title.count(phrase.tokens) for phrase in hits[:3])
    return Measured(value, f"Speaks of {shown}{' in its title' if is_in_title else ''}.")


def _gain(document: Document, phrase: Phrase, frequencies: Frequencies) -> float:
    count = document.frequency(phrase.tokens)
    return phrase.weight * frequencies.rarity(phrase.tokens) * count * (_K1 + 1.0) / (count + _K1)


def _quoted(words: str) -> str:
    return f"“{truncate(words, 40)}”"
