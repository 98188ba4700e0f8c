"""Usage: what was consumed and what it cost. An unknown price is NULL, never zero."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from ettametta.db import Base
from ettametta.models.columns import created_at_column, id_column, owner_column, production_column


class Usage(Base):
    """One paid (or free) call to a provider."""

    __tablename__ = "usage"

    id: Mapped[str] = id_column()
    user_id: Mapped[str] = owner_column()
    production_id: Mapped[str | None] = production_column()
    #: the turn of conversation it was asked in, if any
    turn_id: Mapped[str | None] = mapped_column(String(32), index=True)
    #: the same call is recorded once, however often its job runs
    idempotency_key: Mapped[str] = mapped_column(String(200), unique=True)
    provider: Mapped[str] = mapped_column(String(64))
    model: Mapped[str] = mapped_column(String(100), default="")
    #: tokens_in (read anew), tokens_cached, tokens_out, characters, images
    unit: Mapped[str] = mapped_column(String(32))
    #: NULL when the provider did not report it
    quantity: Mapped[int | None] = mapped_column(BigInteger)
    cost_microusd: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = created_at_column()
