"""What a scan is asked to do, as its job carries it, and what it reports."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

MAX_SOURCES = 40
#: What a source says whose host has no address; so many together are one fault: the network's.
_AWAY = "source.unreachable"
_AWAY_TOGETHER = 3


class ScanRequest(BaseModel):
    """One scan: of a niche, by all its sources, by some of them, or of one address."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    niche_id: str = Field(description="the niche, followed or made for this search", max_length=32)
    sources: tuple[str, ...] = Field(default=(), max_length=MAX_SOURCES, description="names; empty: all that suit")
    address: str = Field(default="", max_length=4_096, description="read this address and nothing else")
    deadline_s: float = Field(default=60.0, ge=1.0, le=600.0)
    per_source: int = Field(default=50, ge=1, le=500, description="most items of one source")


#: How a source's part of a scan went. `left_out`: it was not asked; `late`: the deadline came first.
Outcome = Literal["ok", "slow", "failing", "blocked", "needs_key", "late", "left_out"]


class SourceReport(BaseModel):
    """What one source gave in a scan."""

    model_config = ConfigDict(frozen=True)

    source: str
    address: str = ""
    outcome: Outcome
    items: int = 0
    new: int = 0
    duration_s: float = 0.0
    error_code: str | None = None
    message: str = ""
    hint: str = ""


class ScanReport(BaseModel):
    """What a scan gave."""

    model_config = ConfigDict(frozen=True)

    niche_id: str
    sources: tuple[SourceReport, ...] = ()
    items: int = 0
    new: int = 0
    matched: int = 0
    duration_s: float = 0.0
    #: the deadline ended it
    is_cut_short: bool = False

    @property
    def sentence(self) -> str:
        """What it gave, in a sentence."""
        asked = [one for one in self.sources if one.outcome not in {"left_out", "needs_key"}]
        silent = [one for one in asked if not one.items and one.outcome not in {"ok", "slow"}]
        said = f"{_count(self.items, 'item')} from {_count(len(asked) - len(silent), 'source')}, {self.new} new"
        return f"{said}; {_count(len(silent), 'source')} did not answer." if silent else f"{said}."

    @property
    def silences(self) -> tuple[str, ...]:
        """Why sources gave nothing, a sentence each; a network that is away is told once."""
        silent = [one for one in self.sources if one.outcome not in {"ok", "slow", "needs_key"} and one.message]
        away = [one for one in silent if one.error_code == _AWAY]
        if len(away) < _AWAY_TOGETHER:
            return tuple(f"{one.message} {one.hint}".strip() for one in silent)
        rest = (f"{one.message} {one.hint}".strip() for one in silent if one.error_code != _AWAY)
        return (f"{len(away)} sources cannot be found from here. {away[0].hint}".strip(), *rest)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
