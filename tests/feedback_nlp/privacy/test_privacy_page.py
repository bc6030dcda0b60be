from __future__ import annotations

import os
from pathlib import Path

from feedback_nlp.privacy import Kind, Redactor
from feedback_nlp.privacy.scoring import as_table, load_marked, score

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "privacy.md"
BEGIN, END = "<!-- figures: begin -->\n", "<!-- figures: end -->\n"


def figures() -> str:
    rows = load_marked(ROOT / "tests" / "data" / "redaction.jsonl")
    held_out = [row for row in rows if row.held_out]
    now, first = score(rows, Redactor.default()), score(held_out, None, at_first=True)
    return (
        f"\n{len(rows)} sentences, {now.decoys} of them decoys without personal data.\n\n"
        f"{as_table(now)}\n\n"
        f"Decoys left alone: {now.untouched} of {now.decoys} ({now.decoys_left_alone:.3f}).\n\n"
        f"The better guide: {len(held_out)} of the sentences were written after the rules and first tried "
        "as they were. "
        f"On that first try {first.caught.total()} of {first.marked.total()} stretches were taken out "
        f"(recall {first.recall:.3f}; names {first.caught[Kind.NAME] / first.marked[Kind.NAME]:.3f}) "
        f"and {first.untouched} of {first.decoys} decoys were left alone ({first.decoys_left_alone:.3f}).\n\n"
    )


def test_the_figures_on_the_page_are_the_measured_ones() -> None:
    """`UPDATE_FIGURES=1 pytest …` writes them."""
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN)
    after = rest.split(END)[1]
    expected = f"{before}{BEGIN}{figures()}{END}{after}"
    if os.environ.get("UPDATE_FIGURES"):
        PAGE.write_text(expected, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == expected


def test_the_page_explains_every_placeholder() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert all(f"| `{kind.placeholder}` |" in page for kind in Kind)


def test_the_targets_are_met() -> None:
    rows = load_marked(ROOT / "tests" / "data" / "redaction.jsonl")
    scores = score(rows, Redactor.default())
    assert scores.recall >= 0.97
    assert scores.decoys_left_alone >= 0.97
