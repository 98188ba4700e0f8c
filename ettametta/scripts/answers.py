"""The shapes a model answers in, and how they become lines. Flat and forgiving: small models must manage them too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ettametta.kit.text import clean, truncate
from ettametta.scripts.amounts import as_number
from ettametta.scripts.script import (
    MAX_ON_SCREEN_CHARS,
    CardKind,
    DataVisual,
    HookKind,
    Role,
    ScriptLine,
)
from ettametta.storyboard import (
    ChartPoint,
    ChartVisual,
    ComparisonVisual,
    ListVisual,
    Side,
    TimelineEvent,
    TimelineVisual,
)


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")


class AnsweredRow(_Answer):
    """One item, side, event or point."""

    label: str
    value: str = ""


class AnsweredData(_Answer):
    """Data of the sources worth drawing."""

    kind: Literal["none", "list", "comparison", "timeline", "bar_chart", "line_chart"] = "none"
    title: str = ""
    unit: str = ""
    rows: list[AnsweredRow] = Field(default_factory=list)


class AnsweredLine(_Answer):
    """One line."""

    text: str
    role: Role
    citations: list[int] = Field(default_factory=list, description="numbers of the sources, as given")
    on_screen: str = ""
    card: CardKind = "statement"
    note: str = ""
    query: str = Field(default="", description="what to search pictures for, 2 to 4 English words")
    emphasis: list[str] = Field(default_factory=list, description="words of the text to stress")
    data: AnsweredData = Field(default_factory=AnsweredData)


class AnsweredScript(_Answer):
    """A script as the model is to answer it."""

    title: str
    lines: list[AnsweredLine]


class AnsweredHook(_Answer):
    """One opening."""

    kind: HookKind
    text: str
    citations: list[int] = Field(default_factory=list, description="numbers of the sources, as given")
    on_screen: str = ""


class AnsweredHooks(_Answer):
    """Several openings, each of another kind."""

    hooks: list[AnsweredHook]


def line_from(answered: AnsweredLine) -> ScriptLine | None:
    """The line, cleaned; None when there is nothing to say in it."""
    text = truncate(clean(answered.text), 1_000)
    if not any(char.isalnum() for char in text):
        return None
    on_screen = clean(answered.on_screen)
    stressed = [clean(word)[:60] for word in answered.emphasis]
    return ScriptLine(
        text=text,
        role=answered.role,
        citations=tuple(dict.fromkeys(max(index, -1) for index in answered.citations)),
        on_screen=on_screen if len(on_screen) <= MAX_ON_SCREEN_CHARS else "",
        card=answered.card,
        note=truncate(clean(answered.note), 120),
        query=" ".join(clean(answered.query).split()[:6])[:120],
        emphasis=tuple(dict.fromkeys(word for word in stressed if word and word in text))[:4],
        visual=visual_from(answered.data),
    )


def hook_from(answered: AnsweredHook) -> ScriptLine | None:
    """The opening as a line."""
    return line_from(
        AnsweredLine(
            text=answered.text, role="hook", citations=answered.citations, on_screen=answered.on_screen, card="title"
        )
    )


def visual_from(data: AnsweredData) -> DataVisual | None:
    """What the data is drawn as; None when it is no data, or not in order."""
    rows = [(clean(row.label), clean(row.value)) for row in data.rows if clean(row.label)]
    title, unit = truncate(clean(data.title), 100), clean(data.unit)
    if unit and unit[0].isalnum():
        unit = f" {unit}"
    try:
        return _drawn(data.kind, title, unit, rows)
    except ValidationError:
        return None


def _drawn(kind: str, title: str, unit: str, rows: Sequence[tuple[str, str]]) -> DataVisual | None:
    if kind == "list":
        return ListVisual(title=title, items=tuple(label for label, _ in rows))
    if kind == "comparison" and len(rows) == 2:
        left, right = (Side(label=label, value=value) for label, value in rows)
        return ComparisonVisual(title=title, left=left, right=right)
    if kind == "timeline":
        return TimelineVisual(title=title, events=tuple(TimelineEvent(when=when, what=what) for when, what in rows))
    values = [as_number(value.replace("%", "").strip()) for _, value in rows]
    if kind not in ("bar_chart", "line_chart") or any(value is None for value in values):
        return None
    points = tuple(ChartPoint(label=label, value=value or 0.0) for (label, _), value in zip(rows, values, strict=True))
    return ChartVisual(kind="bar_chart" if kind == "bar_chart" else "line_chart", title=title, points=points, unit=unit)
