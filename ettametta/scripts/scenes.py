"""Script to storyboard, pure: one scene per line (a long line becomes two), visuals by content, own pictures in order.

A scene with a query may be given a picture later; one that shows data, a figure or a quotation stays as designed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ettametta.kit.sentences import spoken_words
from ettametta.kit.text import truncate
from ettametta.scripts.key_phrases import Card, card_for
from ettametta.scripts.pacing import PAUSES_S
from ettametta.scripts.script import CardKind, Script, ScriptLine
from ettametta.storyboard import (
    MAX_SCENES,
    CardVisual,
    ClipVisual,
    PhotoVisual,
    Scene,
    Storyboard,
    Style,
    Visual,
    is_from_file,
)

#: A line with data to look at may be longer before it is split.
MAX_DATA_LINE_WORDS = 40
#: A longer line is split at a clause: nothing should stand on screen for more than about eight seconds.
MAX_LINE_WORDS = 22
_MIN_PART_WORDS = 6
_CLAUSE = re.compile(
    r"(?:[;:—–]|,(?= (?:and|but|so|because|which|while|where|who|y|pero|porque|et|mais|car|e|ma|mas|und|aber|weil)\b)|"
    r"[,،、，])\s+"
)


def script_to_storyboard(
    script: Script,
    *,
    media: Sequence[PhotoVisual | ClipVisual] = (),
    style: Style | None = None,
    speech_provider: str = "hibari",
    voice: str = "default",
) -> Storyboard:
    """The first revision of a storyboard.

    Args:
        script: what is said.
        media: the person's own photos and clips, spread over the scenes in their order.
        style: how it looks.
        speech_provider: who speaks.
        voice: with which voice.
    """
    lines = _scene_lines(script)
    visuals = _visuals(lines, script.language, media)
    known = len(script.citations)
    scenes = tuple(
        _scene(number, line, visual, known) for number, (line, visual) in enumerate(zip(lines, visuals, strict=True), 1)
    )
    return Storyboard(
        title=script.title,
        language=script.language,
        style=style or Style(),
        speech_provider=speech_provider,
        voice=voice,
        scenes=scenes,
        citations=script.citations,
        made_by=script.made_by,
    )


def _scene_lines(script: Script) -> list[ScriptLine]:
    """The lines, the long ones split where that leaves few enough scenes."""
    parts = [part for line in script.lines for part in split_line(line, script.language)]
    return (parts if len(parts) <= MAX_SCENES else list(script.lines))[:MAX_SCENES]


def _scene(number: int, line: ScriptLine, visual: Visual, citations: int) -> Scene:
    own = is_from_file(visual)
    return Scene(
        id=f"s{number:02d}",
        narration=line.text,
        visual=visual,
        role=line.role,
        query="" if _stays_designed(visual) else line.query,
        pinned=own,
        on_screen=line.on_screen if _is_headed(line, own=own) else "",
        emphasis=tuple(words for words in line.emphasis if words in line.text),
        citations=tuple(index for index in line.citations if index < citations),
        pause_after_s=PAUSES_S[line.role] if line.pause_s is None else line.pause_s,
    )


def _is_headed(line: ScriptLine, *, own: bool) -> bool:
    """An opening over a picture of ours, and a heading the person wrote over any, are shown as such."""
    return not own if line.role == "hook" else line.card == "title"


def _stays_designed(visual: Visual) -> bool:
    """Whether no picture could say it better: data, a figure, a quotation, the closing."""
    return not is_from_file(visual) and visual.kind not in {"title", "statement"}


def split_line(line: ScriptLine, language: str) -> list[ScriptLine]:
    """A line, or its parts when it is longer than one scene should be; together they have exactly its words."""
    if spoken_words(line.text) <= (MAX_DATA_LINE_WORDS if line.visual else MAX_LINE_WORDS):
        return [line]
    cut = _best_cut(line.text)
    if cut is None:
        return [line]
    parts: list[ScriptLine] = []
    for text in (line.text[:cut].strip(), line.text[cut:].strip()):
        role = line.role if not parts or line.role != "hook" else "beat"
        card = card_for(text, role, language)
        if not parts and line.card == "title" and line.on_screen:
            card = Card("title", line.on_screen, line.note)
        part = line.model_copy(
            update={
                "text": text,
                "role": role,
                "on_screen": card.text,
                "card": card.kind,
                "note": card.note,
                "visual": None if parts else line.visual,
                "pause_s": line.pause_s if parts else None,
            }
        )
        parts += split_line(part, language)
    return parts


def _best_cut(text: str) -> int | None:
    """The place after a clause that comes nearest to the middle and leaves enough on both sides; None: no such."""
    middle = len(text) / 2
    cuts = [found.end() for found in _CLAUSE.finditer(text) if _is_outside_quotes(text[: found.end()])]
    fair = [cut for cut in cuts if min(spoken_words(text[:cut]), spoken_words(text[cut:])) >= _MIN_PART_WORDS]
    return min(fair, key=lambda cut: abs(cut - middle), default=None)


def _is_outside_quotes(before: str) -> bool:
    return (
        before.count("“") == before.count("”") and before.count("«") == before.count("»") and before.count('"') % 2 == 0
    )


def _visuals(lines: Sequence[ScriptLine], language: str, media: Sequence[PhotoVisual | ClipVisual]) -> list[Visual]:
    """One visual per line: the person's pictures spread evenly, cards everywhere else."""
    visuals: list[Visual] = [line.visual or card_of(line, language) for line in lines]
    places = [place for place, line in enumerate(lines) if line.role != "cta"] or list(range(len(lines)))
    for place, picture in zip(_spread(places, len(media)), media, strict=False):
        visuals[place] = picture
    return visuals


def _spread(places: list[int], count: int) -> list[int]:
    """Up to `count` of the places, evenly apart, from the first on."""
    taken = min(count, len(places))
    return [places[number * len(places) // taken] for number in range(taken)]


def card_of(line: ScriptLine, language: str) -> CardVisual:
    """The card a line asks for, or the one that suits what it says."""
    chosen = card_for(line.text, line.role, language)
    text = line.on_screen if line.on_screen and not _is_same(line.on_screen, line.text, line.role) else ""
    if not text:
        return CardVisual(kind=chosen.kind, text=chosen.text, note=truncate(chosen.note, 120))
    kind: CardKind = line.card or chosen.kind
    if line.role == "cta":
        kind = "closing"
    return CardVisual(kind=kind, text=text, note=truncate(line.note, 120))


def _is_same(shown: str, said: str, role: str) -> bool:
    """Whether the card would only repeat the caption; a closing line may."""
    letters = re.compile(r"[\W_]+")
    return role != "cta" and letters.sub("", shown).lower() == letters.sub("", said).lower()
