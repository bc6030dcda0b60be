"""Urgency, notes, saved views, and which correction undoes which."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.migrations.columns import KEY, MOMENT

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("feedback", sa.Column("urgency", sa.Integer(), server_default=sa.text("1"), nullable=False))
    op.execute(
        """UPDATE feedback SET urgency = CASE
            WHEN status NOT IN ('new', 'in_progress') THEN 0
            WHEN EXISTS (SELECT 1 FROM feedback_signals WHERE feedback_id = feedback.id) THEN 3
            WHEN needs_review THEN 2
            ELSE 1 END"""
    )
    op.create_index(op.f("ix_feedback_urgency_id"), "feedback", ["urgency", "id"], unique=False)
    op.add_column("corrections", sa.Column("undoes", KEY, nullable=True))
    op.create_table(
        "notes",
        sa.Column("id", KEY, nullable=False),
        sa.Column("feedback_id", KEY, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('note', 'handover')", name=op.f("ck_notes_kind")),
        sa.ForeignKeyConstraint(
            ["feedback_id"], ["feedback.id"], name=op.f("fk_notes_feedback_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notes")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_notes_feedback_id"), "notes", ["feedback_id"], unique=False)
    op.create_table(
        "saved_views",
        sa.Column("id", KEY, nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
        sa.UniqueConstraint("owner", "name", name=op.f("uq_saved_views_owner_name")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("saved_views")
    op.drop_table("notes")
    op.drop_column("corrections", "undoes")
    op.drop_index(op.f("ix_feedback_urgency_id"), "feedback")
    op.drop_column("feedback", "urgency")
