"""How many labels that were flipped on purpose the audit finds.

Every figure is on the project's synthetic corpus. All evidence is taken off first: it would give the flips away.
`BENCH_SMALL=1 python -m tests.benchmarks.bench_audit` tries it on less.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from feedback_nlp.taxonomy import Taxonomy
from tests.benchmarks.command_line import arguments
from tests.benchmarks.programs import small
from tests.benchmarks.tables import markdown, publish
from training.audit import suspicions
from training.corpus import CORPUS, LabelledItem, load_corpus
from training.held_out import held_out_predictions

FLIPPED = 0.05
LOOKED_AT = 0.10
WANTED = 0.60
EVERY = {"labels": small(3, 24), "items": small(1, 12)}
NAME = "python -m tests.benchmarks.bench_audit --into docs/benchmarks.md"


@dataclass(frozen=True)
class Found:
    """How many labels were flipped among how many items, and which share of them the audit finds."""

    items: int
    flipped: int
    share: float


def flipped(
    items: Sequence[LabelledItem], cells: NDArray[np.int64], themes: Sequence[str], seed: int = 0
) -> list[LabelledItem]:
    """The items with the label of every cell (item x themes + theme) turned round, and no evidence."""
    draw = np.random.default_rng(seed)
    labels = [dict(item.themes) for item in items]
    for cell in cells:
        row, code = int(cell) // len(themes), themes[int(cell) % len(themes)]
        if code in labels[row]:
            del labels[row][code]
        else:
            labels[row][code] = int(draw.choice([-1, 1]))
    return [replace(item, themes=own, evidence={}) for item, own in zip(items, labels, strict=True)]


def of_all_labels() -> Found:
    """One in twenty labels is flipped, given or not; a tenth of all labels is looked at."""
    items, taxonomy = load_corpus(CORPUS)[:: EVERY["labels"]], Taxonomy.default()
    themes = taxonomy.theme_codes
    total = len(items) * len(themes)
    cells = np.random.default_rng(1).choice(total, round(FLIPPED * total), replace=False)
    wrong, found = audited(items, cells, taxonomy)
    top = set(found[: round(LOOKED_AT * total)])
    return Found(len(items), len(wrong), len(wrong & top) / len(wrong))


def of_the_items() -> Found:
    """One label of one in twenty items is flipped; the tenth of the items with the most suspect label is looked at."""
    items, taxonomy = load_corpus(CORPUS)[:: EVERY["items"]], Taxonomy.default()
    draw, themes = np.random.default_rng(1), taxonomy.theme_codes
    rows = draw.choice(len(items), round(FLIPPED * len(items)), replace=False)
    cells = rows * len(themes) + draw.integers(0, len(themes), rows.size)
    wrong, found = audited(items, cells, taxonomy)
    looked_at = dict.fromkeys(item for item, _ in found)
    top = set(list(looked_at)[: round(LOOKED_AT * len(items))])
    return Found(len(items), len(wrong), sum(item in top for item, _ in wrong) / len(wrong))


def audited(
    items: Sequence[LabelledItem], cells: NDArray[np.int64], taxonomy: Taxonomy
) -> tuple[set[tuple[str, str]], list[tuple[str, str]]]:
    """The flipped labels, and all suspect ones, the most suspect first; a label is an item's id and a theme."""
    themes = taxonomy.theme_codes
    data, predictions = held_out_predictions(flipped(items, cells, themes), taxonomy)
    found = suspicions([item.id for item in items], data.themes, predictions.theme_probability, themes)
    wrong = {(items[cell // len(themes)].id, themes[cell % len(themes)]) for cell in map(int, cells)}
    return wrong, [(one.id, one.theme) for one in found]


def publish_all(into: Path | None = None) -> list[Found]:
    results = {"of all labels, given or not": of_all_labels(), "of the items, one label each": of_the_items()}
    rows = [
        (f"{FLIPPED:.0%} {what}", f"{one.items:,}", f"{one.flipped:,}", f"{one.share:.1%}",
         f"{one.share / WANTED:.2f}", f"{one.share / LOOKED_AT:.1f}")
        for what, one in results.items()
    ]  # fmt: skip
    header = (
        "flipped", "items", "labels flipped", f"found in the most suspect {LOOKED_AT:.0%}",
        f"ratio to what is wanted ({WANTED:.0%})", "ratio to looking at random",
    )  # fmt: skip
    note = "Profile `fast`, held-out predictions, the project's synthetic corpus without its evidence."
    publish("audit", f"{markdown(header, rows)}\n\n{note}", command=NAME, into=into)
    return list(results.values())


@pytest.mark.bench
def test_most_flipped_labels_are_among_the_most_suspect_tenth() -> None:
    assert min(one.share for one in publish_all()) >= WANTED


def main() -> None:
    publish_all(arguments(__doc__, models=False).into)


if __name__ == "__main__":
    main()
