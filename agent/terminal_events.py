"""What a terminal shows: the events of a turn, and what the outbox brings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from agent.runtime.values import Choice, TurnEvent
from ettametta.productions.values import ProductionView


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a production is; `fraction` runs from 0 to 1."""

    production_id: str
    title: str
    state: str
    fraction: float
    stage: str
    message: str


@dataclass(frozen=True, slots=True)
class Said:
    """A text to show, with what may be chosen."""

    text: str
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """A production failed: why, and the fix."""

    title: str
    message: str
    hint: str
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Delivered:
    """A finished video, and where its file lies on this machine."""

    production: ProductionView
    path: Path


TerminalEvent: TypeAlias = TurnEvent | Progress | Said | Failed | Delivered
#: Shows an event; must return soon.
Show: TypeAlias = Callable[[TerminalEvent], None]
