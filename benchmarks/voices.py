"""Voices measured: word error rate by an offline recogniser, speed, start, memory, loudness, pace.

Each voice speaks a text of its language; the recogniser (English: whisper tiny.en, others: whisper base) writes down
what it hears; both sides are read in words and stripped of marks and accents before they are compared (jiwer).

Run: `python -m benchmarks.voices` for hibari; with the extras `voices` and `languages` and ETTAMETTA_KOKORO_VOICES set
also for Kokoro, `python -m benchmarks.voices kokoro` (all its voices: `kokoro all`).
"""

from __future__ import annotations

import asyncio
import os
import resource
import sys
import time
import unicodedata
from pathlib import Path

import av
import jiwer
import numpy as np

from ettametta.providers.speech import SpeechConfig, build_speech
from ettametta.providers.speech.audio import Sound, decode_wav, speech_spans
from ettametta.providers.speech.base import SpeechProvider, SpeechRequest
from ettametta.providers.speech.reading import read
from ettametta.providers.transcription import build_transcriber
from ettametta.providers.transcription.base import Transcriber

TEXTS = {
    "en": (
        "In 1822, the king of France saw the light of a single lamp from 32 kilometers away. The lamp stood "
        "in Paris, on top "
        "of the unfinished Arc de Triomphe. Around its flame stood panels of glass, cut in rings. A flame "
        "shines in every "
        "direction: up to the clouds, down to the rocks, back to the land. Only the light that goes out to "
        "sea can save a "
        "ship. On March 5th, 1819, Dr. Smith paid $3.50 for it, about 45% more than planned."
    ),
    "es": (
        "En 1822, el rey de Francia vio la luz de una sola lámpara desde 32 kilómetros de distancia. La "
        "lámpara estaba en "
        "París, encima del arco de triunfo. Alrededor de la llama había paneles de vidrio cortados en "
        "anillos. Solo la luz "
        "que sale hacia el mar puede salvar un barco. El 5 de marzo costaba un 45 % más."
    ),
    "fr": (
        "En 1822, le roi de France a vu la lumière d'une seule lampe à 32 kilomètres. La lampe était à "
        "Paris, en haut de "
        "l'arc de triomphe. Autour de la flamme, il y avait des panneaux de verre taillés en anneaux. Seule "
        "la lumière qui "
        "va vers la mer peut sauver un navire. Le 5 mars, elle coûtait 45 % de plus."
    ),
    "it": (
        "Nel 1822, il re di Francia vide la luce di una sola lampada da 32 chilometri di distanza. La "
        "lampada era a Parigi, "
        "in cima all'arco di trionfo. Intorno alla fiamma c'erano pannelli di vetro tagliati ad anelli. "
        "Solo la luce che "
        "va verso il mare può salvare una nave. Il 5 marzo costava il 45 % in più."
    ),
    "pt": (
        "Em 1822, o rei da França viu a luz de uma única lâmpada a 32 quilômetros de distância. A lâmpada "
        "estava em Paris, "
        "no alto do arco do triunfo. Em volta da chama havia painéis de vidro cortados em anéis. Só a luz "
        "que vai para o "
        "mar pode salvar um navio. No dia 5 de março custava 45 % a mais."
    ),
}  # fmt: skip


def plain(text: str, language: str) -> str:
    """A text as it is said, without marks, accents and case."""
    said = " ".join(word for reading in read(text.split(), language) for word in reading.said)
    letters = unicodedata.normalize("NFKD", said.casefold().replace("-", " ").replace("'", " ").replace("’", " "))
    return " ".join(
        "".join(sign if sign.isalnum() else " " for sign in letters if not unicodedata.combining(sign)).split()
    )


def loudness(sound: Sound) -> float:
    """Integrated loudness in LUFS, by ffmpeg's ebur128 filter."""
    graph = av.filter.Graph()
    source = graph.add_abuffer(sample_rate=sound.sample_rate, format="flt", layout="mono", time_base=None)
    meter, sink = graph.add("ebur128", "metadata=1"), graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    frame = av.AudioFrame.from_ndarray(sound.samples.reshape(1, -1), format="flt", layout="mono")
    frame.sample_rate = sound.sample_rate
    graph.push(frame)
    graph.push(None)
    value = float("nan")
    while True:
        try:
            value = float(graph.pull().metadata.get("lavfi.r128.I", value))
        except (av.error.EOFError, av.error.BlockingIOError):
            return value


async def measure(voice: SpeechProvider, name: str, language: str, ears: Transcriber) -> None:
    """One row of the table."""
    text = TEXTS[language]
    began = time.perf_counter()
    first = await voice.speak(
        SpeechRequest("One.", "en", name) if language == "en" else SpeechRequest(text, language, name)
    )
    start_s = time.perf_counter() - began - (0 if language == "en" else first.duration_s)
    began, cpu = time.perf_counter(), time.process_time()
    speech = await voice.speak(SpeechRequest(text, language, name))
    wall, used = time.perf_counter() - began, time.process_time() - cpu
    sound = decode_wav(speech.wav)
    heard = await ears.transcribe(sound, language)
    wer = jiwer.wer(plain(text, language), plain(heard.text, language))
    words = speech.words
    if [word.text for word in words] != text.split() or speech.words_from != "engine":
        raise RuntimeError(f"{name} lost words of the text, or knows no times of its own.")
    onsets = [
        min((word.start_s - span.start_s for word in words), key=abs)
        for span in speech_spans(sound, shortest_pause_s=0.1)
    ]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    first_s = f"{start_s:.1f}" if language == "en" else "-"
    print(
        f"| {voice.facts.name} | {name} | {language} | {wer:.1%} | {speech.duration_s / wall:.1f} | "
        f"{speech.duration_s / used:.1f} | {first_s} | {peak:.0f} | {loudness(sound):.1f} | "
        f"{60 * len(words) / speech.duration_s:.0f} | {1000 * float(np.median(onsets)):+.0f} |",
        flush=True,
    )


async def main(which: str, *, everyone: bool) -> None:
    """The table."""
    folder = os.environ.get("ETTAMETTA_KOKORO_VOICES", "")
    voice = build_speech(which, SpeechConfig(voices_folder=Path(folder) if folder else None))
    ears = build_transcriber()
    print(
        "| provider | voice | language | WER | times real time (wall) | (CPU) | first word after s | peak "
        "MB | LUFS | words/min | onset ms |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    seen: dict[str, int] = {}
    for name in voice.facts.voices:
        table = {"a": "en", "b": "en", "e": "es", "f": "fr", "i": "it", "p": "pt"}
        language = table[name[0]] if which == "kokoro" else "en"
        seen[language] = seen.get(language, 0) + 1
        if everyone or seen[language] <= 2:
            await measure(voice, name, language, ears)
    await voice.close()
    await ears.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else "hibari", everyone="all" in sys.argv[1:]))
