"""The taxonomy that pages speak: the model's, or the library's while no model is loaded."""

from __future__ import annotations

from functools import cache
from typing import Annotated

from fastapi import Depends

from feedback_nlp.taxonomy import Taxonomy
from service.errors import NoModelError
from service.state import ModelHostDep

__all__ = ["TaxonomyDep"]


async def _taxonomy(models: ModelHostDep) -> Taxonomy:
    try:
        return models.current().analyzer.taxonomy
    except NoModelError:
        return _default()


@cache
def _default() -> Taxonomy:
    return Taxonomy.default()


TaxonomyDep = Annotated[Taxonomy, Depends(_taxonomy)]
