"""What the faces see of a production: frozen views, the same for chat, dashboard, CLI and API."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from ettametta.productions.state import ProductionState


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class ErrorView(_View):
    """Why it failed."""

    code: str
    message: str
    hint: str


class VideoView(_View):
    """A finished video. Keys name files in storage; sizes are bytes, lengths seconds, dimensions pixels."""

    id: str
    production_id: str
    title: str
    storage_key: str
    cover_key: str
    thumbnail_key: str
    captions_key: str
    credits_key: str
    width: int
    height: int
    duration_s: float
    size_bytes: int
    sha256: str
    checks_passed: bool
    checks: dict[str, object] = Field(description="a CheckReport as JSON")


class ProposalView(_View):
    """A question that waits for a yes. An unknown estimate is None."""

    id: str
    production_id: str
    title: str
    summary: str
    estimate_usd: float | None
    state: str
    expires_at: datetime


class ProductionView(_View):
    """A production as it stands. `progress` runs from 0 to 1 over the whole of it."""

    id: str
    user_id: str
    chat_id: str | None
    title: str
    state: ProductionState
    progress: float
    stage: str
    message: str
    job_id: str | None
    error: ErrorView | None
    proposal: ProposalView | None
    video: VideoView | None
    created_at: datetime
    updated_at: datetime
