from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from feedback_nlp.cli import app
from feedback_nlp.errors import CorpusError
from feedback_nlp.taxonomy import Taxonomy
from training.aliases import Aliases
from training.corpus import CORPUS, LabelledItem
from training.sources import load_labelled, load_sources, parse_weights, read_ids
from training.splits import is_test
from training.taxonomy_changes import item_line

CORRECTION = {
    "id": "feedback-1", "text": "Ik wacht al weken op antwoord.", "themes": {"bereikbaarheid": -1}, "sentiment": -1,
    "nps": None, "cas": None, "ces": None, "signals": [], "kind": None, "domain": None, "journey": None,
    "channel": None, "segment": None,
}  # fmt: skip
"""As the service exports it: what nobody knows is null."""


def write(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


@pytest.fixture
def little_corpus(tmp_path: Path, some_items: list[LabelledItem]) -> Path:
    path = tmp_path / "little.jsonl"
    path.write_bytes(b"".join(map(item_line, some_items[:60])))
    return path


def test_a_correction_with_gaps_becomes_a_whole_item(tmp_path: Path) -> None:
    sources = load_labelled([write(tmp_path / "corrections.jsonl", CORRECTION)], Taxonomy.default())
    (item,) = sources.items
    assert (item.nps, item.cas, item.journey, item.kind) == (4, 4, "gebruik", "survey")
    assert sources.filled == 2


def test_of_two_corrections_of_one_item_the_last_counts(tmp_path: Path) -> None:
    first = write(tmp_path / "a.jsonl", CORRECTION, CORRECTION | {"themes": {}})
    last = write(tmp_path / "b.jsonl", CORRECTION | {"themes": {"snelheid": -1}})
    sources = load_labelled([first, last], Taxonomy.default())
    (item,) = sources.items
    assert dict(item.themes) == {"snelheid": -1}


def test_weights_count_per_source(tmp_path: Path, little_corpus: Path) -> None:
    path = write(tmp_path / "corrections.jsonl", CORRECTION)
    sources = load_sources([little_corpus], [path], Taxonomy.default(), {"corrections": 2.5})
    assert {item.id: item.weight for item in sources.items if item.weight != 1} == {"feedback-1": 2.5}
    assert sources.counts == {"little": 60, "corrections": 1}


def test_a_text_of_the_test_split_does_not_slip_into_training(
    tmp_path: Path, little_corpus: Path, some_items: list[LabelledItem]
) -> None:
    tested = next(item for item in some_items[:60] if is_test(item.id))
    leaking = next(name for name in map(str, range(100)) if not is_test(name))
    path = write(tmp_path / "corrections.jsonl", CORRECTION | {"id": leaking, "text": tested.text.upper()})
    sources = load_sources([little_corpus], [path], Taxonomy.default())
    assert sources.withheld == 1
    assert leaking not in {item.id for item in sources.items}


def test_what_was_erased_is_left_out_whatever_file_it_stands_in(
    tmp_path: Path, little_corpus: Path, some_items: list[LabelledItem]
) -> None:
    corrections = write(tmp_path / "corrections.jsonl", CORRECTION, CORRECTION | {"id": "feedback-2"})
    erased = tmp_path / "erased.txt"
    erased.write_text(f"feedback-2\n\n{some_items[3].id}\nfeedback-99\n")
    without = read_ids([erased])
    sources = load_sources([little_corpus], [corrections], Taxonomy.default(), without=without)
    assert sources.erased == 2
    assert {item.id for item in sources.items} == {
        "feedback-1",
        *(item.id for item in some_items[:60] if item is not some_items[3]),
    }


def test_a_list_of_erased_ids_that_is_not_there_stops_the_training(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"gone\.txt: cannot be read"):
        read_ids([tmp_path / "gone.txt"])


def test_a_faulty_correction_is_named_with_file_line_and_value(tmp_path: Path) -> None:
    path = write(
        tmp_path / "corrections.jsonl", CORRECTION, CORRECTION | {"id": "x", "themes": {"tempo": -1}}
    )
    with pytest.raises(CorpusError, match=r"corrections\.jsonl:2: themes: unknown theme 'tempo'"):
        load_labelled([path], Taxonomy.default())


def test_a_correction_under_an_old_code_is_read_under_the_present_one(tmp_path: Path) -> None:
    path = write(
        tmp_path / "c.jsonl", CORRECTION | {"themes": {"tempo": -1}, "evidence": {"tempo": ["weken"]}}
    )
    (item,) = load_labelled([path], Taxonomy.default(), Aliases({"tempo": "snelheid"})).items
    assert dict(item.themes) == {"snelheid": -1}
    assert item.evidence == {"snelheid": ("weken",)}


@pytest.mark.parametrize(
    "text", ["corrections", "corrections=", "=2", "corrections=0", "corrections=nan", "c=1e9"]
)
def test_a_weight_that_is_none_is_refused_and_shown(text: str) -> None:
    with pytest.raises(CorpusError, match="SOURCE=NUMBER"):
        parse_weights([text])


def test_a_weight_for_a_source_that_is_not_there_is_refused(little_corpus: Path) -> None:
    with pytest.raises(CorpusError, match="'corections'"):
        load_sources([little_corpus], [], Taxonomy.default(), {"corections": 2.0})


def test_the_project_s_corpus_needs_no_filling() -> None:
    sources = load_labelled([CORPUS], Taxonomy.default())
    assert (sources.filled, sources.replaced) == (0, 0)


def test_training_can_be_tried_without_writing(tmp_path: Path, little_corpus: Path) -> None:
    corrections = write(tmp_path / "corrections.jsonl", CORRECTION)
    models = tmp_path / "models"
    result = CliRunner().invoke(
        app,
        [
            "train",
            "--data",
            str(little_corpus),
            "--corrections",
            str(corrections),
            "--models",
            str(models),
            "--dry-run",
        ],
    )
    assert result.exit_code == 0, result.output
    assert "corrections: 1 items" in result.output
    assert "2 answers that were not given" in result.output
    assert not models.exists()
