"""Holds what a line claims to the sources it cites: figures, days, names, quotations, strength, sense and substance.

A claim in another language than its source is held to figures, days and quotations alone: words cannot be compared.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from ettametta.evidence import Evidence, EvidenceItem
from ettametta.kit.sentences import split_sentences, words
from ettametta.scripts.amounts import Amount, agrees, amounts, spans_years
from ettametta.scripts.flags import FlagKind
from ettametta.scripts.lexicon import lexicon, word_set
from ettametta.scripts.markers import NO_SUPERLATIVES, days, markers
from ettametta.scripts.orders import without_orders
from ettametta.scripts.stems import STEM, fold, stem, stems

#: So much of a source is looked at: more than any model is shown of it.
MAX_SOURCE_CHARS = 60_000
_QUOTED = re.compile(r"[“\"«„「]([^“”\"«»„「」]{3,300})[”\"»“」]")
#: A line with fewer words of weight is too short to be judged by them.
_FEWSTEMS = 4
#: The least part of a line's weighty words that its source must have, over all and in one place of it.
_LEAST_ANYWHERE = 0.34
_LEAST_TOGETHER = 0.34
#: From here on a sentence of the source says the same thing.
_SAME = 0.6
_NEARLY_SAME = 0.5
_ABOUT_IT = 0.34
#: A denial reaches this many words.
_DENIED_WORDS = 3
_SAME_NAME = 0.74
_GROUPS = (
    frozenset({"largest", "biggest", "greatest", "hugest"}),
    frozenset({"first", "earliest"}),
    frozenset({"only", "sole", "unique", "single"}),
    frozenset({"never", "no", "nobody", "nothing", "none", "not"}),
    frozenset({"fastest", "quickest"}),
    frozenset({"best", "finest"}),
    frozenset({"always", "every", "all", "ever"}),
)
_DOES = (
    r"(?:himself|herself|itself|is|was|were|had|has|[a-z]+ed|built|made|wrote|found|saw|won|lost|led|took|gave|came|"
    r"went|"
    r"died|sold|brought)"
)
#: Capitalised words that name nobody.
_NO_NAMES = word_set(
    """i monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
    september october november december christian bc ad bce ce tv dna ok"""
)


@dataclass(frozen=True, slots=True)
class Finding:
    """A claim the cited sources do not carry."""

    kind: FlagKind
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class _Sentence:
    text: str
    stems: frozenset[str]
    amounts: tuple[Amount, ...]

    @classmethod
    def of(cls, text: str, language: str) -> _Sentence:
        return cls(text, stems(text, language), tuple(amounts(text)))


class Source:
    """A text made ready to be compared with.

    Args:
        item: the text with its citation.
        language: the language of the script.
    """

    def __init__(self, item: EvidenceItem, language: str) -> None:
        cited = item.citation
        heads = [part for part in (cited.title, cited.published, cited.author, cited.publisher) if part]
        self.text = "\n\n".join(without_orders(part) for part in (*heads, item.text[:MAX_SOURCE_CHARS]))
        self.same_language = item.language is None or item.language == language
        self.sentences = [_Sentence.of(one, language) for one in split_sentences(self.text)]
        self.clauses = [part for one in self.sentences for part in _clauses_of(one, language)]
        self.stems = frozenset[str]().union(*(one.stems for one in self.sentences))
        self.amounts = [amount for one in self.sentences for amount in one.amounts]
        self.days = days(self.text)
        self.letters = _letters(self.text)
        self.names = frozenset(fold(word) for word in words(self.text) if word[:1].isupper())
        self.lower = frozenset(fold(word) for word in words(self.text) if word[:1].islower())

    def near(self, wanted: frozenset[str], at_least: float) -> list[_Sentence]:
        """The sentences that have at least this part of the wanted stems, best first."""
        if not wanted:
            return []
        rated = [(len(wanted & one.stems) / len(wanted), one) for one in self.sentences]
        return [one for share, one in sorted(rated, key=lambda pair: -pair[0]) if share >= at_least]

    def best_window(self, wanted: frozenset[str]) -> float:
        """The largest part of the wanted stems that three neighbouring sentences have."""
        if not wanted:
            return 1.0
        best = 0
        for place in range(len(self.sentences)):
            near = frozenset[str]().union(*(one.stems for one in self.sentences[max(0, place - 1) : place + 2]))
            best = max(best, len(wanted & near))
        return best / len(wanted)


class Ground:
    """All sources of an evidence, made ready once.

    Args:
        evidence: what a script may rest on.
        language: the language of the script.
    """

    def __init__(self, evidence: Evidence, language: str) -> None:
        self.language = language
        self.topic = stems(evidence.topic, language)
        self._topic_names = frozenset(fold(word) for word in words(evidence.topic))
        self.sources = [Source(item, language) if item.text.strip() else None for item in evidence.items]

    def has(self, index: int) -> bool:
        """Whether there is a text under this number."""
        return 0 <= index < len(self.sources) and self.sources[index] is not None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to hold a claim to."""
        return not any(self.sources)

    def findings(self, text: str, citations: Sequence[int], *, also: str = "", strict: bool = True) -> list[Finding]:
        """What in a text the cited sources do not carry.

        Args:
            text: what is spoken.
            citations: numbers of the sources.
            also: further words that are shown; only figures, days and quotations of these are looked at.
            strict: also ask whether the substance stands in the source; off for questions to the viewer and openings.
        """
        cited = [source for index in citations if self.has(index) and (source := self.sources[index]) is not None]
        if not cited:
            return []
        shown = f"{text}\n{also}"
        found = [*_figures(shown, text, cited, self.language), *_days(shown, cited), *_quotations(shown, cited)]
        found += self._names(text, cited)
        if all(source.same_language for source in cited):
            found += _strength(text, cited, self.language)
            found += _sense(text, cited, self.language)
            if strict and not found:
                found += self._substance(text, cited)
        return list({(one.kind, one.text): one for one in found}.values())

    def _names(self, text: str, cited: Sequence[Source]) -> Iterable[Finding]:
        foreign = not all(source.same_language for source in cited)
        known = self._topic_names.union(*(source.names for source in cited))
        lower = frozenset[str]().union(*(source.lower for source in cited))
        for name in names_in(text, self.language, lower):
            missing = [part for part in name if not _is_known(part, known, lower, foreign=foreign)]
            if missing and (not foreign or (len(name) > 1 and len(missing) == len(name))):
                written = " ".join(name)
                yield Finding("name", written, f"its source does not name {' '.join(missing)}")

    def _substance(self, text: str, cited: Sequence[Source]) -> Iterable[Finding]:
        wanted = stems(text, self.language)
        if len(wanted) < _FEWSTEMS or not lexicon(self.language).stop:
            return
        anywhere = len(wanted & self.topic.union(*(source.stems for source in cited))) / len(wanted)
        together = max(source.best_window(wanted) for source in cited)
        if anywhere >= _LEAST_ANYWHERE and together >= _LEAST_TOGETHER:
            return
        other = self._better(wanted, cited, together)
        why = f"source {other} says this, not the one it cites" if other is not None else "its source does not say this"
        yield Finding("unsupported", text, why)

    def _better(self, wanted: frozenset[str], cited: Sequence[Source], than: float) -> int | None:
        others = [
            (source.best_window(wanted), index)
            for index, source in enumerate(self.sources)
            if source is not None and source not in cited
        ]
        share, index = max(others, default=(0.0, -1))
        return index if share >= max(_SAME, than + 0.2) else None


def _clauses_of(sentence: _Sentence, language: str) -> list[_Sentence]:
    parts = _clauses(sentence.text)
    return [sentence] if len(parts) == 1 else [_Sentence.of(part, language) for part in parts]


def _clauses(sentence: str) -> list[str]:
    """The sentence, and its clauses: with the subject of the first before each of the others."""
    parts = [
        part for part in re.split(r"[;:]\s+|,\s+(?:and|but|while)\s+|\s+(?:and|but|while)\s+", sentence) if part.strip()
    ]
    if len(parts) == 1:
        return parts
    subject = " ".join(parts[0].split()[:2])
    return [parts[0], *(f"{subject} {part}" for part in parts[1:])]


def _figures(shown: str, spoken: str, cited: Sequence[Source], language: str) -> Iterable[Finding]:
    pool = [amount for source in cited for amount in source.amounts]
    about = stems(spoken, language)
    comparable = all(source.same_language for source in cited)
    for said in amounts(shown):
        same = [one for one in pool if agrees(said, one)]
        if not same and not spans_years(said, pool):
            yield Finding("figure", said.written, f"its source does not have {said.written}")
        elif comparable and same and about and not any(_is_about(source, said, about) for source in cited):
            yield Finding("figure", said.written, f"its source has {said.written}, but about something else")


def _is_about(source: Source, said: Amount, about: frozenset[str]) -> bool:
    """Whether a sentence with the figure, or one beside it, shares a word of weight with what is said."""
    for place, one in enumerate(source.sentences):
        if any(agrees(said, amount) for amount in one.amounts):
            near = frozenset[str]().union(*(other.stems for other in source.sentences[max(0, place - 1) : place + 2]))
            if about & near:
                return True
    return False


def _days(shown: str, cited: Sequence[Source]) -> Iterable[Finding]:
    known = {day for source in cited for day in source.days}
    for day, written in days(shown).items():
        if day not in known:
            yield Finding("date", written, f"its source does not have the day {written}")


def _quotations(shown: str, cited: Sequence[Source]) -> Iterable[Finding]:
    for quotation in _QUOTED.findall(shown):
        wanted = _letters(quotation)
        if not any(wanted in source.letters for source in cited):
            yield Finding("quotation", quotation, f"its source does not have the words {quotation}")


def _strength(text: str, cited: Sequence[Source], language: str) -> Iterable[Finding]:
    """Superlatives and causes that no sentence about the same thing has."""
    lists = markers(language)
    wanted = stems(text, language)
    near = [one for source in cited for one in source.near(wanted, _ABOUT_IT)]
    near = near or [one for source in cited for one in source.near(wanted, 1 / max(len(wanted), 1))]
    sources = " ".join(one.text for one in near)
    for written in _superlatives(text, language):
        if not _has_superlative(written, sources, language):
            yield Finding("superlative", written, f"its source does not say “{written}”")
    cause = lists.cause.search(text)
    if cause is not None and not (
        lists.cause_support.search(sources) and _has_reason(text[cause.end() :], sources, language)
    ):
        yield Finding("cause", cause.group(), "its source does not give that cause")


def _has_reason(reason: str, sources: str, language: str) -> bool:
    wanted = stems(reason, language)
    return len(wanted) < 2 or len(wanted & stems(sources, language)) * 2 >= len(wanted)


def _superlatives(text: str, language: str) -> list[str]:
    found = [one.group() for one in markers(language).superlative.finditer(text)]
    return [one for one in found if one.lower() not in NO_SUPERLATIVES and not _is_plain(one, text)]


def _is_plain(word: str, text: str) -> bool:
    """Whether it is one of "at first", "first of all" and their like, which claim nothing."""
    return (
        re.search(rf"\b(?:at {word}|{word} of all|the {word} time|{word} (?:when|if)|not only)\b", text, re.IGNORECASE)
        is not None
    )


def _has_superlative(written: str, source: str, language: str) -> bool:
    said = written.lower().split()[-1]
    alike = next((group for group in _GROUPS if said in group), frozenset({said}))
    spoken = {word.lower() for word in words(source)}
    if alike & spoken or any(word[:STEM] == said[:STEM] for word in spoken if len(word) >= STEM <= len(said)):
        return True
    return any(written.lower() == one.group().lower() for one in markers(language).superlative.finditer(source))


def _sense(text: str, cited: Sequence[Source], language: str) -> Iterable[Finding]:
    """An opposite, or a denial, where the source says the same thing without it; or the other way round."""
    wanted = stems(text, language)
    turned = _turned(text, wanted, cited, language)
    if turned is not None:
        yield turned
    elif len(wanted) >= 2:
        same = [one for source in cited for one in source.near(wanted, _NEARLY_SAME)][:1]
        if any(_flips(text, one.text, language) for one in same):
            yield Finding("contradiction", text, "its source says the opposite")


def _turned(text: str, wanted: frozenset[str], cited: Sequence[Source], language: str) -> Finding | None:
    """A word of what is said whose opposite stands in its place in the source."""
    opposites = markers(language).opposites
    said = amounts(text)
    clauses = [clause for source in cited for clause in source.clauses if _shares_figures(said, clause)]
    for word in [word.lower() for word in words(text)]:
        others = opposites.get(word)
        rest = wanted - {stem(word)}
        if not others or not rest:
            continue
        about = [clause for clause in clauses if len(rest & clause.stems) >= _SAME * len(rest)]
        spoken = [{part.lower() for part in words(clause.text)} for clause in about]
        if not any(word in parts for parts in spoken):
            found = sorted(other for parts in spoken for other in others & parts)
            if found:
                return Finding("contradiction", word, f"its source says “{found[0]}”, not “{word}”")
    return None


def _shares_figures(said: Sequence[Amount], clause: _Sentence) -> bool:
    """A clause that could be meant: it has a figure of those said, or none were said."""
    return not said or any(agrees(one, other) for one in said for other in clause.amounts)


def _flips(ours: str, theirs: str, language: str) -> bool:
    denied, denied_there = _denied(ours, language), _denied(theirs, language)
    here, there = stems(ours, language), stems(theirs, language)
    return bool((denied & there) - denied_there or (denied_there & here) - denied)


def _denied(text: str, language: str) -> frozenset[str]:
    """The words of weight right behind a denial."""
    found: frozenset[str] = frozenset()
    for one in markers(language).denial.finditer(text):
        clause = re.split(r"[,;:.!?—–]", text[one.end() :], maxsplit=1)[0]
        found |= stems(" ".join(clause.split()[:_DENIED_WORDS]), language)
    return found


def names_in(text: str, language: str, lower: frozenset[str]) -> Iterable[tuple[str, ...]]:
    """Runs of capitalised words; the first of a sentence only when the source has no such common word."""
    stop = lexicon(language).stop
    for sentence in split_sentences(text):
        run: list[str] = []
        first = True
        for piece in [*re.findall(r"[^\W_]+(?:['’\-.][^\W_]+)*|[^\w\s]", sentence), "."]:
            is_name = piece[:1].isupper() and piece.lower() not in stop and piece.lower() not in _NO_NAMES
            if is_name and not (first and (fold(piece) in lower or _may_be_common(piece, sentence, language))):
                run.append(piece)
            elif run:
                if language != "de" or len(run) > 1:
                    yield tuple(run)
                run = []
            first = (first and not piece[0].isalnum()) or piece in ':“”"«»'


def _may_be_common(token: str, sentence: str, language: str) -> bool:
    """An opening word that may be any word: nothing but its place made it a capital.

    In English a singular without an article that does something ("Newton built") is a name, or a thing as good as one.
    """
    if language != "en" or not token[1:].islower() or re.search(r"(?:s|ing|ly|ed|body|one|thing)$", token):
        return re.search(r"[’']s$", token) is None
    return re.match(rf"\W*{re.escape(token)}\s+{_DOES}\b", sentence) is None


def _is_known(part: str, known: frozenset[str], lower: frozenset[str], *, foreign: bool) -> bool:
    plain = fold(re.sub(r"[’']s$|[’']$", "", part))
    pieces = [piece for piece in re.split(r"[-.'’]", plain) if piece]
    if plain in known or plain in lower or (pieces and all(piece in known or piece in lower for piece in pieces)):
        return True
    if any(_plain_name(one) == plain or (len(plain) >= 4 and one[:4] == plain[:4]) for one in known):
        return True
    return foreign and any(SequenceMatcher(None, plain, one).ratio() >= _SAME_NAME for one in known)


def _plain_name(name: str) -> str:
    return re.sub(r"[’']s$", "", name)


def _letters(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", text).casefold()))
