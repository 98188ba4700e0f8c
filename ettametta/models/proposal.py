"""Proposals: what costs money or leaves the house, waiting for a person's yes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ettametta.db import Base
from ettametta.models.columns import chat_column, created_at_column, id_column, owner_column, production_column


class Proposal(Base):
    """A question with an estimate; answered once, by a person."""

    __tablename__ = "proposals"

    id: Mapped[str] = id_column()
    user_id: Mapped[str] = owner_column()
    chat_id: Mapped[str | None] = chat_column()
    production_id: Mapped[str | None] = production_column()
    #: render
    kind: Mapped[str] = mapped_column(String(32))
    summary: Mapped[str] = mapped_column(Text)
    estimate_microusd: Mapped[int | None] = mapped_column(BigInteger)
    #: pending, accepted, declined, expired, or withdrawn by an edit
    state: Mapped[str] = mapped_column(String(16), default="pending", index=True)
    expires_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    #: the channel the answer came by
    answered_by: Mapped[str | None] = mapped_column(String(32))
    created_at: Mapped[datetime] = created_at_column()
