"""Pure caption making: spoken words become cues of one or two short lines that end where a phrase ends.

Breaks are chosen by dynamic programming over a cost: balanced lines, no word alone, breaks at punctuation and pauses.
"""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from ettametta.providers.speech.base import Word
from ettametta.storyboard import CaptionStyle
from ettametta.video.captions.breaking import are_tied, pieces
from ettametta.video.plan import Canvas, Cue, CueWord

#: A line of highlighted words holds at most this much width (a Latin letter is 1, a CJK one 2) and this many words.
MAX_LINE_UNITS = 22
MAX_LINE_WORDS = 4

#: A cue is on screen at least this long where the next one lets it, and asks to be read no faster than this.
MIN_CUE_MS = 500
MAX_LETTERS_PER_S = 20.0

_PAUSE_MS = 350
#: What it costs to part words that read as one.
_TIED = 4.0
#: A cue stays until the next one when that comes within this time, else it lingers a little after its last word.
_BRIDGE_MS = 600
_LINGER_MS = 350
_SENTENCE_ENDS = ".!?…。！？؟।۔"
_CLAUSE_ENDS = ",;:،؛、，；：—–"
_CLOSERS = "\"'”’)]»」』"
_ARTICLES_AND_SUCH = (
    "a an the of to in on at by for from with and or but nor as than that which who is are was were be been "
    "its his her their our your my this these those no not very"
)
_LEANING = frozenset(_ARTICLES_AND_SUCH.split())


@dataclass(frozen=True, slots=True)
class CueLimits:
    """How much is on screen at once: width of a line in units, words in a line, lines in a cue (one or two)."""

    line_units: float = MAX_LINE_UNITS
    line_words: int = MAX_LINE_WORDS
    lines: int = 2


def cue_limits(style: CaptionStyle, canvas: Canvas) -> CueLimits:
    """The limits of a style: few large words, or longer lines of small ones; wide frames hold longer lines."""
    wide = canvas.width > canvas.height
    limits = {
        "one_word": CueLimits(MAX_LINE_UNITS, 1, 1),
        "pop": CueLimits(20, 3),
        "sentence": CueLimits(42 if wide else 26, 9 if wide else 6),
        "minimal": CueLimits(46 if wide else 33, 10 if wide else 7),
    }.get(style.mode, CueLimits())
    return replace(limits, line_units=max(8.0, limits.line_units / max(1.0, style.size)))


def cues_from_words(
    words: Sequence[Word],
    offset_s: float,
    scene_s: float,
    limits: CueLimits = CueLimits(),  # a frozen value
    emphasis: Sequence[str] = (),
) -> tuple[Cue, ...]:
    """Cues for one scene; every word appears once and in order.

    Args:
        words: as spoken, in seconds from the start of the narration.
        offset_s: where in the scene the narration starts.
        scene_s: length of the scene; no cue outlives it.
        limits: how much is on screen at once.
        emphasis: words or phrases that are marked as stressed wherever they are spoken; capitals and signs aside.
    """
    timed = _in_scene(words, offset_s, scene_s, limits, _stressed(words, emphasis))
    groups = _Grouping(tuple(timed), limits).best()
    return _with_times(groups, round(scene_s * 1000))


def text_units(text: str) -> int:
    """Width of a text in units: wide letters 2, marks 0, all others 1."""
    return sum(_char_units(char) for char in text)


# -- words ----------------------------------------------------------------------------------------------------------


def _stressed(words: Sequence[Word], emphasis: Sequence[str]) -> frozenset[int]:
    """Indexes of the words that a phrase of `emphasis` covers."""
    keys = [_key(word.text) for word in words]
    found: set[int] = set()
    for phrase in emphasis:
        wanted = [_key(part) for part in phrase.split()]
        for at in range(len(keys) - len(wanted) + 1):
            if any(wanted) and keys[at : at + len(wanted)] == wanted:
                found.update(range(at, at + len(wanted)))
    return frozenset(found)


def _key(word: str) -> str:
    return "".join(char for char in word.casefold() if char.isalnum() or unicodedata.category(char)[0] == "M")


def _in_scene(
    words: Sequence[Word], offset_s: float, scene_s: float, limits: CueLimits, stressed: frozenset[int]
) -> list[CueWord]:
    """Words with whitespace tidied, too long unspaced ones cut up, times never going back and inside the scene."""
    limit = round(scene_s * 1000)
    placed: list[CueWord] = []
    earliest = 0
    for index, word in enumerate(words):
        for number, piece in enumerate(_pieces(word, limits)):
            start = min(max(round((offset_s + piece.start_s) * 1000), earliest), limit)
            end = min(max(round((offset_s + piece.end_s) * 1000), start), limit)
            placed.append(CueWord(piece.text, start, end, joined=number > 0, stressed=index in stressed))
            earliest = start
    return placed


def _pieces(word: Word, limits: CueLimits) -> list[Word]:
    """The word itself, or its parts when its script writes no spaces and it is wider than a line."""
    text = " ".join(word.text.split())
    if not text:
        return []
    if text_units(text) <= limits.line_units or not _is_unspaced(text):
        return [Word(text, word.start_s, word.end_s)]
    parts = pieces(text, max(4, round(limits.line_units) // 2), text_units)
    total = sum(len(part) for part in parts)
    span = word.end_s - word.start_s
    bounds = [word.start_s + span * n / total for n in itertools.accumulate((len(part) for part in parts), initial=0)]
    return [Word(part, start, end) for part, (start, end) in zip(parts, itertools.pairwise(bounds), strict=True)]


def _is_unspaced(text: str) -> bool:
    """Whether most letters belong to a script without spaces: Han, Kana, Thai, Lao, Khmer, Myanmar."""
    letters = [char for char in text if unicodedata.category(char) == "Lo"]
    unspaced = sum(
        1 for char in letters if _char_units(char) == 2 or "\u0e00" <= char <= "\u0eff" or _burmese_khmer(char)
    )
    return unspaced * 2 > len(text)


def _burmese_khmer(char: str) -> bool:
    return "\u1000" <= char <= "\u109f" or "\u1780" <= char <= "\u17ff"


@lru_cache(maxsize=4096)
def _char_units(char: str) -> int:
    if unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1


# -- breaking -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Layout:
    cost: float
    lines: tuple[tuple[CueWord, ...], ...]


class _Grouping:
    """The cheapest way to cut words into cues (shortest path over word positions)."""

    def __init__(self, words: tuple[CueWord, ...], limits: CueLimits) -> None:
        self._words = words
        self._limits = limits
        self._widths = [text_units(word.space + word.text) for word in words]

    def best(self) -> list[_Layout]:
        words = self._words
        best: list[tuple[float, int, _Layout | None]] = [(0.0, 0, None)]
        for end in range(1, len(words) + 1):
            options = []
            for start in range(max(0, end - self._limits.line_words * self._limits.lines), end):
                layout = self._lay_out(start, end)
                if layout is not None:
                    alone = 50.0 if end - start == 1 and len(words) > 1 else 0.0
                    pace = _pace_cost(words, start, end)
                    cost = best[start][0] + layout.cost + alone + pace + _end_cost(words, end)
                    options.append((cost, start, layout))
            best.append(min(options, key=lambda option: option[0]))
        return _walk_back(best)

    def _lay_out(self, start: int, end: int) -> _Layout | None:
        """The best one- or two-line setting, or None when it does not fit."""
        words = self._words[start:end]
        inside = 1.0 + sum(_crossing_cost(left, right) for left, right in itertools.pairwise(words))
        options = [_Layout(inside, (words,))] if self._fits(start, end) else []
        for cut in range(start + 1, end if self._limits.lines > 1 else start):
            if self._fits(start, cut) and self._fits(cut, end):
                lines = (self._words[start:cut], self._words[cut:end])
                options.append(_Layout(inside + self._split_cost(start, cut, end), lines))
        return min(options, key=lambda option: option.cost, default=None)

    def _fits(self, start: int, end: int) -> bool:
        few = end - start <= self._limits.line_words
        return end - start == 1 or (few and self._units(start, end) <= self._limits.line_units)

    def _units(self, start: int, end: int) -> int:
        lead = text_units(self._words[start].space)
        return sum(self._widths[start:end]) - lead

    def _split_cost(self, start: int, cut: int, end: int) -> float:
        top, bottom = self._units(start, cut), self._units(cut, end)
        lonely = sum(1.5 for count, units in ((cut - start, top), (end - cut, bottom)) if count == 1 and units < 10)
        last = self._words[cut - 1]
        leaning = _TIED if are_tied(last.text, self._words[cut].text) else 0.6 if _leans(last) else 0.0
        comma = 0.4 if _ends_with(last, _CLAUSE_ENDS) else 0.0
        return 0.1 + 1.5 * ((top - bottom) / self._limits.line_units) ** 2 + lonely + leaning - comma


def _walk_back(best: list[tuple[float, int, _Layout | None]]) -> list[_Layout]:
    groups: list[_Layout] = []
    at = len(best) - 1
    while at > 0:
        _, start, layout = best[at]
        if layout is not None:
            groups.append(layout)
        at = start
    return groups[::-1]


def _crossing_cost(left: CueWord, right: CueWord) -> float:
    """What it costs to keep two neighbours in one cue: much over a full stop or a pause, little over a comma."""
    pause = right.start_ms - left.end_ms
    cost = 3.0 if _ends_with(left, _SENTENCE_ENDS) else 0.35 if _ends_with(left, _CLAUSE_ENDS) else 0.0
    return cost + (min(pause / 500, 6.0) if pause > _PAUSE_MS else 0.0)


def _end_cost(words: tuple[CueWord, ...], end: int) -> float:
    last = words[end - 1]
    if end == len(words):
        return 0.0
    if are_tied(last.text, words[end].text):
        return _TIED
    if _ends_with(last, _SENTENCE_ENDS):
        return 0.0
    if _ends_with(last, _CLAUSE_ENDS) or words[end].start_ms - last.end_ms > _PAUSE_MS:
        return 0.1
    return 1.6 if _leans(last) else 0.6


def _pace_cost(words: tuple[CueWord, ...], start: int, end: int) -> float:
    """What it costs to show a cue too shortly to be read: under half a second, or over twenty letters a second."""
    until = words[end].start_ms if end < len(words) else words[end - 1].end_ms + _LINGER_MS
    shown_ms = max(1, until - words[start].start_ms)
    letters = sum(len(word.text) for word in words[start:end])
    hurry = letters * 1000 / shown_ms / MAX_LETTERS_PER_S - 1
    return max(0.0, 12.0 * (1 - shown_ms / MIN_CUE_MS)) + min(1.0, max(0.0, hurry))


def _ends_with(word: CueWord, marks: str) -> bool:
    return word.text.rstrip(_CLOSERS)[-1:] in tuple(marks)


def _leans(word: CueWord) -> bool:
    """Whether the word belongs to the one after it, so that a break there reads badly."""
    return word.text.lower() in _LEANING


def _with_times(groups: list[_Layout], scene_ms: int) -> tuple[Cue, ...]:
    cues = []
    for at, group in enumerate(groups):
        start = group.lines[0][0].start_ms
        last = group.lines[-1][-1].end_ms
        following = groups[at + 1].lines[0][0].start_ms if at + 1 < len(groups) else scene_ms
        end = following if at + 1 < len(groups) and following - last <= _BRIDGE_MS else last + _LINGER_MS
        end = max(end, start + MIN_CUE_MS)
        cues.append(Cue(group.lines, start, max(start, min(end, following, scene_ms))))
    return tuple(cues)
