"""A row of a file as an item of feedback."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from feedback_nlp.tables import Row
from feedback_nlp.taxonomy import Taxonomy
from service.errors import InvalidError
from service.feedback.records import NewFeedback
from service.feedback.schemas import FeedbackIn
from service.feedback.service import check_codes

__all__ = ["FIELDS", "to_feedback"]

FIELDS: Final = ("kind", "domain", "journey", "channel", "segment", "nps", "cas", "ces", "occurred_at")
"""Columns that are taken when a file has them, by these names in any letter case."""

_HERE: Final = ZoneInfo("Europe/Amsterdam")
_DAYS: Final = ("%d-%m-%Y", "%d-%m-%Y %H:%M", "%d-%m-%Y %H:%M:%S", "%d/%m/%Y")


def to_feedback(row: Row, options: Mapping[str, Any], taxonomy: Taxonomy) -> NewFeedback | str:
    """The item, or why the row cannot be taken.

    Args:
        row: A row of the file.
        options: `source`, and `keep`: names of further columns to keep as meta.
        taxonomy: Which codes there are.
    """
    if row.error is not None or row.text is None:
        return row.error or "no text"
    columns = {name.strip().lower(): value for name, value in row.fields.items()}
    try:
        values: dict[str, Any] = {"text": row.text, "source": options["source"], "external_id": row.id}
        for name in FIELDS:
            value = columns.get(name)
            if value is not None and str(value).strip():
                values[name] = _READERS[name](value)
        meta = {name: row.fields.get(name) for name in options.get("keep", [])}
        values["meta"] = {name: value for name, value in meta.items() if value is not None and value != ""}
        item = FeedbackIn.model_validate(values).to_record()
        check_codes(taxonomy, [{name: getattr(item, name) for name in FIELDS}], "")
    except ValidationError as exc:
        return "; ".join(f"{'.'.join(map(str, error['loc']))}: {error['msg']}" for error in exc.errors())
    except InvalidError as exc:
        return str(exc).replace("/", "", 1)
    except ValueError as exc:
        return str(exc)
    return item


def _score(value: Any) -> float:
    try:
        return float(str(value).strip().replace(",", "."))
    except ValueError as exc:
        raise ValueError(f"a score must be a number, got {str(value)[:20]!r}") from exc


def _moment(value: Any) -> str:
    """ISO 8601 or day-month-year; without an offset it is Dutch time."""
    text = str(value).strip()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = _day_first(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=_HERE)).isoformat()


def _day_first(text: str) -> datetime:
    for pattern in _DAYS:
        try:
            return datetime.strptime(text, pattern).replace(tzinfo=_HERE)
        except ValueError:
            continue
    raise ValueError(f"occurred_at must be a date such as 2026-03-01 or 1-3-2026, got {text[:30]!r}")


def _code(value: Any) -> str:
    return str(value).strip().lower()


_READERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    **dict.fromkeys(FIELDS, _code),
    **dict.fromkeys(("nps", "cas", "ces"), _score),
    "occurred_at": _moment,
}
