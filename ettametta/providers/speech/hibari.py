"""The offline English neural voice (package hibari-tts): loaded once, one synthesis at a time, on a thread of its own.

Word times come from the durations inside the model, which its ONNX graph computes but does not return: the graph is
given one more output (`onnx_output`). Where that fails, times are estimated from the loudness.
"""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import structlog
from hibari import Hibari, dsp
from hibari.g2p.normalize import normalize
from hibari.voices import DEFAULT, VOICES, voice_path

from ettametta.errors import InvalidInput, MissingPart, TransientError
from ettametta.providers.speech.audio import Samples, Sound, Span, silence, speech_spans, trim
from ettametta.providers.speech.base import Speech, SpeechFacts, SpeechRequest, Word
from ettametta.providers.speech.joining import Builder, Piece
from ettametta.providers.speech.language import not_english
from ettametta.providers.speech.onnx_output import GraphEditError, expose_output
from ettametta.providers.speech.requests import checked_text, checked_voice
from ettametta.providers.speech.script import Line, lines, without_pauses
from ettametta.providers.speech.words import (
    Spoken,
    spread,
)

log = structlog.get_logger(__name__)

SAMPLE_RATE = dsp.SR
#: One duration unit of the model.
_FRAME_S = 0.025
#: The sound begins so much before the model's own durations say, measured at 48 onsets after pauses (docs/voices.md).
_EARLIER_S = 0.035
#: The model was trained on sentences up to about this many phonemes.
_MOST_PHONEMES = 400
_SILENT = frozenset(' ;:,.!?—…"“”()')
_CLAUSE_ENDS = (",", ";", ":", "—")
#: Silence kept around each sentence, in seconds.
_LEAD_S, _TRAIL_S = 0.05, 0.10
#: The noise part of the voice is drawn from this seed: the same text gives the same audio.
_SEED = 7


@dataclass(slots=True)
class _Chunk:
    """Phonemes for one run of the model, with the number of the spoken word each belongs to (-1: none)."""

    ids: list[int] = field(default_factory=lambda: [0])
    owners: list[int] = field(default_factory=lambda: [-1])


class _Stopped(Exception):
    """Nobody waits for this synthesis any more."""


class HibariSpeech:
    """The voice in the wheel ("heart", American English) and those that were downloaded beside it.

    Args:
        threads: threads of one synthesis; one is 40 times faster than speech.
    """

    def __init__(self, *, threads: int = 1) -> None:
        self._threads = threads
        self._engines: dict[str, _Engine] = {}
        self._closing = threading.Event()
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="hibari")
        self.facts = SpeechFacts(
            name="hibari",
            voices=installed_voices(),
            languages=("en",),
            usd_per_million_chars=0.0,
            words_per_minute=185.0,
            needs_network=False,
        )

    async def speak(self, request: SpeechRequest) -> Speech:
        """Speak English text; a cancelled call stops after the sentence it is at.

        Raises:
            InvalidInput: empty or endless text, not English, no such voice, a pace out of range.
            MissingPart: the voice is known but was not downloaded.
            TransientError: the provider was closed meanwhile.
        """
        text = checked_text(request, self.facts)
        voice = _checked_voice(request.voice, self.facts.voices)
        _check_english(without_pauses(text))
        spoken = lines(request, text=text)
        stop = threading.Event()
        try:
            return await asyncio.get_running_loop().run_in_executor(
                self._pool, self._speak, spoken, voice, request.pace, stop
            )
        except asyncio.CancelledError:
            stop.set()
            raise
        except _Stopped:
            raise TransientError(
                "The voice was shut down while it spoke.", hint="It is tried again by itself.", code="speech.closed"
            ) from None

    async def close(self) -> None:
        """Let go of the models and the thread."""
        self._closing.set()
        self._pool.shutdown(wait=False)
        self._engines.clear()

    def _speak(self, spoken: list[Line], voice: str, pace: float, stop: threading.Event) -> Speech:
        engine = self._engines.get(voice) or self._engines.setdefault(voice, _Engine(voice, self._threads))
        builder = Builder(pace, SAMPLE_RATE)
        for line in spoken:
            if stop.is_set() or self._closing.is_set():
                raise _Stopped
            builder.add(line, engine.say(line, pace))
        return builder.speech(engine.words_from)


def installed_voices() -> tuple[str, ...]:
    """Voices whose model is on this machine, the default first."""
    names = sorted(VOICES, key=lambda name: name != DEFAULT)
    return tuple(name for name in names if _installed(name))


def _installed(name: str) -> bool:
    try:
        return Path(voice_path(name, download_missing=False)).is_file()
    except FileNotFoundError:
        return False


def _checked_voice(voice: str, voices: tuple[str, ...]) -> str:
    if voice in VOICES and voice not in voices:
        raise MissingPart(
            f"The voice {voice} is not on this machine.",
            hint=f'Run `hibari --voice {voice} "Hello." -o hello.wav` once while online, or use {voices[0]}.',
            code="speech.voice_missing",
        )
    return checked_voice(voice, voices, DEFAULT)


def _check_english(text: str) -> None:
    other = not_english(text)
    if other is not None:
        raise InvalidInput(
            f"The offline voice reads English only, and this text is not English ({other}).",
            hint="Translate it, or set ETTAMETTA_SPEECH=openai and OPENAI_API_KEY, or take no voice: silent.",
            code="speech.language",
        )


class _Engine:
    """One loaded voice. Used by one thread at a time."""

    def __init__(self, voice: str, threads: int) -> None:
        model = Path(voice_path(voice, download_missing=False)).read_bytes()
        self._durations = ""
        try:
            model, self._durations = expose_output(model, "CumSum")
        except GraphEditError as error:
            log.warning("speech.durations_missing", voice=voice, reason=str(error))
        self._tts = Hibari(voice=voice, model=model, threads=threads)
        self._tts.model_path = ""  # the library would keep the bytes of the model there

    @property
    def words_from(self) -> Literal["engine", "estimated"]:
        """Where this voice's word times come from."""
        return "engine" if self._durations else "estimated"

    def say(self, line: Line, pace: float) -> Piece:
        """Speak one sentence, trimmed; nothing speakable gives no sound."""
        said, chunks = self._phonemes(line.text)
        rng = np.random.default_rng(_SEED)
        spans: list[Span | None] = [None] * len(said)
        parts: list[Samples] = []
        for chunk in chunks:
            offset = sum(map(len, parts)) / SAMPLE_RATE
            samples, ends = self._run(chunk.ids, pace, rng)
            parts.append(samples)
            if ends is not None:
                _place(chunk.owners, ends, offset, spans)
        whole = Sound(np.concatenate([*parts, silence(0, SAMPLE_RATE)]), SAMPLE_RATE)
        sound, cut_s = trim(whole, _LEAD_S, _TRAIL_S)
        return Piece(sound, self._timed(line, said, spans, sound, cut_s))

    def _phonemes(self, text: str) -> tuple[list[str], list[_Chunk]]:
        """The words as the front end reads them, and their phonemes in runs the model can take."""
        said, chunks = [""], [_Chunk()]
        for token in self._tts.g2p.phonemize_tokens(self._tts.g2p.tokenize(normalize(text))):
            phonemes = (token.phonemes or "") + (" " if token.whitespace else "")
            full = len(chunks[-1].ids) + len(phonemes) > _MOST_PHONEMES
            if full and len(chunks[-1].ids) > 1:
                chunks.append(_Chunk())
            self._add(chunks[-1], phonemes, len(said) - 1)
            said[-1] += token.text
            if token.whitespace:
                said.append("")
                if phonemes.strip().endswith(_CLAUSE_ENDS) and len(chunks[-1].ids) > 0.7 * _MOST_PHONEMES:
                    chunks.append(_Chunk())
        return said, [chunk for chunk in chunks if len(chunk.ids) > 1]

    def _add(self, chunk: _Chunk, phonemes: str, word: int) -> None:
        known = [phoneme for phoneme in phonemes if phoneme in self._tts.vocab]
        chunk.ids.extend(self._tts.vocab[phoneme] for phoneme in known)
        chunk.owners.extend(-1 if phoneme in _SILENT else word for phoneme in known)

    def _run(self, ids: list[int], pace: float, rng: np.random.Generator) -> tuple[Samples, list[float] | None]:
        """Sound, and for each id when it ends in seconds (None when the graph does not say)."""
        ids = [*ids, 0]
        if not self._durations:
            return self._tts.from_ids(ids, pace, rng), None
        outputs = ["lh", "theta", "ln", "lr", "phi", "f0", self._durations]
        inputs = {"ids": np.asarray([ids], np.int64), "speed": np.asarray([pace], np.float32)}
        *parts, ends = self._tts.sess.run(outputs, inputs)
        return dsp.synth(*(part[0] for part in parts), rng), (ends.ravel() * _FRAME_S).tolist()

    def _timed(
        self, line: Line, said: list[str], spans: list[Span | None], sound: Sound, cut_s: float
    ) -> tuple[Word, ...]:
        whole = Span(0.0, sound.duration_s)
        if not self._durations:
            return line.timed(spread(line.said, speech_spans(sound) or [whole]), whole)
        spoken = [
            Spoken(text, Span(span.start_s - cut_s - _EARLIER_S, span.end_s - cut_s - _EARLIER_S))
            for text, span in zip(said, spans, strict=True)
            if span is not None
        ]
        return line.matched(spoken, whole)


def _place(owners: list[int], ends: list[float], offset: float, spans: list[Span | None]) -> None:
    """Widen each word's span by the phonemes it owns."""
    for index, word in enumerate(owners):
        if word >= 0:
            start = offset + (ends[index - 1] if index else 0.0)
            before = spans[word]
            spans[word] = Span(before.start_s if before else start, offset + ends[index])
