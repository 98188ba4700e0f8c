"""The Kokoro voices over a model of a few lines: which voice speaks, what it is fed, where its words lie.

The real model is measured by `python -m benchmarks.voices kokoro`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any
from unicodedata import normalize

import numpy as np
import pytest
from hibari.g2p import G2P

from ettametta.errors import InvalidInput, MissingPart
from ettametta.providers.speech import espeak, kokoro
from ettametta.providers.speech.audio import decode_wav, speech_spans
from ettametta.providers.speech.base import SpeechRequest
from ettametta.providers.speech.kokoro import SAMPLE_RATE, KokoroSpeech, voice_table

TEXTS = {
    "en": "Dr. Smith paid $3.50 at 9:30am, about 50% more.",
    "es": "La lámpara costaba 3,50 € en 1822, ¿verdad?",
    "fr": "La lampe était à Paris — en 1822.",
}
_FRAME = SAMPLE_RATE // 40
_STYLE = 256
#: English is read by a front end that takes a second to load.
_FRONTS: dict[bool, G2P] = {}


class LittleModel:
    """Three frames of tone for each sound, four of silence for a mark or a blank; it remembers what it was fed."""

    def __init__(self, silent: frozenset[int]) -> None:
        self._silent = silent
        self.fed: list[Mapping[str, Any]] = []

    def run(self, names: Sequence[str], inputs: Mapping[str, Any]) -> list[Any]:
        assert list(names) == ["audio", "/durations"]
        self.fed.append(inputs)
        ids = inputs["tokens"][0].tolist()
        frames = [4 if token in self._silent else 3 for token in ids]
        loud = np.repeat([token not in self._silent for token in ids], [count * _FRAME for count in frames])
        audio = 0.3 * np.sin(np.arange(len(loud)) * 0.05) * loud
        return [audio[None].astype(np.float32), np.asarray(frames, np.int64)]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(kokoro, "_model_bytes", bytes)
    monkeypatch.setattr(espeak, "phonemes", lambda text, _: normalize("NFKD", text.casefold()))
    for number, name in enumerate(("ef_dora", "ff_siwis", "am_adam", "af_heart", "bf_emma", "zf_xiaobei")):
        np.full((510, 1, _STYLE), number, "<f4").tofile(tmp_path / f"{name}.bin")
    return tmp_path


@pytest.fixture
async def voice(folder: Path) -> AsyncIterator[KokoroSpeech]:
    provider = KokoroSpeech(folder)
    provider._fronts = _FRONTS
    vocabulary = provider._vocabulary
    silent = frozenset({0, *(vocabulary[sign] for sign in kokoro._SILENT if sign in vocabulary)})
    provider.__dict__["_loaded"] = (LittleModel(silent), "/durations")
    yield provider
    await provider.close()


def model(voice: KokoroSpeech) -> LittleModel:
    return voice.__dict__["_loaded"][0]  # type: ignore[no-any-return]  # what the fixture put there


@pytest.mark.parametrize("language", TEXTS)
async def test_words_lie_where_their_sounds_lie(voice: KokoroSpeech, language: str) -> None:
    speech = await voice.speak(SpeechRequest(TEXTS[language], language))
    assert [word.text for word in speech.words] == TEXTS[language].split()
    assert speech.words_from == "engine"
    assert speech.sample_rate == SAMPLE_RATE
    assert all(a.start_s <= b.start_s and a.end_s <= b.start_s + 1e-3 for a, b in pairwise(speech.words))
    spans = speech_spans(decode_wav(speech.wav), shortest_pause_s=0.05)
    for word in speech.words:
        if any(sign.isalnum() for sign in word.text):  # said 35 ms earlier than the durations tell
            assert min(abs(span.start_s - word.start_s - 0.035) for span in spans) < 0.03


async def test_each_language_has_its_own_front_end_and_voice(voice: KokoroSpeech) -> None:
    first = {"en": 3.0, "es": 0.0, "fr": 1.0}  # the numbers the styles are filled with
    for language, text in TEXTS.items():
        await voice.speak(SpeechRequest(text, language))
        assert {float(fed["style"].max()) for fed in model(voice).fed} == {first[language]}
        model(voice).fed.clear()


async def test_british_voices_are_read_the_british_way(voice: KokoroSpeech) -> None:
    tokens = []
    for name in ("af_heart", "bf_emma"):
        await voice.speak(SpeechRequest("The water was hot.", "en", voice=name, pace=1.2))
        tokens.append(model(voice).fed[-1]["tokens"].tolist())
        assert float(model(voice).fed[-1]["speed"][0]) == pytest.approx(1.2)
    assert tokens[0] != tokens[1]


async def test_what_is_too_long_for_the_model_goes_in_pieces(voice: KokoroSpeech) -> None:
    text = " ".join(["lámpara"] * 150) + "."
    speech = await voice.speak(SpeechRequest(text, "es"))
    assert len(model(voice).fed) > 1
    assert max(fed["tokens"].shape[1] for fed in model(voice).fed) <= 482
    assert len(speech.words) == 150
    assert speech.words[-1].end_s == pytest.approx(speech.duration_s, abs=0.2)


async def test_a_voice_speaks_its_own_language_alone(voice: KokoroSpeech) -> None:
    with pytest.raises(InvalidInput) as caught:
        await voice.speak(SpeechRequest(TEXTS["es"], "es", voice="af_heart"))
    assert "ef_dora" in caught.value.hint
    with pytest.raises(InvalidInput) as declared:
        await voice.speak(SpeechRequest("La lámpara estaba en París, encima de la torre.", "en"))
    assert declared.value.code == "speech.language"


def test_voices_of_languages_that_can_be_read(voice: KokoroSpeech) -> None:
    assert voice.facts.voices == ("af_heart", "bf_emma", "ef_dora", "ff_siwis", "am_adam")
    assert voice.facts.languages == ("en", "es", "fr")
    assert voice_table(["readme", "jf_alpha", "xx_heart", "af_heart"]) == {"af_heart": "en"}


def test_no_voices_and_no_model(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(MissingPart) as caught:
        KokoroSpeech(tmp_path / "nowhere")
    assert caught.value.code == "speech.voice_missing"
    monkeypatch.undo()
    monkeypatch.setattr(kokoro, "_PARTS", ("no_such_wheel_of_a_model",))
    with pytest.raises(MissingPart) as missing:
        KokoroSpeech(folder)
    assert missing.value.code == "speech.engine_missing"
