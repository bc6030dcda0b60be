"""Field types that several request schemas share."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

__all__ = ["MAX_ID", "Code", "Cursor", "Moment", "Reference", "Request", "Storable", "Whole"]

MAX_ID: Final = 2**63 - 1


def _storable(value: str) -> str:
    if "\0" in value:
        raise ValueError("must not contain the null character")
    try:
        value.encode()
    except UnicodeEncodeError as exc:
        raise ValueError("must not contain half a surrogate pair") from exc
    return value


def _written(value: Any) -> Any:
    if isinstance(value, datetime) or (
        isinstance(value, str) and value[:1].isdigit() and "T" in value.upper()
    ):
        return value
    raise ValueError("must be a date and time such as 2026-03-01T09:30:00+01:00")


Storable = Annotated[str, AfterValidator(_storable)]
"""Text that every database can keep."""

Reference = Annotated[Storable, Field(min_length=1, max_length=200)]
"""Another system's name or id."""

Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=50)]
"""A code such as those of the taxonomy."""


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


Whole = Annotated[int, BeforeValidator(_whole)]
"""A whole number; JSON does not tell 1.0 from 1."""

Cursor = Annotated[str, Field(pattern=r"^[0-9]{1,18}$")]
"""Where a page begins: `next_cursor` of the page before."""


def _in_range(value: datetime) -> datetime:
    if not 1 < value.year < 9999:
        raise ValueError("must lie in the years 2 to 9998")
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(_in_range), Field(strict=False)]
"""A date and time with its offset from UTC; in a year that every time zone can show."""


class Request(BaseModel):
    """Base of request bodies: unknown fields and look-alike types are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)
