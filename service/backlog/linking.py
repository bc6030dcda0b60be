"""Adds items of the inbox to an improvement, or makes one of them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from service.backlog.records import NewImprovement
from service.backlog.repository import BacklogRepository
from service.backlog.service import BacklogService
from service.errors import Fault, InvalidError
from service.fields import MAX_ID
from service.inbox.query import InboxQuery
from service.pages.i18n import Translator
from service.pages.wording import Option, Wording

__all__ = ["PREFIX", "add_items", "choices", "linked"]

PREFIX = "improvement:"
"""Of the inbox's actions that end here; what follows is an improvement's number, or `new`."""


def choices(session: Session) -> tuple[Option, ...]:
    """Improvements that items can be added to."""
    return tuple(Option(str(row.id), row.title) for row in BacklogRepository(session).open_ones())


def linked(session: Session, feedback_id: int) -> tuple[Option, ...]:
    """The improvements that an item asks for, each under the one it went up in."""
    rows = BacklogRepository(session).of_item(feedback_id)
    return tuple(Option(str(row.id), row.title) for row in rows)


def add_items(
    session: Session,
    service: BacklogService,
    ids: Sequence[int],
    which: str,
    query: InboxQuery,
    words: Wording,
    tr: Translator,
) -> int:
    """Add items; the improvement's number.

    Args:
        session: The unit of work.
        service: Within it.
        ids: Which items.
        which: The improvement's number, or `new` for one that is about what the inbox was filtered by.
        query: The inbox's filters.
        words: For the title of a new one.
        tr: Likewise.

    Raises:
        InvalidError: That is no improvement's number.
        NotFoundError: It is not there, or an item is gone.
    """
    if which == "new":
        theme = query.theme[0] if len(query.theme) == 1 else None
        journey = query.journey[0] if len(query.journey) == 1 else None
        parts = (theme and words.theme(theme), words.journey(journey))
        title = " · ".join(part for part in parts if part) or tr.gettext("New improvement")
        row = service.create(NewImprovement(title, theme=theme, journey=journey, feedback_ids=tuple(ids)))
        return row.id
    if not (which.isascii() and which.isdigit() and 0 < int(which) <= MAX_ID):
        raise InvalidError(
            [Fault("/action", f"must be improvement:NUMBER or improvement:new, got {which!r}")]
        )
    service.link(int(which), ids)
    return int(which)
