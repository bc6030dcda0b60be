"""On a real cluster: a scheduler and workers that are processes of their own."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytest.importorskip("distributed")

import dask
from distributed import LocalCluster

from feedback_nlp.errors import ScoreError
from feedback_nlp.scoring import LocalEngine, make_plan, score
from feedback_nlp.scoring.dask_engine import DaskEngine
from tests.feedback_nlp.scoring.support import DEADLY, classified, manifest, mortal, write_csv

pytestmark = pytest.mark.slow

PHRASES = ["in de wacht", "heel begripvol", "", 'snel; "top"\nen traag', "-wacht", "één klacht"]


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of 32 rows."""
    monkeypatch.setattr("feedback_nlp.scoring.chunks.BATCH", 8)


def test_dask_local_and_classify_write_the_same_bytes(cluster: LocalCluster, tmp_path: Path) -> None:
    loader = mortal(tmp_path, 0)

    @settings(max_examples=10, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.sampled_from(PHRASES), max_size=150), st.sampled_from(["jsonl", "csv"]))
    def same(texts: list[str], kind: str) -> None:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            source = write_csv(folder / "in.csv", texts)
            plans = [make_plan(source, folder / f"{one}.{kind}", manifest()) for one in ("dask", "local")]
            score(plans[0], DaskEngine(loader, cluster.scheduler_address))
            score(plans[1], local)
            assert plans[0].out.read_bytes() == plans[1].out.read_bytes() == classified(source, kind)

    local = LocalEngine(loader, 1)
    same()


def test_each_worker_is_given_the_model_once_however_much_work_there_is(
    cluster: LocalCluster, tmp_path: Path
) -> None:
    source = write_csv(tmp_path / "in.csv", PHRASES * 100)
    plan = make_plan(source, tmp_path / "out.parquet", manifest())
    score(plan, DaskEngine(mortal(tmp_path, 0), cluster.scheduler_address))
    assert len(list((tmp_path / "loads").iterdir())) == 2


def test_a_worker_that_is_killed_during_the_run_changes_nothing(
    cluster: LocalCluster, tmp_path: Path
) -> None:
    source = write_csv(tmp_path / "in.csv", [*PHRASES * 30, DEADLY, *PHRASES * 30])
    plan = make_plan(source, tmp_path / "out.jsonl", manifest())
    finished = score(plan, DaskEngine(mortal(tmp_path, 1), cluster.scheduler_address))
    assert finished.rows == 361
    assert plan.out.read_bytes() == classified(source, "jsonl")
    assert list((tmp_path / "lives").iterdir()) == []


def test_a_scheduler_that_is_not_there_is_told(tmp_path: Path) -> None:
    source = write_csv(tmp_path / "in.csv", PHRASES)
    plan = make_plan(source, tmp_path / "out.jsonl", manifest())
    with (
        dask.config.set({"distributed.comm.timeouts.connect": "1s"}),
        pytest.raises(ScoreError, match=r"tcp://127\.0\.0\.1:9 cannot be used"),
    ):
        score(plan, DaskEngine(mortal(tmp_path, 0), "tcp://127.0.0.1:9"))
