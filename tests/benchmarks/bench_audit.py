"""How many labels that were flipped on purpose the audit finds.

Every figure is on the project's synthetic corpus. All evidence is taken off first: it would give the flips away.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from feedback_nlp.taxonomy import Taxonomy
from training.audit import suspicions
from training.corpus import CORPUS, LabelledItem, load_corpus
from training.held_out import held_out_predictions

FLIPPED = 0.05
LOOKED_AT = 0.10
WANTED = 0.60

pytestmark = pytest.mark.bench


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


@pytest.mark.parametrize("kind", ["of all labels, given or not", "of the items, one label each"])
def test_most_flipped_labels_are_among_the_most_suspect_tenth(kind: str) -> None:
    every = int(os.environ.get("AUDIT_EVERY", "1"))
    items, taxonomy = load_corpus(CORPUS)[::every], Taxonomy.default()
    themes, draw = taxonomy.theme_codes, np.random.default_rng(1)
    total = len(items) * len(themes)
    if kind.startswith("of all"):
        cells = draw.choice(total, round(FLIPPED * total), replace=False)
    else:
        rows = draw.choice(len(items), round(FLIPPED * len(items)), replace=False)
        cells = rows * len(themes) + draw.integers(0, len(themes), rows.size)
    data, predictions = held_out_predictions(flipped(items, cells, themes), taxonomy)
    found = suspicions([item.id for item in items], data.themes, predictions.theme_probability, themes)
    wrong = {(items[cell // len(themes)].id, themes[cell % len(themes)]) for cell in map(int, cells)}
    if kind.startswith("of all"):
        top = {(one.id, one.theme) for one in found[: round(LOOKED_AT * total)]}
        share = len(wrong & top) / len(wrong)
    else:  # a person looks at items: the tenth of them with the most suspect label
        looked_at: dict[str, None] = {}
        for one in found:
            looked_at.setdefault(one.id)
        top_items = set(list(looked_at)[: round(LOOKED_AT * len(items))])
        share = sum(item in top_items for item, _ in wrong) / len(wrong)
    print(
        f"\n5 % {kind} flipped ({len(wrong):,}): {share:.1%} in the most suspect 10 %, {len(items):,} items"
    )
    assert share >= WANTED
