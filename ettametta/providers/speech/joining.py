"""Spoken sentences joined into one narration, with the pauses between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ettametta.providers.speech.audio import Samples, Sound, Span, encode_wav, silence
from ettametta.providers.speech.base import Speech, Word
from ettametta.providers.speech.script import Line
from ettametta.providers.speech.words import shifted

#: Added after a sentence at pace 1.0, in seconds, beside what is kept of its own silence.
_SENTENCE_PAUSE_S, _ELLIPSIS_PAUSE_S, _PARAGRAPH_PAUSE_S = 0.22, 0.40, 0.45


@dataclass(frozen=True, slots=True)
class Piece:
    """A spoken sentence, trimmed, with the times of its words."""

    sound: Sound
    words: tuple[Word, ...]


class Builder:
    """Joins sentences with the pauses between them."""

    def __init__(self, pace: float, sample_rate: int) -> None:
        self._pace = pace
        self._rate = sample_rate
        self._parts: list[Samples] = []
        self._words: list[Word] = []
        self._length = 0
        self._pause_s = 0.0

    def add(self, line: Line, piece: Piece) -> None:
        """One more sentence."""
        if self._parts:
            self._append(silence(self._pause_s, self._rate))
        start = self._length / self._rate
        self._append(piece.sound.samples)
        self._words.extend(shifted(piece.words, start, Span(start, self._length / self._rate)))
        if line.pause_s is not None:
            self._pause_s = line.pause_s
        elif len(piece.sound.samples):
            self._pause_s = _usual_pause(line) / self._pace

    def _append(self, samples: Samples) -> None:
        self._parts.append(samples)
        self._length += len(samples)

    def speech(self, words_from: Literal["engine", "estimated"]) -> Speech:
        """All of it."""
        sound = Sound(np.concatenate(self._parts), self._rate)
        return Speech(encode_wav(sound), self._rate, sound.duration_s, tuple(self._words), words_from)


def _usual_pause(line: Line) -> float:
    if line.ends_paragraph:
        return _PARAGRAPH_PAUSE_S
    return _ELLIPSIS_PAUSE_S if line.words[-1].rstrip("\"'”’)").endswith(("…", "...")) else _SENTENCE_PAUSE_S
