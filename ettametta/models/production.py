"""Productions (one video being made), their immutable revisions, and the cached results of their steps."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ettametta.db import Base
from ettametta.kit.clock import utc_now
from ettametta.models.columns import chat_column, created_at_column, id_column, owner_column


class Production(Base):
    """One video being made: brief -> script -> storyboard -> assets -> render -> delivered. The aggregate."""

    __tablename__ = "productions"
    __table_args__ = (Index(None, "user_id", "created_at"),)

    id: Mapped[str] = id_column()
    user_id: Mapped[str] = owner_column()
    chat_id: Mapped[str | None] = chat_column()
    candidate_id: Mapped[str | None] = mapped_column(ForeignKey("candidates.id", ondelete="SET NULL"))
    #: the same request twice makes one production
    idempotency_key: Mapped[str | None] = mapped_column(String(200), unique=True)
    title: Mapped[str] = mapped_column(String(200), default="")
    brief: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(24), index=True)
    current_revision_id: Mapped[str | None] = mapped_column(String(32))
    error_code: Mapped[str | None] = mapped_column(String(64))
    error_message: Mapped[str | None] = mapped_column(Text)
    error_hint: Mapped[str | None] = mapped_column(Text)
    #: counts how often it was set to work anew: by an edit, an undo, or going on after a stop
    take: Mapped[int] = mapped_column(default=0, server_default="0")
    #: the stop that is still before it (VideoOptions.stop_after); NULL: none
    stop_after: Mapped[str | None] = mapped_column(String(16))
    #: a Script (ettametta.scripts) as JSON, with the other hooks there are
    script: Mapped[dict[str, Any] | None]
    #: the production this one was made from, and how: a Derivation (ettametta.productions.changing.siblings) as JSON
    source_production_id: Mapped[str | None] = mapped_column(String(32), index=True)
    derivation: Mapped[dict[str, Any] | None]
    #: the outbox key of its progress message; NULL: the first
    progress_key: Mapped[str | None] = mapped_column(String(100))
    #: what the rest is expected to cost, in millionths of a US dollar; NULL: not yet known
    estimate_microusd: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = created_at_column()
    updated_at: Mapped[datetime] = mapped_column(default=utc_now, onupdate=utc_now)


class Revision(Base):
    """An immutable version of a production's storyboard; an edit makes a new one."""

    __tablename__ = "revisions"
    __table_args__ = (UniqueConstraint("production_id", "number"),)

    id: Mapped[str] = id_column()
    production_id: Mapped[str] = mapped_column(ForeignKey("productions.id", ondelete="CASCADE"))
    user_id: Mapped[str] = owner_column()
    number: Mapped[int]
    #: a Storyboard (ettametta.storyboard) as JSON
    storyboard: Mapped[dict[str, Any]]
    note: Mapped[str] = mapped_column(Text, default="")
    #: the revision it was made from; NULL: the first
    parent_id: Mapped[str | None] = mapped_column(String(32))
    #: the edit that made it (ettametta.edits) as JSON, what it changed in sentences, and where it came from
    operations: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON)
    changes: Mapped[list[str] | None]
    channel: Mapped[str | None] = mapped_column(String(16))
    #: the same edit asked twice makes one revision
    idempotency_key: Mapped[str | None] = mapped_column(String(64), unique=True, index=True)
    created_at: Mapped[datetime] = created_at_column()


class StepResult(Base):
    """What a pipeline step gave for exactly these inputs; the key is a hash over all of them and the user."""

    __tablename__ = "step_results"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = owner_column()
    step: Mapped[str] = mapped_column(String(32))
    output: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = created_at_column()
