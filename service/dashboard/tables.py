"""What the encoder makes of texts that no theme covers, so that a page need not read them anew."""

from __future__ import annotations

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from service.database.base import Base, BigKey

__all__ = ["PointRow"]


class PointRow(Base):
    """An item's text as a point of unit length: half-precision numbers, by the digest of the encoder that made them.

    Only the latest items without a theme have one; it goes with its item.
    """

    __tablename__ = "text_points"

    feedback_id: Mapped[int] = mapped_column(
        BigKey, ForeignKey("feedback.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    encoder: Mapped[str]
    point: Mapped[bytes] = mapped_column(LargeBinary)
