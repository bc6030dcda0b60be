"""What 300 items chosen by `suggest` are worth beside 300 random ones, simulated on the corpus.

Every figure is on the project's synthetic corpus. So that five seeds take minutes, a stand-in for the model learns
here: one linear support vector machine a theme over the n-grams of whole texts. The way of choosing was found on
training items alone (see `docs/decisions/active-labelling.md`); this judges it on the frozen test split.
"""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import expit
from scipy.stats import t as student
from sklearn.decomposition import TruncatedSVD
from sklearn.svm import LinearSVC

from feedback_nlp.embedding import unit
from feedback_nlp.features import NgramFeatures
from feedback_nlp.taxonomy import Taxonomy
from training.corpus import CORPUS, load_corpus, to_arrays
from training.scores import f1_per_label
from training.splits import is_test
from training.suggest import suggest

SEEDS = range(100, 105)
KNOWN, CHOSEN = 1000, 300

pytestmark = pytest.mark.bench


def margins(
    rows: sparse.csr_matrix, labels: NDArray[np.bool_], others: sparse.csr_matrix
) -> NDArray[np.float64]:
    columns = []
    for k in range(labels.shape[1]):
        model = LinearSVC(C=0.3, tol=1e-2, class_weight="balanced", random_state=0).fit(rows, labels[:, k])
        columns.append(model.decision_function(others))
    return np.stack(columns, axis=1)


def test_suggested_items_lift_macro_f1_more_than_random_ones() -> None:
    taxonomy = Taxonomy.default()
    items = load_corpus(CORPUS)
    data = to_arrays(items, taxonomy)
    tested = np.array([is_test(item.id) for item in items])
    training, test = np.flatnonzero(~tested), np.flatnonzero(tested)
    features = NgramFeatures(min_words=3, min_letters=5, longest=4).fit([data.texts[row] for row in training])
    rows = features.transform(data.texts)
    points = unit(TruncatedSVD(64, random_state=0).fit(rows[training]).transform(rows))
    lengths = np.array([len(text) for text in data.texts])

    def macro_f1(known: NDArray[np.int64]) -> float:
        assigned = margins(rows[known], data.themes[known], rows[test]) >= 0
        return float(f1_per_label(data.themes[test], assigned).mean())

    gains = []
    for seed in SEEDS:
        generator = np.random.default_rng(seed)
        order = generator.permutation(training)
        known, pool = order[:KNOWN], order[KNOWN:]
        probability = expit(2 * margins(rows[known], data.themes[known], rows[pool]))
        themes = taxonomy.theme_codes
        chosen = suggest(
            probability, [0.5] * len(themes), points[pool], themes, CHOSEN, lengths=list(lengths[pool])
        )
        by_suggest = pool[[one.row for one in chosen]]
        by_chance = generator.permutation(pool)[:CHOSEN]
        alike = of_like_length(by_suggest, pool, lengths, generator)
        before = macro_f1(known)
        arms = (by_suggest, by_chance, alike)
        lifts = [macro_f1(np.concatenate([known, extra])) - before for extra in arms]
        gains.append((lifts[0] - lifts[1], lifts[0] - lifts[2]))
        sizes = [lengths[extra].mean() for extra in arms]
        print(
            f"\nseed {seed}: macro-F1 {before:.4f}, suggested {lifts[0]:+.4f} ({sizes[0]:.0f} characters a text), "
            f"random {lifts[1]:+.4f} ({sizes[1]:.0f}), random of like length {lifts[2]:+.4f} ({sizes[2]:.0f})",
            end="",
        )
    for name, values in zip(("random", "random of like length"), np.array(gains).T, strict=True):
        half = float(student.ppf(0.975, values.size - 1) * values.std(ddof=1)) / values.size**0.5
        mean = float(values.mean())
        print(
            f"\nsuggested beside {name}: {mean:+.4f} (95 % interval {mean - half:+.4f} to {mean + half:+.4f})",
            end="",
        )
    assert np.array(gains)[:, 0].mean() > 0


def of_like_length(
    chosen: NDArray[np.int64],
    pool: NDArray[np.int64],
    lengths: NDArray[np.int64],
    generator: np.random.Generator,
) -> NDArray[np.int64]:
    """As many other pool items, drawn from among the ten free ones on either side in length."""
    free = list(pool[np.argsort(lengths[pool], kind="stable")])
    found = []
    for row in chosen:
        place = int(np.searchsorted(lengths[free], lengths[row]))
        near = max(0, min(len(free) - 1, place + int(generator.integers(-10, 11))))
        found.append(free.pop(near))
    return np.array(found)
