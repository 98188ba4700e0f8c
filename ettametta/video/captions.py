"""Pure caption making: spoken words become cues of one or two short lines that end where a phrase ends, and SRT text.

Breaks are chosen by dynamic programming over a cost: balanced lines, no word alone, breaks at punctuation and pauses.
"""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ettametta.providers.speech.base import Word
from ettametta.video.plan import Cue, CueWord, Timeline, line_text

#: A line holds at most this much width (a Latin letter is 1, a CJK one 2) and this many words.
MAX_LINE_UNITS = 22
MAX_LINE_WORDS = 4
MAX_CUE_WORDS = 2 * MAX_LINE_WORDS

_PAUSE_MS = 350
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


def cues_from_words(words: Sequence[Word], offset_s: float, scene_s: float) -> tuple[Cue, ...]:
    """Cues for one scene; every word appears once and in order.

    Args:
        words: as spoken, in seconds from the start of the narration.
        offset_s: where in the scene the narration starts.
        scene_s: length of the scene; no cue outlives it.
    """
    timed = _in_scene(words, offset_s, scene_s)
    groups = _best_groups(tuple(timed))
    return _with_times(groups, round(scene_s * 1000))


def srt_text(timeline: Timeline) -> str:
    """The whole video's captions as SRT (UTF-8 text, times from the start of the video)."""
    blocks: list[str] = []
    for start_ms, end_ms, cue in _on_timeline(timeline):
        lines = "\n".join(line_text(line) for line in cue.lines)
        blocks.append(f"{len(blocks) + 1}\n{_srt_time(start_ms)} --> {_srt_time(end_ms)}\n{lines}\n")
    return "\n".join(blocks)


def text_units(text: str) -> int:
    """Width of a text in units: wide letters 2, marks 0, all others 1."""
    return sum(_char_units(char) for char in text)


def _on_timeline(timeline: Timeline) -> Iterable[tuple[int, int, Cue]]:
    for scene in timeline.scenes:
        base = round(scene.start_frame * 1000 / timeline.canvas.fps)
        for cue in scene.cues:
            yield base + cue.start_ms, base + cue.end_ms, cue


def _srt_time(millis: int) -> str:
    seconds, millis = divmod(millis, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02},{millis:03}"


# -- words ----------------------------------------------------------------------------------------------------------


def _in_scene(words: Sequence[Word], offset_s: float, scene_s: float) -> list[CueWord]:
    """Words with whitespace tidied, too long unspaced ones cut up, times never going back and inside the scene."""
    limit = round(scene_s * 1000)
    placed: list[CueWord] = []
    earliest = 0
    for word in words:
        for number, piece in enumerate(_pieces(word)):
            start = min(max(round((offset_s + piece.start_s) * 1000), earliest), limit)
            end = min(max(round((offset_s + piece.end_s) * 1000), start), limit)
            placed.append(CueWord(piece.text, start, end, joined=number > 0))
            earliest = start
    return placed


def _pieces(word: Word) -> list[Word]:
    """The word itself, or its parts when its script writes no spaces and it is wider than a line."""
    text = " ".join(word.text.split())
    if not text:
        return []
    if text_units(text) <= MAX_LINE_UNITS or not _is_unspaced(text):
        return [Word(text, word.start_s, word.end_s)]
    parts = _cut(text, MAX_LINE_UNITS // 2)
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


def _cut(text: str, units: int) -> list[str]:
    """Parts of at most `units` width, never parting a mark from its letter or punctuation from what it follows."""
    parts = [""]
    for char in text:
        sticks = unicodedata.category(char)[0] in "MPC"
        if parts[-1] and not sticks and text_units(parts[-1]) + _char_units(char) > units:
            parts.append("")
        parts[-1] += char
    return parts


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


def _best_groups(words: tuple[CueWord, ...]) -> list[_Layout]:
    """The cheapest way to cut the words into cues (shortest path over word positions)."""
    best: list[tuple[float, int, _Layout | None]] = [(0.0, 0, None)]
    for end in range(1, len(words) + 1):
        options = []
        for start in range(max(0, end - MAX_CUE_WORDS), end):
            layout = _lay_out(words[start:end])
            if layout is not None:
                alone = 50.0 if end - start == 1 and len(words) > 1 else 0.0
                cost = best[start][0] + layout.cost + alone + _end_cost(words, end)
                options.append((cost, start, layout))
        best.append(min(options, key=lambda option: option[0]))
    return _walk_back(best)


def _walk_back(best: list[tuple[float, int, _Layout | None]]) -> list[_Layout]:
    groups: list[_Layout] = []
    at = len(best) - 1
    while at > 0:
        _, start, layout = best[at]
        if layout is not None:
            groups.append(layout)
        at = start
    return groups[::-1]


def _lay_out(words: tuple[CueWord, ...]) -> _Layout | None:
    """The best one- or two-line setting, or None when it does not fit."""
    inside = 1.0 + sum(_crossing_cost(left, right) for left, right in itertools.pairwise(words))
    options = [_Layout(inside, (words,))] if _fits(words) else []
    for cut in range(1, len(words)):
        top, bottom = words[:cut], words[cut:]
        if _fits(top) and _fits(bottom):
            options.append(_Layout(inside + _split_cost(top, bottom), (top, bottom)))
    return min(options, key=lambda option: option.cost, default=None)


def _fits(line: tuple[CueWord, ...]) -> bool:
    return len(line) == 1 or (len(line) <= MAX_LINE_WORDS and _line_units(line) <= MAX_LINE_UNITS)


def _line_units(line: tuple[CueWord, ...]) -> int:
    return text_units(line_text(line))


def _split_cost(top: tuple[CueWord, ...], bottom: tuple[CueWord, ...]) -> float:
    difference = (_line_units(top) - _line_units(bottom)) / MAX_LINE_UNITS
    lonely = sum(1.5 for line in (top, bottom) if len(line) == 1 and _line_units(line) < 10)
    leaning = 0.6 if _leans(top[-1]) else 0.0
    return 0.1 + 1.5 * difference**2 + lonely + leaning - (0.4 if _ends_with(top[-1], _CLAUSE_ENDS) else 0.0)


def _crossing_cost(left: CueWord, right: CueWord) -> float:
    """What it costs to keep two neighbours in one cue: much over a full stop or a pause, little over a comma."""
    pause = right.start_ms - left.end_ms
    cost = 3.0 if _ends_with(left, _SENTENCE_ENDS) else 0.35 if _ends_with(left, _CLAUSE_ENDS) else 0.0
    return cost + (min(pause / 500, 6.0) if pause > _PAUSE_MS else 0.0)


def _end_cost(words: tuple[CueWord, ...], end: int) -> float:
    last = words[end - 1]
    if end == len(words) or _ends_with(last, _SENTENCE_ENDS):
        return 0.0
    if _ends_with(last, _CLAUSE_ENDS) or words[end].start_ms - last.end_ms > _PAUSE_MS:
        return 0.1
    return 1.6 if _leans(last) else 0.6


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
        cues.append(Cue(group.lines, start, max(start, min(end, following, scene_ms))))
    return tuple(cues)
