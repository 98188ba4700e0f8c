"""Sentences that could be said, each with how much it says: centrality, place, concreteness, length.

Centrality is LexRank's idea (Erkan and Radev, 2004): PageRank over the cosine likeness of TF-IDF vectors.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ettametta.evidence import Evidence
from ettametta.kit.sentences import split_sentences, spoken_words, words
from ettametta.scripts.lexicon import Lexicon
from ettametta.scripts.orders import without_orders
from ettametta.scripts.pacing import as_words
from ettametta.scripts.tighten import tighten, without_references

#: More sentences than this are not looked at: the matrix grows with the square, and a video needs few.
MAX_SENTENCES = 400
_MIN_WORDS = 4
#: What a short sentence that only leads from one to the next is worth of its score.
_BRIDGE_SHARE = 0.3
_MAX_WORDS = 34
_TERMINATED = re.compile(r"[.!?…؟۔।॥。！？｡][\"'”’»)\]」』]*$")
_JUNK = re.compile(
    r"https?://|www\.|\S@\S|©|\b(?:click here|read more|subscribe|sign up|newsletter|cookies?|all rights reserved|"
    r"see also|photo(?:graph)? by|image credit|getty|advertisement|share this|follow us|listen to this)\b|[{}|<>]",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[\"“«„「][^\"“”«»„「」]{8,160}[\"”»」]")
#: A colon or dash that resolves something: "found the way out: throw most of the glass away".
_TURN = re.compile(r"\w(?:: | [–—] )\w")
#: Near the beginning they add to or follow from something said before ("Glass also swallows ...").
_ADDING = frozenset({"also", "therefore", "thus", "however", "también", "aussi", "anche", "também", "auch"})
#: At the end of a sentence these stand for something said before.
_TRAILING = frozenset({"there", "then", "so", "this", "that", "them"})
#: "The smallest fits ...": of what, the sentence before says. English; elsewhere the word lists must do.
_ELLIPTIC = re.compile(
    r"(?:The|One|Two|Three|Some|Many|Most|Each|All) (?:\w{3,}est|first|second|third|last|latter|former|other|others|"
    r"same|result|reason|answer|of (?:them|these|those))\b(?! \w+ing\b)(?! of (?:the|all)\b)"
)
_NUMBER = re.compile(r"\d")
_FIRST_PERSON = re.compile(r"\b(?:I|we|our|my|me|us|you|your)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A tightened sentence. `score` says how much it is worth saying, `hook` how well it would open (both 0 to 1)."""

    index: int
    item: int
    paragraph: int
    text: str
    #: In ordinary words of the same time to say, the pause behind it included.
    length: float
    #: It points back and may only follow the candidate before it.
    depends: bool
    #: The candidate before it is the sentence before it, in the same paragraph.
    follows: bool
    #: It is the last of its paragraph.
    closes: bool
    score: float = 0.0
    hook: float = 0.0


@dataclass(frozen=True, slots=True)
class Ranked:
    """All candidates in source order, and how alike any two are (0 to 1)."""

    candidates: tuple[Candidate, ...]
    likeness: NDArray[np.float64]


def rank(evidence: Evidence, lexicon: Lexicon, language: str) -> Ranked:
    """The sentences of the evidence that could be said, scored."""
    found = _candidates(evidence, lexicon, language)[:MAX_SENTENCES]
    if not found:
        return Ranked((), np.zeros((0, 0)))
    vectors = _vectors([candidate.text for candidate in found], lexicon)
    likeness = np.clip(vectors @ vectors.T, 0.0, 1.0)
    central = _centrality(likeness)
    topic = {word.lower() for word in words(evidence.topic)} - lexicon.stop
    scored = tuple(
        _scored(candidate, float(central[index]), topic, lexicon, found[-1].paragraph)
        for index, candidate in enumerate(found)
    )
    return Ranked(scored, likeness)


def _candidates(evidence: Evidence, lexicon: Lexicon, language: str) -> list[Candidate]:
    found: list[Candidate] = []
    for number, item in enumerate(evidence.items):
        terminated = _TERMINATED.search(item.text.replace("\n", " ").strip()) is not None
        for place, paragraph in enumerate(re.split(r"\n\s*\n", without_orders(item.text))):
            previous = -1
            sentences = split_sentences(without_references(paragraph))
            for order, sentence in enumerate(sentences):
                text = tighten(sentence, lexicon)
                if not _can_be_said(text, terminated=terminated):
                    continue
                found.append(
                    Candidate(
                        index=len(found),
                        item=number,
                        paragraph=place,
                        text=text,
                        length=as_words(text, language),
                        depends=points_back(text, lexicon) or (order > 0 and is_bridge(text, lexicon)),
                        follows=order > 0 and previous == order - 1,
                        closes=order == len(sentences) - 1,
                    )
                )
                previous = order
    return found


def _can_be_said(text: str, *, terminated: bool) -> bool:
    if _JUNK.search(text) or (terminated and not _TERMINATED.search(text)):
        return False
    if _unbalanced(text):
        return False
    return _MIN_WORDS <= spoken_words(text) <= _MAX_WORDS


def _unbalanced(text: str) -> bool:
    """A quotation that began or ends in another sentence."""
    return text.count('"') % 2 == 1 or text.count("“") != text.count("”") or text.count("«") != text.count("»")


def points_back(text: str, lexicon: Lexicon) -> bool:
    """Whether a sentence cannot stand without the one before: it opens with a pronoun, or names nobody it speaks of."""
    spoken = words(text)
    lowered = [re.split(r"['’]", word.lower())[0] for word in spoken]
    if not spoken or lowered[0] in lexicon.back or lowered[-1] in _TRAILING or _ELLIPTIC.match(text):
        return True
    if _ADDING.intersection(lowered[1:4]):
        return True
    if len(lowered) > 1 and lowered[0] in lexicon.stop and lowered[1] in lexicon.back - lexicon.joining:
        return True
    for place, word in enumerate(lowered):
        if word in lexicon.persons:
            return not _names_someone(spoken[:place], lexicon)
    return False


def is_bridge(text: str, lexicon: Lexicon) -> bool:
    """A short sentence without a figure or a name ("The trouble was the size."): it leads from one to the next."""
    spoken = words(text)
    if len(spoken) > 6 or not lexicon.stop:
        return False
    return not any(_NUMBER.search(word) or word[:1].isupper() for word in spoken[1:])


def _names_someone(before: list[str], lexicon: Lexicon) -> bool:
    names = [word for word in before if word[:1].isupper() and word.lower() not in lexicon.stop]
    return bool(names) or any(word.lower() in ("king", "queen", "man", "woman", "captain", "doctor") for word in before)


def _vectors(texts: list[str], lexicon: Lexicon) -> NDArray[np.float64]:
    """TF-IDF rows of length one; a word is its first six letters, which joins most of its forms."""
    bags = [Counter(word.lower()[:6] for word in words(text) if word.lower() not in lexicon.stop) for text in texts]
    vocabulary = {term: column for column, term in enumerate(sorted({term for bag in bags for term in bag}))}
    matrix = np.zeros((len(texts), max(len(vocabulary), 1)))
    for row, bag in enumerate(bags):
        for term, count in bag.items():
            matrix[row, vocabulary[term]] = count
    seen = np.count_nonzero(matrix, axis=0)
    matrix *= np.log((1 + len(texts)) / (1 + seen)) + 1
    norms = np.linalg.norm(matrix, axis=1, keepdims=True)
    return np.asarray(matrix / np.where(norms == 0, 1, norms), dtype=np.float64)


def _centrality(likeness: NDArray[np.float64], damping: float = 0.85, rounds: int = 40) -> NDArray[np.float64]:
    """PageRank of the likeness graph, scaled so that the largest is one."""
    links = likeness.copy()
    np.fill_diagonal(links, 0.0)
    totals = links.sum(axis=1, keepdims=True)
    count = len(links)
    flow = np.where(totals > 0, links / np.where(totals == 0, 1, totals), 1 / count)
    rank_now = np.full(count, 1 / count)
    for _ in range(rounds):
        rank_now = (1 - damping) / count + damping * (rank_now @ flow)
    return np.asarray(rank_now / rank_now.max(), dtype=np.float64)


def _scored(candidate: Candidate, central: float, topic: set[str], lexicon: Lexicon, last: int) -> Candidate:
    text = candidate.text
    spoken = [word.lower() for word in words(text)]
    place = 1.0 / (1.0 + 0.25 * candidate.paragraph)
    ending = 0.5 if candidate.paragraph == last else 0.0
    concrete = _concreteness(text, spoken, lexicon)
    about = min(1.0, len(topic.intersection(spoken)) / 2)
    short = _length_fit(candidate.length)
    score = 0.24 * central + 0.14 * max(place, ending) + 0.30 * concrete + 0.10 * about + 0.22 * short
    score -= 0.35 * bool(_FIRST_PERSON.search(text)) + 0.15 * text.rstrip('"”»').endswith("?")
    hook = 0.5 * concrete + 0.35 * place + 0.15 * short - 0.6 * candidate.depends
    if candidate.depends and is_bridge(text, lexicon):
        score *= _BRIDGE_SHARE
    return replace(candidate, score=max(score, 0.02), hook=max(hook, 0.0))


def _concreteness(text: str, spoken: list[str], lexicon: Lexicon) -> float:
    """Numbers, names, quotations, turns and striking words, each adding its part."""
    names = sum(word[:1].isupper() and word.lower() not in lexicon.stop for word in words(text)[1:])
    striking = sum(word in lexicon.striking for word in spoken)
    value = 0.35 * bool(_NUMBER.search(text)) + 0.3 * bool(_QUOTED.search(text)) + 0.2 * bool(_TURN.search(text))
    return min(1.0, value + 0.12 * min(names, 2) + 0.22 * min(striking, 3))


def _length_fit(length: float) -> float:
    """One from 7 to 18 words, falling to zero at 34."""
    if length < 7:
        return length / 7
    return 1.0 if length <= 18 else max(0.0, 1 - (length - 18) / 16)
