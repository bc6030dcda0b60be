"""The answer that the Signalen client reads."""

from __future__ import annotations

from pydantic import BaseModel, Field

__all__ = ["Prediction"]

Ranking = tuple[list[str], list[float]]


class Prediction(BaseModel):
    """For both levels: addresses of categories, and their probabilities in the same order."""

    hoofdrubriek: Ranking = Field(description="Main categories: pillars of the taxonomy.")
    subrubriek: Ranking = Field(description="Sub-categories: themes of the taxonomy.")
