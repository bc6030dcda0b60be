"""`/v1/model` and `/v1/taxonomy`: what is in use."""

from __future__ import annotations

from fastapi import APIRouter

from service.models.schemas import ModelOut, TaxonomyOut
from service.problems import describe
from service.state import AnalyzerDep, ModelHostDep

__all__ = ["router"]

router = APIRouter(prefix="/v1", tags=["model"], responses=describe(503))


@router.get("/model", summary="The model in use")
def get_model(models: ModelHostDep) -> ModelOut:
    """Name, version and digest of the model that answers now, with its manifest."""
    live = models.current()
    analyzer = live.analyzer
    return ModelOut(**analyzer.info.to_dict(), since=live.since, manifest=analyzer.manifest.to_dict())


@router.get("/taxonomy", summary="The themes, signals and other codes")
def get_taxonomy(analyzer: AnalyzerDep) -> TaxonomyOut:
    """Every code that can occur in an answer, with Dutch and English labels and definitions."""
    taxonomy = analyzer.taxonomy
    return TaxonomyOut.model_validate({**taxonomy.to_dict(), "digest": taxonomy.digest})
