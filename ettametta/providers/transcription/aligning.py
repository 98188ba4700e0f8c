"""Times for known words: a script's words laid over the words a recogniser heard, and moved onto the sound."""

from __future__ import annotations

from collections.abc import Sequence

from ettametta.providers.speech.audio import Sound, Span, speech_spans
from ettametta.providers.speech.base import Word
from ettametta.providers.speech.reading import read
from ettametta.providers.speech.words import Spoken, fill_times, match_spoken


def align(words: Sequence[str], heard: Sequence[Word], sound: Sound, language: str) -> tuple[Word, ...]:
    """The script's words with the times of what was heard for them.

    Both are read first ("32" is "thirty two"), matched by their letters; words nobody heard share the gap between their
    neighbours; starts and ends that a recogniser put into silence are moved to the sound.
    """
    readings = read(words, language)
    said = [(word, owner) for owner, reading in enumerate(readings) for word in reading.said]
    spans = match_spoken([word for word, _ in said], _spoken(heard, language))
    times: list[Span | None] = [None] * len(words)
    for (_, owner), span in zip(said, spans, strict=True):
        if span is not None:
            before = times[owner]
            times[owner] = Span(before.start_s if before else span.start_s, span.end_s)
    active = speech_spans(sound)
    whole = Span(0.0, sound.duration_s)
    return fill_times(words, [_on_sound(span, active) if span else None for span in times], whole)


def _spoken(heard: Sequence[Word], language: str) -> list[Spoken]:
    """What was heard, read in words; a number's words share its time by their letters."""
    spoken: list[Spoken] = []
    for word, reading in zip(heard, read([word.text for word in heard], language), strict=True):
        letters = sum(map(len, reading.said)) or 1
        start = word.start_s
        for part in reading.said:
            end = start + (word.end_s - word.start_s) * len(part) / letters
            spoken.append(Spoken(part, Span(start, end)))
            start = end
    return spoken


def _on_sound(span: Span, active: Sequence[Span]) -> Span:
    """A start in silence moved to the word's sound; the first word is often said to begin with the file."""
    start, end = span.start_s, span.end_s
    inside = any(stretch.start_s <= start < stretch.end_s for stretch in active)
    if not inside:
        later = [stretch.start_s for stretch in active if start < stretch.start_s < end]
        start = later[0] if later else start
    return Span(start, max(start, end))
