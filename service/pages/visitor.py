"""Who looks at a page, as far as the pages need to know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final, Literal

from fastapi import Depends, Request

__all__ = ["LOCAL_VISITOR", "Visitor", "VisitorDep", "visitor_of"]

Role = Literal["handler", "analyst", "admin"]


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person at a page.

    Attributes:
        id: Of the user; None for the local user of a service without access control.
        name: As the logs have it.
        display_name: As the page has it.
        role: What they may do.
        csrf_token: To send along with every form; empty when nothing is checked.
    """

    id: int | None
    name: str
    display_name: str
    role: Role = "handler"
    csrf_token: str = ""

    @property
    def is_admin(self) -> bool:
        """Whether the pages about the service itself are theirs."""
        return self.role == "admin"


LOCAL_VISITOR: Final = Visitor(None, "local", "local", "admin")


def visitor_of(request: Request) -> Visitor:
    """The visitor that access control found, or the local one where there is none."""
    visitor = getattr(request.state, "visitor", LOCAL_VISITOR)
    return visitor if isinstance(visitor, Visitor) else LOCAL_VISITOR


VisitorDep = Annotated[Visitor, Depends(visitor_of)]
