from __future__ import annotations

import numpy as np
from joblib import delayed
from numpy.typing import NDArray

from feedback_nlp.labels import LabelledTexts
from feedback_nlp.reader import ClauseReader
from training.crossfit import cross_fitted_predictions, cross_fitted_readings

THEMES, SIGNALS = ("snelheid", "empathie"), ("klacht",)
WORDS = ("snel", "vriendelijk", "formulier", "loket", "belde", "brief", "afspraak", "polis")


def texts_of(n: int, seed: int = 0) -> LabelledTexts:
    generator = np.random.default_rng(seed)
    has = generator.random((n, len(WORDS))) < 0.5
    themes = has[:, :2]
    polarity = np.where(themes, np.where(has[:, [2]], -1, 1), 0).astype(np.int8)
    tone = polarity.sum(axis=1).astype(np.float64)
    return LabelledTexts(
        texts=tuple(" ".join(word for word, is_in in zip(WORDS, row, strict=True) if is_in) for row in has),
        themes=themes,
        polarity=polarity,
        quotes=(),
        sentiment=tone,
        nps=5 + 2 * tone,
        cas=5 + 2 * tone,
        signals=has[:, [3]],
        weight=np.ones(n),
    )


class WhoLearned(ClauseReader):  # type: ignore[misc]
    """Writes down what it learned from and what it read."""

    log: list[tuple[set[str], list[str]]] = []  # noqa: RUF012 - one log for all

    def fit(self, data: LabelledTexts, y: object = None) -> WhoLearned:
        self.learned_ = set(data.texts)
        super().fit(data)
        return self

    def read(self, texts: list[str]) -> object:
        self.log.append((self.learned_, list(texts)))
        return super().read(texts)


def test_no_text_is_read_by_a_reader_that_learned_from_it_and_each_is_read_once() -> None:
    data = texts_of(60)
    data = LabelledTexts(
        **{
            **{name: getattr(data, name) for name in data.__slots__},
            "texts": tuple(f"{text} nummer{k}" for k, text in enumerate(data.texts)),
        }
    )
    folds: NDArray[np.int64] = np.arange(60) * 7 % 3
    WhoLearned.log.clear()
    steps: list[int] = []
    readings = cross_fitted_readings(
        lambda: WhoLearned(THEMES, SIGNALS), data, folds, lambda: steps.append(1)
    )
    assert [len(learned) for learned, _ in WhoLearned.log] == [40, 40, 40]
    for learned, read in WhoLearned.log:
        assert not learned & set(read)
    assert sorted(text for _, read in WhoLearned.log for text in read) == sorted(data.texts)
    assert len(steps) == 3
    assert readings.values.shape == (60, len(readings.names))


def test_predictions_stand_in_the_order_of_the_texts() -> None:
    data = texts_of(240)
    folds = np.random.default_rng(1).integers(0, 4, 240)
    readings = cross_fitted_readings(lambda: ClauseReader(THEMES, SIGNALS), data, folds)
    predictions, others = cross_fitted_predictions(
        readings, data, folds, THEMES, SIGNALS, beside=[delayed(len)("ab"), delayed(len)("abc")]
    )
    assert others == [2, 3]
    assert predictions.theme_assigned.dtype == bool
    assert (predictions.theme_assigned == data.themes).mean() > 0.95
    assert (predictions.signal_assigned == data.signals).mean() > 0.9
    assert np.corrcoef(predictions.nps.expected, data.nps)[0, 1] > 0.8
    assert np.allclose(predictions.cas.probability.sum(axis=1), 1)
