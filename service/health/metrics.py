"""`/metrics` for Prometheus."""

from __future__ import annotations

from fastapi import APIRouter, Response

from service.metrics import CONTENT_TYPE, StateCollector
from service.state import DatabaseDep, MetricsDep, ModelHostDep

__all__ = ["router"]

router = APIRouter(tags=["health"])


@router.get(
    "/metrics",
    summary="Prometheus metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def get_metrics(metrics: MetricsDep, models: ModelHostDep, database: DatabaseDep) -> Response:
    """Requests, latency, model version, themes assigned, review share and queue depths."""
    return Response(metrics.render(StateCollector(models, database)), media_type=CONTENT_TYPE)
