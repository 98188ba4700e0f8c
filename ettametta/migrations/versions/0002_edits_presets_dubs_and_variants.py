"""edits, presets, dubs and variants.

Columns come and go in place (`recreate="never"`): SQLite would else drop the old table, and with it, by their foreign
keys, the rows of others.

Revision: 0002, after: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_table(
        "presets",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("user_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_presets_user_id_users"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_presets")),
        sa.UniqueConstraint("user_id", "name", name=op.f("uq_presets_user_id_name")),
    )
    with op.batch_alter_table("presets", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_presets_user_id"), ["user_id"], unique=False)

    with op.batch_alter_table("productions", recreate="never") as batch_op:
        batch_op.add_column(sa.Column("take", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("stop_after", sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column("script", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("source_production_id", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("derivation", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("progress_key", sa.String(length=100), nullable=True))
        batch_op.create_index(batch_op.f("ix_productions_source_production_id"), ["source_production_id"], unique=False)

    with op.batch_alter_table("revisions", recreate="never") as batch_op:
        batch_op.add_column(sa.Column("parent_id", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("operations", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("changes", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("channel", sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column("idempotency_key", sa.String(length=64), nullable=True))
        batch_op.create_index(batch_op.f("ix_revisions_idempotency_key"), ["idempotency_key"], unique=True)

    with op.batch_alter_table("videos", recreate="never") as batch_op:
        batch_op.add_column(sa.Column("vtt_key", sa.String(length=300), nullable=True))
        batch_op.add_column(sa.Column("ass_key", sa.String(length=300), nullable=True))
        batch_op.add_column(sa.Column("contact_sheet_key", sa.String(length=300), nullable=True))
        batch_op.add_column(sa.Column("cover_keys", sa.JSON(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("videos", recreate="never") as batch_op:
        batch_op.drop_column("cover_keys")
        batch_op.drop_column("contact_sheet_key")
        batch_op.drop_column("ass_key")
        batch_op.drop_column("vtt_key")

    with op.batch_alter_table("revisions", recreate="never") as batch_op:
        batch_op.drop_index(batch_op.f("ix_revisions_idempotency_key"))
        batch_op.drop_column("idempotency_key")
        batch_op.drop_column("channel")
        batch_op.drop_column("changes")
        batch_op.drop_column("operations")
        batch_op.drop_column("parent_id")

    with op.batch_alter_table("productions", recreate="never") as batch_op:
        batch_op.drop_index(batch_op.f("ix_productions_source_production_id"))
        batch_op.drop_column("progress_key")
        batch_op.drop_column("derivation")
        batch_op.drop_column("source_production_id")
        batch_op.drop_column("script")
        batch_op.drop_column("stop_after")
        batch_op.drop_column("take")

    with op.batch_alter_table("presets", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_presets_user_id"))

    op.drop_table("presets")
