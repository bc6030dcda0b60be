"""Dask frames with a real model: on a real cluster, and without one."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import signal
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytest.importorskip("distributed")

import dask.dataframe as dd
from distributed import Client, LocalCluster

from feedback_nlp import FeedbackAnalyzer, score_frame
from feedback_nlp.errors import ModelAlteredError, ScoreError, TableError
from feedback_nlp.sinks import result_names
from feedback_nlp.taxonomy import Taxonomy
from training.corpus import CORPUS

pytestmark = pytest.mark.slow

RESULTS = result_names(Taxonomy.default().theme_codes)
with CORPUS.open(encoding="utf-8") as corpus:
    TEXTS = [json.loads(line)["text"] for line in islice(corpus, 40)]


@pytest.fixture(scope="module")
def client(cluster: LocalCluster) -> Iterator[Client]:
    with Client(cluster, set_as_default=False) as client:
        yield client


@pytest.fixture(scope="module")
def model(small_model: object) -> Path:
    return small_model.folder  # type: ignore[attr-defined, no-any-return]


def table(texts: list[str | None]) -> pd.DataFrame:
    return pd.DataFrame(
        {"id": range(len(texts)), "tekst": texts, "nps": [n % 13 for n in range(len(texts))]},
    )


def same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    """Bit for bit, types and missing values included."""
    assert list(found) == list(expected)
    pd.testing.assert_frame_equal(found[RESULTS], expected[RESULTS], check_exact=True)
    for name in RESULTS:
        if expected[name].dtype == float:
            assert found[name].to_numpy().tobytes() == expected[name].to_numpy().tobytes()


def test_a_cluster_gives_the_same_bits_as_this_process_however_the_frame_is_cut(
    client: Client, model: Path
) -> None:
    here = FeedbackAnalyzer.load(model)

    @settings(max_examples=8, suppress_health_check=list(HealthCheck))
    @given(
        st.lists(st.sampled_from([*TEXTS, None, "", "x" * 20_001]), min_size=1, max_size=60),
        st.integers(1, 9),
    )
    def agree(texts: list[str | None], parts: int) -> None:
        frame = table(texts)
        scored = score_frame(dd.from_pandas(frame, npartitions=parts), model, client=client)
        found = client.compute(scored, sync=True)
        same(found, score_frame(frame, here))
        pd.testing.assert_series_equal(scored.dtypes, found.dtypes)

    agree()


def test_the_graph_says_which_model_and_each_worker_process_loads_it_once(
    client: Client, model: Path
) -> None:
    def loaded() -> dict[str, dict[str, int]]:
        return client.run(
            lambda dask_worker: {
                name: id(plugin.analyzer)
                for name, plugin in dask_worker.plugins.items()
                if name.startswith("feedback-nlp-model-")
            }
        )

    frames = [dd.from_pandas(table(TEXTS[:n]), npartitions=4) for n in (8, 20)]
    first = score_frame(frames[0], model, client=client)
    before = loaded()
    assert len(before) == 2
    second = score_frame(frames[1], model, client=client)
    client.compute([first, second], sync=True)
    assert loaded() == before
    assert [len(models) for models in before.values()] == [1, 1]
    graph = pickle.dumps(second.__dask_graph__())
    assert len(graph) < 100_000 < sum(path.stat().st_size for path in model.iterdir())


def die_once(part: pd.DataFrame, life: str) -> pd.DataFrame:
    if 17 in set(part["id"]) and Path(life).exists():
        Path(life).unlink()
        os.kill(os.getpid(), signal.SIGKILL)
    return part


def test_a_worker_that_is_killed_during_the_run_changes_nothing(
    client: Client, model: Path, tmp_path: Path
) -> None:
    life = tmp_path / "life"
    life.touch()
    frame = table([*TEXTS, None])
    parts = dd.from_pandas(frame, npartitions=8)
    mortal = parts.map_partitions(die_once, str(life), meta=parts._meta)
    found = client.compute(score_frame(mortal, model, client=client), sync=True)
    assert not life.exists()
    same(found, score_frame(frame, model))


def test_without_a_cluster_a_process_finds_the_model_where_it_is(model: Path, tmp_path: Path) -> None:
    folder = tmp_path / "models" / "feedback-nl" / "1"
    shutil.copytree(model, folder)
    frame = table(TEXTS[:9])
    parts = dd.from_pandas(frame, npartitions=3)
    scored = score_frame(parts, folder)
    same(scored.compute(scheduler="threads"), score_frame(frame, model))
    manifest = folder / "manifest.json"
    manifest.write_bytes(manifest.read_bytes() + b"\n")
    same(scored.compute(scheduler="threads"), score_frame(frame, model))
    other = score_frame(parts, folder)
    manifest.write_bytes(manifest.read_bytes() + b"\n")
    with pytest.raises(ScoreError, match="holds another model than was asked for"):
        other.compute(scheduler="threads")


def test_what_cannot_be_scored_elsewhere_is_refused_before_the_work(
    client: Client, model: Path, tmp_path: Path
) -> None:
    parts = dd.from_pandas(table(TEXTS[:4]), npartitions=2)
    with pytest.raises(ScoreError, match="give the model's folder"):
        score_frame(parts, FeedbackAnalyzer.load(model))
    with pytest.raises(TableError, match="which column holds the text"):
        score_frame(parts[["id", "nps"]], model, client=client)
    broken = tmp_path / "feedback-nl" / "1"
    shutil.copytree(model, broken)
    with next(broken.glob("*.joblib")).open("ab") as file:
        file.write(b"!")
    with pytest.raises(ModelAlteredError):
        score_frame(parts, broken, client=client)
