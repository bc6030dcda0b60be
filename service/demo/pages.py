"""`/demo/add` and `/demo/remove`: the demonstration at a click."""

from __future__ import annotations

from fastapi import APIRouter, BackgroundTasks
from starlette.responses import RedirectResponse

from service.actor import Actor, ActorDep
from service.database.engine import Database
from service.demo.corpus import demo_corpus
from service.demo.service import add_demo, remove_demo
from service.models.live import Analyzer
from service.pages.forms import back
from service.redaction import Redactor
from service.state import AnalyzerDep, DatabaseDep, RedactorDep

__all__ = ["router"]

router = APIRouter(prefix="/demo", include_in_schema=False)


@router.post("/add")
def add(
    database: DatabaseDep,
    analyzer: AnalyzerDep,
    redactor: RedactorDep,
    actor: ActorDep,
    tasks: BackgroundTasks,
) -> RedirectResponse:
    """Begin to put it in; the inbox fills while the page is already there."""
    if demo_corpus() is None:
        return back("/inbox", "demo-missing")
    tasks.add_task(_fill, database, analyzer, redactor, actor)
    response = back("/inbox", "demo-loading")
    response.background = tasks
    return response


@router.post("/remove")
def remove(database: DatabaseDep, actor: ActorDep) -> RedirectResponse:
    """Take it out."""
    remove_demo(database, actor)
    return back("/inbox", "demo-removed")


def _fill(database: Database, analyzer: Analyzer, redactor: Redactor, actor: Actor) -> None:
    corpus = demo_corpus()
    if corpus is not None:
        for _ in add_demo(database, analyzer, redactor, actor, corpus):
            pass
