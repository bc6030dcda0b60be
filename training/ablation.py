"""What each part of the model is worth: variants side by side, and with each of five domains left out.

All variants share the same first-level readings; a variant is the set of columns that its second level may see. The
figures without a domain are made on its test items, by models that did not learn from its training items; beside them
stand the figures of the same items by models that did.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from joblib import delayed
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from feedback_nlp.encoder import Encoder
from feedback_nlp.encoder_readings import encoder_readings
from feedback_nlp.labels import LabelledTexts
from feedback_nlp.reader import ClauseReader
from feedback_nlp.readings import Readings
from feedback_nlp.sentiment import SentimentScorer
from feedback_nlp.taxonomy import Taxonomy
from feedback_nlp.themes import PolarityScorer, ThemeClassifier, polarity_label
from training.corpus import LabelledItem, to_arrays
from training.crossfit import read_texts
from training.encoded import encoded_readings, held_out_outputs
from training.parallel import side_by_side
from training.scores import Figure, bootstrap, f1_per_label, macro_f1
from training.splits import FOLDS, HELD_OUT_DOMAINS, fold_of, is_test

__all__ = ["VARIANTS", "Ablation", "VariantFigures", "ablate", "markdown"]

VARIANTS = ("documents", "evidence", "fast", "encoder", "accurate")
_LABELS = {
    "documents": "document n-grams",
    "evidence": "+ evidence: clauses and quotes in training",
    "fast": "`fast`: + best clause and sentence",
    "encoder": "encoder alone",
    "accurate": "`accurate`: `fast` and encoder",
}


@dataclass(frozen=True, slots=True)
class VariantFigures:
    """One row of the table.

    Attributes:
        macro_f1: Over the themes, on the test split.
        polarity_accuracy: Of the themes that are both labelled and assigned.
        sentiment_r: Pearson correlation of sentiment.
        known_domains: Macro-F1 on the test items of the five domains, learned from.
        left_out: The same items, each by a model that had not learned from its domain.
        drop: What leaving the domain out costs in macro-F1, paired on the items.
    """

    macro_f1: Figure
    polarity_accuracy: Figure
    sentiment_r: Figure
    known_domains: Figure
    left_out: Figure
    drop: Figure

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {name: getattr(self, name).to_dict() for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Ablation:
    """All rows, by variant, and the gain of each over document n-grams, paired on the test items."""

    rows: dict[str, VariantFigures]
    gain: dict[str, Figure]

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "variants": {name: row.to_dict() for name, row in self.rows.items()},
            "gain_over_documents": {name: figure.to_dict() for name, figure in self.gain.items()},
        }


def ablate(
    items: Sequence[LabelledItem],
    models: Path,
    encoder: Encoder | None,
    *,
    taxonomy: Taxonomy | None = None,
    processes: int = 1,
    progress: Callable[[str], None] = lambda step: None,
) -> Ablation:
    """Measure every variant; those with an encoder are left out when there is none.

    Args:
        items: Labelled items, those of the test split included.
        models: The folder of models, for the encoder's held-out outputs.
        encoder: The sentence encoder, or None.
        taxonomy: The default taxonomy when None.
        processes: How many readers of n-grams learn at a time.
        progress: Told the name of each step as it begins.
    """
    taxonomy = taxonomy or Taxonomy.default()
    training = [item for item in items if not is_test(item.id)]
    testing = [item for item in items if is_test(item.id)]
    folds = np.array([fold_of(item.id, item.domain) for item in training])
    data, test = to_arrays(training, taxonomy), to_arrays(testing, taxonomy)
    domain = np.array([_domain(item) for item in testing])
    tables: list[_Tables] = []
    with threadpool_limits(1):
        for evidence in (False, True):
            progress(f"n-grams {'with' if evidence else 'without'} evidence")
            tables.append(_ngram_tables(data, test, folds, domain, taxonomy, evidence, processes))
        if encoder is not None:
            progress("encoder")
            tables.append(_encoder_tables(encoder, models, training, testing, domain))
        rows: dict[str, VariantFigures] = {}
        assigned: dict[str, NDArray[np.bool_]] = {}
        for name in VARIANTS:
            if encoder is None and name in ("encoder", "accurate"):
                continue
            progress(f"second level: {name}")
            chosen = _Tables.joined([tables[place].only(view) for place, view in _parts(name)])
            rows[name], assigned[name] = _figures(chosen, data, test, folds, domain, taxonomy)
    gain = {
        name: _gain(test.themes, assigned["documents"], assigned[name])
        for name in rows
        if name != "documents"
    }
    return Ablation(rows, gain)


def markdown(result: Ablation) -> str:
    """The table of the README and of docs/model.md."""
    lines = [
        "| | macro-F1 | gain | polarity | sentiment r | five domains: known | left out | drop |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, row in result.rows.items():
        gain = result.gain.get(name)
        lines.append(
            f"| {_LABELS[name]} | {row.macro_f1} | {_signed(gain)} "
            f"| {row.polarity_accuracy} | {row.sentiment_r} | {row.known_domains.value:.3f} | {row.left_out.value:.3f} "
            f"| {row.drop.value:.3f} ({row.drop.low:.3f} to {row.drop.high:.3f}) |"
        )
    return "\n".join(lines)


def _signed(gain: Figure | None) -> str:
    return f"{gain.value:+.3f} ({gain.low:+.3f} to {gain.high:+.3f})" if gain else ""


@dataclass(frozen=True, slots=True)
class _Tables:
    """Readings of the training items (held out), of the test items, and of these with their domain left out."""

    training: Readings
    test: Readings
    left_out: Readings

    def only(self, view: Callable[[str], bool]) -> _Tables:
        return _Tables(*(_filtered(table, view) for table in (self.training, self.test, self.left_out)))

    @staticmethod
    def joined(parts: Sequence[_Tables]) -> _Tables:
        first, *rest = parts
        for part in rest:
            first = _Tables(
                first.training.beside(part.training),
                first.test.beside(part.test),
                first.left_out.beside(part.left_out),
            )
        return first


def _parts(variant: str) -> list[tuple[int, Callable[[str], bool]]]:
    whole_text = ("text", "polarity", "sentiment", "nps", "cas", "length")
    return {
        "documents": [(0, lambda view: view in whole_text)],
        "evidence": [(1, lambda view: view in whole_text)],
        "fast": [(1, lambda view: True)],
        "encoder": [(2, lambda view: True)],
        "accurate": [(1, lambda view: True), (2, lambda view: True)],
    }[variant]  # fmt: skip


def _filtered(table: Readings, view: Callable[[str], bool]) -> Readings:
    keep = [place for place, name in enumerate(table.names) if view(name.rpartition(":")[2])]
    return Readings(tuple(table.names[place] for place in keep), table.values[:, keep])


def _domain(item: LabelledItem) -> int:
    return HELD_OUT_DOMAINS.index(item.domain) if item.domain in HELD_OUT_DOMAINS else -1


def _ngram_tables(
    data: LabelledTexts,
    test: LabelledTexts,
    folds: NDArray[np.int64],
    domain: NDArray[np.int64],
    taxonomy: Taxonomy,
    evidence: bool,
    processes: int,
) -> _Tables:
    everything = np.arange(len(data))
    folded = [np.flatnonzero(folds == fold) for fold in range(FOLDS)]
    of_domain = [np.flatnonzero(domain == fold) for fold in range(FOLDS)]
    asked = [
        [data.texts[row] for row in held_out] + [test.texts[row] for row in own]
        for held_out, own in zip(folded, of_domain, strict=True)
    ]
    reader = ClauseReader(taxonomy.theme_codes, taxonomy.signal_codes, evidence=evidence)
    calls = [
        delayed(read_texts)(reader, data, rows, texts)
        for rows, texts in [
            (everything, test.texts),
            *(
                (np.setdiff1d(everything, held_out), texts)
                for held_out, texts in zip(folded, asked, strict=True)
            ),
        ]
    ]
    known, *tables = side_by_side(calls, processes, len(data))
    training = np.zeros((len(data), len(known.names)), dtype=np.float32)
    left_out = known.values.copy()
    for table, held_out, own in zip(tables, folded, of_domain, strict=True):
        training[held_out], left_out[own] = np.split(table.values, [held_out.size])
    return _Tables(Readings(known.names, training), known, Readings(known.names, left_out))


def _encoder_tables(
    encoder: Encoder,
    models: Path,
    training: Sequence[LabelledItem],
    testing: Sequence[LabelledItem],
    domain: NDArray[np.int64],
) -> _Tables:
    known = encoder.encode([item.text for item in testing]).document
    place, stored = held_out_outputs(encoder, models)
    left_out = known.copy()
    for row, item in enumerate(testing):
        if domain[row] >= 0 and item.id in place:
            left_out[row] = stored[place[item.id]]
    return _Tables(
        encoded_readings(encoder, models, training),
        encoder_readings(encoder.columns, known),
        encoder_readings(encoder.columns, left_out),
    )


def _figures(
    tables: _Tables,
    data: LabelledTexts,
    test: LabelledTexts,
    folds: NDArray[np.int64],
    domain: NDArray[np.int64],
    taxonomy: Taxonomy,
) -> tuple[VariantFigures, NDArray[np.bool_]]:
    names, X = tables.training.names, tables.training.values
    everything = np.arange(len(data))

    def themes(rows: NDArray[np.int64]) -> ThemeClassifier:
        model = ThemeClassifier.for_columns(names, taxonomy.theme_codes)
        return model.fit(X[rows], data.themes[rows], data.weight[rows], folds[rows])

    assigned = themes(everything).predict(tables.test.values)
    polarity = PolarityScorer.for_columns(names, taxonomy.theme_codes).fit(X, data.polarity, data.themes)
    right = polarity_label(polarity.predict(tables.test.values)) == test.polarity
    both = assigned & test.themes
    scorer = SentimentScorer.for_columns(names).fit(X, data.sentiment, folds=folds)
    sentiment = scorer.predict(tables.test.values)
    without = assigned.copy()
    for fold in np.unique(domain[domain >= 0]):
        rows = domain == fold
        without[rows] = themes(np.flatnonzero(folds != fold)).predict(tables.left_out.values[rows])
    five = domain >= 0
    figures = VariantFigures(
        macro_f1=macro_f1(test.themes, assigned),
        polarity_accuracy=bootstrap(lambda rows: _mean(right[rows][both[rows]]), len(test)),
        sentiment_r=bootstrap(
            lambda rows: float(np.corrcoef(test.sentiment[rows], sentiment[rows])[0, 1]), len(test)
        ),
        known_domains=macro_f1(test.themes[five], assigned[five]),
        left_out=macro_f1(test.themes[five], without[five]),
        drop=_gain(test.themes[five], without[five], assigned[five]),
    )
    return figures, assigned


def _mean(values: NDArray[np.bool_]) -> float:
    return float(values.mean()) if values.size else float("nan")


def _gain(truth: NDArray[np.bool_], base: NDArray[np.bool_], other: NDArray[np.bool_]) -> Figure:
    def difference(rows: NDArray[np.int64]) -> float:
        better, worse = f1_per_label(truth[rows], other[rows]), f1_per_label(truth[rows], base[rows])
        return float((better - worse).mean())

    return bootstrap(difference, len(truth))
