"""Cross-fitting: readings and predictions of texts by models that had not seen them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import numpy as np
from joblib import delayed
from numpy.typing import NDArray

from feedback_nlp.advocacy import AnswerDistribution
from feedback_nlp.estimators import Estimators, Predictions
from feedback_nlp.labels import LabelledTexts
from feedback_nlp.reader import ClauseReader
from feedback_nlp.readings import Readings
from feedback_nlp.themes import ThemeClassifier
from training.parallel import side_by_side

__all__ = [
    "cross_fitted_assignments",
    "cross_fitted_predictions",
    "cross_fitted_readings",
    "join_readings",
    "read_held_out",
    "read_texts",
]

Number = TypeVar("Number", np.float64, np.bool_)


def cross_fitted_readings(
    make: Callable[[], ClauseReader],
    data: LabelledTexts,
    folds: NDArray[np.int64],
    progress: Callable[[], None] = lambda: None,
    *,
    processes: int = 1,
) -> Readings:
    """First-level readings of every text by a reader fitted on the other folds; `progress` is called after each."""
    splits = list(_splits(folds))
    calls = (delayed(read_held_out)(make(), data, train, held_out) for train, held_out in splits)
    parts = []
    for (_, held_out), table in zip(splits, side_by_side(calls, processes, len(data)), strict=True):
        parts.append((held_out, table))
        progress()
    return join_readings(parts)


def read_held_out(
    reader: ClauseReader, data: LabelledTexts, train: NDArray[np.int64], held_out: NDArray[np.int64]
) -> Readings:
    """What a reader says of some rows of `data` after it learned from others."""
    return read_texts(reader, data, train, [data.texts[row] for row in held_out])


def read_texts(
    reader: ClauseReader, data: LabelledTexts, train: NDArray[np.int64], texts: Sequence[str]
) -> Readings:
    """What a reader says of any texts after it learned from some rows of `data`."""
    return reader.fit(data.take(train)).read(texts).table


def join_readings(parts: list[tuple[NDArray[np.int64], Readings]]) -> Readings:
    """One table from the tables of some rows each, which together are all rows."""
    names = parts[0][1].names
    values = np.zeros((sum(rows.size for rows, _ in parts), len(names)), dtype=np.float32)
    for rows, table in parts:
        values[rows] = table.values
    return Readings(names, values)


def cross_fitted_predictions(
    readings: Readings,
    data: LabelledTexts,
    folds: NDArray[np.int64],
    themes: tuple[str, ...],
    signals: tuple[str, ...],
    *,
    processes: int = 1,
    beside: Sequence[Any] = (),
) -> tuple[Predictions, list[Any]]:
    """Second-level predictions of every text by estimators, thresholds included, fitted on the other folds.

    How far n-grams and encoder disagree is not among them. `beside` is what else is to be done, so that no process
    waits; its results come second.
    """
    splits = list(_splits(folds))
    calls = [
        *beside,
        *(
            delayed(_predict_held_out)(readings, data, folds, themes, signals, train, held_out)
            for train, held_out in splits
        ),
    ]
    results = list(side_by_side(calls, processes, len(data)))
    others, parts = results[: len(beside)], results[len(beside) :]
    order = np.argsort(np.concatenate([held_out for _, held_out in splits]))
    return join_predictions(parts, order), others


def _predict_held_out(
    readings: Readings,
    data: LabelledTexts,
    folds: NDArray[np.int64],
    themes: tuple[str, ...],
    signals: tuple[str, ...],
    train: NDArray[np.int64],
    held_out: NDArray[np.int64],
) -> Predictions:
    seen = Readings(readings.names, readings.values[train])
    estimators = Estimators.fit(seen, data.take(train), folds[train], themes, signals, disagreement=False)
    return estimators.predict(Readings(readings.names, readings.values[held_out]))


def cross_fitted_assignments(
    readings: Readings, data: LabelledTexts, folds: NDArray[np.int64], themes: tuple[str, ...]
) -> NDArray[np.bool_]:
    """Themes assigned by classifiers, thresholds included, that were fitted on the other folds; bool (n, themes)."""
    assigned = np.zeros(data.themes.shape, dtype=bool)
    for train, held_out in _splits(folds):
        model = ThemeClassifier.for_columns(readings.names, themes)
        model.fit(readings.values[train], data.themes[train], data.weight[train], folds[train])
        assigned[held_out] = model.predict(readings.values[held_out])
    return assigned


def join_predictions(parts: list[Predictions], order: NDArray[np.int64]) -> Predictions:
    """Predictions one after another, rearranged by `order`."""

    def joined(pick: Callable[[Predictions], NDArray[Number]]) -> NDArray[Number]:
        return np.concatenate([pick(part) for part in parts])[order]

    def answers(pick: Callable[[Predictions], AnswerDistribution]) -> AnswerDistribution:
        return AnswerDistribution(
            np.concatenate([pick(part).probability for part in parts])[order],
            np.concatenate([pick(part).low for part in parts])[order],
            np.concatenate([pick(part).high for part in parts])[order],
        )

    return Predictions(
        theme_probability=joined(lambda part: part.theme_probability),
        theme_assigned=joined(lambda part: part.theme_assigned),
        polarity=joined(lambda part: part.polarity),
        sentiment=joined(lambda part: part.sentiment),
        nps=answers(lambda part: part.nps),
        cas=answers(lambda part: part.cas),
        signal_probability=joined(lambda part: part.signal_probability),
        signal_assigned=joined(lambda part: part.signal_assigned),
    )


def _splits(folds: NDArray[np.int64]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    for fold in np.unique(folds):
        yield np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
