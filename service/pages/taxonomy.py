"""The taxonomy that pages speak: the model's, or the library's while no model is loaded."""

from __future__ import annotations

from functools import cache
from typing import Annotated

from fastapi import Depends

from feedback_nlp.taxonomy import Taxonomy
from service.errors import NoModelError
from service.models.live import ModelHost
from service.state import ModelHostDep

__all__ = ["TaxonomyDep", "taxonomy_of"]


def taxonomy_of(models: ModelHost) -> Taxonomy:
    """The model's, or the library's."""
    try:
        return models.current().analyzer.taxonomy
    except NoModelError:
        return _default()


async def _taxonomy(models: ModelHostDep) -> Taxonomy:
    return taxonomy_of(models)


@cache
def _default() -> Taxonomy:
    return Taxonomy.default()


TaxonomyDep = Annotated[Taxonomy, Depends(_taxonomy)]
