"""Pass rates as a table for a page."""

from __future__ import annotations

from training.behaviour.suite import BehaviourResult

__all__ = ["markdown"]


def markdown(result: BehaviourResult, model: str) -> str:
    """Markdown: a row for every group, followed by its capabilities.

    Args:
        result: What came of a run.
        model: The model's name, as the table should name it.
    """
    lines = [
        f"| {model} | passed | of | share |",
        "|---|---|---|---|",
        f"| all | {result.overall.passed} | {result.overall.total} | {result.overall.share:.0%} |",
    ]
    for group, rate in result.groups.items():
        lines.append(f"| **{group}** | {rate.passed} | {rate.total} | **{rate.share:.0%}** |")
        for capability in dict.fromkeys(row.capability for row in result.table if row.group == group):
            own = result.capabilities[capability]
            lines.append(f"| {capability} | {own.passed} | {own.total} | {own.share:.0%} |")
    return "\n".join(lines)
