"""The answer that the Signalen client reads."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

__all__ = ["Prediction"]

Ranking = Annotated[list[list[str] | list[float]], Field(min_length=2, max_length=2)]


class Prediction(BaseModel):
    """For both levels: addresses of categories, and their probabilities in the same order."""

    hoofdrubriek: Ranking = Field(description="Main categories: pillars of the taxonomy.")
    subrubriek: Ranking = Field(description="Sub-categories: themes of the taxonomy.")
