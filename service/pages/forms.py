"""Forms: their fields, and where to go afterwards."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import parse_qsl, urlencode, urlsplit

from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile
from starlette.responses import RedirectResponse

from service.errors import Fault, InvalidError

__all__ = ["Form", "FormDep", "back", "local"]


class Form:
    """The text fields of a form."""

    def __init__(self, data: FormData) -> None:
        self._data = data

    def one(self, name: str, default: str = "") -> str:
        """The last value of a field."""
        return (self.many(name) or [default])[-1]

    def many(self, name: str) -> list[str]:
        """All values of a field, without null characters."""
        values = self._data.getlist(name)
        return [value.replace("\0", "") for value in values if not isinstance(value, UploadFile)]

    def whole(self, name: str, low: int, high: int) -> int:
        """A whole number.

        Raises:
            InvalidError: It is none, or not within the bounds.
        """
        value = self.one(name)
        try:
            number = int(value)
        except ValueError:
            number = low - 1
        if not low <= number <= high:
            raise InvalidError([Fault(f"/{name}", f"must be a whole number {low} to {high}, got {value!r}")])
        return number


async def _form(request: Request) -> Form:
    return Form(await request.form(max_files=0, max_fields=1000))


FormDep = Annotated[Form, Depends(_form)]


def local(address: str, default: str = "/inbox") -> str:
    """An address within this site, or the default: nobody is sent elsewhere by a forged link."""
    parts = urlsplit(address)
    safe = not parts.scheme and not parts.netloc and address.startswith("/") and not address.startswith("//")
    return address if safe and "\\" not in address and address.isprintable() else default


def back(address: str, notice: str | None = None, *, anchor: str = "") -> RedirectResponse:
    """Go on to a page within this site, which says what has been done."""
    parts = urlsplit(local(address))
    query = [(name, value) for name, value in parse_qsl(parts.query) if name != "notice"]
    if notice is not None:
        query.append(("notice", notice))
    target = parts.path + (f"?{urlencode(query)}" if query else "") + (f"#{anchor}" if anchor else "")
    return RedirectResponse(target, status_code=303)
