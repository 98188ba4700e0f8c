"""Words of a script and when they are spoken: splitting, weights by length, matching, spreading. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ettametta.providers.speech.audio import Span
from ettametta.providers.speech.base import Word

_VOWELS = re.compile(r"[aeiouyàâäáãåæèéêëìíîïòóôöõøùúûüýœ]+")
_CLOSERS = "\"'”’»)]"
_SENTENCE_END = (".", "!", "?", "…")
_PAUSE_MARKS = (",", ";", ":", "—", "–")
_TITLE = "dr mr mrs ms prof st mt ft sr jr vs no vol gen col sen rep gov lt capt sgt rev hon pres fig approx dept inc"
_TITLES = frozenset(_TITLE.split())
_ACRONYM = re.compile(r"(?:[A-Za-z]\.){2,}")
_START = "the a an it in on at he she they we but and this that these those so then if for"
_STARTERS = frozenset(_START.split())
#: Costs of a pause in mid-phrase and of a sentence end without one, against about 1 for a misfit of half a second.
_UNMARKED, _RUN_ON = 0.8, 0.8
#: Pieces of a mismatch larger than this (script words times spoken words) are matched by length alone.
_LARGEST_MATCH = 400


@dataclass(frozen=True, slots=True)
class Sentence:
    """Words that are spoken in one breath, and whether a paragraph ends with them."""

    words: tuple[str, ...]
    ends_paragraph: bool

    @property
    def text(self) -> str:
        """The words as written."""
        return " ".join(self.words)


@dataclass(frozen=True, slots=True)
class Spoken:
    """A word as an engine says it ("hours" for "hrs") and when."""

    text: str
    span: Span


def split_sentences(text: str) -> list[Sentence]:
    """All words of the text, in order, cut at sentence ends and line breaks."""
    sentences: list[Sentence] = []
    for line in text.splitlines():
        words = line.split()
        start = 0
        for index in range(1, len(words) + 1):
            if index == len(words) or _ends_sentence(words[index - 1], words[index]):
                sentences.append(Sentence(tuple(words[start:index]), index == len(words)))
                start = index
    return sentences


def _ends_sentence(word: str, following: str) -> bool:
    bare = word.rstrip(_CLOSERS)
    if not bare.endswith(_SENTENCE_END) or following[0].islower():
        return False
    if not bare.endswith("."):
        return True
    stem = bare[:-1].lstrip("(\"'“‘")
    if stem.lower() in _TITLES or (len(stem) == 1 and stem.isalpha()):
        return False
    return not _ACRONYM.fullmatch(bare) or key(following) in _STARTERS


def key(word: str) -> str:
    """What is compared of a word: its letters and digits, lower case, without accents."""
    plain = unicodedata.normalize("NFKD", word.casefold())
    return "".join(character for character in plain if character.isalnum())


def weight(word: str) -> float:
    """About how long a word takes to say, in seconds at a usual pace; never nothing.

    Fitted by least squares to the 304 words two English texts took with the offline voice (rms error 0.08 s).
    """
    seconds = 0.034 + 0.55 * sum(sign in "$€£%" for sign in word)
    letters = 0
    for run in re.findall(r"\d+|[^\W\d_]+", word):
        if run.isdigit():
            seconds += 0.218 * len(run)
        elif run.isupper() and 1 < len(run) <= 4:
            seconds += 0.172 * len(run)
        else:
            seconds += 0.043 * (_syllables(run.lower()) + len(run))
            letters += len(run)
    if word.islower() and 0 < letters <= 3:
        seconds -= 0.046
    return seconds + 0.194 * word.rstrip(_CLOSERS).endswith((*_SENTENCE_END, *_PAUSE_MARKS))


def _syllables(run: str) -> float:
    vowels = len(_VOWELS.findall(run))
    if vowels:
        return vowels - (vowels > 1 and run.endswith("e") and not run.endswith("le"))
    return max(1.0, len(run) / 2)


def match_spoken(script: Sequence[str], spoken: Sequence[Spoken]) -> list[Span | None]:
    """For each script word the time of the spoken words that stand for it; None where none does."""
    a, b = [key(word) for word in script], [key(word.text) for word in spoken]
    owner: list[int | None] = [None] * len(spoken)
    for kind, a1, a2, b1, b2 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if kind == "equal":
            owner[b1:b2] = range(a1, a2)
        elif kind == "replace":
            owner[b1:b2] = [a1 + run for run in _best_runs(a[a1:a2], b[b1:b2])]
        elif kind == "insert":
            owner[b1:b2] = [max(0, a1 - 1)] * (b2 - b1)
    return [_cover(spoken, owner, index) for index in range(len(script))]


def _cover(spoken: Sequence[Spoken], owner: Sequence[int | None], index: int) -> Span | None:
    spans = [word.span for word, of in zip(spoken, owner, strict=True) if of == index]
    return Span(spans[0].start_s, spans[-1].end_s) if spans else None


def _best_runs(script: Sequence[str], spoken: Sequence[str]) -> list[int]:
    """Which script word each spoken word belongs to, in order, by likeness of the letters."""
    if len(script) * len(spoken) > _LARGEST_MATCH:
        return [min(len(script) - 1, place * len(script) // len(spoken)) for place in range(len(spoken))]
    nowhere: tuple[float, list[int]] = (-1.0, [])
    best: list[tuple[float, list[int]]] = [(0.0, []), *[nowhere] * len(spoken)]
    for index, word in enumerate(script):
        best = [
            max(
                (
                    (best[start][0] + _likeness(word, spoken[start:end]), best[start][1] + [index] * (end - start))
                    for start in range(end + 1)
                    if best[start][0] >= 0
                ),
                key=lambda candidate: candidate[0],
                default=nowhere,
            )
            for end in range(len(spoken) + 1)
        ]
    return best[-1][1]


def _likeness(word: str, run: Sequence[str]) -> float:
    if not run:
        return 0.0
    said = "".join(run)
    same = SequenceMatcher(None, word, said, autojunk=False).ratio()
    return 0.2 + same + 0.001 * len(said)


def fill_times(script: Sequence[str], spans: Sequence[Span | None], whole: Span) -> tuple[Word, ...]:
    """Words with times for all: those without one share the gap between their neighbours, or a neighbour's time."""
    times = list(spans)
    index = 0
    while index < len(times):
        if times[index] is not None:
            index += 1
            continue
        end = index
        while end < len(times) and times[end] is None:
            end += 1
        _fill_run(script, times, index, end, whole)
        index = end
    return _in_order(script, [span or whole for span in times], whole)


def _fill_run(script: Sequence[str], times: list[Span | None], first: int, end: int, whole: Span) -> None:
    before = times[first - 1] if first else None
    after = times[end] if end < len(times) else None
    left = before.end_s if before else whole.start_s
    right = after.start_s if after else whole.end_s
    if right - left < 0.08 * (end - first) and before and any(map(key, script[first:end])):
        first, left = first - 1, before.start_s
    times[first:end] = spread(script[first:end], [Span(left, max(left, right))])


def _in_order(script: Sequence[str], spans: Sequence[Span], whole: Span) -> tuple[Word, ...]:
    words: list[Word] = []
    for index, (text, span) in enumerate(zip(script, spans, strict=True)):
        start = min(max(span.start_s, words[-1].start_s if words else whole.start_s), whole.end_s)
        following = spans[index + 1].start_s if index + 1 < len(spans) else whole.end_s
        end = min(max(span.end_s, start), max(following, start), whole.end_s)
        words.append(Word(text, round(start, 4), round(end, 4)))
    return tuple(words)


def spread(script: Sequence[str], active: Sequence[Span]) -> list[Span]:
    """Times for words over the stretches where somebody speaks, by weight; pauses fall between words.

    Which words fall into which stretch is chosen so that lengths fit best and punctuation meets pauses (dynamic
    programming over stretches and words).
    """
    if not script:
        return []
    stretches = _merged(active, len(script))
    weights = [weight(word) for word in script]
    cuts = _cuts(script, weights, stretches)
    times: list[Span] = []
    for stretch, (first, end) in zip(stretches, pairwise([0, *cuts, len(script)]), strict=True):
        marks = np.concatenate(([0.0], np.cumsum(weights[first:end])))
        places = stretch.start_s + stretch.length_s * marks / marks[-1]
        times.extend(Span(float(start), float(stop)) for start, stop in pairwise(places))
    return times


def _merged(active: Sequence[Span], most: int) -> list[Span]:
    """At most so many stretches: the shortest pauses are forgotten first."""
    merged = list(active)
    while len(merged) > most:
        gaps = [after.start_s - before.end_s for before, after in pairwise(merged)]
        place = gaps.index(min(gaps))
        merged[place : place + 2] = [Span(merged[place].start_s, merged[place + 1].end_s)]
    return merged


def _cuts(script: Sequence[str], weights: Sequence[float], stretches: Sequence[Span]) -> list[int]:
    """Where the words are cut so that each stretch has at least one: `len(stretches) - 1` places."""
    count, marks = len(script), np.concatenate(([0.0], np.cumsum(weights)))
    speed = sum(stretch.length_s for stretch in stretches) / marks[-1]
    misfit: npt.NDArray[np.float64] = (marks[None, :] - marks[:, None]) * speed
    before = np.array([0.0, *(_unmarked(word) for word in script)])
    run_on = _run_on(script)
    cost = np.full(count + 1, np.inf)
    cost[0] = 0.0
    choices: list[npt.NDArray[np.intp]] = []
    for place, stretch in enumerate(stretches):
        step = np.abs(misfit - stretch.length_s) / (0.15 + 0.3 * stretch.length_s) ** 0.5 + run_on
        total = cost[:, None] + step + (before[None, :] if place + 1 < len(stretches) else 0.0)
        choices.append(total.argmin(axis=0))
        cost = total.min(axis=0)
    return _traced(choices, count)


def _run_on(script: Sequence[str]) -> npt.NDArray[np.float64]:
    """What it costs to say words `i` to `j - 1` without a pause: sentence ends inside; no words at all cannot be."""
    ends = [float(word.rstrip(_CLOSERS).endswith(_SENTENCE_END)) for word in script]
    up_to = np.concatenate(([0.0], np.cumsum(ends)))
    last = np.array([0.0, *ends])
    cost: npt.NDArray[np.float64] = _RUN_ON * (up_to[None, :] - last[None, :] - up_to[:, None])
    places = np.arange(len(script) + 1)
    return np.where(places[None, :] <= places[:, None], np.inf, cost)


def _traced(choices: Sequence[npt.NDArray[np.intp]], count: int) -> list[int]:
    cuts = [count]
    for choice in reversed(choices[1:]):
        cuts.append(int(choice[cuts[-1]]))
    return cuts[:0:-1]


def _unmarked(word: str) -> float:
    """What a pause costs after a word: nothing after a sentence, little after a comma, more in mid-phrase."""
    bare = word.rstrip(_CLOSERS)
    if bare.endswith(_SENTENCE_END):
        return 0.0
    return 0.05 if bare.endswith(_PAUSE_MARKS) else _UNMARKED


def shifted(words: Sequence[Word], by_s: float, whole: Span) -> tuple[Word, ...]:
    """The words later by so much, kept within `whole`."""
    spans = [Span(word.start_s + by_s, word.end_s + by_s) for word in words]
    return _in_order([word.text for word in words], spans, whole)
