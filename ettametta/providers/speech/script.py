"""A text as lines to speak: what is written, what is said for it, and the pause after it. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ettametta.providers.speech.audio import Span
from ettametta.providers.speech.base import SpeechRequest, Word
from ettametta.providers.speech.reading import Reading, compiled, read
from ettametta.providers.speech.words import Sentence, Spoken, fill_times, match_spoken, split_sentences

_PAUSE = re.compile(r"\[pause(?:\s+(\d{1,3}(?:\.\d{1,3})?)\s*(ms|s)?)?\]", re.IGNORECASE)
_PAUSE_S, _LONGEST_PAUSE_S = 0.6, 5.0


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence. `said` are the spoken words, `owners` the number of the written word each stands for."""

    words: tuple[str, ...]
    said: tuple[str, ...]
    owners: tuple[int, ...]
    ends_paragraph: bool
    #: The pause a mark asks for after it, in seconds; None: the voice's own.
    pause_s: float | None = None

    @property
    def text(self) -> str:
        """What is said, as one text."""
        return " ".join(self.said)

    def timed(self, spans: Sequence[Span | None], whole: Span) -> tuple[Word, ...]:
        """The written words with the times of what was said for them (`spans`: one for each of `said`)."""
        times: list[Span | None] = [None] * len(self.words)
        for owner, span in zip(self.owners, spans, strict=True):
            if span is not None:
                before = times[owner]
                times[owner] = Span(before.start_s if before else span.start_s, span.end_s)
        return fill_times(self.words, times, whole)

    def matched(self, spoken: Sequence[Spoken], whole: Span) -> tuple[Word, ...]:
        """The written words with the times of what an engine says it spoke."""
        return self.timed(match_spoken(self.said, spoken), whole)


def lines(request: SpeechRequest, *, text: str, rules: bool = True) -> list[Line]:
    """The text's lines.

    Args:
        request: whose language and pronunciations count.
        text: the checked text.
        rules: read numbers, units and abbreviations in words; without, pronunciations alone are applied, for voices
            that read numbers themselves.
    """
    sayings = compiled(request.pronunciations, request.language if rules else "")
    found: list[Line] = []
    position = 0
    for mark in [*_PAUSE.finditer(text), None]:
        part = text[position : mark.start() if mark else None]
        found += [
            _line(sentence, read(sentence.words, request.language if rules else "", sayings))
            for sentence in split_sentences(part)
        ]
        if mark is not None:
            position = mark.end()
            if found:
                found[-1] = replace(found[-1], pause_s=min(_LONGEST_PAUSE_S, (found[-1].pause_s or 0) + _seconds(mark)))
    return found


def _seconds(mark: re.Match[str]) -> float:
    if mark[1] is None:
        return _PAUSE_S
    return float(mark[1]) / (1000 if mark[2] and mark[2].lower() == "ms" else 1)


def _line(sentence: Sentence, readings: Sequence[Reading]) -> Line:
    said = [(word, owner) for owner, reading in enumerate(readings) for word in reading.said]
    return Line(
        sentence.words, tuple(word for word, _ in said), tuple(owner for _, owner in said), sentence.ends_paragraph
    )


def without_pauses(text: str) -> str:
    """The text without its pause marks: what is written in captions."""
    return _PAUSE.sub(" ", text)


def batches(spoken: Sequence[Line], most_chars: int) -> list[Line]:
    """Lines joined into as few as an API takes at once, cut where a pause mark stands and else at sentence ends."""
    found: list[Line] = []
    for line in spoken:
        for piece in _cut(line, most_chars):
            last = found[-1] if found else None
            if last is None or last.pause_s is not None or len(last.text) + 1 + len(piece.text) > most_chars:
                found.append(piece)
            else:
                found[-1] = _joined(last, piece)
    return found


def _joined(first: Line, second: Line) -> Line:
    owners = (*first.owners, *(owner + len(first.words) for owner in second.owners))
    return replace(second, words=first.words + second.words, said=first.said + second.said, owners=owners)


def _cut(line: Line, most_chars: int) -> list[Line]:
    """A sentence that is too long by itself is cut between words."""
    if len(line.text) <= most_chars:
        return [line]
    said = [
        [word for word, owner in zip(line.said, line.owners, strict=True) if owner == n] for n in range(len(line.words))
    ]
    pieces: list[Line] = []
    start = chars = 0
    for place in range(len(said) + 1):
        more = sum(len(word) + 1 for word in said[place]) if place < len(said) else most_chars + 1
        if chars + more > most_chars + 1 and place > start:
            pieces.append(_piece(line, said, start, place))
            start, chars = place, 0
        chars += more
    return [*pieces[:-1], replace(pieces[-1], pause_s=line.pause_s)]


def _piece(line: Line, said: Sequence[Sequence[str]], start: int, end: int) -> Line:
    words = [(word, owner) for owner, run in enumerate(said[start:end]) for word in run]
    spoken, owners = tuple(word for word, _ in words), tuple(owner for _, owner in words)
    return Line(line.words[start:end], spoken, owners, line.ends_paragraph)
