"""Turns a page's context, a dataclass, into HTML."""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from feedback_nlp.taxonomy import Language
from service.pages.assets import assets
from service.pages.frame import Frame
from service.pages.i18n import translator
from service.pages.notices import NOTICES

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

__all__ = ["TEMPLATES", "render", "to_html"]

TEMPLATES: Final = Path(__file__).resolve().parent.parent / "templates"


@cache
def _environment(language: Language) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    tr = translator(language)
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        tr.raw, tr.raw_plural, newstyle=True
    )
    environment.filters.update(number=tr.number, percent=tr.percent, day=tr.day, moment=tr.moment)
    environment.globals.update(asset=assets().url, notices=NOTICES)
    return environment


def to_html(template: str, frame: Frame, page: DataclassInstance) -> str:
    """The page as text; the template sees the fields of `page` by name, and `frame`."""
    values: dict[str, Any] = {field.name: getattr(page, field.name) for field in fields(page)}
    return _environment(frame.language).get_template(template).render(values, frame=frame, tr=frame.tr)


def render(template: str, frame: Frame, page: DataclassInstance, *, status: int = 200) -> HTMLResponse:
    """The page as a response."""
    return HTMLResponse(to_html(template, frame, page), status_code=status)
