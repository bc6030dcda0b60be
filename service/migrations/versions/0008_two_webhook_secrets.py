"""The secret before the last change of a subscription, and until when it signs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.migrations.columns import MOMENT

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("subscriptions", sa.Column("old_secret", sa.Text(), nullable=True))
    op.add_column("subscriptions", sa.Column("old_secret_until", MOMENT, nullable=True))
