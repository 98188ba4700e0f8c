"""The person's own recording as narration: heard once, cut into scenes by its sentences, at the level of all scenes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from itertools import pairwise

from ettametta.errors import InvalidInput
from ettametta.kit.ids import content_key
from ettametta.models import StepResult
from ettametta.productions.steps import StepCache
from ettametta.providers.speech.audio import Sound, Span, encode_wav, trim
from ettametta.providers.speech.base import Speech, Word
from ettametta.providers.speech.decoding import decode_sound
from ettametta.providers.speech.script import without_pauses
from ettametta.providers.speech.words import shifted, split_sentences
from ettametta.providers.transcription.aligning import align
from ettametta.providers.transcription.base import Transcriber, Transcript
from ettametta.scripts.script import Script, ScriptLine
from ettametta.storage import Storage
from ettametta.storyboard import MAX_NARRATION_CHARS, RecordingCut, Storyboard

_STEP = "transcript"
_MAX_BYTES = 200_000_000
#: Kept before and after the words of a scene, in seconds, where the neighbours leave room.
_LEAD_S, _TRAIL_S = 0.12, 0.25
#: Sentences of a transcript are joined until a line has so many words.
_LINE_WORDS = 6


class Recordings:
    """Listens to recordings and cuts them.

    Args:
        ears: builds the recogniser at first use.
        cache: keeps what was heard.
        storage: holds the recordings.
    """

    def __init__(self, ears: Callable[[], Transcriber], cache: StepCache, storage: Storage) -> None:
        self._ears = ears
        self._cache = cache
        self._storage = storage

    async def heard(self, user_id: str, asset_key: str, language: str | None) -> Transcript:
        """What is said in a recording; listened to once.

        Raises:
            InvalidInput: it is no sound, or nothing is said in it.
            MissingPart: no recogniser is installed, or it does not understand the language.
        """
        key = content_key(step=_STEP, user=user_id, asset=asset_key, language=language)
        kept = await self._cache.find(key)
        if kept is not None:
            words = tuple(Word(text, start, end) for text, start, end in kept["words"])
            return Transcript(words, kept["language"], kept["duration_s"])
        sound = await self.sound(asset_key)
        transcript = await (await asyncio.to_thread(self._ears)).transcribe(sound, language)
        if not transcript.words:
            raise InvalidInput(
                "No words were understood in this recording.",
                hint="Send a clearer one, or name its language.",
                code="transcription.no_words",
            )
        output = {
            "words": [[word.text, word.start_s, word.end_s] for word in transcript.words],
            "language": transcript.language,
            "duration_s": transcript.duration_s,
        }
        # Found out or named, the language is the same: the scenes' words are asked for by its name.
        named = content_key(step=_STEP, user=user_id, asset=asset_key, language=transcript.language)
        for one in {key, named}:
            await self._cache.keep(StepResult(key=one, user_id=user_id, step=_STEP, output=output))
        return transcript

    async def sound(self, asset_key: str) -> Sound:
        """The samples of a recording.

        Raises:
            InvalidInput: it is no sound that can be read.
        """
        data = await self._storage.get_bytes(asset_key, _MAX_BYTES)
        return await asyncio.to_thread(decode_sound, data)

    async def narrated(self, user_id: str, board: Storyboard, asset_key: str, language: str | None) -> Storyboard:
        """The storyboard with its scenes narrated by the recording whose words they are."""
        transcript = await self.heard(user_id, asset_key, language)
        sound = await self.sound(asset_key)
        return await asyncio.to_thread(with_recording, board, transcript, sound, asset_key)

    async def speech(self, user_id: str, cut: RecordingCut, text: str, language: str) -> Speech:
        """The part of a recording that narrates a scene, with the times of the scene's words in it."""
        transcript = await self.heard(user_id, cut.asset_key, language)
        sound = await self.sound(cut.asset_key)
        return await asyncio.to_thread(_cut, sound, transcript, cut, text)


def recording_to_lines(transcript: Transcript, text: str = "") -> tuple[str, ...]:
    """What a recording says as lines of a script: the text that was read aloud when there is one, else what was heard.

    Short sentences are joined, so that no scene is over in a second.
    """
    written = without_pauses(text) if text.strip() else transcript.text
    lines: list[str] = []
    for sentence in split_sentences(written):
        if lines and len(lines[-1].split()) < _LINE_WORDS:
            lines[-1] += " " + sentence.text
        else:
            lines.append(sentence.text)
    return tuple(lines)


def recorded_script(transcript: Transcript, text: str, *, title: str) -> Script:
    """A script of what was recorded. It cites nothing: its claims are the person's own."""
    lines = recording_to_lines(transcript, text)
    heading = lines[0][:80] if title.startswith("Your file") or not title.strip() else title
    return Script(
        title=heading,
        language=transcript.language,
        lines=tuple(
            ScriptLine(text=line[:MAX_NARRATION_CHARS], role="beat" if place else "hook")
            for place, line in enumerate(lines)
        ),
        made_by="your own recording",
        notes=("The words are those of your recording; nobody checked them.",),
    )


def with_recording(board: Storyboard, transcript: Transcript, sound: Sound, asset_key: str) -> Storyboard:
    """The storyboard with each scene narrated by its part of the recording, cut between the words of neighbours."""
    words = [word for scene in board.scenes for word in scene.narration.split()]
    timed = align(words, transcript.words, sound, transcript.language)
    spans: list[Span] = []
    first = 0
    for scene in board.scenes:
        count = len(scene.narration.split())
        own = timed[first : first + count]
        spans.append(Span(own[0].start_s, own[-1].end_s) if own else Span(0.0, 0.0))
        first += count
    scenes = tuple(
        scene.model_copy(update={"recording": cut}) if scene.narration.strip() else scene
        for scene, cut in zip(board.scenes, _cuts(spans, sound.duration_s, asset_key), strict=True)
    )
    return board.model_copy(update={"scenes": scenes})


def _cuts(spans: Sequence[Span], duration_s: float, asset_key: str) -> list[RecordingCut]:
    """Cuts at the words' ends with a margin, but never past the middle of the gap to a neighbour."""
    middles = [(before.end_s + after.start_s) / 2 for before, after in pairwise(spans)]
    cuts: list[RecordingCut] = []
    for span, left, right in zip(spans, [0.0, *middles], [*middles, duration_s], strict=True):
        start = max(0.0, min(span.start_s, max(left, span.start_s - _LEAD_S)))
        end = min(duration_s, max(span.end_s, min(right, span.end_s + _TRAIL_S)))
        cuts.append(RecordingCut(asset_key=asset_key, start_s=round(start, 3), end_s=round(max(end, start + 0.05), 3)))
    return cuts


def _cut(sound: Sound, transcript: Transcript, cut: RecordingCut, text: str) -> Speech:
    rate = sound.sample_rate
    part = Sound(sound.samples[round(cut.start_s * rate) : round(cut.end_s * rate)], rate)
    trimmed, lost_s = trim(part, _LEAD_S, _TRAIL_S)
    offset = cut.start_s + lost_s
    heard = [
        Word(word.text, max(0.0, word.start_s - offset), min(trimmed.duration_s, word.end_s - offset))
        for word in transcript.words
        if cut.start_s <= (word.start_s + word.end_s) / 2 <= cut.end_s
    ]
    words = align(without_pauses(text).split(), heard, trimmed, transcript.language)
    whole = Span(0.0, trimmed.duration_s)
    return Speech(encode_wav(trimmed), rate, trimmed.duration_s, shifted(words, 0.0, whole), "aligned")
