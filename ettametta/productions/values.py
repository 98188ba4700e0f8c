"""What the faces see of a production: frozen views, the same for chat, dashboard, CLI and API."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from ettametta.productions.state import ProductionState
from ettametta.storyboard import Storyboard


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
    vtt_key: str | None = None
    ass_key: str | None = None
    contact_sheet_key: str | None = Field(default=None, description="a JPEG with a frame of each scene")
    cover_keys: tuple[str, ...] = Field(default=(), description="other covers to choose from")
    is_draft: bool = Field(default=False, description="a quick look at 480 pixels")
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
    is_draft: bool = Field(default=False, description="rendered quickly at 480 pixels until `finish` is asked for")
    revision: int | None = Field(default=None, description="number of the current revision")
    stopped_after: str | None = Field(default=None, description="where it waits for a word to go on")
    source_production_id: str | None = Field(default=None, description="what it is a dub or a variant of")
    candidate_id: str | None = Field(default=None, description="the discovered story it is about")
    created_at: datetime
    updated_at: datetime


class RevisionView(_View):
    """A revision of a production's storyboard."""

    id: str
    number: int
    parent: int | None = Field(description="number of the revision it was made from")
    note: str
    changes: tuple[str, ...] = Field(description="what is different from its parent, in sentences")
    channel: str
    is_current: bool
    has_video: bool
    created_at: datetime


class EditView(_View):
    """What an edit, an undo or a redo came to."""

    production: ProductionView
    revision: int
    changes: tuple[str, ...] = Field(description="what is different now, in sentences")
    warnings: tuple[str, ...] = Field(default=(), description="what of the new look is changed so that it can be read")
    is_ready: bool = Field(description="whether the video of this revision is there without any work")


class StoryboardView(_View):
    """The storyboard of the current revision."""

    production_id: str
    revision: int
    state: ProductionState
    storyboard: Storyboard
