"""How many texts a second are redacted on one core: `python -m tests.benchmarks.bench_redact [--file FILE.jsonl]`.

Makes a table over the redaction test set as it is, strung together to
texts of 28 words (many numbers, the hardest case), over the labelled corpus, and over given files. Where
nl_core_news_sm is installed, also what its names add on the test set, and at what speed.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from feedback_nlp.privacy import Kind, Redactor
from feedback_nlp.privacy.scoring import load_marked, score
from feedback_nlp.privacy.trained import installed_names
from tests.benchmarks.command_line import arguments
from tests.benchmarks.programs import small
from tests.benchmarks.tables import markdown, publish
from training.corpus import CORPUS

TARGET = 2_000  # texts a second on a core
ROUNDS = small(3, 1)
NAME = "python -m tests.benchmarks.bench_redact --into docs/benchmarks.md"
TEST_SET = Path(__file__).parents[1] / "data" / "redaction.jsonl"


def texts_of(path: Path) -> list[str]:
    return [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines()]


def rate(texts: list[str], rounds: int = ROUNDS, redactor: Redactor | None = None) -> float:
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


def speeds(files: Sequence[Path]) -> tuple[str, dict[str, float]]:
    """The table, and texts a second by set."""
    rows = [json.loads(line) for line in TEST_SET.read_text(encoding="utf-8").splitlines()]
    sets = {
        "redaction test set": texts_of(TEST_SET),
        "the same, strung together": like_feedback(rows),
        "the labelled corpus": texts_of(CORPUS),
        **{path.name: texts_of(path) for path in files},
    }
    lines, found = [], {}
    for name, texts in sets.items():
        words = sum(len(text.split()) for text in texts) / len(texts)
        changed = sum(Redactor.default().redact(text).changed for text in texts) / len(texts)
        found[name] = rate(texts)
        lines.append(
            (name, f"{len(texts):,}", f"{words:.1f}", f"{changed:.1%}", f"{found[name]:,.0f}",
             f"{found[name] / TARGET:.1f}")
        )  # fmt: skip
    header = ("texts", "number", "mean words", "changed", "texts/s", f"ratio to the least ({TARGET:,})")
    return markdown(header, lines), found


def quality() -> str:
    """Recall on the test set by the rules and, where it is installed, with nl_core_news_sm."""
    redactors = {"rules": Redactor.default()}
    names = installed_names()
    if names is not None:
        redactors["with nl_core_news_sm"] = Redactor(names=names)
    lines = []
    for name, redactor in redactors.items():
        scores = score(load_marked(TEST_SET), redactor)
        of_names = scores.caught[Kind.NAME] / scores.marked[Kind.NAME]
        speed = rate(texts_of(TEST_SET), 1, redactor)
        lines.append(
            (
                name,
                f"{scores.recall:.3f}",
                f"{of_names:.3f}",
                f"{scores.decoys_left_alone:.3f}",
                f"{speed:,.0f}",
            )
        )
    table = markdown(("on the test set", "recall", "recall of names", "decoys left alone", "texts/s"), lines)
    if names is None:
        table += "\n\nnl_core_news_sm is not installed, so what its names would add is not measured."
    return table


def publish_all(files: Sequence[Path] = (), into: Path | None = None) -> dict[str, float]:
    table, found = speeds(files)
    note = "Texts a second of processor time on one core, before any model sees them."
    publish("redact", f"{table}\n\n{quality()}\n\n{note}", command=NAME, into=into)
    return found


@pytest.mark.bench
def test_two_thousand_texts_a_second_are_redacted_on_a_core() -> None:
    found = publish_all()
    assert {
        name: found[name] for name in ("redaction test set", "the labelled corpus") if found[name] < TARGET
    } == {}


def main() -> None:
    more = {
        "type": Path,
        "action": "append",
        "default": [],
        "help": "further texts; may be given several times",
    }
    options = arguments(__doc__, models=False, file=more)
    publish_all(options.file, options.into)


if __name__ == "__main__":
    main()
