"""Makes a script as long as it should be: by leaving out what matters least, or by a little more or less pace. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from ettametta.kit.sentences import spoken_words
from ettametta.scripts.amounts import amounts
from ettametta.scripts.lexicon import lexicon
from ettametta.scripts.pacing import line_s, lines_s
from ettametta.scripts.phrases import emphasised
from ettametta.scripts.ranking import points_back
from ettametta.scripts.script import Script, ScriptLine

#: A video may be longer or shorter than asked for by this much of the target.
TOLERANCE = 0.08
#: A voice may be slowed or hurried this much before it is heard.
SLOWEST, FASTEST = 0.95, 1.08
_LEAST_LINES = 3


@dataclass(frozen=True, slots=True)
class Tightened:
    """What to do with narration of the wrong length: another pace, and places of lines (from 0) to leave out."""

    pace: float
    dropped: tuple[int, ...]

    @property
    def changes(self) -> bool:
        """Whether anything is to be done."""
        return bool(self.dropped) or self.pace != 1.0


def tightening(script: Script, measured_s: float, target_s: float) -> Tightened:
    """How to bring measured narration within the tolerance of its target, pauses included.

    Pace comes first, since it costs no words; lines go only when the most pace is not enough.

    Args:
        script: what was said.
        measured_s: how long it took at pace 1.0.
        target_s: how long it should take.
    """
    if abs(measured_s - target_s) <= TOLERANCE * target_s:
        return Tightened(1.0, ())
    shares = [line_s(line, script.language, 185.0) for line in script.lines]
    per_share = measured_s / max(sum(shares), 1e-6)
    dropped: list[int] = []
    left_s = measured_s
    while left_s / FASTEST > target_s * (1 + TOLERANCE / 2):
        place = _least(script, dropped)
        if place is None:
            break
        dropped.append(place)
        left_s -= shares[place] * per_share
    pace = min(max(left_s / target_s, SLOWEST), FASTEST)
    return Tightened(
        1.0 if abs(left_s - target_s) <= TOLERANCE * target_s / 2 else round(pace, 3), tuple(sorted(dropped))
    )


def without(script: Script, dropped: tuple[int, ...]) -> Script:
    """The script without these lines (places from 0)."""
    lines = tuple(line for place, line in enumerate(script.lines) if place not in dropped)
    return script.model_copy(update={"lines": lines})


def trimmed(script: Script, target_s: float, words_per_minute: float) -> Script:
    """The script without its least important beats, as many as make it fit; unchanged when it is not too long."""
    dropped: list[int] = []
    while True:
        kept = [line for place, line in enumerate(script.lines) if place not in dropped]
        if lines_s(kept, script.language, words_per_minute) <= target_s * (1 + TOLERANCE):
            break
        place = _least(script, dropped)
        if place is None:
            break
        dropped.append(place)
    return without(script, tuple(dropped)) if dropped else script


def _least(script: Script, dropped: list[int]) -> int | None:
    """The place of the least important line that nothing leans on; None when no more can go."""
    left = [place for place in range(len(script.lines)) if place not in dropped]
    if len(left) <= _LEAST_LINES:
        return None
    free = [
        place
        for at, place in enumerate(left)
        if script.lines[place].role in ("beat", "cta") and not _is_leant_on(script, left[at + 1 : at + 2])
    ]
    return min(free, key=lambda place: _importance(script.lines[place], script.language), default=None)


def _is_leant_on(script: Script, following: list[int]) -> bool:
    lists = lexicon(script.language)
    return any(
        points_back(script.lines[place].text, lists) and script.lines[place].role != "cta" for place in following
    )


def _importance(line: ScriptLine, language: str) -> float:
    """Figures, names, quotations and data make a line; length without them does not."""
    if line.role == "cta":
        return 0.0
    value = 1.0 + 1.0 * bool(amounts(line.text)) + 0.5 * len(emphasised(line.text, language))
    value += 1.0 * (line.card in ("quote", "number")) + 1.5 * (line.visual is not None)
    return value / (1 + spoken_words(line.text) / 40)
