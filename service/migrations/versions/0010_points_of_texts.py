"""Points of texts that no theme covers, by which like ones are found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.migrations.columns import KEY

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "text_points",
        sa.Column("feedback_id", KEY, autoincrement=False, nullable=False),
        sa.Column("encoder", sa.Text(), nullable=False),
        sa.Column("point", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["feedback_id"], ["feedback.id"], name=op.f("fk_text_points_feedback_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("feedback_id", name=op.f("pk_text_points")),
    )


def downgrade() -> None:
    op.drop_table("text_points")
