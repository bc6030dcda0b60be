from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from feedback_nlp.errors import ScoreError, TableError
from feedback_nlp.scoring import Finished, LocalEngine, make_plan, score
from feedback_nlp.scoring.journal import Journal
from tests.feedback_nlp.scoring.support import DEADLY, HereEngine, classified, manifest, mortal, write_csv

PHRASES = ["in de wacht", "heel begripvol", "", "x" * 20_001, 'snel; "top"\nen traag', "-wacht", "één klacht"]
LENGTHS = st.sampled_from([0, 1, 7, 8, 9, 32, 33, 100])


def texts(number: int) -> list[str]:
    """So many texts, good and bad; a long one only now and then."""
    return [PHRASES[n % len(PHRASES) if n % 30 == 3 else n % 3] for n in range(number)]


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of 32 rows."""
    monkeypatch.setattr("feedback_nlp.scoring.chunks.BATCH", 8)


def run(source: Path, out: Path, *, before: Callable[[int], object] = lambda number: None) -> Finished:
    return score(make_plan(source, out, manifest()), HereEngine(before))


class Killed(BaseException):
    """Stands for `kill -9`: nothing is tidied up after it."""


@pytest.fixture
def killing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that is killed leaves its work folder as it was last noted, with whatever else was written since."""
    tidy = Journal.__exit__

    def leave(
        self: Journal, kind: type[BaseException] | None, exc: BaseException | None, trace: object
    ) -> None:
        if kind is Killed:
            if self._part is not None:
                self._part.close()
            self._lock.release()
        else:
            tidy(self, kind, exc, trace)  # type: ignore[arg-type]

    monkeypatch.setattr(Journal, "__exit__", leave)


@given(LENGTHS, st.sampled_from(["jsonl", "csv"]))
def test_the_results_are_those_of_classify_byte_for_byte(number: int, kind: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = write_csv(Path(folder) / "in.csv", texts(number))
        out = Path(folder) / f"out.{kind}"
        finished = run(source, out)
        assert out.read_bytes() == classified(source, kind)
        assert (finished.rows, finished.skipped) == (number, 0)
        assert sorted(path.name for path in Path(folder).iterdir()) == ["in.csv", out.name]


@pytest.mark.usefixtures("killing")
@pytest.mark.parametrize("kind", ["jsonl", "csv", "parquet"])
@pytest.mark.parametrize("every", [0.0, 1e9])
def test_a_run_that_is_stopped_anywhere_goes_on_and_ends_the_same(
    kind: str, every: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("feedback_nlp.scoring.journal._EVERY", every)
    source = write_csv(tmp_path / "in.csv", texts(300))
    whole, out = tmp_path / f"whole.{kind}", tmp_path / f"out.{kind}"
    run(source, whole)
    for stop in (KeyboardInterrupt, Killed, KeyboardInterrupt, Killed):

        def before(number: int, stop: type[BaseException] = stop) -> None:
            if number == 2:
                raise stop

        with pytest.raises(stop):
            run(source, out, before=before)
        assert not out.exists()
        if (
            every == 0.0
            and json.loads((tmp_path / f"out.{kind}.work/progress.json").read_text())["rows"] > 3_000
        ):
            break
    finished = run(source, out)
    assert finished.skipped > 0
    assert finished.rows == 300
    assert out.read_bytes() == whole.read_bytes()
    assert not (tmp_path / f"out.{kind}.work").exists()


@pytest.mark.usefixtures("killing")
def test_a_folder_that_is_stopped_between_and_in_its_files_ends_the_same(tmp_path: Path) -> None:
    source = tmp_path / "in"
    for number, rows in enumerate([0, 50, 3, 70, 10]):
        month = source / f"month={number}"
        month.mkdir(parents=True)
        write_csv(month / "part.csv", texts(rows))
    run(source, tmp_path / "whole")
    out = tmp_path / "out"
    for at in (1, 2, 1, 2):

        def before(number: int, at: int = at) -> None:
            if number == at:
                raise Killed if at % 2 else KeyboardInterrupt

        with pytest.raises((Killed, KeyboardInterrupt)):
            run(source, out, before=before)
        assert not out.exists()
    finished = run(source, out)
    assert finished.rows == 133
    files = sorted(path.relative_to(out) for path in out.rglob("*.csv"))
    assert files == [Path(f"month={number}/part.csv") for number in range(5)]
    for file in files:
        assert (out / file).read_bytes() == (tmp_path / "whole" / file).read_bytes()
        assert (out / file).read_bytes() == classified(source / file, "csv")


def test_a_stop_at_the_very_end_of_a_file_neither_loses_nor_doubles_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write_csv(tmp_path / "in.csv", texts(60))
    plan = make_plan(source, tmp_path / "out.jsonl", manifest())

    def fails(journal: Journal) -> None:
        raise OSError("disk")

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "_next_file", fails)
        with pytest.raises(OSError, match="disk"):
            score(plan, HereEngine())
    assert (tmp_path / "out.jsonl.work").exists()
    assert score(plan, HereEngine()) == replace(run(source, tmp_path / "b.jsonl"), skipped=60)
    assert (tmp_path / "out.jsonl").read_bytes() == classified(source, "jsonl")


def test_parquet_holds_the_same_as_the_spreadsheet_with_types(tmp_path: Path) -> None:
    source = write_csv(tmp_path / "in.csv", texts(80))
    run(source, tmp_path / "out.csv")
    run(source, tmp_path / "out.parquet")
    run(source, tmp_path / "out.jsonl")
    table = parquet.read_table(tmp_path / "out.parquet")
    header = (tmp_path / "out.csv").read_text("utf-8-sig").split("\n", 1)[0].strip()
    assert table.column_names == header.split(";")
    assert table.schema.field("sentiment").type == pa.float64()
    assert table.schema.field("needs_review").type == pa.bool_()
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    for row, line in zip(table.to_pylist(), lines, strict=True):
        assert row["id"] == line["id"]
        assert row["team"] == "=team; noord"
        if "error" in line:
            assert row["error"] == line["error"]
            assert row["sentiment"] is None
        else:
            assert row["error"] is None
            assert row["sentiment"] == line["sentiment"]["score"]
            assert row["bereikbaarheid_score"] == line["themes"][0]["score"] or row["themes"]


def test_partitioned_parquet_comes_out_partitioned_with_its_own_columns_as_they_were(tmp_path: Path) -> None:
    months = pa.array(["2026-01", "2026-02", "2026-01"]).dictionary_encode()
    table = pa.table(
        {
            "id": [1, 2, 3],
            "tekst": ["in de wacht", None, "heel begripvol"],
            "cijfer": pa.array([3, 4, None], pa.int8()),
            "soort": pa.array(["a", "b", "a"]).dictionary_encode(),
            "tags": [["x"], [], None],
            "month": months,
        }
    )
    parquet.write_to_dataset(table, tmp_path / "in", partition_cols=["month"])
    (tmp_path / "in" / "_SUCCESS").touch()
    finished = run(tmp_path / "in", tmp_path / "out")
    assert (finished.rows, finished.failed) == (3, 1)
    read = parquet.read_table(tmp_path / "out", partitioning="hive").sort_by("id").to_pylist()
    assert [(row["id"], row["cijfer"], row["soort"], row["tags"], row["month"]) for row in read] == [
        ("1", 3, "a", '["x"]', "2026-01"),
        ("2", 4, "b", "[]", "2026-02"),
        ("3", None, "a", None, "2026-01"),
    ]
    assert parquet.read_schema(next((tmp_path / "out").rglob("*.parquet"))).field("cijfer").type == pa.int8()


def test_what_was_begun_with_another_model_or_input_is_not_gone_on_with(tmp_path: Path) -> None:
    source = write_csv(tmp_path / "in.csv", texts(80))
    out = tmp_path / "out.jsonl"

    def stop(number: int) -> None:
        if number:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(source, out, before=stop)
    with pytest.raises(ScoreError, match=r"begun with other model; .* --restart"):
        score(make_plan(source, out, manifest("2")), HereEngine())
    write_csv(source, texts(100))
    with pytest.raises(ScoreError, match="begun with other files"):
        run(source, out)
    finished = score(make_plan(source, out, manifest("2")), HereEngine(), restart=True)
    assert (finished.rows, finished.skipped) == (100, 0)
    assert out.read_bytes() == classified(source, "jsonl")


def test_two_runs_cannot_write_the_same_results(tmp_path: Path) -> None:
    source = write_csv(tmp_path / "in.csv", texts(10))
    plan = make_plan(source, tmp_path / "out.csv", manifest())
    with pytest.raises(ScoreError, match="another run"), Journal(plan), Journal(plan):
        pass


def test_a_bad_file_in_a_folder_is_named_and_the_rest_is_kept_for_when_it_is_mended(tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    write_csv(source / "a.csv", texts(50))
    bad = write_csv(source / "b.csv", texts(50), name="onbekend")
    with pytest.raises(TableError, match=r"b\.csv: which column holds the text"):
        run(source, tmp_path / "out")
    shutil.copyfile(source / "a.csv", bad)
    with pytest.raises(ScoreError, match="begun with other files"):
        run(source, tmp_path / "out")


@pytest.mark.parametrize(
    ("source", "out", "says"),
    [
        ("nergens", "out.csv", "no such file or folder"),
        ("leeg", "out", "holds no file that can be read"),
        ("in.csv", "in.csv", "is the input"),
        ("in.csv", "out.pdf", "must end in"),
        ("in.csv", "leeg", "is a folder"),
        ("in.csv", "weg/out.csv", "does not exist"),
        ("map", "map/out", "must not stand inside"),
        ("map", "vol", "exists already"),
        ("dubbel", "out", "two files"),
    ],
)
def test_what_cannot_end_well_is_refused_before_the_work(
    tmp_path: Path, source: str, out: str, says: str
) -> None:
    for name in ("leeg", "map", "vol", "dubbel"):
        (tmp_path / name).mkdir()
    for name in ("in.csv", "map/a.csv", "vol/b.csv", "dubbel/a.csv"):
        write_csv(tmp_path / name, texts(3))
    (tmp_path / "dubbel/a.txt").write_text("tekst\nhoi\n")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ScoreError, match=says):
        run(tmp_path / source, tmp_path / out)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_worker_process_that_is_killed_is_replaced_and_nothing_is_lost(tmp_path: Path) -> None:
    source = write_csv(tmp_path / "in.csv", [*texts(50), DEADLY, *texts(50)])
    out = tmp_path / "out.jsonl"
    finished = score(make_plan(source, out, manifest()), LocalEngine(mortal(tmp_path, 2), 2))
    assert finished.rows == 101
    assert out.read_bytes() == classified(source, "jsonl")
    assert list((tmp_path / "lives").iterdir()) == []


def test_a_row_that_kills_every_worker_is_told_and_what_was_done_is_kept(tmp_path: Path) -> None:
    source = write_csv(tmp_path / "in.csv", [*texts(50), DEADLY])
    plan = make_plan(source, tmp_path / "out.jsonl", manifest())
    with pytest.raises(ScoreError, match="died 4 times"):
        score(plan, LocalEngine(mortal(tmp_path, 100), 1))
    assert score(plan, HereEngine()).skipped == 32
