"""`feedback-nlp backlog`, on a store in a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook
from typer.testing import CliRunner

from service.backlog.commands import backlog
from service.models.live import ModelHost
from tests.service.backlog.test_backlog import WAITING, add, keep

Opened = Callable[[ModelHost], TestClient]


@pytest.fixture
def api(client_for: Opened, host: ModelHost, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    monkeypatch.setenv("FEEDBACK_NLP_DATABASE_URL", sqlite_url)
    return client_for(host)


def test_the_backlog_is_exported_as_a_whole_and_no_file_is_overwritten(
    api: TestClient, tmp_path: Path
) -> None:
    keep(api, "=cmd|' /C calc'!A0", effort=3)
    out = tmp_path / "backlog.xlsx"
    done = CliRunner().invoke(backlog, ["export", "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert "1 rows were written" in done.output
    sheet = load_workbook(out).active
    assert sheet is not None
    assert str(sheet.cell(2, 2).value).startswith("'=cmd")
    again = CliRunner().invoke(backlog, ["export", "--out", str(out)])
    assert again.exit_code == 2
    assert "--force" in again.output
    assert [path.name for path in tmp_path.glob("backlog*")] == ["backlog.xlsx"]


def test_csv_goes_to_standard_output(api: TestClient) -> None:
    keep(api, "Sneller")
    done = CliRunner().invoke(backlog, ["export"])
    assert done.stdout_bytes.decode("utf-8-sig").splitlines()[1].startswith("1;Sneller;proposed;")


def test_customers_are_their_senders_ids_and_nothing_else(api: TestClient, tmp_path: Path) -> None:
    item = add(api, WAITING, source="crm", external_id="K-7")
    id_ = keep(api, feedback_ids=[item])["id"]
    out = tmp_path / "k.jsonl"
    assert CliRunner().invoke(backlog, ["customers", str(id_), "--out", str(out)]).exit_code == 0
    assert out.read_text("utf-8") == '{"source": "crm", "external_id": "K-7", "told_at": null}\n'
    missing = CliRunner().invoke(backlog, ["customers", "99"])
    assert missing.exit_code == 2
    assert "There is no improvement 99" in missing.output


def test_another_ending_is_refused(api: TestClient, tmp_path: Path) -> None:
    done = CliRunner().invoke(backlog, ["export", "--out", str(tmp_path / "backlog.pdf")])
    assert done.exit_code == 2
    assert ".csv, .xlsx or .jsonl" in done.output
