"""Patterns of themes and answers are counted in every cut; the service counts anew at its next start."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM counted")


def downgrade() -> None:
    op.execute("DELETE FROM counted")
