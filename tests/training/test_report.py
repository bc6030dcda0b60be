from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from typer.testing import CliRunner

from feedback_nlp.cli import app
from tests.fakes import FakeAnalyzer
from training.report.page import Example, _examples, _marked
from training.report.svg import Bar, Line, bars, lines

VOID = {"meta", "br", "link"}


class Balanced(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.addresses += [
            value for name, value in attrs if name in ("src", "href", "srcset", "action") and value
        ]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture
def page(tmp_path: Path, models: Path) -> str:
    out = tmp_path / "report.html"
    result = CliRunner().invoke(app, ["report", "--out", str(out)])
    assert result.exit_code == 0, result.output
    return out.read_text("utf-8")


def test_a_dry_run_says_how_large_the_page_would_be_and_writes_nothing(tmp_path: Path, models: Path) -> None:
    out = tmp_path / "report.html"
    result = CliRunner().invoke(app, ["report", "--out", str(out), "--examples", "0", "--dry-run"])
    assert result.exit_code == 0, result.output
    assert "bytes; nothing was written (--dry-run)" in result.output
    assert not out.exists()


def test_the_page_stands_alone_without_script_or_network(page: str) -> None:
    parser = Balanced()
    parser.feed(page)
    assert parser.open == []
    assert not parser.seen & {"script", "link", "iframe", "img", "object"}
    assert parser.addresses == []
    assert not re.search(r"url\(|@import", page)


def test_the_page_shows_every_kind_of_plot_and_says_that_the_corpus_is_synthetic(page: str) -> None:
    for heading in (
        "Per theme and signal", "Can the probabilities be believed?", "Thresholds and the work they make",
        "Most confused pairs", "Behavioural cases passed", "Examples from the test split",
    ):  # fmt: skip
        assert heading in page
    assert page.count("<svg") > 30
    assert "synthetic" in page
    assert "<mark>" in page
    assert "implicit_sentiment" in page


def test_under_an_example_stand_the_words_found_beside_the_words_quoted() -> None:
    analysis = FakeAnalyzer().analyze("Lang wachten, maar <b>lief")
    code = analysis.assigned_themes[0].code
    shown = _examples([Example("1", {code: -1}, {code: ("Lang wachten",)}, analysis)])
    assert "<td>wachten</td>" in shown
    assert "<td>Lang wachten</td>" in shown
    assert "<b>" not in shown


def test_customers_words_cannot_become_markup() -> None:
    analysis = FakeAnalyzer().analyze("<b>wachten</b> & <script>")
    assert _marked(analysis) == "&lt;b&gt;<mark>wachten</mark>&lt;/b&gt; &amp; &lt;script&gt;"
    assert not Example("1", {}, {}, analysis).right
    assert "<i>" not in bars("<i>", [Bar("<i>", 0.5, 0.4, 0.6, "<i>")])


def test_a_value_out_of_range_stays_within_the_plot() -> None:
    drawn = bars("t", [Bar("a", 1.7)]) + lines("t", [Line("a", [(0, 0), (1, 1)])], x_label="x", y_label="y")
    assert 'width="420.0"' in drawn
    assert 'points="46.0,' in drawn
