"""The improvement backlog, looks at effects, and issues in trackers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.migrations.columns import JSON, KEY, MOMENT

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "improvements",
        sa.Column("id", KEY, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("theme", sa.Text(), nullable=True),
        sa.Column("journey", sa.Text(), nullable=True),
        sa.Column("owner_id", KEY, nullable=True),
        sa.Column("effort", sa.Double(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("gain", sa.Double(), nullable=True),
        sa.Column("gain_low", sa.Double(), nullable=True),
        sa.Column("gain_high", sa.Double(), nullable=True),
        sa.Column("reach", sa.Integer(), nullable=True),
        sa.Column("measured_on", sa.Date(), nullable=True),
        sa.Column("evidence_from", sa.Date(), nullable=True),
        sa.Column("evidence_to", sa.Date(), nullable=True),
        sa.Column("public_title", sa.Text(), nullable=True),
        sa.Column("public_text", sa.Text(), nullable=True),
        sa.Column("published_at", MOMENT, nullable=True),
        sa.Column("merged_into", KEY, nullable=True),
        sa.Column("split_from", KEY, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "status IN ('proposed', 'chosen', 'in_progress', 'done', 'told')",
            name=op.f("ck_improvements_status"),
        ),
        sa.CheckConstraint("effort > 0", name=op.f("ck_improvements_effort")),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_improvements_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["merged_into"], ["improvements.id"], name=op.f("fk_improvements_merged_into")
        ),
        sa.ForeignKeyConstraint(["split_from"], ["improvements.id"], name=op.f("fk_improvements_split_from")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_improvements")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_improvements_owner_id"), "improvements", ["owner_id"], unique=False)
    op.create_index(op.f("ix_improvements_merged_into"), "improvements", ["merged_into"], unique=False)
    op.create_index(op.f("ix_improvements_published_at"), "improvements", ["published_at"], unique=False)
    op.create_index(op.f("ix_improvements_status_id"), "improvements", ["status", "id"], unique=False)
    op.create_index(op.f("ix_improvements_theme_journey"), "improvements", ["theme", "journey"], unique=False)
    op.create_table(
        "improvement_items",
        sa.Column("improvement_id", KEY, nullable=False),
        sa.Column("feedback_id", KEY, nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column("told_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["improvement_id"],
            ["improvements.id"],
            name=op.f("fk_improvement_items_improvement_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["feedback_id"],
            ["feedback.id"],
            name=op.f("fk_improvement_items_feedback_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("improvement_id", "feedback_id", name=op.f("pk_improvement_items")),
    )
    op.create_index(
        op.f("ix_improvement_items_feedback_id"), "improvement_items", ["feedback_id"], unique=False
    )
    op.create_table(
        "improvement_history",
        sa.Column("id", KEY, nullable=False),
        sa.Column("improvement_id", KEY, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("details", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["improvement_id"],
            ["improvements.id"],
            name=op.f("fk_improvement_history_improvement_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_improvement_history")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_improvement_history_improvement_id"), "improvement_history", ["improvement_id"], unique=False
    )
    op.create_table(
        "improvement_effects",
        sa.Column("id", KEY, nullable=False),
        sa.Column("improvement_id", KEY, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("look", sa.Integer(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("result", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["improvement_id"],
            ["improvements.id"],
            name=op.f("fk_improvement_effects_improvement_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_improvement_effects")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_improvement_effects_improvement_id"), "improvement_effects", ["improvement_id"], unique=False
    )
    op.create_table(
        "trackers",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=True),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("issue_type", sa.Text(), nullable=True),
        sa.Column("states", JSON, nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('github', 'jira', 'azure')", name=op.f("ck_trackers_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trackers")),
        sa.UniqueConstraint("name", name=op.f("uq_trackers_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "tracker_issues",
        sa.Column("id", KEY, nullable=False),
        sa.Column("improvement_id", KEY, nullable=False),
        sa.Column("tracker_id", KEY, nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=True),
        sa.Column("remote_url", sa.Text(), nullable=True),
        sa.Column("remote_state", sa.Text(), nullable=True),
        sa.Column("sent_digest", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", MOMENT, nullable=False),
        sa.Column("last_status", sa.Integer(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("synced_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.CheckConstraint("status IN ('pending', 'synced', 'dead')", name=op.f("ck_tracker_issues_status")),
        sa.ForeignKeyConstraint(
            ["improvement_id"],
            ["improvements.id"],
            name=op.f("fk_tracker_issues_improvement_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tracker_id"], ["trackers.id"], name=op.f("fk_tracker_issues_tracker_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tracker_issues")),
        sa.UniqueConstraint(
            "improvement_id", "tracker_id", name=op.f("uq_tracker_issues_improvement_id_tracker_id")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_tracker_issues_tracker_id"), "tracker_issues", ["tracker_id"], unique=False)
    op.create_index(
        op.f("ix_tracker_issues_status_next_attempt_at"),
        "tracker_issues",
        ["status", "next_attempt_at"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_table("tracker_issues")
    op.drop_table("trackers")
    op.drop_table("improvement_effects")
    op.drop_table("improvement_history")
    op.drop_table("improvement_items")
    op.drop_table("improvements")
