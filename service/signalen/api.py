"""Two levels of categories for one text, each a list of category addresses beside a list of probabilities."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import ConfigDict, Field

from feedback_nlp.errors import TextError
from feedback_nlp.records import Analysis, FeedbackItem
from feedback_nlp.taxonomy import Taxonomy
from service.bodies import JsonBody
from service.classify.service import classify_items
from service.errors import Fault, InvalidError
from service.fields import Request
from service.problems import describe
from service.signalen.schemas import Prediction
from service.state import AnalyzerDep, MetricsDep, RedactorDep, SettingsDep

__all__ = ["router"]

router = APIRouter(prefix="/signals_mltool", tags=["signalen"])

_CATEGORIES = "/signals/v1/public/terms/categories"


class PredictRequest(Request):
    """The text of a report."""

    model_config = ConfigDict(
        extra="ignore",
        json_schema_extra={"examples": [{"text": "Ik krijg bij de gemeente niemand aan de lijn."}]},
    )

    text: Annotated[str, Field(min_length=1)]


@router.post(
    "/predict",
    summary="Categories for a report",
    dependencies=[JsonBody],
    responses=describe(400, 413, 415, 422, 503),
)
def predict(
    request: PredictRequest,
    analyzer: AnalyzerDep,
    redactor: RedactorDep,
    metrics: MetricsDep,
    settings: SettingsDep,
) -> Prediction:
    """Pillars as main categories and themes as sub-categories, the likeliest first.

    A pillar is as likely as the likeliest of its themes.
    """
    (answer,) = classify_items([FeedbackItem(request.text)], analyzer, redactor)
    metrics.count([answer], analyzer.info.version)
    if isinstance(answer, TextError):
        raise InvalidError([Fault("/text", str(answer))])
    return _prediction(answer, analyzer.taxonomy, settings.signalen_url.rstrip("/") + _CATEGORIES)


def _prediction(analysis: Analysis, taxonomy: Taxonomy, base: str) -> Prediction:
    pillar_of = {entry.code: entry.pillar for entry in taxonomy.themes}
    subs = sorted(
        ((theme.score, theme.code) for theme in analysis.themes), key=lambda pair: (-pair[0], pair[1])
    )
    mains: dict[str, float] = {}
    for score, code in subs:
        mains.setdefault(str(pillar_of[code]), score)
    return Prediction(
        hoofdrubriek=(
            [f"{base}/{pillar}" for pillar in mains],
            [round(score, 4) for score in mains.values()],
        ),
        subrubriek=[
            [f"{base}/{pillar_of[code]}/sub_categories/{code}" for _, code in subs],
            [round(score, 4) for score, _ in subs],
        ],
    )
