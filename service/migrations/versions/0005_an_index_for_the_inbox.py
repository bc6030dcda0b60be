"""One index that answers the inbox and its filters without looking at the items themselves."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

COLUMNS = ["urgency", "id", "needs_review", "assigned_to", "status", "journey", "channel"]


def upgrade() -> None:
    op.create_index("ix_feedback_inbox", "feedback", COLUMNS, unique=False)
    op.drop_index(op.f("ix_feedback_urgency_id"), "feedback")


def downgrade() -> None:
    op.create_index(op.f("ix_feedback_urgency_id"), "feedback", ["urgency", "id"], unique=False)
    op.drop_index("ix_feedback_inbox", "feedback")
