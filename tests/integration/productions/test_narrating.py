"""Narration of a storyboard: words of a voice without times are heard once, and a length target is kept by pace."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ettametta.models import Production
from ettametta.providers.speech.audio import Sound
from ettametta.providers.speech.base import Speech, SpeechRequest, Word
from ettametta.providers.transcription.base import Transcript
from ettametta.scripts.fitting import FASTEST
from ettametta.storyboard import Storyboard
from ettametta.testing import ToneSpeech, tones
from ettametta.video.planner import plan_timeline
from tests.integration.productions.harness import House, PricedTones, small_storyboard


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
    narrator = sqlite_house.resources.studio._rendering._fitting._narrator
    production = await production_of(sqlite_house, board)
    for anew in (1, 0):
        narration, spoken = await narrator.narrate(production, board, tmp_path, nobody)
        assert spoken == anew
        words = narration[board.scenes[0].id].words
        assert max(abs(a.start_s - b.start_s) for a, b in zip(words, true, strict=True)) < 0.03
    assert ears.listened == 1


async def length_of(house: House, board: Storyboard, workdir: Path) -> float:
    production = await production_of(house, board)
    fitted = await house.resources.studio._rendering._fitting.narrate(production, board, workdir, nobody)
    return plan_timeline(board, fitted.narration).duration_s


async def test_a_voice_hurries_a_little_to_keep_the_length(sqlite_house: House, tmp_path: Path) -> None:
    board, voice = small_storyboard(4), sqlite_house.voice
    own = await length_of(sqlite_house, board, tmp_path)
    assert {request.pace for request in voice.spoken} == {1.0}
    voice.spoken.clear()
    wanted = board.model_copy(update={"length_target_s": own / 1.1})
    production = await production_of(sqlite_house, wanted)
    fitting = sqlite_house.resources.studio._rendering._fitting
    fitted = await fitting.narrate(production, wanted, tmp_path, nobody)
    length = plan_timeline(wanted, fitted.narration).duration_s
    assert {request.pace for request in voice.spoken} == {FASTEST}
    assert abs(length - own / 1.1) <= 0.08 * own / 1.1 < own - own / 1.1
    assert (fitted.anew, fitted.told) == (4, "")

    voice.spoken.clear()  # one scene is said otherwise: it alone is spoken, at the pace that was found
    first = wanted.scenes[0].model_copy(update={"narration": "A lamp in old Paris."})
    edited = wanted.model_copy(update={"scenes": (first, *wanted.scenes[1:])})
    again = await fitting.narrate(production, edited, tmp_path, nobody)
    assert [(request.text, request.pace) for request in voice.spoken] == [("A lamp in old Paris.", FASTEST)]
    assert again.anew == 1


@pytest.mark.parametrize("share", [0.95, 1.05])
async def test_what_is_near_its_length_is_spoken_once(sqlite_house: House, tmp_path: Path, share: float) -> None:
    board = small_storyboard(4)
    own = await length_of(sqlite_house, board, tmp_path)
    await length_of(sqlite_house, board.model_copy(update={"length_target_s": own * share}), tmp_path)
    assert len(sqlite_house.voice.spoken) == 4


async def test_what_pace_cannot_mend_is_told(sqlite_house: House, tmp_path: Path) -> None:
    board = small_storyboard(5)
    own = await length_of(sqlite_house, board, tmp_path)
    wanted = board.model_copy(update={"length_target_s": own / 2})
    production = await production_of(sqlite_house, wanted)
    fitted = await sqlite_house.resources.studio._rendering._fitting.narrate(production, wanted, tmp_path, nobody)
    assert fitted.told.startswith(f"It is longer than the {own / 2:g} s asked for.")
    assert any(scene.narration[:60] in fitted.told for scene in wanted.scenes)


async def test_a_paid_voice_speaks_once(sqlite_house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_house.voice, "facts", PricedTones().facts)
    board = small_storyboard(3).model_copy(update={"length_target_s": 3.0})
    await length_of(sqlite_house, board, tmp_path)
    assert {request.pace for request in sqlite_house.voice.spoken} == {1.0}


async def test_another_manner_of_the_voice_is_another_narration(
    sqlite_house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    board = small_storyboard(1)
    await length_of(sqlite_house, board, tmp_path)
    spoken = len(sqlite_house.voice.spoken)
    await length_of(sqlite_house, board, tmp_path)
    assert len(sqlite_house.voice.spoken) == spoken
    monkeypatch.setattr(sqlite_house.voice, "facts", replace(sqlite_house.voice.facts, manner="another model"))
    await length_of(sqlite_house, board, tmp_path)
    assert len(sqlite_house.voice.spoken) == 2 * spoken
