"""Operations on the whole video: style, captions, music, brand, voice, frame."""

from __future__ import annotations

from typing import Any

from ettametta.edits import operations as ops
from ettametta.edits.places import Work, changed
from ettametta.errors import InvalidInput
from ettametta.storyboard import ASPECTS, Music, Pronunciation, Style

_CAPTIONS_PREFIX = "caption_"


def restyle(work: Work, operation: ops.Restyle) -> None:
    """Take away what is to be cleared, then set what is given."""
    style = _cleared_style(work.board.style, operation)
    changes: dict[str, Any] = {
        "style": changed(style, **_given(operation, "theme", "transition", "transition_sounds", "fit"))
    }
    if operation.captions is not None:
        captions = changed(style.captions, **_given(operation.captions, *type(operation.captions).model_fields))
        changes["style"] = changed(changes["style"], captions=captions)
    changes |= {name: None for name in ("music", "brand") if name in operation.clear}
    changes |= _given(operation, "brand", "loudness_lufs")
    if operation.music is not None:
        now = None if "music" in operation.clear else work.board.music
        changes["music"] = _music(work, now, operation.music)
    work.put_board(**changes)


def _given(model: Any, *names: str) -> dict[str, Any]:
    return {name: value for name in names if (value := getattr(model, name)) is not None}


def _cleared_style(style: Style, operation: ops.Restyle) -> Style:
    names = [name.removeprefix(_CAPTIONS_PREFIX) for name in operation.clear if name.startswith(_CAPTIONS_PREFIX)]
    if not names:
        return style
    return changed(style, captions=changed(style.captions, **dict.fromkeys(names)))


def _music(work: Work, now: Music | None, wanted: ops.MusicChanges) -> Music:
    """The music with the changes; another source takes the old one's place."""
    changes = _given(wanted, "mood", "track", "below_voice_lu", "duck_lu", "start_s", "fade_out_s")
    if wanted.asset_id is not None:
        changes["asset_key"] = _sound(work, wanted.asset_id)
    if changes.keys() & {"mood", "track", "asset_key"}:
        changes = {"mood": None, "track": "", "asset_key": "", **changes}
    return changed(now or Music(), **changes)


def _sound(work: Work, asset_id: str) -> str:
    key = work.pictures.sounds.get(asset_id)
    if key is None:
        raise InvalidInput(
            "That file is no music of yours.", hint="Send it again, or choose a mood.", code="edit.no_music"
        )
    return key


def set_voice(work: Work, operation: ops.SetVoice) -> None:
    """Another voice or pace. A provider without a voice speaks with its usual one."""
    changes = _given(operation, "voice", "pace")
    if operation.provider is not None:
        changes["speech_provider"] = operation.provider
        if operation.provider != work.board.speech_provider:
            changes.setdefault("voice", "default")
    work.put_board(**changes)


def set_pronunciation(work: Work, operation: ops.SetPronunciation) -> None:
    """One spelling for each word."""
    others = [one for one in work.board.pronunciations if one.word.casefold() != operation.word.casefold()]
    said = operation.say.strip()
    added = [Pronunciation(word=operation.word, say=said)] if said else []
    work.put_board(pronunciations=(*others, *added))


def set_aspect(work: Work, operation: ops.SetAspect) -> None:
    """Another shape or size of the frame; every designed scene is drawn anew for it, pictures are cropped anew."""
    aspect = operation.aspect or aspect_of(work.board.width, work.board.height)
    short = operation.resolution or min(work.board.width, work.board.height)
    width, height = frame_size(aspect, short) if aspect else (work.board.width, work.board.height)
    if aspect is None and operation.resolution is not None:
        width, height = scaled(width, height, operation.resolution)
    work.put_board(width=width, height=height, fps=operation.fps or work.board.fps)


def aspect_of(width: int, height: int) -> str | None:
    """The aspect of a frame; None when it is none of those people ask for."""
    for name, (across, down) in ASPECTS.items():
        if abs(width * down - height * across) <= 2 * max(across, down):
            return name
    return None


def frame_size(aspect: str, short: int) -> tuple[int, int]:
    """Pixels across and down, both even, for an aspect whose short side has `short` pixels."""
    return scaled(*ASPECTS[aspect], short)


def scaled(width: int, height: int, short: int) -> tuple[int, int]:
    """A frame of the same shape, with `short` pixels on its short side, both sides even."""
    least = min(width, height)
    return _even(width * short / least), _even(height * short / least)


def _even(pixels: float) -> int:
    return max(64, 2 * round(pixels / 2))
