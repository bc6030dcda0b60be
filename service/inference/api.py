"""`/v2/…` of the Open Inference Protocol."""

from __future__ import annotations

import json
from collections.abc import Sequence

from fastapi import APIRouter, Request

from feedback_nlp.errors import TextError
from feedback_nlp.records import Analysis, FeedbackItem
from service.bodies import JsonBody
from service.classify.service import classify_items
from service.errors import Fault, InvalidError, NotFoundError
from service.inference.schemas import (
    ALL_OUTPUTS,
    InferRequest,
    InferResponse,
    ModelMetadata,
    ModelReady,
    OutputTensor,
    ServerLive,
    ServerMetadata,
    ServerReady,
    TensorMetadata,
)
from service.models.live import Analyzer
from service.problems import describe
from service.state import AnalyzerDep, DatabaseDep, MetricsDep, RedactorDep

__all__ = ["router"]

router = APIRouter(prefix="/v2", tags=["open inference protocol"])

_MODEL = "/models/{model_name}"
_VERSION = "/models/{model_name}/versions/{model_version}"


@router.get("", summary="What this server is")
def server_metadata(request: Request) -> ServerMetadata:
    """Name and version of the server."""
    return ServerMetadata(name="feedback_nlp", version=request.app.version)


@router.get("/health/live", summary="Is the process up?")
def server_live() -> ServerLive:
    """Answers as long as the process can."""
    return ServerLive()


@router.get("/health/ready", summary="Can it work?", responses=describe(503))
def server_ready(analyzer: AnalyzerDep, database: DatabaseDep) -> ServerReady:
    """200 when a model has classified a probe sentence and the store can be read; 503 otherwise."""
    database.check()
    return ServerReady()


@router.get(_MODEL, summary="What the model takes and gives", responses=describe(404, 422, 503))
@router.get(
    _VERSION, summary="What this version of the model takes and gives", responses=describe(404, 422, 503)
)
def model_metadata(model_name: str, analyzer: AnalyzerDep, model_version: str | None = None) -> ModelMetadata:
    """Inputs and outputs, with their names and shapes."""
    _require(analyzer, model_name, model_version)
    themes = len(analyzer.taxonomy.themes)
    return ModelMetadata(
        name=analyzer.info.name,
        versions=[analyzer.info.version],
        inputs=[TensorMetadata(name="text", datatype="BYTES", shape=[-1])],
        outputs=[
            TensorMetadata(name="analysis", datatype="BYTES", shape=[-1]),
            TensorMetadata(name="themes", datatype="FP32", shape=[-1, themes]),
            TensorMetadata(name="polarity", datatype="FP32", shape=[-1, themes]),
            TensorMetadata(name="sentiment", datatype="FP32", shape=[-1]),
        ],
    )


@router.get(f"{_MODEL}/ready", summary="Is the model ready?", responses=describe(404, 422, 503))
@router.get(f"{_VERSION}/ready", summary="Is this version ready?", responses=describe(404, 422, 503))
def model_ready(model_name: str, analyzer: AnalyzerDep, model_version: str | None = None) -> ModelReady:
    """200 when it is."""
    _require(analyzer, model_name, model_version)
    return ModelReady(name=model_name)


@router.post(
    f"{_MODEL}/infer",
    summary="Analyse texts",
    dependencies=[JsonBody],
    responses=describe(400, 404, 413, 415, 422, 503),
)
@router.post(
    f"{_VERSION}/infer",
    summary="Analyse texts with this version",
    dependencies=[JsonBody],
    responses=describe(400, 404, 413, 415, 422, 503),
)
def infer(
    model_name: str,
    request: InferRequest,
    analyzer: AnalyzerDep,
    redactor: RedactorDep,
    metrics: MetricsDep,
    model_version: str | None = None,
) -> InferResponse:
    """Analyse the texts of the input `text`.

    `analysis` holds each text's whole Analysis as JSON; `themes` and `polarity` have a column for each theme, in the
    order of the parameter `codes`.
    """
    _require(analyzer, model_name, model_version)
    (tensor,) = request.inputs
    if tensor.shape != [len(tensor.data)]:
        detail = f"must be [{len(tensor.data)}], the number of texts in data, got {tensor.shape}"
        raise InvalidError([Fault("/inputs/0/shape", detail)])
    answers = classify_items([FeedbackItem(text) for text in tensor.data], analyzer, redactor)
    metrics.count(answers, analyzer.info.version)
    faults = [
        Fault(f"/inputs/0/data/{index}", str(answer))
        for index, answer in enumerate(answers)
        if isinstance(answer, TextError)
    ]
    if faults:
        raise InvalidError(faults)
    analyses = [answer for answer in answers if isinstance(answer, Analysis)]
    wanted = {output.name for output in request.outputs} if request.outputs else set(ALL_OUTPUTS)
    return InferResponse(
        model_name=analyzer.info.name,
        model_version=analyzer.info.version,
        id=request.id,
        outputs=[tensor for tensor in _outputs(analyses, analyzer) if tensor.name in wanted],
    )


def _require(analyzer: Analyzer, name: str, version: str | None) -> None:
    info = analyzer.info
    if name != info.name or version not in (None, info.version):
        asked = name if version is None else f"{name} version {version}"
        raise NotFoundError(f"The model {asked!r} is not in use; {info.name} version {info.version} is.")


def _outputs(analyses: Sequence[Analysis], analyzer: Analyzer) -> list[OutputTensor]:
    codes = list(analyzer.taxonomy.theme_codes)
    count = len(analyses)
    themes = [round(theme.score, 4) for analysis in analyses for theme in analysis.themes]
    polarity = [round(theme.polarity, 4) for analysis in analyses for theme in analysis.themes]
    return [
        OutputTensor(
            name="analysis",
            datatype="BYTES",
            shape=[count],
            data=[json.dumps(analysis.to_dict(), ensure_ascii=False) for analysis in analyses],
            parameters={"content_type": "application/json"},
        ),
        OutputTensor(
            name="themes",
            datatype="FP32",
            shape=[count, len(codes)],
            data=themes,
            parameters={"codes": codes},
        ),
        OutputTensor(
            name="polarity",
            datatype="FP32",
            shape=[count, len(codes)],
            data=polarity,
            parameters={"codes": codes},
        ),
        OutputTensor(
            name="sentiment",
            datatype="FP32",
            shape=[count],
            data=[round(analysis.sentiment.score, 4) for analysis in analyses],
        ),
    ]
