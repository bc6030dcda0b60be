"""Takes back the last correction that still counts. The undo is a correction itself, so that nothing is forgotten."""

from __future__ import annotations

from sqlalchemy.orm import Session

from service.actor import Actor
from service.counts.tally import Tally
from service.database.base import now
from service.errors import NotFoundError
from service.feedback.repository import FeedbackRepository
from service.feedback.service import labels_of
from service.feedback.tables import AnalysisRow, CorrectionRow, FeedbackRow, SignalRow, ThemeRow
from service.feedback.urgency import urgency_of

__all__ = ["in_effect", "undo"]


def in_effect(corrections: list[CorrectionRow]) -> list[CorrectionRow]:
    """The corrections that count now, the oldest first: neither undone nor an undo."""
    undone = {one.undoes for one in corrections if one.undoes is not None}
    return [one for one in corrections if one.undoes is None and one.id not in undone]


def undo(session: Session, actor: Actor, id_: int) -> CorrectionRow | None:
    """Restore the labels as they were before; the model's review reasons return when no correction is left.

    Args:
        session: The unit of work.
        actor: Who asks.
        id_: The item.

    Returns:
        The undo as it was kept, or None when there was nothing to undo.

    Raises:
        NotFoundError: There is no such item.
    """
    repository = FeedbackRepository(session)
    row = repository.get(id_, lock=True)
    if row is None:
        raise NotFoundError(f"There is no feedback {id_}.")
    counting = in_effect(repository.corrections(id_))
    if not counting:
        return None
    last = counting[-1]
    analysis = repository.newest_analysis(id_)
    before = labels_of(row)
    with Tally(session).around([id_]):
        _restore(row, last.before, analysis)
    row.corrected_at = counting[-2].at if len(counting) > 1 else None
    if row.corrected_at is None and analysis is not None:
        row.review_reasons = list(analysis.result["review_reasons"])
        row.needs_review = bool(row.review_reasons)
    row.urgency = urgency_of(row)
    row.version += 1
    kept = CorrectionRow(
        feedback_id=id_,
        at=now(),
        by=actor.name,
        before=before.to_dict(),
        after=labels_of(row).to_dict(),
        model_version=analysis.model_version if analysis else "",
        note=None,
        undoes=last.id,
    )
    repository.add_correction(kept)
    return kept


def _restore(row: FeedbackRow, labels: dict[str, object], analysis: AnalysisRow | None) -> None:
    themes, signals, sentiment = labels["themes"], labels["signals"], labels["sentiment"]
    assert isinstance(themes, dict)
    assert isinstance(signals, list)
    assert isinstance(sentiment, int | float)
    result = analysis.result if analysis else {"themes": [], "signals": []}
    by_model = {one["code"]: one for one in result["themes"] if one["assigned"]}
    flagged = {one["code"]: one["score"] for one in result["signals"] if one["assigned"]}
    there = {theme.theme: theme for theme in row.themes}
    for code in there.keys() - themes.keys():
        row.themes.remove(there[code])
    for code, polarity in themes.items():
        model = by_model.get(code)
        origin = "model" if model and abs(model["polarity"] - polarity) < _SAME else "person"
        theme = there.get(code)
        if theme is None:
            theme = ThemeRow(theme=code, score=model["score"] if model else None)
            row.themes.append(theme)
        theme.polarity, theme.origin = polarity, origin
    present = {signal.signal: signal for signal in row.signals}
    for code in present.keys() - set(signals):
        row.signals.remove(present[code])
    for code in set(signals) - present.keys():
        origin = "model" if code in flagged else "person"
        row.signals.append(SignalRow(signal=code, score=flagged.get(code), origin=origin))
    row.sentiment = float(sentiment)


_SAME = 1e-3
