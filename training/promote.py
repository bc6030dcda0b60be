"""Putting a model live, and back: checked first, written in one step, one at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout

from feedback_nlp.analyzer import FeedbackAnalyzer
from feedback_nlp.errors import ModelError, ModelMissingError
from feedback_nlp.registry import Activation, Registry
from training.compare import Comparison

__all__ = ["Promotion", "PromotionRefusedError", "promote", "registry_lock", "rollback", "rollback_target"]

_LOCK_SECONDS = 30
_PROBE = "Ik heb lang in de wacht gestaan, maar werd daarna vriendelijk geholpen."

Judge = Callable[[FeedbackAnalyzer, FeedbackAnalyzer], Comparison]


class PromotionRefusedError(ModelError):
    """The candidate may not go live; `comparison` says why, or is None where it was not compared."""

    def __init__(self, message: str, comparison: Comparison | None = None) -> None:
        super().__init__(message)
        self.comparison = comparison


@dataclass(frozen=True, slots=True)
class Promotion:
    """What came of a promotion or rollback.

    Attributes:
        model: `name/version` that is live now.
        before: The one that was, or None.
        comparison: How the two compare; None when there was none before, or for a rollback.
        activation: What was written down; None when the model was live already, or for a dry run.
    """

    model: str
    before: str | None
    comparison: Comparison | None
    activation: Activation | None


def promote(
    models: Path, model: str, judge: Judge, *, by: str, why: str, force: bool = False, dry_run: bool = False
) -> Promotion:
    """Put a model live unless it is worse than the live one.

    Args:
        models: The folder of models.
        model: `name/version` of the candidate.
        judge: Compares the live model (first) with the candidate (second).
        by: Who wants it.
        why: Their reason; must not be blank when `force` is used.
        force: Put it live although it is worse; recorded.
        dry_run: Compare and refuse as ever, but write nothing.

    Raises:
        PromotionRefusedError: The candidate is significantly worse overall, on a theme or on a signal, or lacks one; or
            the live model cannot be read any more, as after an upgrade.
        ModelError: The candidate is missing, altered, or does not work.
    """
    if force and not why.strip():
        raise PromotionRefusedError("a forced promotion needs a reason: give it with --why")
    candidate = _working(models / model)
    registry = Registry.load(models)
    before = registry.live
    if before == model:
        return Promotion(model, before, None, None)
    comparison, forced = None, False
    if before:
        try:
            live = FeedbackAnalyzer.load(registry.live_folder())
        except ModelError as exc:
            if not force:
                raise PromotionRefusedError(
                    f"{model} is not put live, because it cannot be compared with the live {before}: {exc}\n"
                    "put it live all the same with --force --why 'your reason', which is recorded"
                ) from exc
            forced = True
        else:
            comparison = judge(live, candidate)
    if comparison is not None and (comparison.worse or comparison.missing):
        if not force:
            raise PromotionRefusedError(_refusal(model, comparison), comparison)
        forced = True
    if dry_run:
        return Promotion(model, before, comparison, None)
    with registry_lock(models):
        fresh = Registry.load(models)
        if fresh.live != before:
            raise PromotionRefusedError(
                f"{fresh.live} was put live by somebody else meanwhile; compare {model} with that one and try again"
            )
        action: Literal["promote", "first"] = "promote" if fresh.activations else "first"
        written = fresh.activate(model, by=by, why=why, action=action, forced=forced)
    return Promotion(model, before, comparison, written.activations[-1])


def rollback(models: Path, *, by: str, why: str, to: str | None = None, dry_run: bool = False) -> Promotion:
    """Put the model live that was live before the present one was promoted.

    Args:
        models: The folder of models.
        by: Who wants it.
        why: Their reason.
        to: `name/version` of another model that was live once, instead.
        dry_run: Say which it would be, but write nothing.

    Raises:
        ModelMissingError: There is none to go back to, or `to` was never live.
        ModelError: The model to go back to is missing, altered, or does not work; nothing is changed.
    """
    with registry_lock(models):
        registry = Registry.load(models)
        target = rollback_target(registry, to)
        _working(models / target)
        if dry_run:
            return Promotion(target, registry.live, None, None)
        written = registry.activate(target, by=by, why=why, action="rollback")
        return Promotion(target, registry.live, None, written.activations[-1])


def rollback_target(registry: Registry, to: str | None = None) -> str:
    """Which model a rollback puts live: a rollback takes the last promotion off, the next one the one before that.

    Raises:
        ModelMissingError: There is none, or `to` was never live.
    """
    if to is not None:
        if to not in {entry.model for entry in registry.activations}:
            raise ModelMissingError(f"{to}: was never live, so there is nothing to roll back to; use promote")
        return to
    stack: list[str] = []
    for entry in registry.activations:
        if entry.action == "rollback" and entry.model in stack:
            while stack[-1] != entry.model:
                stack.pop()
        else:
            stack.append(entry.model)
    if len(stack) < 2:
        raise ModelMissingError(
            "there is no earlier model to roll back to"
            + (f"; {registry.live} is the first" if registry.live else "; no model is live yet")
        )
    return stack[-2]


@contextmanager
def registry_lock(models: Path) -> Iterator[None]:
    """One writer at a time; the lock goes with the process that held it, however that ends.

    Raises:
        ModelError: Somebody else held it for half a minute.
    """
    if not models.is_dir():
        raise ModelMissingError(f"{models}: there is no such folder of models")
    lock = FileLock(models / ".registry.lock", timeout=_LOCK_SECONDS)
    try:
        with lock:
            yield
    except Timeout as exc:
        raise ModelError(f"{models}: another promotion has been running for {_LOCK_SECONDS} s") from exc


def _working(folder: Path) -> FeedbackAnalyzer:
    analyzer = FeedbackAnalyzer.load(folder)
    try:
        analyzer.analyze(_PROBE)
    except Exception as exc:
        raise ModelError(f"{folder}: loads, but cannot analyse a text: {exc!r}") from exc
    return analyzer


def _refusal(model: str, comparison: Comparison) -> str:
    lines = [f"{model} is not put live: against {comparison.old}, on {comparison.items:,} items,"]
    lines += [f"  {code} is missing" for code in comparison.missing]
    lines += [
        f"  {row.scope}: {row.measure} is worse: {row.old:.3f} -> {row.new:.3f} "
        f"(difference {row.new - row.old:+.3f}, 95 % interval {row.low:+.3f} to {row.high:+.3f})"
        for row in comparison.worse
    ]
    lines.append("put it live all the same with --force --why 'your reason', which is recorded")
    return "\n".join(lines)
