"""Evidence: what a script may rest on. Text from outside, with where it came from; unknown stays None."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from ettametta.storyboard import Citation


class EvidenceItem(BaseModel):
    """One text with its citation. `text` is plain text, already extracted, never trusted."""

    model_config = ConfigDict(frozen=True)

    citation: Citation
    text: str
    language: str | None = Field(default=None, description="ISO 639-1, detected or declared")


class Evidence(BaseModel):
    """All that was gathered for one brief. `notes` tell the person what was tried and did not answer."""

    model_config = ConfigDict(frozen=True)

    topic: str
    items: tuple[EvidenceItem, ...] = ()
    notes: tuple[str, ...] = ()
