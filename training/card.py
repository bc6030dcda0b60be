"""The model card: what a model is, what it can do, and what may not be concluded from its figures."""

from __future__ import annotations

from typing import Any

from feedback_nlp.artifacts import Manifest

__all__ = ["model_card"]


def model_card(manifest: Manifest, metrics: dict[str, Any]) -> str:
    """Markdown text for a model's README."""
    training, test, cross = manifest.training, metrics["test"], metrics["cross_validation"]
    lines = [
        f"# {manifest.name} {manifest.version}",
        "",
        f"Classifies Dutch customer feedback into {len(manifest.taxonomy.themes)} themes with polarity and evidence,",
        f"and scores sentiment, advocacy and {len(manifest.taxonomy.signals)} triage signals. "
        f"Profile: **{manifest.profile}**"
        + (f", on sentence encoder {manifest.encoder['version']}." if manifest.encoder else "."),
        "",
        "## What it learned from",
        "",
        f"{training['training_items']:,} labelled items (digest `{training['digest'][:19]}…`);",
        f"{training['test_items']:,} others, the frozen test split, were used for the figures below only.",
        "**The corpus was written for this project, not collected from customers.** Texts by strangers are harder:",
        "expect lower figures on your own feedback, and measure them with",
        "`feedback-nlp evaluate`.",
        "",
        "## Figures (95 % bootstrap intervals)",
        "",
        "| | cross-validation | test split |",
        "|---|---|---|",
    ]
    for name, label in (
        ("macro_f1", "macro-F1 over themes"),
        ("micro_f1", "micro-F1"),
        ("polarity_accuracy", "polarity accuracy of assigned themes"),
        ("sentiment_r", "sentiment, Pearson r"),
    ):
        lines.append(f"| {label} | {_interval(cross.get(name))} | {_interval(test.get(name))} |")
    if test["items"]:
        lines.append(
            f"| expected calibration error | {cross['expected_calibration_error']} "
            f"| {test['expected_calibration_error']} |"
        )
        lines.append(
            f"| NPS answer: mean error; share in the 80 % interval | {_answer(cross['nps'])} | {_answer(test['nps'])} |"
        )
        lines.append(f"| evidence, token F1 | | {test['evidence_token_f1']['macro']} |")
        lines += ["", "| theme | precision | recall | F1 | test items |", "|---|---|---|---|---|"]
        lines += [
            f"| {code} | {row['precision']:.2f} | {row['recall']:.2f} | {row['f1']:.2f} | {row['support']:.0f} |"
            for code, row in (test["themes"] | test["signals"]).items()
        ]
    lines += [
        "",
        "## Use and limits",
        "",
        "Made to sort, route and aggregate feedback with a person in the loop; not to decide about a person.",
        "Signals are tuned for recall: expect false flags. `needs_review` marks what the model expects to get wrong.",
        "Dutch only; other languages are marked for review.",
        "",
        "All figures and settings: `metrics.json` and `manifest.json`.",
        "",
    ]
    return "\n".join(lines)


def _interval(figure: dict[str, float] | None) -> str:
    return "" if not figure else f"{figure['value']:.3f} ({figure['low']:.3f}-{figure['high']:.3f})"


def _answer(figures: dict[str, Any]) -> str:
    return f"{figures['mean_absolute_error']['value']:.2f}; {figures['coverage_80']['value']:.0%}"
