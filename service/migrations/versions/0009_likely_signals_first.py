"""Open items with a likely signal come before those with a possible one."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """UPDATE feedback SET urgency = 4 WHERE urgency = 3 AND id IN (
            SELECT feedback_id FROM feedback_signals
            WHERE score IS NULL OR origin = 'person' OR score >= 0.5)"""
    )


def downgrade() -> None:
    op.execute("UPDATE feedback SET urgency = 3 WHERE urgency = 4")
