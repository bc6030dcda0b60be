"""Daily counts of the items, for the dashboards; the service fills them at its next start."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.migrations.columns import MOMENT

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

PLACE = ("dimension", "value", "day", "journey")
GROUPS = ("promoters", "passives", "detractors")
TABLES: dict[str, tuple[dict[str, sa.Text | sa.Integer], tuple[str, ...], tuple[str, ...]]] = {
    "daily_scores": (
        {},
        (
            "items",
            *GROUPS,
            *(f"employee_{group}" for group in GROUPS),
            "cas_agree",
            "cas_other",
            *(f"ces_{answer}" for answer in range(1, 8)),
            "solved",
            "unsolved",
        ),
        (),
    ),
    "daily_themes": ({"theme": sa.Text()}, ("negative", "neutral", "positive", *GROUPS), ()),
    "daily_patterns": ({"pattern": sa.Text(), "answer": sa.Integer()}, ("n",), ()),
    "daily_guesses": (
        {"score": sa.Integer()},
        ("n",),
        ("promoter", "detractor", "promoter_squared", "product", "detractor_squared"),
    ),
}


def upgrade() -> None:
    for name, (own, counts, sums) in TABLES.items():
        op.create_table(
            name,
            *(
                sa.Column(column, sa.Date() if column == "day" else sa.Text(), nullable=False)
                for column in PLACE
            ),
            *(sa.Column(column, type_, autoincrement=False, nullable=False) for column, type_ in own.items()),
            *(sa.Column(column, sa.Integer(), nullable=False) for column in counts),
            *(sa.Column(column, sa.BigInteger(), nullable=False) for column in sums),
            sa.PrimaryKeyConstraint(*PLACE, *own, name=op.f(f"pk_{name}")),
        )
    op.create_table(
        "counted",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_counted_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_counted")),
    )


def downgrade() -> None:
    for name in ("counted", *TABLES):
        op.drop_table(name)
