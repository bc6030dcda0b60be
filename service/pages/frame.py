"""What every page knows besides its own content: language, appearance, visitor, where it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final, Literal
from urllib.parse import urlencode

from fastapi import Depends, Request

from feedback_nlp.taxonomy import Language
from service.database.base import now
from service.pages.i18n import Translator, language_of, translator
from service.pages.visitor import Visitor, visitor_of

__all__ = ["APPEARANCES", "APPEARANCE_COOKIE", "LANGUAGE_COOKIE", "Frame", "FrameDep", "frame_of"]

APPEARANCES: Final = ("auto", "light", "dark")
LANGUAGE_COOKIE: Final = "language"
APPEARANCE_COOKIE: Final = "appearance"
Appearance = Literal["auto", "light", "dark"]


@dataclass(frozen=True, slots=True)
class Frame:
    """The surroundings of a page.

    Attributes:
        tr: Says things in the visitor's language.
        appearance: Light, dark, or as the system is set.
        visitor: Who looks.
        path: The page's path.
        here: Path and query without passing notices, to come back to.
        notice: Code of what has just been done, or None.
        now: The moment of the page, UTC.
    """

    tr: Translator
    appearance: Appearance
    visitor: Visitor
    path: str
    here: str
    notice: str | None
    now: datetime

    @property
    def language(self) -> Language:
        """The code of the language."""
        return self.tr.language


def frame_of(request: Request) -> Frame:
    """Read from the request."""
    asked = request.cookies.get(APPEARANCE_COOKIE)
    appearance: Appearance = "dark" if asked == "dark" else "light" if asked == "light" else "auto"
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "notice"]
    path = request.url.path
    return Frame(
        tr=translator(language_of(request.cookies.get(LANGUAGE_COOKIE))),
        appearance=appearance,
        visitor=visitor_of(request),
        path=path,
        here=f"{path}?{urlencode(kept)}" if kept else path,
        notice=request.query_params.get("notice"),
        now=now(),
    )


FrameDep = Annotated[Frame, Depends(frame_of)]
