"""A script: the words of a video as data, with what each line rests on and what is to be set on screen."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ettametta.storyboard import (
    MAX_NARRATION_CHARS,
    ChartVisual,
    Citation,
    ComparisonVisual,
    ListVisual,
    Role,
    TimelineVisual,
)

__all__ = [
    "MAX_ON_SCREEN_CHARS",
    "CardKind",
    "DataVisual",
    "Hook",
    "HookKind",
    "Role",
    "Script",
    "ScriptLine",
    "ScriptWanted",
]

CardKind = Literal["title", "statement", "quote", "number", "closing"]

#: What data can be drawn as.
DataVisual = Annotated[ListVisual | ComparisonVisual | TimelineVisual | ChartVisual, Field(discriminator="kind")]

MAX_ON_SCREEN_CHARS = 60


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ScriptLine(_Frozen):
    """One thing said. `citations` index the script's; `on_screen` is the key phrase, never the whole line."""

    text: str = Field(min_length=1, max_length=MAX_NARRATION_CHARS)
    role: Role = "beat"
    citations: tuple[int, ...] = ()
    on_screen: str = Field(default="", max_length=MAX_ON_SCREEN_CHARS)
    card: CardKind | None = Field(default=None, description="None: chosen by what the line says")
    note: str = Field(default="", max_length=120, description="a smaller second line on the card")
    query: str = Field(default="", max_length=120, description="what to search pictures for; empty: nothing")
    emphasis: tuple[Annotated[str, Field(min_length=1, max_length=60)], ...] = Field(
        default=(), max_length=12, description="words of the text that captions stress"
    )
    pause_s: float | None = Field(default=None, ge=0, le=5, description="silence behind it; None: by its role")
    visual: DataVisual | None = Field(default=None, description="data the sources hold, drawn instead of a card")


#: What makes an opening: a question, a figure, something that goes against expectation, a scene, the end told first.
HookKind = Literal["question", "number", "contradiction", "story", "payoff_first"]


class Hook(_Frozen):
    """One way to open."""

    kind: HookKind
    line: ScriptLine


class Script(_Frozen):
    """A whole script. `notes` are sentences for the person who asked: what was done, what was left out and why."""

    title: str = Field(min_length=1, max_length=200)
    language: str = Field(pattern=r"^[a-z]{2,3}$", description="ISO 639 code")
    lines: tuple[ScriptLine, ...] = Field(min_length=1)
    citations: tuple[Citation, ...] = ()
    made_by: str
    notes: tuple[str, ...] = ()
    hooks: tuple[Hook, ...] = Field(default=(), description="different openings, when asked for; the first is in use")

    @property
    def narration(self) -> str:
        """All lines as one text."""
        return " ".join(line.text for line in self.lines)


class ScriptWanted(_Frozen):
    """What is asked of a writer. `words_per_minute` is the voice's; `language` None means the evidence's own."""

    duration_s: float = Field(default=45.0, gt=0, le=600)
    language: str | None = Field(default=None, pattern=r"^[a-z]{2,3}$")
    words_per_minute: float = Field(default=165.0, gt=40, lt=400)
    tone: str = Field(default="", max_length=200)
    instructions: str = Field(default="", max_length=2_000, description="wishes of the person who asked")
    hooks: int = Field(default=1, ge=1, le=5, description="how many different openings to offer")

    @property
    def words(self) -> int:
        """How many spoken words fill the time."""
        return max(8, round(self.duration_s * self.words_per_minute / 60))
