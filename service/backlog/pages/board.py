"""All improvements: as a board, as a list, as a table to take away."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from starlette.responses import HTMLResponse, StreamingResponse

from service.backlog.export import COLUMNS, entry_rows
from service.backlog.pages.parts import MOST
from service.backlog.records import BacklogFilter
from service.backlog.repository import BacklogRepository
from service.backlog.views import BoardView, cards, columns
from service.backlog.wording import BacklogWording
from service.counts.facts import day_of
from service.inbox.repository import InboxRepository
from service.pages.frame import FrameDep
from service.pages.taxonomy import TaxonomyDep
from service.pages.templating import render
from service.pages.wording import Wording
from service.sheets import MEDIA_TYPES, Format, write
from service.state import DatabaseDep

__all__ = ["router"]

router = APIRouter(prefix="/backlog", include_in_schema=False)


@router.get("")
def board(
    frame: FrameDep,
    database: DatabaseDep,
    taxonomy: TaxonomyDep,
    view: Annotated[str, Query(max_length=10)] = "board",
    theme: Annotated[str, Query(max_length=50)] = "",
    journey: Annotated[str, Query(max_length=50)] = "",
) -> HTMLResponse:
    """Board or list, the highest rank first."""
    words = Wording(frame.tr, taxonomy)
    wording = BacklogWording(frame.tr, words)
    asked = BacklogFilter(themes=(theme,) if theme else (), journeys=(journey,) if journey else ())
    with database.read() as session:
        repository = BacklogRepository(session)
        rows = repository.everything(asked, MOST)
        counts = repository.item_counts([row.id for row in rows])
        owners = InboxRepository(session).user_names([row.owner_id for row in rows])
        shown = cards(rows, counts, owners, wording, frame.tr, day_of(frame.now).isoformat())
    ranked = tuple(sorted(shown, key=lambda card: (card.score is None, -(card.score or 0.0), -card.id)))
    kept = {name: value for name, value in (("theme", theme), ("journey", journey)) if value}
    return render(
        "backlog/board.html",
        frame,
        BoardView(
            columns=columns(shown, wording),
            ranked=ranked,
            as_list=view == "list",
            here=frame.here,
            board_url=f"/backlog?{urlencode(kept)}" if kept else "/backlog",
            list_url="/backlog?" + urlencode({"view": "list", **kept}),
            themes=words.options(taxonomy.themes),
            journeys=words.options(taxonomy.journeys),
            theme=theme,
            journey=journey,
            more=len(rows) == MOST,
        ),
    )


@router.get("/export")
def export(
    database: DatabaseDep, format_: Annotated[Format, Query(alias="format")] = "csv"
) -> StreamingResponse:
    """All improvements as a table."""
    with database.read() as session:
        rows = list(entry_rows(BacklogRepository(session)))
    headers = {"Content-Disposition": f'attachment; filename="backlog.{format_}"'}
    return StreamingResponse(write(rows, COLUMNS, format_), media_type=MEDIA_TYPES[format_], headers=headers)
