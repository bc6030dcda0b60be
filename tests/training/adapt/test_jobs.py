from __future__ import annotations

from pathlib import Path

import pytest

from training.adapt.errors import AdaptError
from training.adapt.jobs import FINAL, average, job_names, left_out, start_from
from training.splits import FOLDS


def finished(folder: Path) -> Path:
    folder.mkdir()
    for job in job_names():
        (folder / f"{job}.pt").write_text(job, encoding="utf-8")
    for name in ("tokenizer.json", "rows.npy"):
        (folder / name).write_text(name, encoding="utf-8")
    return folder


def test_every_fold_is_left_out_by_exactly_one_training() -> None:
    assert left_out(FINAL) == ()
    assert sorted(fold for job in job_names() for fold in left_out(job)) == list(range(FOLDS))


def test_every_training_starts_from_the_one_before_it_that_left_out_the_same_folds(tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    start_from(work, finished(tmp_path / "earlier"))
    for job in job_names():
        assert (work / f"{job}.start.pt").read_text(encoding="utf-8") == job
    assert (work / "rows.npy").is_file()
    assert (work / "tokenizer.json").is_file()


def test_a_training_may_start_from_one_that_left_out_more_but_never_from_one_that_left_out_less(
    tmp_path: Path,
) -> None:
    earlier = finished(tmp_path / "earlier")
    (earlier / "without0.pt").rename(earlier / "without0-1.pt")
    (earlier / "without0-1.pt").write_text("without0-1", encoding="utf-8")
    work = tmp_path / "work"
    work.mkdir()
    start_from(work, earlier)
    assert (work / "without0.start.pt").read_text(encoding="utf-8") == "without0-1"
    assert (work / "without1.start.pt").read_text(encoding="utf-8") == "without1"
    (earlier / "without1.pt").unlink()
    (earlier / "without0-1.pt").unlink()
    other = tmp_path / "other"
    other.mkdir()
    with pytest.raises(AdaptError, match=r"without0\.pt is missing"):
        start_from(other, earlier)


def test_a_run_that_is_not_finished_is_no_start_and_leaves_nothing(tmp_path: Path) -> None:
    earlier = finished(tmp_path / "earlier")
    (earlier / "final.pt").unlink()
    work = tmp_path / "work"
    work.mkdir()
    with pytest.raises(AdaptError, match=r"final\.pt is missing"):
        start_from(work, earlier)
    assert not list(work.iterdir())


def test_the_mean_of_two_runs_lies_halfway_and_needs_the_same_vocabulary(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="the extra [adapt] is not installed")
    runs = [finished(tmp_path / name) for name in ("one", "two")]
    for value, run in zip((1.0, 4.0), runs, strict=True):
        for job in job_names():
            torch.save({"w": torch.full((2, 3), value)}, run / f"{job}.pt")
    work = tmp_path / "work"
    work.mkdir()
    average(work, runs)
    for job in job_names():
        assert torch.equal(torch.load(work / f"{job}.pt")["w"], torch.full((2, 3), 2.5))
    assert (work / "tokenizer.json").is_file()
    (runs[1] / "rows.npy").write_text("others", encoding="utf-8")
    with pytest.raises(AdaptError, match="another vocabulary"):
        average(work, runs)
