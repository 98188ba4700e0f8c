"""Narration of the length that was asked for: what is too long or too short is spoken again at a little other pace.

The pace is found once for a production, its voice and its target, and kept: an edit of one scene has that scene spoken
anew and no other.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ettametta.kit.ids import content_key
from ettametta.models import Production, StepResult
from ettametta.productions.narrating import Narrator, OnSpoken
from ettametta.productions.steps import StepCache
from ettametta.scripts.fitting import Tightened, tightening
from ettametta.scripts.script import Script, ScriptLine
from ettametta.storyboard import Storyboard
from ettametta.video.plan import Narration
from ettametta.video.planner import plan_timeline

_STEP = "pace"
_SLOWEST, _FASTEST = 0.5, 2.0


@dataclass(frozen=True, slots=True)
class Fitted:
    """Narration by scene id, how many scenes were spoken anew, and a sentence for the person (empty: none)."""

    narration: dict[str, Narration]
    anew: int
    told: str = ""


class LengthFitting:
    """Narrates storyboards to their length target.

    Args:
        narrator: speaks.
        cache: keeps the pace that was found.
    """

    def __init__(self, narrator: Narrator, cache: StepCache) -> None:
        self._narrator = narrator
        self._cache = cache

    async def narrate(
        self, production: Production, storyboard: Storyboard, workdir: Path, on_spoken: OnSpoken
    ) -> Fitted:
        """As Narrator.narrate, at the pace that brings the video within 8 % of its length target where one can.

        Paid voices speak once: the price that was agreed to is that of one reading.

        Raises:
            InvalidInput: the voice cannot speak the text.
            TransientError: the voice does not answer now.
        """
        key = _key(production, storyboard)
        kept = await self._cache.find(key)
        board = _at_pace(storyboard, kept["pace"]) if kept else storyboard
        narration, anew = await self._narrator.narrate(production, board, workdir, on_spoken)
        todo = _todo(storyboard, narration)
        if kept or storyboard.length_target_s is None or not await self._narrator.is_free(storyboard):
            return Fitted(narration, anew, _told(storyboard, todo))

        async def again(_: int, is_new: bool) -> None:
            await on_spoken(len(narration), is_new)

        if todo.pace != 1.0:
            board = _at_pace(storyboard, todo.pace)
            narration, more = await self._narrator.narrate(production, board, workdir, again)
            anew += more
        output = {"pace": todo.pace}
        await self._cache.keep(StepResult(key=key, user_id=production.user_id, step=_STEP, output=output))
        return Fitted(narration, anew, _told(storyboard, todo))


def _key(production: Production, storyboard: Storyboard) -> str:
    return content_key(
        step=_STEP,
        production=production.id,
        provider=storyboard.speech_provider,
        voice=storyboard.voice,
        language=storyboard.language,
        pace=storyboard.pace,
        target=storyboard.length_target_s,
    )


def _at_pace(storyboard: Storyboard, pace: float) -> Storyboard:
    return storyboard.model_copy(update={"pace": round(min(_FASTEST, max(_SLOWEST, storyboard.pace * pace)), 4)})


def _todo(storyboard: Storyboard, narration: dict[str, Narration]) -> Tightened:
    """What would bring it to its length; nothing without a target, or where the person speaks: they have their pace."""
    spoken = [scene for scene in storyboard.scenes if scene.id in narration]
    if storyboard.length_target_s is None or not spoken or any(scene.recording for scene in spoken):
        return Tightened(1.0, ())
    lines = tuple(ScriptLine(text=scene.narration, role=scene.role, pause_s=scene.pause_after_s) for scene in spoken)
    script = Script(title=storyboard.title, language=storyboard.language, lines=lines, made_by=storyboard.made_by)
    return tightening(script, plan_timeline(storyboard, narration).duration_s, storyboard.length_target_s)


def _told(storyboard: Storyboard, todo: Tightened) -> str:
    if not todo.dropped:
        return ""
    spoken = [scene.narration for scene in storyboard.scenes if scene.narration.strip()]
    least = "; ".join(f"“{spoken[place][:60]}”" for place in todo.dropped)
    return f"It is longer than the {storyboard.length_target_s:g} s asked for. What matters least in it: {least}."
