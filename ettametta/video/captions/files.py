"""A video's captions as files to download: SRT, WebVTT, and ASS with the look they have in the picture."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ettametta.video.captions.ass import caption_document
from ettametta.video.captions.look import CaptionLook
from ettametta.video.captions.states import CaptionPart
from ettametta.video.lettering.fonts import Fonts
from ettametta.video.plan import Cue, SafeAreas, Timeline, line_text


@dataclass(frozen=True, slots=True)
class CaptionFiles:
    """Where a video's captions were written."""

    srt: Path
    vtt: Path
    ass: Path


def srt_text(timeline: Timeline) -> str:
    """The whole video's captions as SRT (UTF-8 text, times from the start of the video)."""
    blocks = (
        f"{number}\n{_clock(start_ms, ',')} --> {_clock(end_ms, ',')}\n{_lines(cue).replace('-->', '→')}\n"
        for number, (start_ms, end_ms, cue) in enumerate(_on_timeline(timeline), 1)
    )
    return "\n".join(blocks)


def vtt_text(timeline: Timeline) -> str:
    """The whole video's captions as WebVTT (W3C WebVTT, section 4.2.2: `&`, `<` and `>` are escaped)."""
    blocks = (
        f"\n{number}\n{_clock(start_ms, '.')} --> {_clock(end_ms, '.')}\n{_escaped(_lines(cue))}\n"
        for number, (start_ms, end_ms, cue) in enumerate(_on_timeline(timeline), 1)
    )
    return "WEBVTT\n" + "".join(blocks)


def ass_text(timeline: Timeline, areas: SafeAreas, look: CaptionLook, fonts: Fonts) -> str:
    """The whole video's captions as one ASS document for the whole frame; a player needs the fonts it names.

    Raises:
        MissingPart: no font covers a letter of the words.
    """
    parts = [CaptionPart(scene.cues, 0, scene.frames) for scene in timeline.scenes]
    return caption_document(parts, timeline.canvas, areas, look, fonts)


def write_caption_files(
    timeline: Timeline, areas: SafeAreas, look: CaptionLook, fonts: Fonts, folder: Path
) -> CaptionFiles:
    """Write all three into a folder.

    Raises:
        MissingPart: no font covers a letter of the words.
    """
    files = CaptionFiles(folder / "captions.srt", folder / "captions.vtt", folder / "captions.ass")
    files.srt.write_text(srt_text(timeline), encoding="utf-8")
    files.vtt.write_text(vtt_text(timeline), encoding="utf-8")
    files.ass.write_text(ass_text(timeline, areas, look, fonts), encoding="utf-8")
    return files


def _on_timeline(timeline: Timeline) -> Iterable[tuple[int, int, Cue]]:
    for scene in timeline.scenes:
        base = round(scene.start_frame * 1000 / timeline.canvas.fps)
        for cue in scene.cues:
            yield base + cue.start_ms, base + cue.end_ms, cue


def _lines(cue: Cue) -> str:
    return "\n".join(line_text(line) for line in cue.lines)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _clock(millis: int, point: str) -> str:
    seconds, millis = divmod(millis, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}{point}{millis:03}"
