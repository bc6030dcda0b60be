"""How much each theme of a model wants more labels."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

__all__ = ["theme_needs"]


def theme_needs(model: Path, themes: Sequence[str]) -> list[float]:
    """1 - F1 in cross-validation, per theme; equal needs for a model without such figures."""
    try:
        figures = json.loads((model / "metrics.json").read_text("utf-8"))["cross_validation"]["themes"]
        return [1 - float(figures[code]["f1"]) for code in themes]
    except (OSError, ValueError, KeyError, TypeError):
        return [1.0] * len(themes)
