"""`feedback-nlp score` as a program, with a real, small model."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from feedback_nlp.cli import app
from training.corpus import CORPUS

COMMAND = [sys.executable, "-m", "feedback_nlp.cli"]


def corpus_csv(path: Path, rows: int) -> Path:
    texts = [json.loads(line)["text"] for line in CORPUS.read_text("utf-8").splitlines()]
    lines = (
        json.dumps({"id": n, "tekst": "" if n % 97 == 5 else texts[n % len(texts)], "nps": n % 12}) + "\n"
        for n in range(rows)
    )
    path.write_text("".join(lines), "utf-8")
    return path


def classified(source: Path, out: Path) -> bytes:
    result = CliRunner().invoke(app, ["classify", str(source), "--out", str(out)])
    assert result.exit_code == 1, result.output
    return out.read_bytes()


@pytest.mark.slow
def test_score_writes_what_classify_writes_and_counts_the_rows_that_failed(
    live_model: Path, tmp_path: Path
) -> None:
    source = corpus_csv(tmp_path / "in.jsonl", 1200)
    for kind in ("csv", "jsonl"):
        out = tmp_path / f"score.{kind}"
        run = subprocess.run(
            [*COMMAND, "score", str(source), str(out), "--workers", "2"], capture_output=True, text=True
        )
        assert run.returncode == 1, run.stderr
        assert "1,200 rows" in run.stderr
        assert out.read_bytes() == classified(source, tmp_path / f"classify.{kind}")


def killed_and_gone_on(source: Path, out: Path, kills: int, number: int, longest: float) -> int:
    """Start it so many times, stop it after a random while with a signal, then let it end; gives the exit code.

    Every second time the while begins only when it has got further than the run before, however busy the machine is,
    and is a tenth as long at most, so that it comes while it works, however fast the machine is.
    """
    command = [*COMMAND, "score", str(source), str(out), "--workers", "2"]
    progress = Path(f"{out}.work") / "progress.json"
    chance = random.Random()

    def rows_done() -> int:
        return json.loads(progress.read_text())["rows"] if progress.exists() else 0

    rows = [0]
    for turn in range(kills):
        # A shell that starts a suite in the background has it ignore Ctrl-C, and a child would inherit that.
        process = subprocess.Popen(
            command,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        deadline = time.monotonic() + 300
        while turn % 2 and process.poll() is None and rows_done() <= rows[-1]:
            assert time.monotonic() < deadline, "it gets no further"
            time.sleep(0.02)
        deadline = time.monotonic() + chance.uniform(0, longest / 10 if turn % 2 else longest)
        while process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(number)
        process.wait(60)
        if out.exists():
            break
        rows.append(rows_done())
        for _ in range(1200):  # a stopped run takes its workers with it
            try:
                os.killpg(process.pid, 0)
            except ProcessLookupError:
                break
            time.sleep(0.05)
        else:
            pytest.fail("workers outlived the run")
    print(f"rows done at each stop: {rows}")
    assert rows == sorted(rows)
    assert len(set(rows)) > 1, "some stops must come while it works"
    return subprocess.run(command, capture_output=True).returncode


@pytest.mark.drill
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_stopped_at_random_ends_with_the_same_bytes(
    live_model: Path, tmp_path: Path, number: int
) -> None:
    source = corpus_csv(tmp_path / "in.jsonl", 30_000)
    out = tmp_path / "score.jsonl"
    assert killed_and_gone_on(source, out, 10, number, 3.0) == 1
    assert out.read_bytes() == classified(source, tmp_path / "classify.jsonl")
    assert not Path(f"{out}.work").exists()
