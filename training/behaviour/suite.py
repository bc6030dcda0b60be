"""Running the cases through a model, and the pass rates that come of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from feedback_nlp.records import Analysis
from training.behaviour.cases import Case
from training.behaviour.checks import reasons_of

__all__ = ["BehaviourResult", "CapabilityRate", "Failure", "Rate", "run_cases"]

AnalyzeMany = Callable[[Sequence[str]], Iterable[Analysis]]
"""Texts in, one analysis a text out, in order: `FeedbackAnalyzer.analyze_many`."""

_Key = TypeVar("_Key")


@dataclass(frozen=True, slots=True)
class Rate:
    """How many of a number of cases (at least one) passed."""

    passed: int
    total: int

    @property
    def share(self) -> float:
        """Passed as a share of the total, 0-1."""
        return self.passed / self.total

    def to_dict(self) -> dict[str, float | int]:
        """As JSON; the share is rounded to four places."""
        return {"passed": self.passed, "total": self.total, "share": round(self.share, 4)}


@dataclass(frozen=True, slots=True)
class CapabilityRate:
    """One line of the report: a capability of a group, tested in one way (MFT, INV or DIR)."""

    group: str
    capability: str
    type: str
    rate: Rate


@dataclass(frozen=True, slots=True)
class Failure:
    """A case that failed, and every reason; the reasons hold codes and numbers, not the text."""

    case_id: str
    group: str
    capability: str
    type: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BehaviourResult:
    """What came of a run. A case passes as a whole or not at all.

    Attributes:
        overall: All cases.
        groups: By reporting group, in the order in which the cases name them.
        capabilities: By capability, likewise.
        types: By test type, likewise.
        table: By group, capability and type at once, likewise.
        failures: The failed cases, in the order of the cases.
    """

    overall: Rate
    groups: Mapping[str, Rate]
    capabilities: Mapping[str, Rate]
    types: Mapping[str, Rate]
    table: tuple[CapabilityRate, ...]
    failures: tuple[Failure, ...]

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "overall": self.overall.to_dict(),
            "groups": {name: rate.to_dict() for name, rate in self.groups.items()},
            "capabilities": {name: rate.to_dict() for name, rate in self.capabilities.items()},
            "types": {name: rate.to_dict() for name, rate in self.types.items()},
            "table": [
                {"group": row.group, "capability": row.capability, "type": row.type, **row.rate.to_dict()}
                for row in self.table
            ],
            "failures": [
                {
                    "id": failure.case_id,
                    "group": failure.group,
                    "capability": failure.capability,
                    "type": failure.type,
                    "reasons": list(failure.reasons),
                }
                for failure in self.failures
            ],
        }


def run_cases(cases: Sequence[Case], analyze_many: AnalyzeMany) -> BehaviourResult:
    """Analyse every text of every case in one go, and judge the cases.

    Args:
        cases: At least one case, as `load_cases` gives them.
        analyze_many: The model.

    Raises:
        ValueError: There are no cases, or the model gave more or fewer analyses than it got texts.
    """
    if not cases:
        raise ValueError("there must be at least one case to run, got none")
    texts = [text for case in cases for text in case.texts]
    analyses = list(analyze_many(texts))
    if len(analyses) != len(texts):
        raise ValueError(f"one analysis a text is needed: got {len(analyses)} for {len(texts)} texts")
    failures: list[Failure] = []
    position = 0
    for case in cases:
        own = analyses[position : position + len(case.texts)]
        position += len(case.texts)
        if reasons := reasons_of(case, own):
            failures.append(Failure(case.id, case.group, case.capability, case.type, reasons))
    failed = {failure.case_id for failure in failures}
    table = _rates(cases, failed, lambda case: (case.group, case.capability, case.type))
    return BehaviourResult(
        overall=Rate(len(cases) - len(failures), len(cases)),
        groups=_rates(cases, failed, lambda case: case.group),
        capabilities=_rates(cases, failed, lambda case: case.capability),
        types=_rates(cases, failed, lambda case: case.type),
        table=tuple(CapabilityRate(*key, rate) for key, rate in table.items()),
        failures=tuple(failures),
    )


def _rates(cases: Sequence[Case], failed: set[str], key: Callable[[Case], _Key]) -> dict[_Key, Rate]:
    rates: dict[_Key, Rate] = {}
    for case in cases:
        so_far = rates.get(key(case), Rate(0, 0))
        rates[key(case)] = Rate(so_far.passed + (case.id not in failed), so_far.total + 1)
    return rates
