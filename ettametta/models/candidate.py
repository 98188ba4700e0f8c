"""Candidates and what was seen of them. A metric that no source sent is NULL (or absent), never a guess."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from ettametta.db import Base
from ettametta.models.columns import created_at_column, id_column, owner_column


class Candidate(Base):
    """One story: stable identity, link, text. Every place it was seen in is a sighting."""

    __tablename__ = "candidates"
    __table_args__ = (
        UniqueConstraint("user_id", "identity"),
        Index("ix_candidates_newest", "user_id", "first_seen_at", "id"),
        Index("ix_candidates_source", "user_id", "source", "first_seen_at", "id"),
        Index("ix_candidates_language", "user_id", "language", "first_seen_at", "id"),
        Index(
            "ix_candidates_verdict",
            "user_id",
            "verdict",
            "first_seen_at",
            "id",
            postgresql_where=text("verdict IS NOT NULL"),
            sqlite_where=text("verdict IS NOT NULL"),
        ),
        Index(None, "user_id", "last_seen_at"),
    )

    id: Mapped[str] = id_column()
    user_id: Mapped[str] = owner_column()
    #: canonical URL or platform id, the same for every sighting
    identity: Mapped[str] = mapped_column(String(500))
    #: the source that showed it first
    source: Mapped[str] = mapped_column(String(64))
    url: Mapped[str | None] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text, default="")
    author: Mapped[str | None] = mapped_column(String(200))
    language: Mapped[str | None] = mapped_column(String(8))
    #: names and key phrases found in title and text; NULL: none
    keywords: Mapped[list[str] | None] = mapped_column(JSON)
    image_url: Mapped[str | None] = mapped_column(Text)
    #: SimHash of title and text as a signed 64-bit number; NULL: too short for one
    simhash: Mapped[int | None] = mapped_column(BigInteger)
    #: a fingerprint of the beginning of the title, to find the same story by; NULL: too short for one
    title_key: Mapped[int | None] = mapped_column(BigInteger)
    #: how many different sources (feeds and channels count each) have shown it
    source_count: Mapped[int] = mapped_column(default=1, server_default="1")
    #: saved, dismissed or made; NULL: not judged yet
    verdict: Mapped[str | None] = mapped_column(String(16))
    verdict_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    first_seen_at: Mapped[datetime] = created_at_column()
    last_seen_at: Mapped[datetime] = created_at_column()


class CandidateAlias(Base):
    """A name of a candidate: canonical URL, platform id, DOI, guid. One name, one candidate."""

    __tablename__ = "candidate_aliases"

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    alias: Mapped[str] = mapped_column(String(500), primary_key=True)
    candidate_id: Mapped[str] = mapped_column(ForeignKey("candidates.id", ondelete="CASCADE"), index=True)


class CandidateWords(Base):
    """The words a candidate is searched by: indexed by GIN on PostgreSQL, by `candidate_search` (FTS5) on SQLite.

    Both indexes are made by hand in the migration: no model can describe them for both dialects.
    """

    __tablename__ = "candidate_words"
    __table_args__ = (Index("ix_candidate_words_newest", "user_id", "number"),)

    #: later ones are greater: the order of what a search finds
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    candidate_id: Mapped[str] = mapped_column(ForeignKey("candidates.id", ondelete="CASCADE"), unique=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    #: folded words and facets, parted by spaces, each once
    words: Mapped[str] = mapped_column(Text().with_variant(TSVECTOR(), "postgresql"))


class Sighting(Base):
    """A candidate as one source shows it, with the source's own numbers."""

    __tablename__ = "sightings"
    __table_args__ = (UniqueConstraint("user_id", "ref"),)

    id: Mapped[str] = id_column()
    user_id: Mapped[str] = owner_column()
    candidate_id: Mapped[str] = mapped_column(ForeignKey("candidates.id", ondelete="CASCADE"), index=True)
    source: Mapped[str] = mapped_column(String(64))
    #: the feed, channel or instance within the source; empty: the source has only one
    address: Mapped[str] = mapped_column(Text, default="")
    #: the source's own id of the item, with the source's name before it
    ref: Mapped[str] = mapped_column(String(500))
    url: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    author: Mapped[str | None] = mapped_column(String(200))
    published_at: Mapped[datetime | None]
    #: the newest numbers: views, likes, comments, ... only what the source sent
    metrics: Mapped[dict[str, Any]] = mapped_column(default=dict)
    metrics_at: Mapped[datetime | None]
    #: growth of the source's leading metric, measured between snapshots, per hour; NULL: not measured
    velocity: Mapped[float | None]
    #: growth of the velocity, per hour and hour; NULL: not measured
    acceleration: Mapped[float | None]
    first_seen_at: Mapped[datetime] = created_at_column()
    last_seen_at: Mapped[datetime] = created_at_column()


class MetricSnapshot(Base):
    """The numbers of a sighting at one moment, append-only."""

    __tablename__ = "metric_snapshots"
    __table_args__ = (Index(None, "sighting_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    sighting_id: Mapped[str] = mapped_column(ForeignKey("sightings.id", ondelete="CASCADE"))
    metrics: Mapped[dict[str, Any]]
    at: Mapped[datetime] = created_at_column()


class NicheMatch(Base):
    """How well a candidate serves a niche, with the parts of its score."""

    __tablename__ = "niche_matches"
    __table_args__ = (Index(None, "niche_id", "rank_key"),)

    niche_id: Mapped[str] = mapped_column(ForeignKey("niches.id", ondelete="CASCADE"), primary_key=True)
    candidate_id: Mapped[str] = mapped_column(
        ForeignKey("candidates.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    user_id: Mapped[str] = owner_column()
    #: the score before it decays with age, 0..1
    score: Mapped[float]
    #: log2(score) + moment / half-life: orders by the decayed score at any time without being written again
    rank_key: Mapped[float]
    #: every part of the score: value, weight and the sentence that explains it
    parts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    scored_at: Mapped[datetime] = created_at_column()


class Feedback(Base):
    """What a person did with a candidate, append-only: what the weights are learned from."""

    __tablename__ = "feedback"
    __table_args__ = (Index(None, "user_id", "at"),)

    id: Mapped[str] = id_column()
    user_id: Mapped[str] = owner_column()
    candidate_id: Mapped[str] = mapped_column(ForeignKey("candidates.id", ondelete="CASCADE"), index=True)
    niche_id: Mapped[str | None] = mapped_column(ForeignKey("niches.id", ondelete="SET NULL"), index=True)
    #: saved, dismissed or made
    verdict: Mapped[str] = mapped_column(String(16))
    #: the parts of its score at that moment
    parts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    at: Mapped[datetime] = created_at_column()
