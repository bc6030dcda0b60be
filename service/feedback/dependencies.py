"""What endpoints and pages that change feedback have at hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends
from sqlalchemy.orm import Session

from service.actor import ActorDep
from service.feedback.service import FeedbackService
from service.state import AnalyzerDep, MetricsDep, OriginalsDep, RedactorDep

__all__ = ["FeedbackDep"]


async def _feedback(
    analyzer: AnalyzerDep,
    redactor: RedactorDep,
    actor: ActorDep,
    metrics: MetricsDep,
    originals: OriginalsDep,
) -> Callable[[Session], FeedbackService]:
    return lambda session: FeedbackService(session, analyzer, redactor, actor, metrics.count, originals)


FeedbackDep = Annotated[Callable[[Session], FeedbackService], Depends(_feedback)]
"""Makes the caller's feedback service within a unit of work."""
