"""Which models learned from an item, by the lists that models keep beside them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from feedback_nlp.errors import ModelError
from feedback_nlp.learned import LearnedItems
from feedback_nlp.registry import Registry
from service.models.tables import ActivationRow

__all__ = ["Lesson", "Use", "first_lesson", "known_learners"]

Use = Literal["learned", "judged", "unknown", "none"]


@dataclass(frozen=True, slots=True)
class Lesson:
    """What the models that went live after a correction did with it.

    Attributes:
        use: A model `learned` from it; was `judged` with it; keeps no list, so that it is `unknown`; or did not have
            it (`none`).
        activation: When the model that this is about went live, and its name.
    """

    use: Use
    activation: ActivationRow


_TELLING: tuple[Use, ...] = ("learned", "judged", "unknown", "none")


def first_lesson(
    models: Path, activations: Sequence[ActivationRow], item: str, corrected_at: datetime
) -> Lesson | None:
    """The most telling use of a correction, and of those the first.

    Args:
        models: The folder of models.
        activations: Models that went live after the correction, the oldest first.
        item: The item's id in the export of corrections.
        corrected_at: A model whose training began before it cannot have learned it, though it may know an earlier
            correction of the item.

    Returns:
        None when no model went live since.
    """
    lessons = [Lesson(_use(models / row.model, item, corrected_at), row) for row in activations]
    return min(lessons, key=lambda lesson: _TELLING.index(lesson.use), default=None)


def known_learners(models: Path, items: Collection[str]) -> tuple[list[str], list[str]]:
    """Of the models that keep a list: those that learned from one of the items, and those that did not."""
    learned: list[str] = []
    others: list[str] = []
    for name in Registry(models).models():
        if known := _items(models / name):
            which = learned if any(known.use_of(item) == "learned" for item in items) else others
            which.append(name)
    return learned, others


def _use(folder: Path, item: str, corrected_at: datetime) -> Use:
    known = _items(folder)
    if known is None:
        return "unknown"
    return "none" if known.made <= corrected_at else known.use_of(item) or "none"


def _items(folder: Path) -> LearnedItems | None:
    try:
        return LearnedItems.read(folder)
    except ModelError:
        return None
