"""From labelled items to a model folder: cross-fit, learn, judge, write."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

import numpy as np
from joblib import delayed
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from feedback_nlp.analyzer import FeedbackAnalyzer
from feedback_nlp.artifacts import Manifest, write_model
from feedback_nlp.encoder import Encoder
from feedback_nlp.errors import CorpusError, EncoderError
from feedback_nlp.estimators import Estimators, Predictions
from feedback_nlp.learned import LEARNED, LearnedItems
from feedback_nlp.reader import ClauseReader
from feedback_nlp.taxonomy import Taxonomy
from training.card import model_card
from training.checkpoints import FoldStore, resumable_first_level
from training.corpus import LabelledItem, to_arrays
from training.crossfit import cross_fitted_assignments, cross_fitted_predictions
from training.curves import CURVES, LearningCurve, held_out_curves
from training.encoded import encoded_readings
from training.evidence import evidence_f1
from training.scores import evaluation, macro_f1
from training.splits import FOLDS, fold_of, is_test

__all__ = [
    "MODEL_NAME",
    "Profile",
    "TrainingConfig",
    "TrainingRun",
    "evaluate",
    "predictions_digest",
    "train",
]

MODEL_NAME = "feedback-nl"
Profile = Literal["accurate", "fast"]
STEPS = FOLDS + 3
"""How often `progress` is told of a step."""

_MIN_TRAINING_ITEMS = 50
_LIBRARIES = (
    "scikit-learn",
    "numpy",
    "scipy",
    "spacy",
    "joblib",
    "onnxruntime",
    "tokenizers",
    "feedback-nlp",
)


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """What a training run may vary.

    Attributes:
        profile: `accurate` builds on the sentence encoder, `fast` on n-grams and evidence alone.
        C: Inverse regularisation of the first level.
        seed: For everything that is drawn.
        n_jobs: Processes.
        learning_curve: Also learn from growing shares of the items, for the report.
    """

    profile: Profile = "fast"
    C: float = 0.3
    seed: int = 0
    n_jobs: int = 2
    learning_curve: bool = False


@dataclass(frozen=True, slots=True)
class TrainingRun:
    """What came of a training run: where the model stands, its manifest and all its figures."""

    folder: Path
    manifest: Manifest
    metrics: dict[str, Any]


def train(
    items: Sequence[LabelledItem],
    models: Path,
    *,
    taxonomy: Taxonomy | None = None,
    config: TrainingConfig | None = None,
    encoder: Encoder | None = None,
    out: Path | None = None,
    parent: str | None = None,
    sources: Mapping[str, Any] | None = None,
    progress: Callable[[str], None] = lambda step: None,
) -> TrainingRun:
    """Train a model on everything outside the test split, judge it on the test split, write its folder.

    Args:
        items: Labelled items; those of the test split are used for the final figures only.
        models: The folder of models.
        taxonomy: The default taxonomy when None.
        config: The defaults when None.
        encoder: Needed for the profile `accurate`.
        out: The model's folder; `models/feedback-nl/<time>` when None.
        parent: Version of the model that is live now.
        sources: Where the items came from, with counts and weights; for the manifest.
        progress: Told the name of each step as it begins.

    Returns:
        The folder and figures.

    Raises:
        CorpusError: Too few items, or a theme without any.
        EncoderError: The profile accurate without an encoder.
        FileExistsError: `out` exists.
    """
    taxonomy = taxonomy or Taxonomy.default()
    config = config or TrainingConfig()
    now = datetime.now(UTC)
    folder = out or models / MODEL_NAME / now.strftime("%Y%m%d-%H%M%S")
    if folder.exists():
        raise FileExistsError(f"{folder}: exists already; choose another folder with --out")
    themes, signals = taxonomy.theme_codes, taxonomy.signal_codes
    training = [item for item in items if not is_test(item.id)]
    _check_enough(training, taxonomy)
    if config.profile == "accurate" and encoder is None:
        raise EncoderError("the profile accurate needs the sentence encoder")
    data = to_arrays(training, taxonomy)
    folds = np.array([fold_of(item.id, item.domain) for item in training])

    def make_reader() -> ClauseReader:
        return ClauseReader(themes, signals, C=config.C)

    with threadpool_limits(1):  # processes are side by side already; nested pools only fight
        steps = iter(range(1, FOLDS + 1))
        progress(f"reading held-out fold 1 of {FOLDS}")
        store = FoldStore(
            models,
            f"{corpus_digest(items)} {themes} {signals} {config.C} {sorted(_library_versions().items())}",
        )
        curve = LearningCurve.of(data, folds, config.seed) if config.learning_curve else None
        ngrams, reader, shares = resumable_first_level(
            make_reader, data, folds, store, lambda: progress(_fold_step(next(steps))),
            processes=config.n_jobs, beside=curve.calls(make_reader) if curve else (),
        )  # fmt: skip
        readings = ngrams
        if config.profile == "accurate" and encoder is not None:
            readings = ngrams.beside(encoded_readings(encoder, models, training))
        progress("fitting the second level and judging by cross-validation")
        held_out, (estimators, by_ngrams) = cross_fitted_predictions(
            readings, data, folds, themes, signals, processes=config.n_jobs,
            beside=[
                delayed(Estimators.fit)(readings, data, folds, themes, signals),
                delayed(cross_fitted_assignments)(ngrams, data, folds, themes),
            ],
        )  # fmt: skip
        manifest = Manifest(
            name=folder.parent.name or MODEL_NAME,
            version=folder.name,
            profile=config.profile,
            taxonomy=taxonomy,
            thresholds=_thresholds(estimators, taxonomy),
            training={
                "digest": corpus_digest(items),
                "items": len(items),
                "training_items": len(training),
                "test_items": len(items) - len(training),
                "config": asdict(config),
                "sources": dict(sources or {}),
                "synthetic": "the corpus was written for this project, not collected from customers",
            },
            libraries={"python": platform.python_version(), **_library_versions()},
            files={},
            metrics={},
            encoder=None if config.profile == "fast" or encoder is None
            else {"version": encoder.version, "digest": encoder.digest},
            parent=parent,
            created=now.isoformat(timespec="seconds"),
        )  # fmt: skip
        progress("judging on the test split")
        analyzer = FeedbackAnalyzer(
            manifest, reader, estimators, encoder if config.profile == "accurate" else None
        )
        metrics = {
            "cross_validation": evaluation(data, held_out, themes, signals),
            "cross_validation_ngrams_alone": {
                "items": len(data),
                "macro_f1": macro_f1(data.themes, by_ngrams).to_dict(),
            },
            "test": evaluate(analyzer, [item for item in items if is_test(item.id)]),
        }
        thresholds = [float(value) for value in estimators.themes.thresholds_]
        curves = held_out_curves(data, held_out, estimators.review.threshold, thresholds, themes, signals)
        if curve:
            curves["learning_curve"] = curve.steps(shares, ngrams, themes)
        headline = {
            f"{split}_{name}": metrics[split][name]
            for split in metrics
            for name in ("macro_f1", "polarity_accuracy", "sentiment_r")
            if name in metrics[split]
        }
        manifest = write_model(
            folder,
            Manifest(**{**_fields(manifest), "metrics": headline}),
            {"reader": reader, "estimators": estimators},
            {
                "metrics.json": json.dumps(metrics, indent=2, ensure_ascii=False) + "\n",
                CURVES: json.dumps(curves, ensure_ascii=False) + "\n",
                LEARNED: LearnedItems.of(
                    (item.id for item in training),
                    (item.id for item in items if is_test(item.id)),
                    made=now,
                ).to_json(),
                "README.md": model_card(manifest, metrics),
            },
        )
    store.clear()
    return TrainingRun(folder, manifest, metrics)


def evaluate(analyzer: FeedbackAnalyzer, items: Sequence[LabelledItem]) -> dict[str, Any]:
    """All figures of a model on labelled items, as JSON; `{"items": 0}` for none.

    Raises:
        CorpusError: The items carry themes or signals that the model does not know.
    """
    if not items:
        return {"items": 0}
    taxonomy = analyzer.taxonomy
    known = {*taxonomy.theme_codes, *taxonomy.signal_codes}
    if unknown := {code for item in items for code in (*item.themes, *item.signals)} - known:
        raise CorpusError(f"the model does not know what the items carry: {', '.join(sorted(unknown))}")
    data = to_arrays(items, taxonomy)
    predictions, analyses = analyzer.examine(data.texts)
    figures = evaluation(data, predictions, taxonomy.theme_codes, taxonomy.signal_codes)
    figures["evidence_token_f1"] = evidence_f1(data, analyses, taxonomy.theme_codes)
    figures["needs_review_share"] = round(sum(a.needs_review for a in analyses) / len(analyses), 4)
    figures["predictions_digest"] = predictions_digest(predictions)
    return figures


def predictions_digest(predictions: Predictions) -> str:
    """`sha256:…` over all predictions to six places: the same data and seed give the same."""
    hasher = hashlib.sha256()
    for values in (
        predictions.theme_probability, predictions.polarity, predictions.sentiment, predictions.nps.probability,
        predictions.cas.probability, predictions.signal_probability,
    ):  # fmt: skip
        hasher.update((np.round(values, 6) + 0.0).astype("<f8").tobytes())
    return "sha256:" + hasher.hexdigest()


def corpus_digest(items: Sequence[LabelledItem]) -> str:
    """`sha256:…` over all items, whatever their order."""
    lines = sorted(json.dumps(_item_dict(item), sort_keys=True, ensure_ascii=False) for item in items)
    return "sha256:" + hashlib.sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()


def _item_dict(item: LabelledItem) -> dict[str, Any]:
    return {name: getattr(item, name) for name in item.__slots__}


def _fields(manifest: Manifest) -> dict[str, Any]:
    return {name: getattr(manifest, name) for name in Manifest.__slots__}


def _library_versions() -> dict[str, str]:
    return {name: metadata.version(name) for name in _LIBRARIES}


def _fold_step(done: int) -> str:
    return f"reading held-out fold {done + 1} of {FOLDS}" if done < FOLDS else "learning from all items"


def _check_enough(training: Sequence[LabelledItem], taxonomy: Taxonomy) -> None:
    if len(training) < _MIN_TRAINING_ITEMS:
        raise CorpusError(
            f"{len(training)} items outside the test split are too few; {_MIN_TRAINING_ITEMS} are the least"
        )
    used = {code for item in training for code in item.themes}
    if missing := [code for code in taxonomy.theme_codes if code not in used]:
        raise CorpusError(
            f"no training item carries the theme {', '.join(missing)}: label some, or leave it out of the taxonomy"
        )


def _thresholds(estimators: Estimators, taxonomy: Taxonomy) -> dict[str, float]:
    themes: NDArray[np.float64] = estimators.themes.thresholds_
    signals: NDArray[np.float64] = estimators.signals.thresholds_
    pairs = [
        *zip(taxonomy.theme_codes, themes, strict=True),
        *zip(taxonomy.signal_codes, signals, strict=True),
    ]
    return {code: round(float(value), 6) for code, value in pairs}
