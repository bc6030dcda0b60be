"""What 300 items chosen by `suggest` are worth beside 300 random ones, simulated on the corpus.

Every figure is on the project's synthetic corpus. So that five seeds take minutes, a stand-in for the model learns
here: one linear support vector machine a theme over the n-grams of whole texts. The way of choosing was found on
training items alone (see `docs/decisions/active-labelling.md`); this judges it on the frozen test split.
`BENCH_SMALL=1 python -m tests.benchmarks.bench_suggest` tries it on less.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

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
from tests.benchmarks.command_line import arguments
from tests.benchmarks.programs import small
from tests.benchmarks.tables import markdown, publish
from training.corpus import CORPUS, load_corpus, to_arrays
from training.scores import f1_per_label
from training.splits import is_test
from training.suggest import suggest

SEEDS = range(100, small(105, 102))
KNOWN, CHOSEN = small((1000, 300), (400, 60))
EVERY = small(1, 6)
NAME = "python -m tests.benchmarks.bench_suggest --into docs/benchmarks.md"


@dataclass(frozen=True)
class Trial:
    """One seed: macro-F1 before, and lift and mean characters of suggested, random and alike random items."""

    seed: int
    before: float
    lifts: tuple[float, float, float]
    sizes: tuple[float, float, float]


def margins(
    rows: sparse.csr_matrix, labels: NDArray[np.bool_], others: sparse.csr_matrix
) -> NDArray[np.float64]:
    columns = []
    for k in range(labels.shape[1]):
        model = LinearSVC(C=0.3, tol=1e-2, class_weight="balanced", random_state=0).fit(rows, labels[:, k])
        columns.append(model.decision_function(others))
    return np.stack(columns, axis=1)


def measure() -> list[Trial]:
    taxonomy = Taxonomy.default()
    items = load_corpus(CORPUS)[::EVERY]
    data = to_arrays(items, taxonomy)
    tested = np.array([is_test(item.id) for item in items])
    training, test = np.flatnonzero(~tested), np.flatnonzero(tested)
    features = NgramFeatures(min_words=3, min_letters=5, longest=4).fit([data.texts[row] for row in training])
    rows = features.transform(data.texts)
    points = unit(TruncatedSVD(64, random_state=0).fit(rows[training]).transform(rows))
    lengths = np.array([len(text) for text in data.texts])
    themes = taxonomy.theme_codes

    def macro_f1(known: NDArray[np.int64]) -> float:
        assigned = margins(rows[known], data.themes[known], rows[test]) >= 0
        return float(f1_per_label(data.themes[test], assigned).mean())

    def trial(seed: int) -> Trial:
        generator = np.random.default_rng(seed)
        order = generator.permutation(training)
        known, pool = order[:KNOWN], order[KNOWN:]
        probability = expit(2 * margins(rows[known], data.themes[known], rows[pool]))
        chosen = suggest(
            probability, [0.5] * len(themes), points[pool], themes, CHOSEN, lengths=list(lengths[pool])
        )
        by_suggest = pool[[one.row for one in chosen]]
        by_chance = generator.permutation(pool)[:CHOSEN]
        alike = of_like_length(by_suggest, pool, lengths, generator)
        before = macro_f1(known)
        lifts = [
            macro_f1(np.concatenate([known, extra])) - before for extra in (by_suggest, by_chance, alike)
        ]
        sizes = [float(lengths[extra].mean()) for extra in (by_suggest, by_chance, alike)]
        return Trial(seed, before, (lifts[0], lifts[1], lifts[2]), (sizes[0], sizes[1], sizes[2]))

    return [trial(seed) for seed in SEEDS]


def gain(trials: list[Trial], arm: int) -> tuple[float, float, float]:
    """Mean lift of the suggested items beyond another arm's, and its 95 % interval by Student's t."""
    values = np.array([one.lifts[0] - one.lifts[arm] for one in trials])
    half = float(student.ppf(0.975, values.size - 1) * values.std(ddof=1)) / values.size**0.5
    mean = float(values.mean())
    return mean, mean - half, mean + half


def table(trials: list[Trial]) -> str:
    rows: list[tuple[object, ...]] = [
        (one.seed, f"{one.before:.3f}", *(f"{lift:+.3f}" for lift in one.lifts),
         f"{one.lifts[0] / one.lifts[1]:.2f}" if one.lifts[1] > 0 else "")
        for one in trials
    ]  # fmt: skip
    beside = ["{:+.3f} ({:+.3f} to {:+.3f})".format(*gain(trials, arm)) for arm in (1, 2)]
    mean = [float(np.mean([one.lifts[arm] for one in trials])) for arm in (0, 1)]
    rows.append(
        (
            f"suggested beside it, mean of {len(trials)} (95 % interval)",
            "",
            "",
            *beside,
            f"{mean[0] / mean[1]:.2f}",
        )
    )
    header = (
        "seed", f"macro-F1 from {KNOWN:,}", f"{CHOSEN} suggested", f"{CHOSEN} random",
        f"{CHOSEN} random of like length", "suggested, ratio to random",
    )  # fmt: skip
    return markdown(header, rows)


def publish_all(into: Path | None = None) -> float:
    """The mean gain over random items."""
    trials = measure()
    sizes = [np.mean([one.sizes[arm] for one in trials]) for arm in (0, 1, 2)]
    note = (
        "Lift of macro-F1 on the test split of the project's synthetic corpus by a stand-in for the model (a linear "
        "support\nvector machine a theme). Characters a text: "
        f"suggested {sizes[0]:.0f}, random {sizes[1]:.0f}, random of like length {sizes[2]:.0f}."
    )
    publish("suggest", f"{table(trials)}\n\n{note}", command=NAME, into=into)
    return gain(trials, 1)[0]


@pytest.mark.bench
@pytest.mark.filterwarnings("default")  # a fit of the stand-in that has not converged must not end the bench
def test_suggested_items_lift_macro_f1_more_than_random_ones() -> None:
    assert publish_all() > 0


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


def main() -> None:
    publish_all(arguments(__doc__, models=False).into)


if __name__ == "__main__":
    main()
