"""The README's example and figures: written by a command, from a model that stands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from feedback_nlp.analyzer import FeedbackAnalyzer
from feedback_nlp.commands.quickstart import EXAMPLE
from feedback_nlp.records import FeedbackItem
from training.figures import replace_block

__all__ = ["update_readme"]


def update_readme(page: Path, model: Path) -> None:
    """Write the model's answer to the example, and its headline figures, between the page's markers.

    Raises:
        FeedbackNlpError: The page lacks a marker, or the model cannot be loaded.
    """
    analyzer = FeedbackAnalyzer.load(model)
    replace_block(page, "example", _example(analyzer))
    replace_block(page, "figures", _figures(json.loads((model / "metrics.json").read_text("utf-8"))))


def _example(analyzer: FeedbackAnalyzer) -> str:
    answer = analyzer.analyze(FeedbackItem(EXAMPLE, id="42")).to_dict()
    lines = [
        f"    {_json('id', answer)}, {_json('text', answer)}, {_json('language', answer)},",
        '    "themes": [',
    ]
    shown = [theme for theme in answer["themes"] if theme["assigned"]]
    rest = len(answer["themes"]) - len(shown)
    lines += [f"      {json.dumps(theme, ensure_ascii=False)}," for theme in shown]
    lines[-1] = lines[-1][:-1] + f", … {rest} more …],"
    lines += [
        f"    {_json(key, answer)},"
        for key in ("sentiment", "advocacy", "signals", "needs_review", "review_reasons")
    ]
    model = {**answer["model"], "version": "…", "digest": "sha256:…"}
    return "\n".join([*lines, f'    "model": {json.dumps(model, ensure_ascii=False)}'])


def _json(key: str, answer: dict[str, Any]) -> str:
    return f'"{key}": {json.dumps(answer[key], ensure_ascii=False)}'


def _figures(metrics: dict[str, Any]) -> str:
    cross, test = metrics["cross_validation"], metrics["test"]
    ngrams = _interval(metrics["cross_validation_ngrams_alone"], ("macro_f1",))
    lines = ["| | cross-validation | test split |", "|---|---|---|"]
    lines.append(f"| macro-F1 over 12 themes, n-gram features alone | {ngrams} | |")
    for label, path in (
        ("macro-F1 over 12 themes", ("macro_f1",)),
        ("polarity accuracy of assigned themes", ("polarity_accuracy",)),
        ("sentiment, Pearson r", ("sentiment_r",)),
        ("NPS answer, mean absolute error", ("nps", "mean_absolute_error")),
        ("NPS answers inside their 80 % interval", ("nps", "coverage_80")),
        ("CAS answers inside their 80 % interval", ("cas", "coverage_80")),
    ):
        lines.append(f"| {label} | {_interval(cross, path)} | {_interval(test, path)} |")
    for label, key in (
        ("expected calibration error", "expected_calibration_error"),
        ("share of all theme errors in the reviewed fifth", "errors_in_reviewed_fifth"),
    ):
        lines.append(f"| {label} | {cross[key]:.3f} | {test[key]:.3f} |")
    lines.append(f"| evidence, token F1 against quotes | | {test['evidence_token_f1']['macro']:.3f} |")
    return "\n".join(lines)


def _interval(figures: dict[str, Any], path: tuple[str, ...]) -> str:
    for key in path:
        figures = figures[key]
    return f"{figures['value']:.3f} ({figures['low']:.3f}-{figures['high']:.3f})"
