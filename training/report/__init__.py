"""A model's report: one page of HTML that needs no network and no script."""

from __future__ import annotations

from training.report.page import Example, render_report

__all__ = ["Example", "render_report"]
