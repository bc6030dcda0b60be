"""How many texts a second are redacted on one core: `python tests/benchmarks/bench_redact.py [FILE.jsonl]`.

Prints a table over the redaction test set as it is, strung together to
texts of 28 words (many numbers, the hardest case), over the labelled corpus, and over given files. Where
nl_core_news_sm is installed, also what its names add on the test set, and at what speed.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from feedback_nlp.privacy import Kind, Redactor
from feedback_nlp.privacy.scoring import load_marked, score
from feedback_nlp.privacy.trained import installed_names

TARGET = 2_000  # texts a second on a core
TEST_SET = Path(__file__).parents[1] / "data" / "redaction.jsonl"
CORPUS = Path(__file__).parents[2] / "training" / "data" / "corpus.jsonl"


def texts_of(path: Path) -> list[str]:
    return [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines()]


def rate(texts: list[str], rounds: int = 3, redactor: Redactor | None = None) -> float:
    """Texts a second of processor time, the best of some rounds."""
    redactor = redactor or Redactor.default()
    best = float("inf")
    for _ in range(rounds):
        started = time.process_time()
        for text in texts:
            redactor.redact(text)
        best = min(best, time.process_time() - started)
    return len(texts) / best


def like_feedback(rows: list[dict[str, Any]], words: int = 28) -> list[str]:
    """Texts of about so many words, most without personal data: decoys strung together."""
    plain = [row["text"] for row in rows if row["decoy"]]
    marked = iter(row["text"] for row in rows if not row["decoy"])
    texts: list[str] = []
    current = ""
    for text in plain * 3:
        current = f"{current} {text}".strip()
        if len(current.split()) >= words:
            texts.append(f"{current} {next(marked)}" if len(texts) % 10 == 0 else current)
            current = ""
    return texts


@pytest.mark.bench
@pytest.mark.parametrize("path", [TEST_SET, CORPUS], ids=lambda path: path.name)
def test_two_thousand_texts_a_second_on_a_core(path: Path) -> None:
    assert rate(texts_of(path)) >= TARGET


def main() -> None:
    rows = [json.loads(line) for line in TEST_SET.read_text(encoding="utf-8").splitlines()]
    sets = {
        "redaction test set": texts_of(TEST_SET),
        "the same, strung together": like_feedback(rows),
        "the labelled corpus": texts_of(CORPUS),
    }
    for name in sys.argv[1:]:
        sets[Path(name).name] = texts_of(Path(name))
    print("| texts | number | mean words | changed | texts a second |")
    print("|---|---|---|---|---|")
    for name, texts in sets.items():
        words = sum(len(text.split()) for text in texts) / len(texts)
        changed = sum(Redactor.default().redact(text).changed for text in texts) / len(texts)
        print(f"| {name} | {len(texts):,} | {words:.1f} | {changed:.1%} | {rate(texts):,.0f} |")
    names = installed_names()
    if names is None:
        print("\nnl_core_news_sm is not installed, so what its names would add is not measured")
        return
    print("\n| on the test set | recall | recall of names | decoys left alone | texts a second |")
    print("|---|---|---|---|---|")
    for name, redactor in (("rules", Redactor.default()), ("with nl_core_news_sm", Redactor(names=names))):
        scores = score(load_marked(TEST_SET), redactor)
        of_names = scores.caught[Kind.NAME] / scores.marked[Kind.NAME]
        speed = rate(texts_of(TEST_SET), 1, redactor)
        print(
            f"| {name} | {scores.recall:.3f} | {of_names:.3f} | {scores.decoys_left_alone:.3f} | {speed:,.0f} |"
        )


if __name__ == "__main__":
    main()
