from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from feedback_nlp.cli import app
from feedback_nlp.errors import TableError
from feedback_nlp.taxonomy import Taxonomy
from training.importing import ColumnMap
from training.scales import CAS_SCALES, CES_SCALES, NPS, Scale, ScaleError
from training.sources import load_labelled

LONG = "Het duurde weken voordat er iemand op mijn mail over de rekening reageerde"


def export(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def run(*arguments: str | Path) -> Any:
    return CliRunner().invoke(app, ["import", *map(str, arguments)])


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@given(st.sampled_from([NPS, *CAS_SCALES.values(), *CES_SCALES.values()]), st.data())
def test_the_ends_of_a_scale_become_the_ends_and_order_is_kept(scale: Scale, data: st.DataObject) -> None:
    assert (scale.normalise(scale.low), scale.normalise(scale.high)) == (scale.to_low, scale.to_high)
    one, other = (data.draw(st.integers(scale.low, scale.high)) for _ in range(2))
    before, after = scale.normalise(min(one, other)), scale.normalise(max(one, other))
    assert before is not None
    assert after is not None
    assert (before <= after) == (scale.to_low < scale.to_high) or before == after


@pytest.mark.parametrize("raw", [None, "", "nvt", float("nan"), " Weet niet "])
def test_an_answer_that_was_not_given_is_none(raw: object) -> None:
    assert NPS.normalise(raw) is None


@pytest.mark.parametrize("raw", ["elf", 11, -1, "10,5", True])
def test_an_answer_off_the_scale_is_refused_and_shown(raw: object) -> None:
    with pytest.raises(ScaleError, match="0-10"):
        NPS.normalise(raw)


def test_little_effort_is_very_easy(tmp_path: Path) -> None:
    source = export(tmp_path / "mei.csv", "id;tekst;moeite", "1;Het ging zo;1", "2;Het ging niet;5")
    out = tmp_path / "mei.jsonl"
    result = run(source, "--out", out, "--column", "ces=moeite", "--ces-variant", "effort-1-5")
    assert result.exit_code == 0, result.output
    assert [row["ces"] for row in rows(out)] == [7, 1]
    assert "effort, low is good" in result.output


def test_an_effort_score_without_its_variant_is_refused(tmp_path: Path) -> None:
    source = export(tmp_path / "mei.csv", "id;tekst;moeite", "1;Het ging zo;1")
    result = run(source, "--out", tmp_path / "o.jsonl", "--column", "ces=moeite")
    assert isinstance(result.exception, TableError)
    assert "opposite directions" in str(result.exception)
    assert not (tmp_path / "o.jsonl").exists()


def test_what_is_skipped_is_told_with_row_and_reason(tmp_path: Path) -> None:
    source = export(
        tmp_path / "mei.csv", "id;tekst;cijfer",
        f"1;{LONG};3", f"2;{LONG}!;4", f"3;{LONG} en dat vind ik echt niet kunnen;2",
        "4;;5", "5;Prima;8", "6;Prima;9", "7;Nooit meer;12", "1;Iets heel anders;7",
    )  # fmt: skip
    out = tmp_path / "mei.jsonl"
    result = run(source, "--out", out, "--column", "nps=cijfer", "--json")
    report = json.loads(result.output)
    assert [row["id"] for row in rows(out)] == ["mei-1", "mei-3", "mei-5", "mei-6"]
    assert report["taken"] == 4
    assert report["reasons"] == {
        "duplicate": 1, "empty": 1, "score not on its scale": 1, "id seen before": 1
    }  # fmt: skip
    assert {"row": 7, "reason": "score not on its scale: nps must be 0-10, got 12"} in report["first_skipped"]


def test_a_near_duplicate_is_skipped_unless_it_is_wished_for(tmp_path: Path) -> None:
    text = (
        f"{LONG} en daarna kreeg ik twee keer dezelfde brief met een ander bedrag zonder enige uitleg erbij"
    )
    source = export(tmp_path / "mei.csv", "id;tekst", f"1;{text}", f"2;{text} hoor")
    assert json.loads(run(source, "--out", tmp_path / "a.jsonl", "--json").output)["reasons"] == {
        "near-duplicate": 1
    }
    assert (
        json.loads(run(source, "--out", tmp_path / "b.jsonl", "--json", "--keep-near").output)["taken"] == 2
    )


def test_personal_data_does_not_come_along(tmp_path: Path) -> None:
    source = export(tmp_path / "mei.csv", "id;tekst", "1;Bel mij op 06-12345678 of mail jan@voorbeeld.nl")
    out = tmp_path / "mei.jsonl"
    report = json.loads(run(source, "--out", out, "--json").output)
    assert report["redacted"] == 1
    assert "12345678" not in out.read_text("utf-8")
    assert "voorbeeld.nl" not in out.read_text("utf-8")


def test_a_workbook_is_read_and_a_profile_kept_for_the_next_one(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Nr", "Toelichting", "Cijfer", "Kanaal"])
    book.active.append([7, "Fijn geholpen", 9, "telefoon"])
    book.save(tmp_path / "mei.xlsx")
    profile, out = tmp_path / "export.toml", tmp_path / "mei.jsonl"
    first = run(
        tmp_path / "mei.xlsx", "--out", out, "--text-column", "Toelichting", "--id-column", "Nr",
        "--column", "nps=Cijfer",
        "--column", "channel=Kanaal", "--constant", "domain=energie", "--save-profile", profile,
    )  # fmt: skip
    assert first.exit_code == 0, first.output
    (row,) = rows(out)
    assert row == {
        "id": "mei-7", "text": "Fijn geholpen", "nps": 9, "cas": None, "ces": None, "domain": "energie",
        "channel": "telefoon",
    }  # fmt: skip
    again = run(tmp_path / "mei.xlsx", "--out", tmp_path / "again.jsonl", "--profile", profile)
    assert again.exit_code == 0, again.output
    assert (tmp_path / "again.jsonl").read_bytes() == out.read_bytes()
    assert ColumnMap.load(profile).columns == {"nps": "Cijfer", "channel": "Kanaal"}


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    source = export(tmp_path / "mei.csv", "id;tekst", "1;Fijn geholpen")
    assert run(source, "--out", tmp_path / "o.jsonl", "--dry-run").exit_code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["mei.csv"]


def test_a_column_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    source = export(tmp_path / "mei.csv", "id;tekst;cijfer", "1;Fijn geholpen;9")
    result = run(source, "--out", tmp_path / "o.jsonl", "--column", "nps=rapportcijfer")
    assert "'rapportcijfer'" in str(result.exception)
    assert "'cijfer'" in str(result.exception)


def test_a_labelled_export_can_be_trained_on(tmp_path: Path) -> None:
    source = export(
        tmp_path / "mei.csv", "id;tekst;labels;signaal;toon",
        "1;Lang gewacht, wel aardig;bereikbaarheid:-1, empathie:+1;;0", "2;Onzin;bestaatniet:1;;0",
        "3;Ik dien een klacht in;;klacht;-2",
    )  # fmt: skip
    out = tmp_path / "mei.jsonl"
    result = run(
        source, "--out", out, "--themes-column", "labels", "--signals-column", "signaal",
        "--sentiment-column", "toon", "--json",
    )  # fmt: skip
    report = json.loads(result.output)
    assert report["labelled"] == 2
    assert report["reasons"] == {"label not understood": 1}
    items = load_labelled([out], Taxonomy.default()).items
    assert dict(items[0].themes) == {"bereikbaarheid": -1, "empathie": 1}
    assert items[1].signals == ("klacht",)
    assert items[1].nps == 1
