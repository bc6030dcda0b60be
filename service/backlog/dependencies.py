"""What the backlog's endpoints and pages have at hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends
from sqlalchemy.orm import Session

from service.actor import ActorDep
from service.backlog.service import BacklogService
from service.pages.taxonomy import TaxonomyDep
from service.state import RedactorDep

__all__ = ["BacklogDep"]


async def _backlog(
    taxonomy: TaxonomyDep, redactor: RedactorDep, actor: ActorDep
) -> Callable[[Session], BacklogService]:
    return lambda session: BacklogService(session, taxonomy, redactor, actor)


BacklogDep = Annotated[Callable[[Session], BacklogService], Depends(_backlog)]
"""Makes the caller's backlog within a unit of work."""
