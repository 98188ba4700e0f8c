"""Candidates, their sightings and snapshots, niche matches, feedback; source health, hosts, kept answers.

Revision: 0003, after: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_table(
        "cached_answers",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.String(length=64), nullable=True),
        sa.Column("content_type", sa.String(length=100), nullable=False),
        sa.Column("charset", sa.String(length=40), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("fresh_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_cached_answers")),
    )
    with op.batch_alter_table("cached_answers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cached_answers_used_at"), ["used_at"], unique=False)

    op.create_table(
        "fetch_hosts",
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("host", name=op.f("pk_fetch_hosts")),
    )
    op.create_table(
        "source_states",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=500), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("error_code", sa.String(length=64), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("error_hint", sa.Text(), nullable=True),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_success_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("duration_s", sa.Double(), nullable=True),
        sa.Column("item_count", sa.Integer(), nullable=True),
        sa.Column("baseline", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_source_states_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_states")),
        sa.UniqueConstraint("user_id", "source", "address", name=op.f("uq_source_states_user_id_source_address")),
    )
    with op.batch_alter_table("source_states", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_source_states_user_id"), ["user_id"], unique=False)

    op.create_table(
        "feedback",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("candidate_id", sa.String(length=32), nullable=False),
        sa.Column("niche_id", sa.String(length=32), nullable=True),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["candidate_id"], ["candidates.id"], name=op.f("fk_feedback_candidate_id_candidates"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["niche_id"], ["niches.id"], name=op.f("fk_feedback_niche_id_niches"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_feedback_user_id_users"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
    )
    with op.batch_alter_table("feedback", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_feedback_candidate_id"), ["candidate_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_feedback_niche_id"), ["niche_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_feedback_user_id"), ["user_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_feedback_user_id_feedback_at"), ["user_id", "at"], unique=False)

    op.create_table(
        "niche_matches",
        sa.Column("niche_id", sa.String(length=32), nullable=False),
        sa.Column("candidate_id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("rank_key", sa.Double(), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("scored_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["candidate_id"],
            ["candidates.id"],
            name=op.f("fk_niche_matches_candidate_id_candidates"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["niche_id"], ["niches.id"], name=op.f("fk_niche_matches_niche_id_niches"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_niche_matches_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("niche_id", "candidate_id", name=op.f("pk_niche_matches")),
    )
    with op.batch_alter_table("niche_matches", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_niche_matches_candidate_id"), ["candidate_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_niche_matches_niche_id_niche_matches_rank_key"), ["niche_id", "rank_key"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_niche_matches_user_id"), ["user_id"], unique=False)

    op.create_table(
        "sightings",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("candidate_id", sa.String(length=32), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("ref", sa.String(length=500), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("author", sa.String(length=200), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("metrics", sa.JSON(), nullable=False),
        sa.Column("metrics_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("velocity", sa.Double(), nullable=True),
        sa.Column("acceleration", sa.Double(), nullable=True),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["candidate_id"], ["candidates.id"], name=op.f("fk_sightings_candidate_id_candidates"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sightings_user_id_users"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sightings")),
        sa.UniqueConstraint("user_id", "ref", name=op.f("uq_sightings_user_id_ref")),
    )
    with op.batch_alter_table("sightings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sightings_candidate_id"), ["candidate_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sightings_user_id"), ["user_id"], unique=False)

    op.create_table(
        "source_subscriptions",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("niche_id", sa.String(length=32), nullable=True),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=500), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["niche_id"], ["niches.id"], name=op.f("fk_source_subscriptions_niche_id_niches"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_source_subscriptions_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_subscriptions")),
        sa.UniqueConstraint(
            "user_id", "source", "address", name=op.f("uq_source_subscriptions_user_id_source_address")
        ),
    )
    with op.batch_alter_table("source_subscriptions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_source_subscriptions_niche_id"), ["niche_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_source_subscriptions_user_id"), ["user_id"], unique=False)

    op.create_table(
        "metric_snapshots",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("sighting_id", sa.String(length=32), nullable=False),
        sa.Column("metrics", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["sighting_id"],
            ["sightings.id"],
            name=op.f("fk_metric_snapshots_sighting_id_sightings"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_metric_snapshots")),
    )
    with op.batch_alter_table("metric_snapshots", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_metric_snapshots_sighting_id_metric_snapshots_at"), ["sighting_id", "at"], unique=False
        )

    with op.batch_alter_table("candidates", schema=None) as batch_op:
        batch_op.add_column(sa.Column("keywords", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("image_url", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("simhash", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("title_key", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("source_count", sa.Integer(), server_default="1", nullable=False))
        batch_op.add_column(sa.Column("verdict", sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column("verdict_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.drop_index(batch_op.f("ix_candidates_niche_id"))
        batch_op.drop_index(batch_op.f("ix_candidates_user_id_candidates_score"))
        batch_op.create_index(
            batch_op.f("ix_candidates_user_id_candidates_last_seen_at"), ["user_id", "last_seen_at"], unique=False
        )
        batch_op.drop_constraint(batch_op.f("fk_candidates_niche_id_niches"), type_="foreignkey")
        batch_op.drop_column("score")
        batch_op.drop_column("score_parts")
        batch_op.drop_column("niche_id")
        batch_op.drop_column("metrics")
        batch_op.create_index("ix_candidates_newest", ["user_id", "first_seen_at", "id"], unique=False)
        batch_op.create_index("ix_candidates_source", ["user_id", "source", "first_seen_at", "id"], unique=False)
        batch_op.create_index("ix_candidates_language", ["user_id", "language", "first_seen_at", "id"], unique=False)
        batch_op.create_index(
            "ix_candidates_verdict",
            ["user_id", "verdict", "first_seen_at", "id"],
            unique=False,
            postgresql_where=sa.text("verdict IS NOT NULL"),
            sqlite_where=sa.text("verdict IS NOT NULL"),
        )

    op.create_table(
        "candidate_aliases",
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("alias", sa.String(length=500), nullable=False),
        sa.Column("candidate_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["candidate_id"],
            ["candidates.id"],
            name=op.f("fk_candidate_aliases_candidate_id_candidates"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_candidate_aliases_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "alias", name=op.f("pk_candidate_aliases")),
    )
    with op.batch_alter_table("candidate_aliases", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_candidate_aliases_candidate_id"), ["candidate_id"], unique=False)

    op.create_table(
        "candidate_words",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("candidate_id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("words", sa.Text().with_variant(postgresql.TSVECTOR(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(
            ["candidate_id"],
            ["candidates.id"],
            name=op.f("fk_candidate_words_candidate_id_candidates"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_candidate_words_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_candidate_words")),
        sa.UniqueConstraint("candidate_id", name=op.f("uq_candidate_words_candidate_id")),
    )
    with op.batch_alter_table("candidate_words", schema=None) as batch_op:
        batch_op.create_index("ix_candidate_words_newest", ["user_id", "number"], unique=False)
    _create_search()

    with op.batch_alter_table("niches", recreate="never") as batch_op:
        batch_op.add_column(sa.Column("excluded", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("is_followed", sa.Boolean(), server_default=sa.true(), nullable=False))
        batch_op.add_column(sa.Column("weights", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("last_scanned_at", sa.DateTime(timezone=True), nullable=True))


def _create_search() -> None:
    """The index over the words: GIN, or an FTS5 table that triggers keep. No positions: words are only looked up."""
    if op.get_bind().dialect.name == "postgresql":
        op.create_index("ix_candidate_words_words", "candidate_words", ["words"], postgresql_using="gin")
        return
    op.execute(
        "CREATE VIRTUAL TABLE candidate_search USING fts5("
        "words, content='candidate_words', content_rowid='number', tokenize='ascii', detail=none, columnsize=0)"
    )
    add = "INSERT INTO candidate_search(rowid, words) VALUES (new.number, new.words);"
    remove = "INSERT INTO candidate_search(candidate_search, rowid, words) VALUES ('delete', old.number, old.words);"
    for name, moment, body in (
        ("insert", "AFTER INSERT", add),
        ("delete", "AFTER DELETE", remove),
        ("update", "AFTER UPDATE OF words", f"{remove} {add}"),
    ):
        op.execute(f"CREATE TRIGGER candidate_search_{name} {moment} ON candidate_words BEGIN {body} END")


def downgrade() -> None:
    with op.batch_alter_table("niches", recreate="never") as batch_op:
        batch_op.drop_column("last_scanned_at")
        batch_op.drop_column("weights")
        batch_op.drop_column("is_followed")
        batch_op.drop_column("excluded")

    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE candidate_search")
    op.drop_table("candidate_words")
    op.drop_table("candidate_aliases")
    with op.batch_alter_table("candidates", schema=None) as batch_op:
        for name in ("newest", "source", "language", "verdict"):
            batch_op.drop_index(f"ix_candidates_{name}")
        batch_op.add_column(sa.Column("metrics", sa.JSON(), server_default="{}", nullable=False))
        batch_op.add_column(sa.Column("niche_id", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("score_parts", sa.JSON(), server_default="{}", nullable=False))
        batch_op.add_column(sa.Column("score", sa.Double(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_candidates_niche_id_niches"), "niches", ["niche_id"], ["id"], ondelete="SET NULL"
        )
        batch_op.drop_index(batch_op.f("ix_candidates_user_id_candidates_last_seen_at"))
        batch_op.create_index(batch_op.f("ix_candidates_user_id_candidates_score"), ["user_id", "score"], unique=False)
        batch_op.create_index(batch_op.f("ix_candidates_niche_id"), ["niche_id"], unique=False)
        batch_op.drop_column("verdict_at")
        batch_op.drop_column("verdict")
        batch_op.drop_column("source_count")
        batch_op.drop_column("title_key")
        batch_op.drop_column("simhash")
        batch_op.drop_column("image_url")
        batch_op.drop_column("keywords")

    with op.batch_alter_table("metric_snapshots", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_metric_snapshots_sighting_id_metric_snapshots_at"))

    op.drop_table("metric_snapshots")
    with op.batch_alter_table("source_subscriptions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_source_subscriptions_user_id"))
        batch_op.drop_index(batch_op.f("ix_source_subscriptions_niche_id"))

    op.drop_table("source_subscriptions")
    with op.batch_alter_table("sightings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sightings_user_id"))
        batch_op.drop_index(batch_op.f("ix_sightings_candidate_id"))

    op.drop_table("sightings")
    with op.batch_alter_table("niche_matches", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_niche_matches_user_id"))
        batch_op.drop_index(batch_op.f("ix_niche_matches_niche_id_niche_matches_rank_key"))
        batch_op.drop_index(batch_op.f("ix_niche_matches_candidate_id"))

    op.drop_table("niche_matches")
    with op.batch_alter_table("feedback", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_feedback_user_id_feedback_at"))
        batch_op.drop_index(batch_op.f("ix_feedback_user_id"))
        batch_op.drop_index(batch_op.f("ix_feedback_niche_id"))
        batch_op.drop_index(batch_op.f("ix_feedback_candidate_id"))

    op.drop_table("feedback")
    with op.batch_alter_table("source_states", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_source_states_user_id"))

    op.drop_table("source_states")
    op.drop_table("fetch_hosts")
    with op.batch_alter_table("cached_answers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cached_answers_used_at"))

    op.drop_table("cached_answers")
