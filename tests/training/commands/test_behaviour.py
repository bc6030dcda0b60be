from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from feedback_nlp.cli import app

pytestmark = pytest.mark.usefixtures("live_model")


def test_pass_rates_of_groups_and_capabilities_are_written_into_a_page(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- behaviour -->\nold\n<!-- /behaviour -->\nafter\n", encoding="utf-8")
    result = CliRunner().invoke(app, ["behaviour", "--into", str(page), "--json"])
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    written = page.read_text(encoding="utf-8")
    assert written.startswith("before\n")
    assert written.endswith("after\n")
    assert "old" not in written
    for group, rate in told["groups"].items():
        assert f"| **{group}** | {rate['passed']} | {rate['total']} |" in written
    for capability, rate in told["capabilities"].items():
        assert f"| {capability} | {rate['passed']} | {rate['total']} |" in written


def test_failures_are_named_with_codes_and_never_with_the_text() -> None:
    result = CliRunner().invoke(app, ["behaviour", "--failures"])
    assert result.exit_code == 0, result.output
    assert "irony-" in result.output


def test_a_page_without_a_place_for_the_table_is_named(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("nothing\n", encoding="utf-8")
    result = CliRunner().invoke(app, ["behaviour", "--into", str(page)])
    assert result.exit_code != 0
    assert "<!-- behaviour -->" in str(result.exception) + result.output
