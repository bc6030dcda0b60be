"""From finished trainings to the folder that is served; the committed encoder stands in for every network."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="the extra [adapt] is not installed")

from feedback_nlp.encoder import OnnxEncoder
from feedback_nlp.taxonomy import Taxonomy
from training.adapt.jobs import FINAL, Setting, job_names
from training.adapt.pipeline import publish, run_job
from training.corpus import CORPUS

COMMITTED = sorted((Path(__file__).parents[3] / "models" / "encoder").glob("*/manifest.json"))[-1].parent
MISSING = "zorg"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A file without one of the domains that are left out in measuring, as a file of one's own may be."""
    with CORPUS.open(encoding="utf-8") as file:
        lines = [line for line in file if json.loads(line)["domain"] != MISSING]
    path = tmp_path / "own.jsonl"
    path.write_text("".join(lines[::8]), encoding="utf-8")
    return path


@pytest.fixture
def work(tmp_path: Path) -> Path:
    work = tmp_path / "work"
    for job in job_names():
        (work / job).mkdir(parents=True)
        (work / f"{job}.pt").touch()
        for file in COMMITTED.iterdir():
            (work / job / file.name).symlink_to(file)
    return work


def test_a_folder_is_put_together_from_data_that_lack_a_left_out_domain(
    data: Path, work: Path, tmp_path: Path
) -> None:
    taxonomy, setting = Taxonomy.default(), Setting()
    for job in job_names():
        if job != FINAL:
            run_job(work, job, [data], taxonomy, setting, 1)
    folder = tmp_path / "encoder" / "own-1"
    measures = publish(work, folder, [data], taxonomy, setting)

    assert MISSING not in measures["left_out_domain"]
    assert measures["left_out_domain"]["energie"]["left_out"]["items"] > 0
    encoder = OnnxEncoder.load(folder)
    assert set(encoder.manifest["files"]) == {file.name for file in folder.iterdir()} - {"manifest.json"}
    points = encoder.points(["Veel te duur", "Wat een prijs voor zo weinig", "Vriendelijke mevrouw"])
    assert points[0] @ points[1] > points[0] @ points[2]
    with np.load(folder / "out_of_fold.npz") as stored:
        assert len(stored["ids"]) == len(set(stored["ids"])) > 100
