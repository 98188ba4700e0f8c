"""What the Kokoro voices are fed, and which voice speaks what; no engine takes part."""

from __future__ import annotations

from pathlib import Path

import pytest

from ettametta.errors import InvalidInput, MissingPart
from ettametta.providers.speech import SpeechConfig, build_speech
from ettametta.providers.speech.kokoro import voice_table
from ettametta.providers.speech.language import check_declared
from ettametta.providers.speech.phonemes import from_ipa, voiced


def test_ipa_of_two_letters_becomes_one_symbol() -> None:
    assert from_ipa("t^ʃˈe^ɪn-d^ʒ") == "ʧˈAnʤ"


def test_every_spoken_word_keeps_its_phonemes_and_marks() -> None:
    found = voiced(["¿Está", "bien,", "—", "¡sí!"], lambda text: text.upper())
    assert [(word.phonemes, word.owner) for word in found] == [("ESTÁ", 0), ("BIEN,", 1), ("—", 2), ("SÍ!", 3)]


def test_words_run_together_by_the_engine_stay_in_their_clause() -> None:
    asked: list[str] = []

    def run_together(text: str) -> str:
        asked.append(text)
        return text.replace("of the", "ofthe")

    found = voiced(["of", "the", "sea."], run_together)
    assert asked == ["of the sea"]
    assert "".join(word.phonemes for word in found) == "ofthesea."


def test_voices_are_known_by_their_names() -> None:
    table = voice_table(["ef_dora", "zf_xiaobei", "am_adam", "af_heart", "../x", "pm_alex", "ff_siwis", "if_sara"])
    assert next(iter(table.items())) == ("af_heart", "en")
    assert table == {
        "af_heart": "en", "ef_dora": "es", "ff_siwis": "fr", "if_sara": "it", "am_adam": "en", "pm_alex": "pt",
    }  # fmt: skip


def test_no_voices_no_provider(tmp_path: Path) -> None:
    with pytest.raises(MissingPart) as caught:
        build_speech("kokoro", SpeechConfig(voices_folder=tmp_path))
    assert "ETTAMETTA_KOKORO_VOICES" in caught.value.hint


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("es", "The lamp stood in Paris, on top of the tower, and it was seen from far away."),
        ("en", "El perro come carne todos los días en el parque con los niños."),
        ("fr", "Привет, мир! Как дела?"),
    ],
)
def test_a_text_in_another_language_than_declared_is_refused(language: str, text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_declared(text, language)
    assert caught.value.code == "speech.language"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("es", "La lámpara estaba en París, encima de la torre, y se veía desde lejos."),
        ("pt", "A lâmpada estava em Paris, no alto da torre, e via-se de longe."),
        ("it", "La lampada era a Parigi, in cima alla torre, e si vedeva da lontano."),
        ("fr", "La lampe était à Paris, en haut de la tour, et on la voyait de loin."),
        ("es", "NASA, SpaceX."),
    ],
)
def test_a_text_in_its_language_is_not(language: str, text: str) -> None:
    check_declared(text, language)
