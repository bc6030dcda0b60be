"""`POST /v1/classify`: texts in, analyses out, nothing kept."""

from __future__ import annotations

from fastapi import APIRouter

from feedback_nlp.errors import TextError
from feedback_nlp.records import Analysis, FeedbackItem
from service.bodies import JsonBody
from service.classify.schemas import (
    AnalysisOut,
    ClassifyRequest,
    ClassifyResponse,
    ItemError,
    ItemIn,
    example_answer,
)
from service.classify.service import classify_items
from service.models.schemas import ModelRef
from service.problems import describe
from service.state import AnalyzerDep, MetricsDep, RedactorDep

__all__ = ["router"]

router = APIRouter(prefix="/v1", tags=["classify"])


@router.post(
    "/classify",
    summary="Analyse texts",
    dependencies=[JsonBody],
    responses={
        200: {"content": {"application/json": {"example": example_answer()}}},
        **describe(400, 413, 415, 422, 503),
    },
)
def classify(
    request: ClassifyRequest, analyzer: AnalyzerDep, redactor: RedactorDep, metrics: MetricsDep
) -> ClassifyResponse:
    """Analyse 1 to 1,000 texts and answer in order. A text that cannot be analysed has its error in its place."""
    answers = classify_items([_item(item) for item in request.items], analyzer, redactor)
    metrics.count(answers, analyzer.info.version)
    results = [_result(item.id, answer) for item, answer in zip(request.items, answers, strict=True)]
    return ClassifyResponse(results=results, model=ModelRef(**analyzer.info.to_dict()))


def _item(item: ItemIn) -> FeedbackItem:
    return FeedbackItem(text=item.text, id=item.id, nps=item.nps, cas=item.cas, ces=item.ces)


def _result(id_: str | None, answer: Analysis | TextError) -> AnalysisOut | ItemError:
    if isinstance(answer, TextError):
        return ItemError(id=id_, error=str(answer))
    return AnalysisOut.model_validate(answer.to_dict())
