"""How far caption words are from speech: the offline voice's word times against three independent measures.

1. Onsets: where sound begins after a pause, by energy (no recogniser takes part).
2. An offline recogniser (faster-whisper, tiny.en), its words laid over the script's.
3. Forced alignment by pocketsphinx, where it is installed (`pip install pocketsphinx`; it is no dependency).

Prints medians, 95 % and the share within 120 ms for each, and every word that is farther from the forced alignment.
Run: `python -m benchmarks.captions`.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ettametta.providers.speech.audio import Sound, decode_wav, loudness_db, resampled, speech_spans
from ettametta.providers.speech.base import SpeechRequest, Word
from ettametta.providers.speech.hibari import HibariSpeech
from ettametta.providers.speech.reading import compiled, read
from ettametta.providers.transcription import build_transcriber
from ettametta.providers.transcription.aligning import align

ARTICLE = Path(__file__).parent.parent / "examples" / "lighthouse-lenses.md"
LIMIT_S = 0.12
#: Words of the article that pocketsphinx's dictionary lacks.
MORE_WORDS = {
    "nell": "N EH L",
    "cordouan": "K AO R D W AA N",
    "buffon": "B UH F AO N",
    "kilometres": "K AH L AA M AH T ER Z",
}


def article(words: int = 300) -> str:
    """The first words of the article that ships with the project, without its headings."""
    body = ARTICLE.read_text(encoding="utf-8").split("---", 2)[2]
    return " ".join(" ".join(line for line in body.splitlines() if not line.startswith("#")).split()[:words])


def figures(name: str, differences: Sequence[float]) -> None:
    """One line of the table."""
    values = np.array(differences)
    distance = np.abs(values)
    print(
        f"{name:<34}{len(values):>5} words  median {np.median(values) * 1000:+5.0f} ms"
        f"  |median| {np.median(distance) * 1000:3.0f} ms  |95 %| {np.percentile(distance, 95) * 1000:3.0f} ms"
        f"  within 120 ms {np.mean(distance <= LIMIT_S):6.1%}"
    )


def at_onsets(words: Sequence[Word], sound: Sound) -> list[float]:
    """Start minus onset for the words that begin a stretch of sound after at least 100 ms of silence."""
    found: list[float] = []
    for span in speech_spans(sound, shortest_pause_s=0.1):
        nearest = min((word.start_s - span.start_s for word in words), key=abs)
        if abs(nearest) < 0.3:
            found.append(nearest)
    return found


def forced(words: Sequence[Word], sound: Sound) -> dict[int, float]:
    """Starts by pocketsphinx, sentence by sentence, for each word it knows."""
    decoder: Any = import_module("pocketsphinx").Decoder(loglevel="FATAL")
    for more, phones in MORE_WORDS.items():
        if decoder.lookup_word(more) is None:
            decoder.add_word(more, phones, True)
    samples = (np.clip(resampled(sound, 16_000).samples, -1, 1) * 32767).astype("<i2")
    starts: dict[int, float] = {}
    first = 0
    for place, word in enumerate(words):
        if word.text.rstrip('"”').endswith((".", "!", "?")) or place + 1 == len(words):
            starts |= _sentence(decoder, words, range(first, place + 1), samples)
            first = place + 1
    return starts


def _sentence(decoder: Any, words: Sequence[Word], places: range, samples: npt.NDArray[np.int16]) -> dict[int, float]:
    readings = read([words[place].text for place in places], "en", compiled((), "en"))
    said = [
        (part, place)
        for place, reading in zip(places, readings, strict=True)
        for spoken in reading.said
        for part in _known(decoder, re.sub(r"[^a-z'-]", "", spoken.lower()).strip("'-"))
    ]
    if not said or any(decoder.lookup_word(word) is None for word, _ in said):
        return {}
    from_s = max(0.0, words[places[0]].start_s - 0.15)
    until_s = words[places[-1]].end_s + 0.2
    decoder.set_align_text(" ".join(word for word, _ in said))
    decoder.start_utt()
    decoder.process_raw(samples[int(from_s * 16_000) : int(until_s * 16_000)].tobytes(), full_utt=True)
    decoder.end_utt()
    heard = [part for part in decoder.seg() if part.word[0] not in "<[("]
    if len(heard) != len(said):
        return {}
    starts: dict[int, float] = {}
    for (_, place), part in zip(said, heard, strict=True):
        starts.setdefault(place, from_s + part.start_frame / 100)
    return starts


def _known(decoder: Any, word: str) -> list[str]:
    return word.split("-") if "-" in word and decoder.lookup_word(word) is None else [word] if word else []


def rise(sound: Sound, around_s: float) -> str:
    """The loudness from 150 ms before to 150 ms after a moment, in dB below the loudest step, each 30 ms."""
    level = loudness_db(sound)
    return " ".join(
        f"{level[min(len(level) - 1, max(0, round((around_s + by) * 100)))]:.0f}" for by in np.arange(-0.15, 0.16, 0.03)
    )


async def main() -> None:
    """Speak, listen, compare."""
    voice, ears = HibariSpeech(), build_transcriber()
    text = article()
    speech = await voice.speak(SpeechRequest(text, "en"))
    sound = decode_wav(speech.wav)
    print(f"{len(speech.words)} words, {speech.duration_s:.1f} s, word times from: {speech.words_from}")
    figures("onsets by energy", at_onsets(speech.words, sound))
    transcript = await ears.transcribe(sound, "en")
    heard = align(text.split(), transcript.words, sound, "en")
    figures("recogniser (whisper tiny.en)", [a.start_s - b.start_s for a, b in zip(speech.words, heard, strict=True)])
    if find_spec("pocketsphinx") is None:
        print("forced alignment: pocketsphinx is not installed")
    else:
        starts = forced(speech.words, sound)
        figures("forced alignment (pocketsphinx)", [speech.words[place].start_s - at for place, at in starts.items()])
        nearer = [
            min(speech.words[place].start_s - at, speech.words[place].start_s - heard[place].start_s, key=abs)
            for place, at in starts.items()
        ]
        figures("the nearer of these two", nearer)
        for place, at in starts.items():
            word = speech.words[place]
            if abs(word.start_s - at) > LIMIT_S:
                print(f"  {word.text:<14} ours {word.start_s:.3f}  aligner {at:.3f}", end="  ")
                print(f"recogniser {heard[place].start_s:.3f}")
                print(f"    dB around ours: {rise(sound, word.start_s)}")
    await voice.close()
    await ears.close()


if __name__ == "__main__":
    asyncio.run(main())
