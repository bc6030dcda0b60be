"""Survey exports into sets: columns mapped, scores normalised, personal data taken out, duplicates found."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from feedback_nlp.errors import TableError
from feedback_nlp.tables import Row
from feedback_nlp.taxonomy import Taxonomy
from training.near import NearIndex
from training.scales import CAS_SCALES, CES_SCALES, NPS, Scale, ScaleError

__all__ = ["CONTEXT", "ColumnMap", "ImportReport", "Importer", "Skipped"]

CONTEXT = ("kind", "domain", "journey", "channel", "segment", "date")
"""Columns that are kept as they are, besides the scores."""

_SCORES = ("nps", "cas", "ces")
_SHOWN = 20


class _Redacts(Protocol):
    def redact(self, text: str) -> Any:
        """Something with the redacted `text` and whether it `changed`."""


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """Which column holds what.

    Attributes:
        text: Column with the text; None to recognise it by its name.
        id: Column with the sender's own reference; where a row has none, one is made of its text.
        columns: Field (`nps`, `cas`, `ces`, `journey`, …) to column.
        constants: Field to a value for all rows, such as `domain` to `energie`.
        ces_variant: A key of `CES_SCALES`; needed when `ces` is mapped.
        cas_scale: A key of `CAS_SCALES`.
        themes: Column with labels, as `bereikbaarheid:-1; empathie:1`; None for an unlabelled set.
        signals: Column with signals, as `klacht; escalatie`.
        sentiment: Column with the sentiment, -2 to 2.
    """

    text: str | None = None
    id: str = "id"
    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    ces_variant: str | None = None
    cas_scale: str = "0-10"
    themes: str | None = None
    signals: str | None = None
    sentiment: str | None = None

    def __post_init__(self) -> None:
        known = (*_SCORES, *CONTEXT)
        for name in (*self.columns, *self.constants):
            if name not in known:
                raise TableError(f"{name!r} is no field that is imported; these are {', '.join(known)}")
        if self.ces_variant is not None and self.ces_variant not in CES_SCALES:
            raise TableError(f"ces variant must be one of {', '.join(CES_SCALES)}, got {self.ces_variant!r}")
        if self.cas_scale not in CAS_SCALES:
            raise TableError(f"cas scale must be one of {', '.join(CAS_SCALES)}, got {self.cas_scale!r}")
        if "ces" in self.columns and self.ces_variant is None:
            raise TableError(
                "an effort score needs its variant, since the scales run in opposite directions: one of "
                + ", ".join(CES_SCALES)
            )

    @classmethod
    def load(cls, path: Path) -> ColumnMap:
        """Read a saved profile (TOML, as `to_toml` writes it).

        Raises:
            TableError: It cannot be read, or a key in it is not known.
        """
        try:
            data = tomllib.loads(path.read_text("utf-8"))
            return cls(**data)
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, TypeError) as exc:
            raise TableError(f"{path}: not readable as an import profile: {exc}") from exc

    def to_toml(self) -> str:
        """The profile as a file to keep."""
        lines = ["# how `feedback-nlp import` reads this export: --profile FILE"]
        tables: list[str] = []
        for name in self.__slots__:
            value = getattr(self, name)
            if isinstance(value, Mapping):
                if value:
                    tables += [
                        "",
                        f"[{name}]",
                        *(f"{key} = {json.dumps(text, ensure_ascii=False)}" for key, text in value.items()),
                    ]
            elif value is not None:
                lines.append(f"{name} = {json.dumps(value, ensure_ascii=False)}")
        return "\n".join([*lines, *tables]) + "\n"


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row that was left out: its number in the file, and why, without its text."""

    row: int
    reason: str


@dataclass
class ImportReport:
    """What an import took and what it left, counted; holds no customer's text.

    Attributes:
        read: Rows read.
        taken: Rows taken.
        labelled: Of those, rows with labels.
        redacted: Of those, rows that personal data was taken out of.
        reasons: Why rows were skipped: reason to number.
        skipped: The first skipped rows.
        scales: The scales the scores were asked on.
        given: Scores given: field to number of rows.
    """

    read: int = 0
    taken: int = 0
    labelled: int = 0
    redacted: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    skipped: list[Skipped] = field(default_factory=list)
    scales: dict[str, str] = field(default_factory=dict)
    given: Counter[str] = field(default_factory=Counter)

    def skip(self, row: int, kind: str, detail: str = "") -> None:
        """Count a row that is left out."""
        self.reasons[kind] += 1
        if len(self.skipped) < _SHOWN:
            self.skipped.append(Skipped(row, f"{kind}: {detail}" if detail else kind))

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "read": self.read,
            "taken": self.taken,
            "labelled": self.labelled,
            "redacted": self.redacted,
            "skipped": sum(self.reasons.values()),
            "reasons": dict(self.reasons),
            "first_skipped": [{"row": one.row, "reason": one.reason} for one in self.skipped],
            "scales": self.scales,
            "given": dict(self.given),
        }


class Importer:
    """Turns rows of an export into rows of a set, one at a time.

    Args:
        mapping: Which column holds what.
        taxonomy: The codes that may occur as labels.
        redactor: Takes personal data out; None leaves texts as they are.
        keep_near: Keep near-duplicates (exact ones of texts that are not short are always skipped).
    """

    def __init__(
        self,
        mapping: ColumnMap,
        taxonomy: Taxonomy,
        redactor: _Redacts | None,
        *,
        keep_near: bool = False,
    ) -> None:
        self.mapping = mapping
        self.taxonomy = taxonomy
        self.report = ImportReport()
        self._redactor = redactor
        self._keep_near = keep_near
        self._near = NearIndex()
        self._rows: list[int] = []
        self._ids: dict[str, int] = {}
        self._checked = False
        self._scales: dict[str, Scale] = {
            "nps": NPS,
            "cas": CAS_SCALES[mapping.cas_scale],
            "ces": CES_SCALES[mapping.ces_variant or "agree-1-7"],
        }
        self.report.scales = {name: self._scales[name].name for name in _SCORES if name in mapping.columns}

    def take(self, rows: Iterator[Row], namespace: str) -> Iterator[dict[str, Any]]:
        """The rows that are taken, in order; what is skipped stands in `report`.

        Args:
            rows: The export's rows.
            namespace: Put before the rows' own ids, so that two exports do not collide.
        """
        for row in rows:
            self.report.read += 1
            if row.error is not None or row.text is None:
                self.report.skip(row.number, "not readable", row.error or "no text")
            elif not row.text.strip():
                self.report.skip(row.number, "empty")
            else:
                self._check_columns(row)
                taken = self._take(row, row.text, namespace)
                if taken is not None:
                    self.report.taken += 1
                    yield taken

    def _check_columns(self, row: Row) -> None:
        """Once, on the first row with fields: a column that is not there is a fault of the mapping, not of a row."""
        if self._checked:
            return
        self._checked = True
        wished = [
            *self.mapping.columns.values(),
            self.mapping.themes,
            self.mapping.signals,
            self.mapping.sentiment,
        ]
        known = {name.casefold().strip() for name in row.fields}
        for column in wished:
            if column is not None and column.casefold().strip() not in known:
                raise TableError(
                    f"no column {column!r}; besides text and id there are {', '.join(map(repr, row.fields))}"
                )

    def _take(self, row: Row, raw: str, namespace: str) -> dict[str, Any] | None:
        text, changed = raw.strip(), False
        if self._redactor is not None:
            redaction = self._redactor.redact(text)
            text, changed = redaction.text, redaction.changed
        made_id = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
        item: dict[str, Any] = {"id": f"{namespace}-{row.id or f'{row.number}-{made_id}'}", "text": text}
        if item["id"] in self._ids:
            self.report.skip(row.number, "id seen before", f"as in row {self._ids[item['id']]}")
            return None
        try:
            item |= self._scores(row) | self._context(row) | self._labels(row)
        except ScaleError as exc:
            self.report.skip(row.number, "score not on its scale", str(exc))
            return None
        except TableError as exc:
            self.report.skip(row.number, "label not understood", str(exc))
            return None
        if self._is_duplicate(row.number, text):
            return None
        self._ids[item["id"]] = row.number
        self.report.redacted += changed
        self.report.labelled += "themes" in item
        self.report.given.update(name for name in _SCORES if item[name] is not None)
        return item

    def _is_duplicate(self, number: int, text: str) -> bool:
        found = self._near.add(text)
        self._rows.append(number)
        if found is None or len(text.split()) < 6:  # many people write "prima"
            return False
        where = f"as in row {self._rows[found[0]]}"
        if found[1] >= 1.0:
            self.report.skip(number, "duplicate", where)
            return True
        if not self._keep_near:
            self.report.skip(number, "near-duplicate", f"{found[1]:.0%} {where}")
            return True
        return False

    def _scores(self, row: Row) -> dict[str, Any]:
        scores: dict[str, Any] = dict.fromkeys(_SCORES)
        for name in _SCORES:
            if name in self.mapping.columns:
                try:
                    scores[name] = self._scales[name].normalise(_cell(row, self.mapping.columns[name]))
                except ScaleError as exc:
                    raise ScaleError(f"{name} {exc}") from exc
        return scores

    def _context(self, row: Row) -> dict[str, Any]:
        context: dict[str, Any] = dict(self.mapping.constants)
        for name in CONTEXT:
            if name in self.mapping.columns:
                value = _cell(row, self.mapping.columns[name])
                context[name] = None if value in (None, "") else str(value).strip()
        return context

    def _labels(self, row: Row) -> dict[str, Any]:
        labels: dict[str, Any] = {}
        if self.mapping.themes is not None:
            labels["themes"] = self._themes(_cell(row, self.mapping.themes))
            labels["evidence"] = {}
            labels["signals"] = []
        if self.mapping.signals is not None:
            codes = [code for code in _pieces(_cell(row, self.mapping.signals)) if code]
            for code in codes:
                if code not in self.taxonomy.signal_codes:
                    raise TableError(f"unknown signal {code!r}")
            labels["signals"] = codes
        if self.mapping.sentiment is not None:
            labels["sentiment"] = Scale("sentiment", -2, 2, -2, 2).normalise(
                _cell(row, self.mapping.sentiment)
            )
        return labels

    def _themes(self, cell: Any) -> dict[str, int]:
        if isinstance(cell, dict):
            pairs = [(str(code), str(polarity)) for code, polarity in cell.items()]
        else:
            pairs = [
                (code.strip(), polarity.strip())
                for code, _, polarity in (p.partition(":") for p in _pieces(cell))
            ]
        themes: dict[str, int] = {}
        for code, polarity in pairs:
            if code not in self.taxonomy.theme_codes:
                raise TableError(f"unknown theme {code!r}; known are {', '.join(self.taxonomy.theme_codes)}")
            signs = {"-1": -1, "-": -1, "0": 0, "": 0, "1": 1, "+1": 1, "+": 1}
            if polarity not in signs:
                raise TableError(f"the polarity of {code} must be -1, 0 or 1, got {polarity!r}")
            themes[code] = signs[polarity]
        return themes


def _pieces(cell: Any) -> list[str]:
    if isinstance(cell, list):
        return [str(piece) for piece in cell]
    return [
        piece.strip()
        for piece in str(cell or "").replace("|", ";").replace(",", ";").split(";")
        if piece.strip()
    ]


def _cell(row: Row, column: str) -> Any:
    if column in row.fields:
        return row.fields[column]
    wished = column.casefold().strip()
    for name, value in row.fields.items():
        if name.casefold().strip() == wished:
            return value
    return None
