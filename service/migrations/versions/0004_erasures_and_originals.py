"""What was erased, and originals as ciphertext."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.migrations.columns import JSON, KEY, MOMENT

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "erasures",
        sa.Column("id", KEY, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("feedback_ids", JSON, nullable=False),
        sa.Column("report", JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_erasures_at"), "erasures", ["at"], unique=False)
    op.create_table(
        "originals",
        sa.Column("feedback_id", KEY, autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["feedback_id"], ["feedback.id"], name=op.f("fk_originals_feedback_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("feedback_id", name=op.f("pk_originals")),
    )
    op.create_index(op.f("ix_originals_at"), "originals", ["at"], unique=False)
