from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import pytest

from feedback_nlp.analyzer import FeedbackAnalyzer
from feedback_nlp.artifacts import Manifest, file_digest, load_objects, read_manifest, write_model
from feedback_nlp.errors import ModelAlteredError, ModelError, ModelMismatchError, ModelMissingError
from feedback_nlp.taxonomy import Taxonomy

TAXONOMY = Taxonomy.default()


class Trap:
    """Unpickling it makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return Path.touch, (self.path,)


def manifest(**changes: Any) -> Manifest:
    fields: dict[str, Any] = {
        "name": "feedback-nl",
        "version": "1",
        "profile": "fast",
        "taxonomy": TAXONOMY,
        "thresholds": dict.fromkeys((*TAXONOMY.theme_codes, *TAXONOMY.signal_codes), 0.5),
        "training": {"items": 3},
        "libraries": {"numpy": "2.3"},
        "files": {},
        "metrics": {},
        "encoder": None,
        "parent": None,
        "created": "2026-05-03T10:15:00+00:00",
    }
    return Manifest(**{**fields, **changes})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "feedback-nl" / "1"
    write_model(folder, manifest(), {"reader": [1, 2, 3], "estimators": {"a": 1}}, {"metrics.json": "{}\n"})
    return folder


@pytest.fixture
def sprung(folder: Path) -> Path:
    """The file that appears when anything is unpickled: both pickles of the model are traps, with right digests."""
    sprung = folder.parent / "sprung"
    for name in ("reader.joblib", "estimators.joblib"):
        joblib.dump(Trap(sprung), folder / name)
        change(folder, lambda data, name=name: data["files"].update({name: file_digest(folder / name)}))
    return sprung


def change(folder: Path, alter: Callable[[dict[str, Any]], object]) -> None:
    path = folder / "manifest.json"
    data = json.loads(path.read_text())
    alter(data)
    path.write_text(json.dumps(data))


def test_what_was_written_is_read_again(folder: Path) -> None:
    read = read_manifest(folder)
    assert read.taxonomy == TAXONOMY
    assert read.info.to_dict() == {"name": "feedback-nl", "version": "1", "digest": read.digest}
    assert read.digest == "sha256:" + file_digest(folder / "manifest.json")
    assert read.files.keys() == {"reader.joblib", "estimators.joblib", "metrics.json"}
    assert load_objects(folder, read) == {"reader": [1, 2, 3], "estimators": {"a": 1}}


def test_the_trap_springs_when_it_is_unpickled(folder: Path, sprung: Path) -> None:
    load_objects(folder, read_manifest(folder))
    assert sprung.exists()


@pytest.mark.parametrize("name", ["reader.joblib", "estimators.joblib", "metrics.json"])
def test_one_altered_byte_of_any_file_and_nothing_is_unpickled(folder: Path, sprung: Path, name: str) -> None:
    content = bytearray((folder / name).read_bytes())
    content[-1] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(ModelAlteredError, match=rf"{name}: was altered .* it was not loaded"):
        FeedbackAnalyzer.load(folder)
    assert not sprung.exists()


@pytest.mark.parametrize("name", ["reader.joblib", "estimators.joblib", "metrics.json"])
def test_one_missing_file_and_nothing_is_unpickled(folder: Path, sprung: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ModelMissingError, match=f"{name}: is missing from the model"):
        FeedbackAnalyzer.load(folder)
    assert not sprung.exists()


def test_a_folder_without_a_model_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelMissingError, match="no model here"):
        FeedbackAnalyzer.load(tmp_path / "nothing")


def test_a_model_of_another_taxonomy_than_the_callers_is_refused_unread(folder: Path, sprung: Path) -> None:
    data = TAXONOMY.to_dict()
    data["name"] = "ours"
    data["themes"][0]["code"] = "parkeren"
    with pytest.raises(ModelMismatchError, match=r"made for the taxonomy .* not those of ours"):
        FeedbackAnalyzer.load(folder, taxonomy=Taxonomy.from_dict(data))
    assert not sprung.exists()


def test_other_words_for_the_same_codes_are_no_other_taxonomy(folder: Path, sprung: Path) -> None:
    data = TAXONOMY.to_dict()
    data["themes"][0]["nl"] = "Anders gezegd"
    FeedbackAnalyzer.load(folder, taxonomy=Taxonomy.from_dict(data))
    assert sprung.exists()


@pytest.mark.parametrize(
    ("alter", "told"),
    [
        (lambda d: d.update(format=1), r"format 1 is not the one this version reads \(4\)"),
        (lambda d: d.pop("files"), "files"),
        (lambda d: d.update(files=["reader.joblib"]), "files: is of the wrong type"),
        (lambda d: d.update(taxonomy=[]), "taxonomy: is of the wrong type"),
        (lambda d: d["taxonomy"]["themes"][1].pop("nl"), r"taxonomy: themes\[1\]\.nl: must be"),
        (lambda d: d["taxonomy"]["themes"].reverse(), "the thresholds are of another taxonomy"),
        (lambda d: d["taxonomy"]["themes"].pop(), "the thresholds are of another taxonomy"),
    ],
)
def test_a_manifest_that_does_not_fit_is_refused_unread(
    folder: Path, sprung: Path, alter: Callable[[dict[str, Any]], object], told: str
) -> None:
    change(folder, alter)
    with pytest.raises(ModelMismatchError, match=told):
        FeedbackAnalyzer.load(folder)
    assert not sprung.exists()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000])
def test_an_unreadable_manifest_is_refused(folder: Path, content: bytes) -> None:
    (folder / "manifest.json").write_bytes(content)
    with pytest.raises(ModelMismatchError, match=r"manifest\.json: not a readable manifest"):
        read_manifest(folder)


def test_a_manifest_that_reaches_outside_its_folder_is_refused(folder: Path, sprung: Path) -> None:
    outside = folder.parent / "other.joblib"
    joblib.dump(Trap(sprung), outside)
    change(folder, lambda d: d["files"].update({"../other.joblib": file_digest(outside)}))
    with pytest.raises(ModelAlteredError, match="names a file outside the folder"):
        FeedbackAnalyzer.load(folder)
    assert not sprung.exists()


def test_what_this_version_cannot_unpickle_is_told_with_the_versions_that_made_it(folder: Path) -> None:
    (folder / "reader.joblib").write_bytes(pickle.dumps(1)[:-1])
    change(folder, lambda d: d["files"].update({"reader.joblib": file_digest(folder / "reader.joblib")}))
    with pytest.raises(ModelMismatchError, match=r"reader\.joblib: cannot be read .* numpy 2\.3"):
        FeedbackAnalyzer.load(folder)


def test_a_folder_is_never_overwritten(folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(FileExistsError):
        write_model(folder, manifest(), {"reader": 4}, {})
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_folder_that_cannot_be_completed_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="pickle"):
        write_model(tmp_path / "m" / "1", manifest(), {"reader": lambda: None}, {})
    assert list((tmp_path / "m").iterdir()) == []


def test_all_refusals_are_errors_of_a_model() -> None:
    assert issubclass(ModelMissingError, ModelError)
    assert issubclass(ModelAlteredError, ModelError)
    assert issubclass(ModelMismatchError, ModelError)
