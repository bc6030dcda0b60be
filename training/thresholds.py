"""A threshold for a wanted precision or recall, and what it costs in work."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from feedback_nlp.analyzer import FeedbackAnalyzer
from feedback_nlp.artifacts import Manifest, load_objects, read_manifest, write_model
from feedback_nlp.errors import ModelMismatchError
from feedback_nlp.learned import LEARNED
from feedback_nlp.metrics.intervals import wilson_bounds
from training.card import model_card
from training.corpus import LabelledItem
from training.curves import CURVES
from training.train import evaluate

__all__ = ["Choice", "UnreachableError", "at_threshold", "choose", "read_curves", "with_thresholds"]

Aim = Literal["precision", "recall"]


class UnreachableError(ModelMismatchError):
    """No threshold reaches what is wanted."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A threshold and what is to be expected of it, by held-out predictions.

    Attributes:
        code: The theme or signal.
        threshold: From which probability on it is assigned.
        precision: Share of the assigned that are right, with its 95 % Wilson interval in `precision_interval`.
        precision_interval: Its ends.
        recall: Share of the labelled that are found, likewise.
        recall_interval: Its ends.
        assigned_share: Share of all items that it would be assigned to.
        review_share: Share of all items sent to review, the other themes keeping their thresholds; None for a signal.
    """

    code: str
    threshold: float
    precision: float
    precision_interval: tuple[float, float]
    recall: float
    recall_interval: tuple[float, float]
    assigned_share: float
    review_share: float | None

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "code": self.code,
            "threshold": self.threshold,
            "precision": round(self.precision, 4),
            "precision_interval": [round(end, 4) for end in self.precision_interval],
            "recall": round(self.recall, 4),
            "recall_interval": [round(end, 4) for end in self.recall_interval],
            "assigned_share": round(self.assigned_share, 4),
            "review_share": self.review_share,
        }


def read_curves(folder: Path) -> dict[str, Any]:
    """The curves that were written with a model.

    Raises:
        ModelMismatchError: The model has none.
    """
    try:
        curves: dict[str, Any] = json.loads((folder / CURVES).read_text("utf-8"))
        return curves
    except (OSError, ValueError) as exc:
        raise ModelMismatchError(
            f"{folder}: has no curves of held-out predictions ({CURVES}); train it again"
        ) from exc


def at_threshold(curves: Mapping[str, Any], code: str, place: int) -> Choice:
    """What is to be expected at the curve's `place`."""
    curve = curves["labels"][code]
    hits, assigned, positives = curve["hits"][place], curve["assigned"][place], curve["positives"]
    return Choice(
        code,
        curve["threshold"][place],
        hits / assigned if assigned else 1.0,
        _interval(hits, assigned),
        hits / positives if positives else 0.0,
        _interval(hits, positives),
        assigned / curves["items"],
        curve["review"][place] if "review" in curve else None,
    )


def choose(curves: Mapping[str, Any], code: str, aim: Aim, wanted: float) -> Choice:
    """The threshold that reaches what is wanted with the most of the other: of precision and recall.

    Raises:
        ModelMismatchError: The model does not know the code.
        UnreachableError: No threshold reaches it; the best that can be had is said.
    """
    if code not in curves["labels"]:
        raise ModelMismatchError(
            f"{code!r} is no theme or signal of this model; it has {', '.join(curves['labels'])}"
        )
    every = [at_threshold(curves, code, place) for place in range(len(curves["labels"][code]["threshold"]))]
    every = [choice for choice in every if choice.assigned_share > 0]
    good = [choice for choice in every if getattr(choice, aim) >= wanted]
    if not good:
        best = max(every, key=lambda choice: getattr(choice, aim), default=None)
        told = (
            ""
            if best is None
            else f"; the most is {getattr(best, aim):.2f}, at threshold {best.threshold:.2f}"
        )
        raise UnreachableError(f"no threshold gives {code} a {aim} of {wanted:.2f}{told}")
    if aim == "precision":
        return max(good, key=lambda choice: (choice.recall, -choice.threshold))
    return max(good, key=lambda choice: (choice.precision, choice.threshold))


def with_thresholds(
    folder: Path, out: Path, thresholds: Mapping[str, float], why: str, test: Sequence[LabelledItem]
) -> Manifest:
    """Write a copy of a model in which some thresholds are others; the estimators stay as they are.

    Args:
        folder: The model.
        out: The new model's folder; must not exist.
        thresholds: Theme or signal code to threshold, 0-1.
        why: Kept in the manifest.
        test: The frozen test split, for the new model's figures.

    Raises:
        FileExistsError: `out` exists.
        ModelError: The model is missing, altered or of another version.
    """
    if out.exists():
        raise FileExistsError(f"{out}: exists already; choose another folder with --out")
    manifest = read_manifest(folder)
    objects = load_objects(folder, manifest)
    taxonomy, estimators = manifest.taxonomy, objects["estimators"]
    for code, value in thresholds.items():
        if code in taxonomy.theme_codes:
            estimators.themes.thresholds_[taxonomy.theme_codes.index(code)] = value
        else:
            estimators.signals.thresholds_[taxonomy.signal_codes.index(code)] = value
    changed = replace(
        manifest,
        name=out.parent.name,
        version=out.name,
        thresholds={**manifest.thresholds, **thresholds},
        training={**manifest.training, "thresholds_set": {**dict(thresholds), "why": why}},
        parent=manifest.version,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    loaded = FeedbackAnalyzer.load(folder)
    analyzer = FeedbackAnalyzer(changed, objects["reader"], estimators, loaded.encoder)
    metrics = json.loads((folder / "metrics.json").read_text("utf-8")) | {"test": evaluate(analyzer, test)}
    headline = {**manifest.metrics}
    for name in ("macro_f1", "polarity_accuracy", "sentiment_r"):
        if name in metrics["test"]:
            headline[f"test_{name}"] = metrics["test"][name]
    changed = replace(changed, metrics=headline)
    texts = {
        "metrics.json": json.dumps(metrics, indent=2, ensure_ascii=False) + "\n",
        "README.md": model_card(changed, metrics),
    }
    for name in (CURVES, LEARNED):
        if (folder / name).is_file():
            texts[name] = (folder / name).read_text("utf-8")
    return write_model(out, changed, objects, texts)


def _interval(part: int, whole: int) -> tuple[float, float]:
    if not whole:
        return 0.0, 1.0
    low, high = wilson_bounds(part, whole)
    return float(low), float(high)
