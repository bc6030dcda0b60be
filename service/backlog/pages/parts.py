"""What the pages about improvements have in common: an improvement by its number, and the fields of their forms."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final

from fastapi import Path
from sqlalchemy.orm import Session

from service.backlog.readability import Readability, readability
from service.backlog.repository import BacklogRepository
from service.backlog.tables import ImprovementRow
from service.errors import Fault, InvalidError, NotFoundError
from service.fields import MAX_ID
from service.inbox.repository import InboxRepository
from service.pages.forms import Form
from service.pages.wording import Option

__all__ = ["MOST", "IdPath", "day", "found", "judged", "number", "owners_of"]

IdPath = Annotated[int, Path(alias="id", ge=1, le=MAX_ID)]
"""The number of an improvement."""

MOST: Final = 500
"""So many improvements are shown at most."""


def found(session: Session, id_: int) -> ImprovementRow:
    """The improvement.

    Raises:
        NotFoundError: There is none.
    """
    row = BacklogRepository(session).get(id_)
    if row is None:
        raise NotFoundError(f"There is no improvement {id_}.")
    return row


def owners_of(session: Session) -> tuple[Option, ...]:
    """Who an improvement can be given to."""
    users = InboxRepository(session).users()
    return tuple(Option(str(user.id), user.display_name or user.name) for user in users)


def judged(title: str | None, text: str | None) -> Readability | None:
    """How plainly the words for customers are written; None without words."""
    return readability(". ".join(part for part in (title, text) if part))


def number(form: Form, name: str) -> float | None:
    """A number above 0, at most 10,000; None when the field is empty.

    Raises:
        InvalidError: It says something else.
    """
    value = form.one(name).strip().replace(",", ".")
    if not value:
        return None
    try:
        given = float(value)
    except ValueError:
        given = 0.0
    if not 0 < given <= 10_000:
        raise InvalidError([Fault(f"/{name}", f"must be a number above 0, got {form.one(name)!r}")])
    return given


def day(form: Form, name: str) -> date | None:
    """A date; None when the field is empty.

    Raises:
        InvalidError: It says something else.
    """
    value = form.one(name).strip()
    if not value:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError as exc:
        raise InvalidError([Fault(f"/{name}", f"must be a date such as 2026-03-01, got {value!r}")]) from exc
