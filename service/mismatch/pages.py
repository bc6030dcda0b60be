"""`/mismatches`: items where the text and the score that was given tell different stories."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from starlette.responses import HTMLResponse

from service.feedback.records import FeedbackFilter
from service.feedback.repository import FeedbackRepository
from service.feedback.tables import FeedbackRow
from service.inbox.repository import COUNT_LIMIT, InboxRepository
from service.pages.frame import Frame, FrameDep
from service.pages.marking import Piece, evidence_pieces
from service.pages.taxonomy import TaxonomyDep
from service.pages.templating import render
from service.pages.wording import Chip, Wording
from service.state import DatabaseDep

__all__ = ["router"]

router = APIRouter(include_in_schema=False)

_PAGE_SIZE: Final = 20


@dataclass(frozen=True, slots=True)
class MismatchRow:
    """One item: what was given, what the text suggests, and what it says."""

    id: int
    text: tuple[Piece, ...]
    reasons: tuple[str, ...]
    given: tuple[tuple[str, str], ...]
    expected: str
    chips: tuple[Chip, ...]
    sentiment: str
    age: str


@dataclass(frozen=True, slots=True)
class MismatchView:
    """The page's context."""

    rows: tuple[MismatchRow, ...]
    total: int
    count: str
    next_url: str | None
    here: str


@router.get("/mismatches")
def mismatches(
    frame: FrameDep,
    database: DatabaseDep,
    taxonomy: TaxonomyDep,
    after: Annotated[str, Query(max_length=60)] = "",
) -> HTMLResponse:
    """The queue; an item leaves it when somebody confirms or corrects it."""
    words = Wording(frame.tr, taxonomy)
    asked = FeedbackFilter(review_reason="score_mismatch")
    with database.read() as session:
        inbox, feedback = InboxRepository(session), FeedbackRepository(session)
        page = inbox.page(asked, sort="newest", after=after, limit=_PAGE_SIZE)
        rows = feedback.by_ids(page.ids)
        results = feedback.newest_results(page.ids)
        count = inbox.count(asked)
    view = MismatchView(
        rows=tuple(_row(rows[id_], results[id_], words, frame) for id_ in page.ids if id_ in results),
        total=count,
        count=frame.tr.number(min(count, COUNT_LIMIT)),
        next_url=f"/mismatches?after={page.next_after}" if page.next_after else None,
        here=frame.here,
    )
    return render("mismatch/page.html", frame, view)


def _row(row: FeedbackRow, result: dict[str, Any], words: Wording, frame: Frame) -> MismatchRow:
    given = (("NPS", row.nps), ("CAS", row.cas), ("CES", row.ces))
    return MismatchRow(
        id=row.id,
        text=evidence_pieces(row.text, result["themes"]),
        reasons=tuple(words.reason(reason) for reason in row.review_reasons),
        given=tuple((name, frame.tr.number(value)) for name, value in given if value is not None),
        expected=words.estimate(result["advocacy"]["nps"]),
        chips=tuple(words.chip(theme.theme, theme.polarity) for theme in row.themes),
        sentiment=words.sentiment(row.sentiment),
        age=frame.tr.ago(row.occurred_at, frame.now),
    )
