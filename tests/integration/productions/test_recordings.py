"""The person's own recording as narration: heard, cut into scenes, its words timed, nothing paid, nothing mumbled."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from ettametta.errors import InvalidInput
from ettametta.models import Asset, Production
from ettametta.productions.options import VideoOptions
from ettametta.productions.recordings import recording_to_lines, with_recording
from ettametta.providers.speech.audio import Sound, Span, decode_wav, encode_wav, silence
from ettametta.providers.speech.base import Word
from ettametta.providers.speech.decoding import decode_sound
from ettametta.providers.speech.words import shifted
from ettametta.providers.transcription.base import Transcript
from ettametta.storyboard import CardVisual, Scene, Storyboard
from ettametta.testing import tones
from tests.integration.productions.harness import House

SAID = "The lamp stood in Paris, on top of the tower. Around its flame stood panels of glass, cut in rings."
_BEFORE_S, _AFTER_S = 0.8, 1.0


class Ears:
    """A recogniser that hears what `spoken` says; `listened` counts how often it was asked."""

    name = "ears"
    languages = ("en",)

    def __init__(self) -> None:
        self.listened = 0

    async def transcribe(self, sound: Sound, language: str | None = None) -> Transcript:
        self.listened += 1
        _, words = tones(SAID)
        heard = shifted(words, _BEFORE_S, Span(0.0, sound.duration_s))
        # As whisper does: the first word begins with the recording.
        return Transcript((replace(heard[0], start_s=0.0), *heard[1:]), language or "en", sound.duration_s)

    async def close(self) -> None:
        """Nothing to let go of."""


def spoken() -> bytes:
    sound, _ = tones(SAID)
    parts = [silence(_BEFORE_S, sound.sample_rate), 0.2 * sound.samples, silence(_AFTER_S, sound.sample_rate)]
    return encode_wav(Sound(np.concatenate(parts).astype(np.float32), sound.sample_rate))


async def test_a_recording_becomes_the_narration_of_its_scenes(
    sqlite_house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, ears = sqlite_house, Ears()
    monkeypatch.setattr("ettametta.bootstrap.build_transcriber", lambda: ears)
    (tmp_path / "note.wav").write_bytes(spoken())
    upload = await house.resources.uploads.add(house.person, tmp_path / "note.wav", name="note.wav")
    assert upload.kind == "audio"
    options = VideoOptions(narration_asset_id=upload.id, pictures="designed")
    view = await house.start(SAID, options=options)
    await house.run_next()
    board = Storyboard.model_validate((await house.revision(view.id)).storyboard)
    assert board.made_by == "your own recording"
    assert len(board.scenes) == 2
    cuts = [scene.recording for scene in board.scenes]
    assert cuts[0] is not None
    assert cuts[1] is not None
    assert cuts[0].start_s > 0.5
    assert cuts[0].end_s <= cuts[1].start_s
    narrator = house.resources.studio._drafting._costing.narrator
    async with house.resources.database.read_scope() as session:
        production = await session.get_one(Production, view.id)

    async def nobody(_: int, __: bool) -> None:
        """Nobody asks how far it is."""

    narration, anew = await narrator.narrate(production, board, tmp_path, nobody)
    assert anew == 2
    assert ears.listened == 1
    assert house.voice.spoken == []
    for scene in board.scenes:
        told = narration[scene.id]
        assert [word.text for word in told.words] == scene.narration.split()
        sound = decode_wav(told.wav_path.read_bytes())
        assert told.words[0].start_s < 0.3
        assert np.sqrt(np.mean(np.square(sound.samples))) > 0.05  # brought up to the level of all scenes
    assert await house.count(Asset, Asset.origin == "recording") == 2
    assert await narrator.cost_usd(house.person.user_id, board) == 0.0


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"RIFF\x24\x00\x00\x00WAVEfmt nonsense", b"OggS" + b"x" * 99, b"#EXTM3U"]
)
def test_what_is_no_sound_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        decode_sound(data)
    assert caught.value.code == "speech.not_sound"


def test_lines_are_the_text_that_was_read_or_what_was_heard() -> None:
    heard = Transcript((Word("Hello", 0, 1), Word("there.", 1, 2), Word("Bye.", 2, 3)), "en", 3.0)
    assert recording_to_lines(heard) == ("Hello there. Bye.",)
    assert recording_to_lines(heard, "One two three four five six. Seven.") == (
        "One two three four five six.",
        "Seven.",
    )


def test_cuts_lie_between_words_and_never_overlap() -> None:
    sound, words = tones("One two three. Four five six. Seven eight nine.")
    scenes = tuple(
        Scene(id=f"s{n}", narration=text, visual=CardVisual(kind="statement", text="x"))
        for n, text in enumerate(("One two three.", "Four five six.", "Seven eight nine."))
    )
    board = Storyboard(title="t", language="en", scenes=scenes)
    cut = with_recording(board, Transcript(words, "en", sound.duration_s), sound, "uploads/x.wav")
    cuts = [scene.recording for scene in cut.scenes if scene.recording]
    assert len(cuts) == 3
    for place, one in enumerate(cuts):
        own = words[3 * place : 3 * place + 3]
        assert one.start_s <= own[0].start_s
        assert one.end_s >= own[-1].end_s - 0.02
    assert all(before.end_s <= after.start_s + 1e-6 for before, after in pairwise(cuts))
