"""Narration of a storyboard: words of a voice without times are listened to once, and kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ettametta.models import Production
from ettametta.providers.speech.audio import Sound
from ettametta.providers.speech.base import Speech, SpeechRequest, Word
from ettametta.providers.transcription.base import Transcript
from ettametta.storyboard import Storyboard
from ettametta.testing import ToneSpeech, tones
from tests.integration.productions.harness import House, small_storyboard


async def nobody(_: int, __: bool) -> None:
    """Nobody asks how far it is."""


async def production_of(house: House, storyboard: Storyboard) -> Production:
    view = await house.with_storyboard(storyboard)
    async with house.resources.database.read_scope() as session:
        return await session.get_one(Production, view.id)


async def test_words_of_a_voice_without_times_are_heard_once(
    sqlite_house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = small_storyboard(1)
    text = board.scenes[0].narration
    _, true = tones(text)

    class Ears:
        """Hears the words where they are."""

        name = "ears"
        languages: tuple[str, ...] = ("en",)
        listened = 0

        async def transcribe(self, sound: Sound, language: str | None = None) -> Transcript:
            self.listened += 1
            assert language == "en"
            return Transcript(true, "en", sound.duration_s)

        async def close(self) -> None:
            """Nothing to let go of."""

    async def timeless(self: ToneSpeech, request: SpeechRequest) -> Speech:
        spoken = await speak(self, request)
        words = tuple(Word(word.text, 0.0, spoken.duration_s) for word in spoken.words)
        return replace(spoken, words=words, words_from="estimated")

    ears, speak = Ears(), ToneSpeech.speak
    monkeypatch.setattr("ettametta.bootstrap.build_transcriber", lambda: ears)
    monkeypatch.setattr(ToneSpeech, "speak", timeless)
    narrator = sqlite_house.resources.studio._rendering._narrator
    production = await production_of(sqlite_house, board)
    for anew in (1, 0):
        narration, spoken = await narrator.narrate(production, board, tmp_path, nobody)
        assert spoken == anew
        words = narration[board.scenes[0].id].words
        assert max(abs(a.start_s - b.start_s) for a, b in zip(words, true, strict=True)) < 0.03
    assert ears.listened == 1
